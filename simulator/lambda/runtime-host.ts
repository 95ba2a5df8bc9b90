import { spawn, type ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import workerThreads from 'node:worker_threads';

/** A message of simulator/lambda/runtime.cjs, or the news that it has ended. */
export type HostMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'rest'; readonly seen: number; readonly requestsInFlight: number; readonly nextTimer?: number }
  | { readonly type: 'log'; readonly line: string }
  | ({ readonly type: 'result'; readonly value: unknown } & InvocationFacts)
  | ({ readonly type: 'error'; readonly errorType: string; readonly errorMessage: string; readonly trace: string[]; readonly fatal?: boolean } & InvocationFacts)
  | { readonly type: 'ended'; readonly reason: string; readonly failedToStart?: boolean };

/** What the runtime measures during an invocation. */
export interface InvocationFacts {
  /** Calls to AWS in the order of their answers: the service, and the operation where the request names it outside its body. */
  readonly calls: string[];

  /** Whether another environment may use the thread: no request is left over whose answer would set the old code in motion. */
  readonly reusable: boolean;

  /** Peak resident memory of the whole process. It says something about the function only where that has a process of its own. */
  readonly maxMemoryUsedMegabytes: number;
}

/** Where the code of a function runs. */
export interface RuntimeHost {
  /** Receives every message from now on. */
  listen(listener: (message: HostMessage) => void): void;

  /** Sends a message and returns its number, which is unique as long as the thread or process lives. */
  post(message: object): number;

  /** Resolves when everything in the environment sees the new time. */
  setTime(now: number): void | Promise<void>;

  /** Ends the environment; resolves when nothing can happen in it any more. A thread without leftovers is kept for another one. */
  discard(reusable: boolean): Promise<void>;
}

/** A Node.js process for functions, for scenes that are about the process: its memory, another version of Node.js. */
export interface ProcessOptions {
  /** @default - the Node.js that runs the simulator */
  readonly execPath?: string;

  /** Options of Node.js, for example `--max-old-space-size=460`. */
  readonly execArgv?: string[];
}

const RUNTIME = join(__dirname, 'runtime.cjs');

/** Packages that are loaded before there is any function: most of a cold start. */
const PRELOAD = ['@aws-sdk/client-organizations', '@aws-sdk/client-ssm', '@aws-sdk/client-sns', '@aws-sdk/client-cloudformation'];

const installed = { modules: dirname(dirname(dirname(require.resolve('@aws-sdk/client-organizations/package.json')))), preload: PRELOAD };

/** A thread. It shares 8 bytes for the time and 4 for how often it was thawed. */
class RuntimeThread implements RuntimeHost {
  private readonly shared = new SharedArrayBuffer(16);
  private readonly time = new Float64Array(this.shared, 0, 1);
  private readonly thaws = new Int32Array(this.shared, 8, 1);
  private frozen = false;
  private posted = 0;
  private readonly worker: workerThreads.Worker;
  private listener?: (message: HostMessage) => void;
  private readonly prepared: Promise<void>;
  private ready!: () => void;
  private signal?: string;
  private outOfMemory = false;

