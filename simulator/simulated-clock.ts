import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock } from './clock';

/** 2026-01-01T00:00:00Z: every simulation starts at the same moment, so that what it prints can be compared. */
export const SIMULATION_START = Date.UTC(2026, 0, 1);

/** The state of a participant that does nothing more without an answer to a request or without time passing. */
export interface ParticipantState {
  /** Requests it has sent and not got an answer to. An answer changes the number, so a state with fewer than a server holds back is never outdated. */
  readonly requestsInFlight: number;

  /** When its earliest timer is due; absent when it has none. */
  readonly nextTimer?: number;
}

/** A thread or process whose time comes from the clock. It calls `notice()` whenever its state has changed. */
export interface ClockParticipant {
  readonly name: string;

  /** Absent while something moves in it. */
  readonly state?: ParticipantState;

  /** Sets the time; resolves when everything in the participant sees it. */
  setTime(now: number): void | Promise<void>;

  /** Fires the earliest timer that is due. */
  fire(): void;

  /** Ends it because it stopped the clock for too long. */
  fail(error: Error): void;
}

/** A server that participants talk to. */
export interface Traffic {
  /** Requests that have arrived and have no answer yet. */
  readonly active: number;

  /** Those among them that wait for nothing but time. */
  readonly held: number;
}

/** How the clock guards against a process that never comes to rest. */
export interface SimulatedClockOptions {
  /** @default SIMULATION_START */
  readonly start?: number;

  /**
   * Real milliseconds without any progress after which the processes that hold the clock up are ended.
   *
   * @default 300000
   */
  readonly patience?: number;
}

interface Timer {
  readonly at: number;

  /** Time does not pass for its sake. */
  readonly background: boolean;

  /** Whether an async function is suspended until it fires. A suspended function cannot be restored. */
  readonly resumesWork: boolean;
  readonly fire: () => void;
}

/**
 * Time that passes only when everybody waits for it.
 *
 * A discrete-event clock: it jumps to the earliest pending timer, its own or a participant's, and fires that one timer. It jumps only when everything
 * is at rest: no `hold()` is open, no server is working on a request, and every participant waits for nothing but time or for answers that a server
 * deliberately holds back. Firing one timer at a time makes the order of events, also between participants, the same in every run.
 *
 * Gotchas:
 * - In this process, work that needs real time (a file, a socket, a process) is invisible to the clock. Wrap it in `busy()`.
 * - `await clock.sleep(…)` in a test makes time pass up to that moment, everything else included.
 */
export class SimulatedClock implements Clock {
  private time: number;
  private readonly patience: number;
  private readonly timers: Timer[] = [];
  private readonly participants: ClockParticipant[] = [];

  /** Those among them that nobody waits for. */
  private readonly unawaited = new Set<ClockParticipant>();

  /** True in whatever `inBackground` set off, however long ago. */
  private readonly background = new AsyncLocalStorage<boolean>();
  private readonly servers: Traffic[] = [];
  private holds = 0;
  private running = false;
  private halted = false;
  private stopped = false;
  private noticed?: () => void;

  public constructor(options: SimulatedClockOptions = {}) {
    this.time = options.start ?? SIMULATION_START;
    this.patience = options.patience ?? 300_000;
  }

  public now(): number {
    return this.time;
  }

