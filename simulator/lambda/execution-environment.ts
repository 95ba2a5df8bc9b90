import { RuntimeProcess, takeThread, type HostMessage, type InvocationFacts, type ProcessOptions, type RuntimeHost } from './runtime-host';
import { type ClockParticipant, type ParticipantState, type SimulatedClock } from '../simulated-clock';

/** What an execution environment is made for. */
export interface EnvironmentProps {
  /** Names it in errors. */
  readonly name: string;

  /** Text of index.js. */
  readonly code: string;

  /** Environment variables. */
  readonly variables: Record<string, string>;

  /** Absent: a thread. */
  readonly process?: ProcessOptions;
}

/** What the runtime needs for one invocation. */
export interface InvocationMessage {
  readonly handler: string;
  readonly event: unknown;
  readonly seed: number;
  readonly context: Record<string, unknown>;

  /** The environment crashes as soon as it has the answer to this call to AWS, from 1. */
  readonly crashAfterCall?: number;
}

/** How an invocation ended. */
export type InvocationOutcome = Partial<InvocationFacts> & (
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'error'; readonly errorType: string; readonly errorMessage: string; readonly trace: string[] }
);

interface RunningInvocation {
  readonly onLog: (line: string) => void;
  readonly resolve: (outcome: InvocationOutcome) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One execution environment of Lambda: it loads the code once and runs one invocation after the other, and is frozen in between. The module's state
 * survives, time does not pass.
 */
export class ExecutionEnvironment implements ClockParticipant {
  /** Starts an environment, in real time. The code is loaded by the first invocation. */
  public static async start(clock: SimulatedClock, props: EnvironmentProps): Promise<ExecutionEnvironment> {
    const host = await (props.process ? new RuntimeProcess(props.process).start() : takeThread());
    return new ExecutionEnvironment(host, clock, props);
  }

  public readonly name: string;

  /** Simulated time since which it is frozen. */
  public frozenAt = 0;

  /** False once it cannot run anything more. */
  public usable = true;

  /** Absent while something moves. */
  public state?: ParticipantState;

  private cold = true;
  private reusable = true;

  /** Number of the last message that set something in motion. */
  private motion?: number;
  private leave?: () => void;
  private current?: RunningInvocation;
  private ended?: InvocationOutcome | Error;

  private constructor(private readonly host: RuntimeHost, private readonly clock: SimulatedClock, private readonly props: EnvironmentProps) {
    this.name = props.name;
    this.host.listen((message) => this.receive(message));
  }

  /** Runs the handler once; the environment takes part in simulated time until it returns. */
  public async invoke(invocation: InvocationMessage, onLog: (line: string) => void): Promise<InvocationOutcome> {
    const outcome = new Promise<InvocationOutcome>((resolve, reject) => { this.current = { onLog, resolve, reject }; });
    if (this.ended) {
      this.finish(this.ended);
    } else {
      this.leave = this.clock.join(this);
      const code = this.cold && { code: this.props.code, environment: this.props.variables };
      this.cold = false;
      this.move({ type: 'invoke', now: this.clock.now(), ...code, ...invocation });
    }
    return outcome;
  }

  /** Ends the environment; resolves when nothing can happen in it any more. A running invocation never returns. */
  public async discard(): Promise<void> {
    const reusable = this.reusable && this.current === undefined;
    this.usable = false;
    this.current = undefined;
    this.leave?.();
    this.leave = undefined;
    await this.host.discard(reusable);
  }

  public setTime(now: number): void | Promise<void> {
    return this.host.setTime(now);
  }

  public fire(): void {
    this.move({ type: 'fire' });
  }

  public fail(error: Error): void {
    this.finish(error);
  }

  /** Sends what sets something in motion: a state from before it says nothing any more. */
  private move(message: object): void {
    this.state = undefined;
    this.motion = this.host.post(message);
  }

  private receive(message: HostMessage): void {
    switch (message.type) {
      case 'ready':
        break;
      case 'rest':
        if (message.seen !== this.motion) break;
        this.state = { requestsInFlight: message.requestsInFlight, nextTimer: message.nextTimer };
        this.clock.notice();
        break;
      case 'log':
        this.current?.onLog(message.line);
        break;
      case 'ended':
        this.finish(message.failedToStart ? new Error(`${this.name} did not start: ${message.reason}`) : {
          type: 'error', errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with error: ${message.reason}`, trace: [],
        });
        break;
      default:
        this.reusable = message.reusable;
        this.usable = !this.props.process && (message.type === 'result' || !message.fatal);
        this.complete(message);
    }
  }

  /** The environment cannot go on. */
  private finish(end: InvocationOutcome | Error): void {
    this.usable = false;
    this.reusable = false;
    this.ended = end;
    this.complete(end);
  }

  private complete(end: InvocationOutcome | Error): void {
    const { current } = this;
    this.current = undefined;
    this.leave?.();
    this.leave = undefined;
    this.state = undefined;
    this.frozenAt = this.clock.now();
    if (end instanceof Error) current?.reject(end);
    else current?.resolve(end);
    this.clock.notice();
  }
}