  public constructor() {
    this.prepared = new Promise((resolve) => { this.ready = resolve; });
    this.worker = new workerThreads.Worker(RUNTIME, {
      // Warnings name the process's number, which differs in every run.
      execArgv: ['--no-warnings'],
      env: {},
      stdout: true,
      workerData: { shared: this.shared, ...installed },
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MEGABYTES },
    });
    this.worker.on('message', (message) => {
      if (message.type === 'ready') this.ready();
      else if (message.type === 'killed') this.end(message.signal);
      else this.receive(message);
    });
    this.worker.on('error', (error: NodeJS.ErrnoException) => { this.outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY'; });
    this.worker.on('exit', (code) => {
      if (this.outOfMemory) this.signal = 'SIGKILL';
      this.ready();
      this.listener?.({ type: 'ended', reason: this.signal ? `signal: ${this.signal}` : `exit status ${code}` });
    });
    this.worker.unref();
  }

  /** Resolves when the SDK is loaded. */
  public async start(): Promise<this> {
    this.worker.ref();
    await this.prepared;
    return this;
  }

  public listen(listener: (message: HostMessage) => void): void {
    this.listener = listener;
  }

  public post(message: object): number {
    this.posted += 1;
    this.worker.postMessage({ ...message, number: this.posted });
    if (this.frozen) {
      this.frozen = false;
      Atomics.add(this.thaws, 0, 1);
      Atomics.notify(this.thaws, 0);
    }
    return this.posted;
  }

  public setTime(now: number): void {
    this.time[0] = now;
  }

  public async discard(reusable: boolean): Promise<void> {
    this.listener = undefined;
    this.worker.unref();
    if (reusable && pool.idle.length < MAX_IDLE) {
      this.post({ type: 'reset' });
      pool.idle.push(this);
    } else {
      await this.worker.terminate();
    }
  }

  private receive(message: HostMessage): void {
    if (message.type === 'result' || message.type === 'error') this.frozen = true;
    this.listener?.(message);
  }

  /** The thread has stopped itself and cannot do more: it is gone, as after a signal. */
  private end(signal: string): void {
    this.signal = signal;
    void this.worker.terminate();
  }
}

/** A function that takes more ends alone, and not with everything else in this process. */
const MAX_HEAP_MEGABYTES = 512;

/** Threads that are prepared and belong to no environment. More than these few are rarely needed at once. */
const MAX_IDLE = 3;

/**
 * One pool for the process. Test files each load this module anew, and threads outlive them, so the pool is kept where all of them find it: in a module
 * of Node.js, by a registered symbol.
 */
const POOL = Symbol.for('cdk-ai-services-opt-out.simulator.runtime-threads');
const pool: { idle: RuntimeThread[] } = (workerThreads as any)[POOL] ??= { idle: [] };

/** A prepared thread from the pool, or a new one. */
export async function takeThread(): Promise<RuntimeHost> {
  return (pool.idle.pop() ?? new RuntimeThread()).start();
}

/** A process of its own. */
export class RuntimeProcess implements RuntimeHost {
  private readonly child: ChildProcess;
  private listener?: (message: HostMessage) => void;
  private standardError = '';
  private timeIsSet?: () => void;
  private over?: HostMessage;
  private posted = 0;
  private readonly prepared: Promise<void>;

  public constructor({ execPath = process.execPath, execArgv = [] }: ProcessOptions) {
    const args = ['--no-warnings', ...execArgv, RUNTIME, JSON.stringify(installed)];
    this.child = spawn(execPath, args, { env: {}, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.child.stderr!.on('data', (chunk: Buffer) => { this.standardError += chunk.toString(); });
    let ready: () => void;
    this.prepared = new Promise((resolve) => { ready = resolve; });
    this.child.on('message', (message: any) => {
      if (message.type === 'ready') ready();
      else if (message.type === 'time') this.timeIsSet?.();
      else this.listener?.(message);
    });
    this.child.on('error', (error) => this.end({ type: 'ended', reason: error.message, failedToStart: true }, ready));
    this.child.on('exit', (code, signal) => this.end({ type: 'ended', reason: signal ? `signal: ${signal}` : `exit status ${code}` }, ready));
  }

  public async start(): Promise<this> {
    await this.prepared;
    return this;
  }

  public listen(listener: (message: HostMessage) => void): void {
    this.listener = listener;
    if (this.over) listener(this.over);
  }

  public post(message: object): number {
    this.posted += 1;
    // The process may be gone already; its end is reported elsewhere.
    if (this.child.connected) this.child.send({ ...message, number: this.posted }, () => {});
    return this.posted;
  }

  public async setTime(now: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.timeIsSet = resolve;
      if (this.over) resolve();
      this.post({ type: 'time', now });
    });
  }

  public async discard(): Promise<void> {
    this.listener = undefined;
    const ended = new Promise<void>((resolve) => { this.child.once('exit', () => resolve()); });
    if (this.child.kill('SIGKILL')) await ended;
  }

  private end(message: HostMessage, ready: () => void): void {
    if (this.over) return;
    this.over = message;
    ready();
    this.timeIsSet?.();
    // What Node.js itself printed, for example about memory.
    for (const line of this.standardError.trimEnd().split('\n')) {
      if (line !== '') this.listener?.({ type: 'log', line });
    }
    this.listener?.(message);
  }
}