  public sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => { this.add(milliseconds, this.background.getStore() ?? false, resolve, true); });
  }

  /** Calls back after so many milliseconds, unless the returned function is called before. */
  public schedule(milliseconds: number, callback: () => void): () => void {
    return this.add(milliseconds, this.background.getStore() ?? false, callback);
  }

  /**
   * The same for what happens as long as there is an AWS, for example every six hours: it happens on the way to whatever somebody waits for, but
   * no time passes for its sake. Comes before the others of the same moment.
   */
  public scheduleInBackground(milliseconds: number, callback: () => void): () => void {
    return this.add(milliseconds, true, callback);
  }

  /**
   * Starts what nobody waits for: an event on its way, a function that it reaches. All that follows from it, processes included, happens on the way
   * to whatever somebody else waits for, and stands still in between.
   */
  public inBackground<T>(work: () => T): T {
    return this.background.run(true, work);
  }

  private add(milliseconds: number, background: boolean, callback: () => void, resumesWork = false): () => void {
    // On Node.js 20 every promise of the process costs more for each AsyncLocalStorage in use, so work in the foreground does without.
    const fire = () => (background || this.background.getStore() ? this.background.run(background, callback) : callback());
    const timer: Timer = { at: this.time + Math.max(0, Math.ceil(milliseconds)), background, resumesWork, fire };
    // Behind the timers of the same moment: first come, first served. Who sleeps until a moment finds done what is due at that moment.
    const later = this.timers.findIndex((other) => other.at > timer.at || (other.at === timer.at && background && !other.background));
    this.timers.splice(later === -1 ? this.timers.length : later, 0, timer);
    this.start();
    return () => {
      const index = this.timers.indexOf(timer);
      if (index !== -1) this.timers.splice(index, 1);
    };
  }

  /** Stops time until the returned function is called. */
  public hold(): () => void {
    this.holds += 1;
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.holds -= 1;
      if (this.holds === 0) this.notice();
    };
  }

  /** Stops time while real work is done. */
  public async busy<T>(work: () => Promise<T>): Promise<T> {
    const release = this.hold();
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Lets a process live on this clock; the returned function ends that. */
  public join(participant: ClockParticipant): () => void {
    this.participants.push(participant);
    if (this.background.getStore()) this.unawaited.add(participant);
    this.start();
    return () => {
      this.unawaited.delete(participant);
      const index = this.participants.indexOf(participant);
      if (index !== -1) this.participants.splice(index, 1);
    };
  }

  /** Names a server that participants talk to. */
  public watch(server: Traffic): () => void {
    this.servers.push(server);
    return () => {
      const index = this.servers.indexOf(server);
      if (index !== -1) this.servers.splice(index, 1);
    };
  }

  /**
   * Resolves with whether nothing is under way: what is still to come starts by a timer of its own.
   *
   * Only such a moment can be saved. Work that waits in the middle of a function, for time or for an answer, could not be put back.
   */
  public async isIdle(): Promise<boolean> {
    do await realTurn();
    while (this.running && !this.isAwaited());
    return !this.running && this.participants.length === 0 && this.holds === 0 && this.working() === 0 && this.held() === 0
      && this.timers.every(({ resumesWork }) => !resumesWork);
  }

  /** Stops time until `resume`, also for what is under way. */
  public halt(): void {
    this.halted = true;
    this.notice();
  }

  /** Waits, in real time, until everything has come to wait for time, which does not pass: the clock is halted. */
  public async standStill(): Promise<void> {
    do await realTurn();
    while (this.running || this.holds > 0 || this.working() > 0);
    await realTurn();
  }

  public resume(): void {
    this.halted = false;
    this.start();
  }

  /** Drops every pending timer and stops for good, so that nothing is left behind at the end of a test. */
  public stop(): void {
    this.stopped = true;
    this.timers.length = 0;
    this.background.disable();
    this.notice();
  }

  /** Something has changed that the clock may have been waiting for. */
  public notice(): void {
    this.noticed?.();
  }

  private start(): void {
    if (this.running || this.halted || this.stopped) return;
    this.running = true;
    void this.run();
  }

  private async run(): Promise<void> {
    let lastProgress = performance.now();
    while (!this.halted && !this.stopped && this.isAwaited()) {
      await realTurn();
      await realTurn();
      if (this.atRest() && await this.step()) {
        lastProgress = performance.now();
        continue;
      }
      const patience = this.patience - (performance.now() - lastProgress);
      if (patience > 0) {
        await this.change(patience);
      } else {
        this.endWhoeverStandsStill();
        lastProgress = performance.now();
      }
    }
    this.running = false;
  }

  /** Whether time passes for anybody's sake. */
  private isAwaited(): boolean {
    return this.participants.length > this.unawaited.size || this.timers.some(({ background }) => !background);
  }

  private atRest(): boolean {
    if (this.halted || this.stopped || this.holds > 0 || this.working() > 0) return false;
    if (!this.participants.every(({ state }) => state !== undefined)) return false;
    return this.participants.reduce((sum, { state }) => sum + state!.requestsInFlight, 0) <= this.held();
  }

  /** Waits, in real time, for something to change. Servers do not call `notice()`, so it looks again after a moment while one is at work. */
  private async change(patience: number): Promise<void> {
    const pause = realTimeout(Math.min(patience, this.holds > 0 ? patience : 1));
    await Promise.race([new Promise<void>((resolve) => { this.noticed = resolve; }), pause.elapsed]);
    pause.cancel();
  }

  private working(): number {
    return this.servers.reduce((sum, server) => sum + Math.max(0, server.active - server.held), 0);
  }

  private held(): number {
    return this.servers.reduce((sum, server) => sum + server.held, 0);
  }

  /** Fires the one timer that is due first. At the same moment this process goes first, then the others in the order in which they joined. */
  private async step(): Promise<boolean> {
    const nextOf = ({ state }: ClockParticipant) => state?.nextTimer ?? Infinity;
    const next = Math.min(...this.participants.map(nextOf));
    const nextAwaited = Math.min(...this.participants.filter((participant) => !this.unawaited.has(participant)).map(nextOf));
    const awaited = Math.min(nextAwaited, this.timers.find(({ background }) => !background)?.at ?? Infinity);
    // Nobody waits for time: something real has to happen first.
    if (awaited === Infinity) return false;
    const due = Math.max(this.time, Math.min(next, this.timers[0]?.at ?? Infinity));
    // Everybody knows the new time before anything happens in it: an answer may reach a process faster than the time does.
    if (due > this.time) await Promise.all(this.participants.map((participant) => participant.setTime(due)));
    this.time = due;
    if (this.timers.length > 0 && this.timers[0].at <= due) this.timers.shift()!.fire();
    else this.participants.find((participant) => nextOf(participant) === next)?.fire();
    return true;
  }

  private endWhoeverStandsStill(): void {
    const moving = this.participants.filter(({ state }) => state === undefined);
    for (const participant of moving.length > 0 ? moving : [...this.participants]) {
      participant.fail(new Error(
        `${participant.name} kept the simulated clock from moving for ${this.patience / 1000} real seconds: `
        + 'it computes without end, or waits for something outside the simulation',
      ));
    }
  }
}

// The machine's own timers, taken once: a test may replace the global ones.
const { setImmediate: immediately, setTimeout: later, clearTimeout: cancelLater } = globalThis;

function realTurn(): Promise<void> {
  return new Promise((resolve) => { immediately(resolve); });
}


function realTimeout(milliseconds: number): { elapsed: Promise<undefined>; cancel: () => void } {
  let timer: NodeJS.Timeout;
  const elapsed = new Promise<undefined>((resolve) => { timer = later(() => resolve(undefined), milliseconds); });
  return { elapsed, cancel: () => cancelLater(timer) };
}
