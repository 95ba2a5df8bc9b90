import { type Caller } from '../caller';
import { ExecutionEnvironment, type InvocationMessage, type InvocationOutcome } from './execution-environment';
import { hash, hashNumber, uuidFrom } from './identifiers';
import { type SimulatedClock } from '../simulated-clock';
import { type ProcessOptions } from './runtime-host';

/** Where a function runs. */
export interface LambdaEnvironment {
  readonly clock: SimulatedClock;
  readonly region: string;

  /** URL that AWS clients in the function talk to. */
  readonly endpointUrl: string;

  /** Makes the endpoint know who uses an access key. */
  readonly registerCaller: (accessKeyId: string, caller: Caller) => void;

  /** Simulated milliseconds that a cold start takes. */
  readonly coldStartMs?: number;

  /** Absent: functions run in threads. */
  readonly process?: ProcessOptions;

  readonly faults?: LambdaFaults;

  /** Told about every invocation as soon as it begins. */
  readonly onInvocation?: (invocation: Invocation) => void;

  /** Told about every invocation whose log lines have reached CloudWatch Logs, and in which log group. */
  readonly onLogs?: (invocation: Invocation, logGroupName: string) => void;
}

/** A function as Lambda knows it. */
export interface LambdaFunctionProps {
  readonly name: string;
  readonly arn: string;

  /** Text of index.js. */
  readonly code: string;

  /** For example `index.handler`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes?: number;
  readonly environment?: Record<string, string>;
  readonly logGroupName?: string;

  /** The role's session in which the function runs. */
  readonly role: Caller;
}

/** Which invocation this is. */
export interface InvokeOptions {
  readonly requestId: string;

  /** 1 for the first delivery of an event. */
  readonly attempt: number;
}

/** Everything that is known about one invocation. It fills up while the function runs. */
export interface Invocation {
  readonly functionName: string;
  readonly functionArn: string;

  /** Lambda's own id, the same for every attempt to deliver an event. */
  readonly requestId: string;
  readonly attempt: number;

  /** The event as sent, a custom resource's ResponseURL included. */
  readonly event: any;
  readonly logLines: string[];

  /** Simulated time at which the handler began. */
  startedAt: number;

  /** Simulated milliseconds the handler ran. Absent while it runs. */
  durationMs?: number;

  /** Whether a new execution environment was started for it. */
  coldStart?: boolean;

  /** Calls to AWS in the order of their answers, for example `organizations ListRoots`. Absent where the environment did not survive. */
  calls?: string[];

  /** What Lambda prints as "Max Memory Used". Present where the function runs in a process of its own. */
  maxMemoryUsedMegabytes?: number;

  /** What the handler returned. */
  result?: unknown;

  /** Set when the function failed. */
  error?: { readonly errorType: string; readonly errorMessage: string; readonly trace: string[] };

  /** False when the role did not allow the function to write its log lines. */
  logsDelivered?: boolean;
}

/** What a scene may do to functions; may be changed at any time. */
export interface LambdaFaults {
  /** The environment of the next invocation crashes when it receives the response to this call, counted from 1. Reset after the crash. */
  crashAfterCall?: number;
}

/** Simulated time after which Lambda discards an environment that is not used. AWS documents no number; minutes are what people measure. */
const IDLE_MS = 10 * 60_000;

/** Simulated milliseconds until the handler starts in a frozen environment. */
const WARM_START_MS = 5;

/** A deployed function: runs its code in execution environments, which are reused as Lambda reuses them. */
export class LambdaFunction {
  private readonly frozen: ExecutionEnvironment[] = [];
  private readonly running = new Set<ExecutionEnvironment>();
  private closed = false;
  private retired = false;

  public constructor(public readonly props: LambdaFunctionProps, private readonly lambda: LambdaEnvironment) {}

  /** Runs the code once; resolves when it returned, failed or was ended by its timeout. Rejects only when the simulation itself broke. */
  public async invoke(event: unknown, options: InvokeOptions): Promise<Invocation> {
    const { clock } = this.lambda;
    const invocation: Invocation = {
      functionName: this.props.name,
      functionArn: this.props.arn,
      requestId: options.requestId,
      attempt: options.attempt,
      event,
      logLines: [],
      startedAt: clock.now(),
    };
    // The function may have been closed while the caller's permission was being checked.
    if (this.closed) return invocation;
    this.lambda.onInvocation?.(invocation);
    const warm = this.takeWarm();
    invocation.coldStart = warm === undefined;
    const environment = warm ?? await this.start();
    this.running.add(environment);
    // The handler starts by an event of the clock: two functions that are invoked at the same moment start one after the other, always in the same order.
    const { coldStartMs = 200 } = this.lambda;
    await clock.sleep(warm ? Math.min(WARM_START_MS, coldStartMs) : coldStartMs);
    try {
      await this.run(environment, invocation);
    } finally {
      this.running.delete(environment);
      if (environment.usable && !this.retired && !this.closed) this.frozen.push(environment);
      else void environment.discard();
    }
    return invocation;
  }

  /** Discards the environments, so that the next invocation is a cold start; what runs goes on. */
  public discardEnvironments(): void {
    for (const environment of this.frozen.splice(0)) void environment.discard();
  }

  /** The function has other code or another configuration now, or is deleted: what runs goes on, and its environments are not used again. */
  public retire(): void {
    this.retired = true;
    this.discardEnvironments();
  }

  /** Ends everything that still runs; resolves when nothing can happen in it any more. */
  public async abort(): Promise<void> {
    this.discardEnvironments();
    const running = [...this.running];
    this.running.clear();
    await Promise.all(running.map(async (environment) => environment.discard()));
  }

