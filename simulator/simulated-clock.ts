import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock } from './clock';

/** 2026-01-01T00:00:00Z: every simulation starts at the same moment, so that what it prints can be compared. */
export const SIMULATION_START = Date.UTC(2026, 0, 1);

/** What a process that lives on the clock says about itself once nothing moves in it any more. */
export interface ParticipantState {
  /** Requests it has sent and not got an answer to. */
  readonly requestsInFlight: number;

  /** When its earliest timer is due; absent when it has none. */
  readonly nextTimer?: number;

  /** A counter of everything that happened in the process: two equal values mean that nothing happened in between. */
  readonly activity: number;
}

/** A process whose time comes from the clock. */
export interface ClockParticipant {
  readonly name: string;

  /** Resolves when the process can do nothing more without an answer to a request or without time passing; `undefined` when it has ended. */
  probe(): Promise<ParticipantState | undefined>;

  /** Tells the time; resolves when the process knows it. */
  setTime(now: number): Promise<void>;

  /** Fires the earliest timer that is due. */
  fire(): void;

  /** Ends the process because it stopped the clock for too long. */
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
   * @default 30000
   */
  readonly patience?: number;
}

interface Timer {
  readonly at: number;

  /** Time does not pass for its sake. */
  readonly background: boolean;
  readonly fire: () => void;
}

/**
 * Time that passes only when everybody waits for it.
 *
 * A discrete-event clock: it jumps to the earliest pending timer, of this process or of a child process, and fires that one timer. It jumps only
 * when everything is at rest: no `hold()` is open, no server is working on a request, and every child says twice in a row, with nothing in
 * between, that it waits for nothing but time or for answers that a server deliberately holds back. Firing one timer at a time makes the order of
 * events, also between processes, the same in every run.
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
  private readonly unanswered = new Set<ClockParticipant>();
  private holds = 0;
  private running = false;
  private stopped = false;
  private released?: () => void;

  public constructor(options: SimulatedClockOptions = {}) {
    this.time = options.start ?? SIMULATION_START;
    this.patience = options.patience ?? 30_000;
  }

  public now(): number {
    return this.time;
  }

  public sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.schedule(milliseconds, resolve));
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

  private add(milliseconds: number, background: boolean, callback: () => void): () => void {
    const fire = () => this.background.run(background, callback);
    const timer: Timer = { at: this.time + Math.max(0, Math.ceil(milliseconds)), background, fire };
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
      if (this.holds === 0) this.released?.();
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

  /** Drops every pending timer and stops for good, so that nothing is left behind at the end of a test. */
  public stop(): void {
    this.stopped = true;
    this.timers.length = 0;
    this.released?.();
  }

  private start(): void {
    if (this.running || this.stopped) return;
    this.running = true;
    void this.run();
  }

  private async run(): Promise<void> {
    let lastProgress = performance.now();
    while (!this.stopped && (this.participants.length > this.unawaited.size || this.timers.some(({ background }) => !background))) {
      const states = await this.atRest(lastProgress);
      if (states && await this.step(states)) {
        lastProgress = performance.now();
        continue;
      }
      if (states) await realPause(1);
      if (performance.now() - lastProgress >= this.patience) {
        this.endWhoeverStandsStill();
        lastProgress = performance.now();
      }
    }
    this.running = false;
  }

  /** The participants' states when nothing moves anywhere; `undefined` when something did. */
  private async atRest(since: number): Promise<ParticipantState[] | undefined> {
    await realTurn();
    await realTurn();
    if (this.holds > 0) {
      const patience = realTimeout(this.patience);
      await Promise.race([new Promise<void>((resolve) => { this.released = resolve; }), patience.elapsed]);
      patience.cancel();
      return undefined;
    }
    if (this.working() > 0) {
      await realPause(0);
      return undefined;
    }
    const asked = [...this.participants];
    const before = await this.probe(asked, since);
    if (!before || !this.quiet(before)) return this.pause(before);
    // One answer may be older than another. When a second round finds that nothing happened in any of the processes since the first,
    // the state of the servers that was seen between the two rounds holds for all of them.
    const after = await this.probe(asked, since);
    const same = after?.every((state, index) => state.activity === before[index].activity);
    if (!same || !this.quiet(after!) || asked.some((participant, index) => participant !== this.participants[index])) return undefined;
    return this.participants.length === asked.length ? after : undefined;
  }

  private async pause(states: ParticipantState[] | undefined): Promise<undefined> {
    // Something is on its way between a process and a server: a moment of real time brings it there.
    if (states) await realPause(0);
    return undefined;
  }

  private quiet(states: ParticipantState[]): boolean {
    const inFlight = states.reduce((sum, state) => sum + state.requestsInFlight, 0);
    return this.holds === 0 && this.working() === 0 && inFlight <= this.held();
  }

  private working(): number {
    return this.servers.reduce((sum, server) => sum + Math.max(0, server.active - server.held), 0);
  }

  private held(): number {
    return this.servers.reduce((sum, server) => sum + server.held, 0);
  }

  private async probe(participants: ClockParticipant[], since: number): Promise<ParticipantState[] | undefined> {
    if (participants.length === 0) return [];
    const patience = realTimeout(Math.max(1, this.patience - (performance.now() - since)));
    const answers = participants.map(async (participant) => {
      this.unanswered.add(participant);
      const state = await participant.probe();
      this.unanswered.delete(participant);
      return state;
    });
    const states = await Promise.race([Promise.all(answers), patience.elapsed]);
    patience.cancel();
    if (!states) return undefined;
    // One has ended meanwhile: ask again without it.
    return states.every((state) => state !== undefined) ? states : undefined;
  }

  /** Fires the one timer that is due first. At the same moment this process goes first, then the others in the order in which they joined. */
  private async step(states: ParticipantState[]): Promise<boolean> {
    const next = Math.min(...states.map((state) => state.nextTimer ?? Infinity));
    const awaitedStates = states.filter((_, index) => !this.unawaited.has(this.participants[index]));
    const nextAwaited = Math.min(...awaitedStates.map((state) => state.nextTimer ?? Infinity));
    const awaited = Math.min(nextAwaited, this.timers.find(({ background }) => !background)?.at ?? Infinity);
    // Nobody waits for time: something real has to happen first.
    if (awaited === Infinity) return false;
    const due = Math.max(this.time, Math.min(next, this.timers[0]?.at ?? Infinity));
    // Everybody knows the new time before anything happens in it: an answer may reach a process faster than the time does.
    if (due > this.time) await Promise.all(this.participants.map(async (participant) => participant.setTime(due)));
    this.time = due;
    if (this.timers.length > 0 && this.timers[0].at <= due) this.timers.shift()!.fire();
    else this.participants[states.findIndex((state) => state.nextTimer === next)]?.fire();
    return true;
  }

  private endWhoeverStandsStill(): void {
    const culprits = this.unanswered.size > 0 ? this.unanswered : this.participants;
    for (const participant of [...culprits]) {
      this.unanswered.delete(participant);
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

function realPause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => { later(resolve, milliseconds); });
}

function realTimeout(milliseconds: number): { elapsed: Promise<undefined>; cancel: () => void } {
  let timer: NodeJS.Timeout;
  const elapsed = new Promise<undefined>((resolve) => { timer = later(() => resolve(undefined), milliseconds); });
  return { elapsed, cancel: () => cancelLater(timer) };
}
