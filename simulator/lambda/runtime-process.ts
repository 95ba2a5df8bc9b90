import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { type ClockParticipant, type ParticipantState, type SimulatedClock } from '../simulated-clock';

/** What the process that runs the function is told. */
export interface InvocationMessage {
  readonly handler: string;
  readonly event: unknown;
  readonly seed: number;
  readonly context: Record<string, unknown>;
}

/** How the function ended. */
export type RuntimeOutcome =
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'error'; readonly errorType: string; readonly errorMessage: string; readonly trace: string[] };

type ChildMessage =
  | RuntimeOutcome
  | { readonly type: 'log'; readonly line: string }
  | ({ readonly type: 'answer'; readonly id: number } & ParticipantState);

/** One child process that runs one invocation on the simulated clock. */
export class RuntimeProcess implements ClockParticipant {
  /** What the process printed past `console`, for example a warning of Node.js. */
  public standardError = '';

  private readonly child: ChildProcess;
  private readonly questions = new Map<number, (state: ParticipantState | undefined) => void>();
  private readonly spawned: Promise<void>;
  private nextQuestion = 1;
  private ended = false;
  private readonly outcome: Promise<RuntimeOutcome>;
  private leave?: () => void;
  private settle!: { resolve: (outcome: RuntimeOutcome) => void; reject: (error: Error) => void };

  public constructor(
    public readonly name: string,
    private readonly clock: SimulatedClock,
    environment: Record<string, string>,
    public readonly directory: string,
    private readonly onLog: (line: string) => void,
  ) {
    this.outcome = new Promise((resolve, reject) => { this.settle = { resolve, reject }; });
    // The failure is reported to whoever awaits run(); nobody may be waiting yet.
    this.outcome.catch(() => {});
    // Warnings name the process's number, which differs in every run.
    const args = ['--no-warnings', '--require', join(__dirname, 'preload.cjs'), join(__dirname, 'bootstrap.cjs')];
    this.child = spawn(process.env.LAMBDA_NODE || process.execPath, args, {
      cwd: directory,
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.spawned = new Promise((resolve) => { this.child.once('spawn', resolve); });
    this.child.stderr!.on('data', (chunk: Buffer) => { this.standardError += chunk.toString(); });
    this.child.on('message', (message) => this.receive(message as ChildMessage));
    this.child.on('error', (error) => {
      this.settle.reject(new Error(`${name} did not start: ${error.message}`));
      this.end();
    });
    this.child.on('exit', (code, signal) => {
      this.settle.resolve({
        type: 'error',
        errorType: 'Runtime.ExitError',
        errorMessage: `Runtime exited with error: ${signal ? `signal: ${signal}` : `exit status ${code}`}`,
        trace: [],
      });
      this.end();
    });
  }

  /** Waits, in real time, until the process exists. */
  public async started(): Promise<void> {
    await Promise.race([this.spawned, this.outcome]);
  }

  /** Runs the function; from here on the process takes part in simulated time. */
  public async run(message: InvocationMessage): Promise<RuntimeOutcome> {
    if (!this.ended) {
      this.leave = this.clock.join(this);
      this.tell({ type: 'invoke', now: this.clock.now(), ...message });
    }
    try {
      return await this.outcome;
    } finally {
      this.kill();
    }
  }

  public kill(): void {
    this.end();
    this.child.kill('SIGKILL');
  }

  public async probe(): Promise<ParticipantState | undefined> {
    return this.ask({ type: 'probe' });
  }

  public async setTime(now: number): Promise<void> {
    await this.ask({ type: 'time', now });
  }

  public fire(): void {
    this.tell({ type: 'fire' });
  }

  public fail(error: Error): void {
    this.settle.reject(error);
    this.kill();
  }

  private receive(message: ChildMessage): void {
    // What a killed process still had to say is lost, as it is in Lambda.
    if (this.ended) return;
    switch (message.type) {
      case 'answer':
        this.questions.get(message.id)?.(message);
        this.questions.delete(message.id);
        break;
      case 'log':
        this.onLog(message.line);
        break;
      default:
        this.settle.resolve(message);
        // Lambda freezes the process now: nothing that it still has to do counts.
        this.end();
    }
  }

  private async ask(question: object): Promise<ParticipantState | undefined> {
    if (this.ended) return undefined;
    const id = this.nextQuestion++;
    return new Promise((resolve) => {
      this.questions.set(id, resolve);
      this.tell({ ...question, id });
    });
  }

  private tell(message: object): void {
    // The process may be gone already; its end is reported elsewhere.
    if (this.child.connected) this.child.send(message, () => {});
  }

  private end(): void {
    this.ended = true;
    this.leave?.();
    for (const resolve of this.questions.values()) resolve(undefined);
    this.questions.clear();
  }
}