  /** Ends everything for good. */
  public close(): void {
    this.closed = true;
    void this.abort();
  }

  /** The environment that was used last, unless it has been idle for too long. */
  private takeWarm(): ExecutionEnvironment | undefined {
    const { clock } = this.lambda;
    const idle = this.frozen.filter(({ frozenAt }) => clock.now() - frozenAt > IDLE_MS);
    for (const environment of idle) {
      this.frozen.splice(this.frozen.indexOf(environment), 1);
      void environment.discard();
    }
    return this.frozen.pop();
  }

  private async start(): Promise<ExecutionEnvironment> {
    return this.lambda.clock.busy(async () => ExecutionEnvironment.start(this.lambda.clock, {
      name: `function ${this.props.name}`,
      code: this.props.code,
      variables: this.variables(),
      process: this.lambda.process,
    }));
  }

  private async run(environment: ExecutionEnvironment, invocation: Invocation): Promise<void> {
    const { clock, faults } = this.lambda;
    const timeout = this.props.timeoutSeconds * 1000;
    invocation.startedAt = clock.now();
    let timedOut = false;
    const cancel = clock.schedule(timeout, () => {
      timedOut = true;
      environment.fail(new Error('timed out'));
    });
    let outcome: InvocationOutcome;
    try {
      const message = this.message(invocation, clock.now() + timeout, faults?.crashAfterCall);
      outcome = await environment.invoke(message, (line) => invocation.logLines.push(asInLambda(line)));
    } catch (error) {
      if (!timedOut) throw error;
      outcome = { type: 'error', errorType: 'Sandbox.Timedout', errorMessage: this.timeoutMessage(invocation), trace: [] };
      invocation.logLines.push(`${new Date(clock.now()).toISOString()} ${this.timeoutMessage(invocation)}`);
    } finally {
      cancel();
    }
    invocation.durationMs = clock.now() - invocation.startedAt;
    invocation.calls = outcome.calls;
    if (this.lambda.process) invocation.maxMemoryUsedMegabytes = outcome.maxMemoryUsedMegabytes;
    if (outcome.type === 'result') invocation.result = outcome.value;
    else invocation.error = { errorType: outcome.errorType, errorMessage: outcome.errorMessage, trace: outcome.trace.map(asInLambda) };
    if (faults?.crashAfterCall && outcome.type === 'error' && outcome.errorType === 'Runtime.ExitError') delete faults.crashAfterCall;
    await this.writeLogs(invocation);
  }

  private message(invocation: Invocation, deadline: number, crashAfterCall?: number): InvocationMessage {
    return {
      handler: this.props.handler,
      event: invocation.event,
      crashAfterCall,
      seed: hashNumber(invocation.requestId, String(invocation.attempt)),
      context: {
        functionName: this.props.name,
        functionVersion: '$LATEST',
        invokedFunctionArn: this.props.arn,
        memoryLimitInMB: String(this.props.memoryMegabytes ?? 128),
        awsRequestId: invocation.requestId,
        logGroupName: this.logGroupName,
        logStreamName: this.logStreamName(invocation),
        deadline,
      },
    };
  }

  private timeoutMessage(invocation: Invocation): string {
    return `${invocation.requestId} Task timed out after ${this.props.timeoutSeconds.toFixed(2)} seconds`;
  }

  /** Lambda writes a function's log with the function's own role. */
  private async writeLogs(invocation: Invocation): Promise<void> {
    const { authorize } = this.props.role;
    const group = `arn:aws:logs:${this.lambda.region}:${this.props.role.accountId}:log-group:${this.logGroupName}`;
    const stream = `${group}:log-stream:${this.logStreamName(invocation)}`;
    invocation.logsDelivered = true;
    for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents']) {
      if (!await (authorize?.({ action, resources: [stream], context: {} }) ?? true)) invocation.logsDelivered = false;
    }
    if (invocation.logsDelivered) this.lambda.onLogs?.(invocation, this.logGroupName);
  }

  private get logGroupName(): string {
    return this.props.logGroupName ?? `/aws/lambda/${this.props.name}`;
  }

  private logStreamName(invocation: Invocation): string {
    const day = new Date(invocation.startedAt).toISOString().slice(0, 10).replace(/-/g, '/');
    return `${day}/[$LATEST]${hash(invocation.requestId, String(invocation.attempt)).slice(0, 32)}`;
  }

  private variables(): Record<string, string> {
    const { region } = this.lambda;
    const accessKeyId = `ASIA${hash(this.props.role.arn).slice(0, 16).toUpperCase()}`;
    this.lambda.registerCaller(accessKeyId, this.props.role);
    return {
      ...this.props.environment,
      PATH: process.env.PATH ?? '',
      // Without it the SDK would look for the developer's own ~/.aws.
      HOME: '/home/sbx_user1051',
      TZ: ':UTC',
      LANG: 'en_US.UTF-8',
      NODE_PATH: '/var/runtime/node_modules',
      LAMBDA_TASK_ROOT: '/var/task',
      _HANDLER: this.props.handler,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_LAMBDA_FUNCTION_NAME: this.props.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(this.props.memoryMegabytes ?? 128),
      AWS_LAMBDA_LOG_GROUP_NAME: this.logGroupName,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: hash(accessKeyId, 'secret').slice(0, 40),
      AWS_SESSION_TOKEN: uuidFrom(accessKeyId, 'token'),
      AWS_ENDPOINT_URL: this.lambda.endpointUrl,
    };
  }
}

/** Where the simulator lies differs between machines; a log line does not. */
function asInLambda(line: string): string {
  return line.replaceAll(__dirname, '/var/runtime');
}
