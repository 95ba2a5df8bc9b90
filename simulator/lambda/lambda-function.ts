import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Caller } from '../caller';
import { hash, hashNumber, uuidFrom } from './identifiers';
import { type SimulatedClock } from '../simulated-clock';
import { RuntimeProcess, type RuntimeOutcome } from './runtime-process';

/** Where a function runs. */
export interface LambdaEnvironment {
  readonly clock: SimulatedClock;
  readonly region: string;

  /** URL that AWS clients in the function talk to. */
  readonly endpointUrl: string;

  /** Makes the endpoint know who uses an access key. */
  readonly registerCaller: (accessKeyId: string, caller: Caller) => void;

  /** Simulated milliseconds between the invocation and the start of the handler. */
  readonly coldStartMs?: number;

  /** Told about every invocation as soon as it begins. */
  readonly onInvocation?: (invocation: Invocation) => void;

  /** Told about every invocation whose log lines have reached CloudWatch Logs. */
  readonly onLogs?: (invocation: Invocation) => void;
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

  /** What the handler returned. */
  result?: unknown;

  /** Set when the function failed. */
  error?: { readonly errorType: string; readonly errorMessage: string; readonly trace: string[] };

  /** False when the role did not allow the function to write its log lines. */
  logsDelivered?: boolean;
}

/** A deployed function: runs its code in a child process of its own for every invocation. */
export class LambdaFunction {
  private readonly running = new Set<RuntimeProcess>();
  private closed = false;

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
    // Whoever asked whether it may invoke the function may have got the answer when everything was over.
    if (this.closed) return invocation;
    this.lambda.onInvocation?.(invocation);
    const release = clock.hold();
    const directory = this.makeDirectory();
    try {
      const child = new RuntimeProcess(
        `function ${this.props.name}`, clock, this.environment(directory), directory, (line) => invocation.logLines.push(asInLambda(line, directory)),
      );
      this.running.add(child);
      await child.started();
      release();
      // The handler starts by an event of the clock: two functions that are invoked at the same moment start one after the other, always in the same order.
      await clock.sleep(this.lambda.coldStartMs ?? 200);
      await this.run(child, invocation);
      this.running.delete(child);
    } finally {
      release();
      rmSync(directory, { recursive: true, force: true });
    }
    return invocation;
  }

  /** Ends everything that still runs. */
  public close(): void {
    this.closed = true;
    for (const child of this.running) {
      child.kill();
      // Its invocation may wait for a moment that does not come any more.
      rmSync(child.directory, { recursive: true, force: true });
    }
  }

  private async run(child: RuntimeProcess, invocation: Invocation): Promise<void> {
    const { clock } = this.lambda;
    const timeout = this.props.timeoutSeconds * 1000;
    invocation.startedAt = clock.now();
    let timedOut = false;
    const cancel = clock.schedule(timeout, () => {
      timedOut = true;
      child.fail(new Error('timed out'));
    });
    let outcome: RuntimeOutcome;
    try {
      outcome = await child.run(this.message(invocation, clock.now() + timeout));
    } catch (error) {
      if (!timedOut) throw error;
      outcome = { type: 'error', errorType: 'Sandbox.Timedout', errorMessage: this.timeoutMessage(invocation), trace: [] };
      invocation.logLines.push(`${new Date(clock.now()).toISOString()} ${this.timeoutMessage(invocation)}`);
    } finally {
      cancel();
    }
    invocation.durationMs = clock.now() - invocation.startedAt;
    if (outcome.type === 'result') invocation.result = outcome.value;
    else if (!this.closed) invocation.error = { ...outcome, trace: outcome.trace.map((line) => asInLambda(line, child.directory)) };
    // What Node.js itself had to say, for example about memory.
    if (child.standardError !== '') invocation.logLines.push(...child.standardError.trimEnd().split('\n'));
    await this.writeLogs(invocation);
  }

  private message(invocation: Invocation, deadline: number) {
    return {
      handler: this.props.handler,
      event: invocation.event,
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
    if (invocation.logsDelivered) this.lambda.onLogs?.(invocation);
  }

  private get logGroupName(): string {
    return this.props.logGroupName ?? `/aws/lambda/${this.props.name}`;
  }

  private logStreamName(invocation: Invocation): string {
    const day = new Date(invocation.startedAt).toISOString().slice(0, 10).replace(/-/g, '/');
    return `${day}/[$LATEST]${hash(invocation.requestId, String(invocation.attempt)).slice(0, 32)}`;
  }

  /** The function sees the AWS SDK of the project, as it sees the runtime's in Lambda, and no other package. */
  private makeDirectory(): string {
    const directory = mkdtempSync(join(tmpdir(), 'simulated-lambda-'));
    const task = join(directory, 'task');
    const modules = join(directory, 'runtime', 'node_modules');
    mkdirSync(task);
    mkdirSync(modules, { recursive: true });
    writeFileSync(join(task, 'index.js'), this.props.code);
    // Lambda does not guess a module's format from its syntax: index.js is CommonJS.
    writeFileSync(join(task, 'package.json'), '{"type":"commonjs"}');
    for (const scope of ['@aws-sdk', '@smithy']) symlinkSync(join(installedModules(), scope), join(modules, scope));
    return directory;
  }

  private environment(directory: string): Record<string, string> {
    const { region } = this.lambda;
    const accessKeyId = `ASIA${hash(this.props.role.arn).slice(0, 16).toUpperCase()}`;
    this.lambda.registerCaller(accessKeyId, this.props.role);
    return {
      ...this.props.environment,
      PATH: process.env.PATH ?? '',
      // Without it the SDK would look for the developer's own ~/.aws.
      HOME: directory,
      TZ: ':UTC',
      LANG: 'en_US.UTF-8',
      NODE_PATH: join(directory, 'runtime', 'node_modules'),
      LAMBDA_TASK_ROOT: join(directory, 'task'),
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

/** The temporary directory has another name in every run; a log line has not. */
function asInLambda(line: string, directory: string): string {
  return line.replaceAll(join(directory, 'task'), '/var/task').replaceAll(__dirname, '/var/runtime');
}

function installedModules(): string {
  return dirname(dirname(dirname(require.resolve('@aws-sdk/client-organizations/package.json'))));
}
