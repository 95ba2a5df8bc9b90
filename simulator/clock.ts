/**
 * The time that a simulated AWS lives in.
 *
 * Everything under simulator/ asks a clock instead of the machine, so that fourteen minutes of waiting pass in a moment in tests
 * and in real time when the organization is served to other clients.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;

  /** Resolves after so many milliseconds of this clock's time. */
  sleep(milliseconds: number): Promise<void>;
}

/** The machine's own time. */
export class RealClock implements Clock {
  public now(): number {
    return Date.now();
  }

  public sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}
