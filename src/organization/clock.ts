import { setMaxListeners } from 'node:events';

/** The time that calls are paced by. Tests and simulations hand in their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;

  /** Resolves after so many milliseconds. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own time, looked up at every use: a simulation may have replaced it. */
export const machineClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  }),
};

/** Waits, but no longer than until the signal says to stop; throws its reason then. */
export async function pause(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  // Reads that wait side by side listen to one signal, which is no leak.
  if (signal) setMaxListeners(0, signal);
  let stop = () => {};
  const aborted = new Promise<void>((resolve) => { stop = resolve; });
  signal?.addEventListener('abort', stop);
  try {
    await Promise.race([clock.sleep(milliseconds, signal), aborted]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  signal?.throwIfAborted();
}
