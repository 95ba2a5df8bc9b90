/** Odd, no multiple of 3 or 5: multiplying by it visits every id of a length once before it repeats. */
const STEP = 98_765_432_117;

/**
 * Ids that look like AWS's and are the same in every run.
 *
 * Creation order and alphabetical order differ on purpose, so that nobody comes to rely on the one for the other.
 */
export class Ids {
  private readonly counters = new Map<string, number>();

  /** For example `p-5dn3oszl2h`. */
  public letters(prefix: string, length: number): string {
    return prefix + scrambled(this.upcoming(prefix, true), 36, length);
  }

  /** What `letters` is going to answer next. */
  public peekLetters(prefix: string, length: number): string {
    return prefix + scrambled(this.upcoming(prefix, false), 36, length);
  }

  /** An account id. */
  public account(): string {
    return scrambled(this.upcoming('account', true), 10, 12);
  }

  private upcoming(kind: string, take: boolean): number {
    const number = (this.counters.get(kind) ?? 0) + 1;
    if (take) this.counters.set(kind, number);
    return number;
  }
}

function scrambled(number: number, base: number, length: number): string {
  const space = base ** length;
  return ((number * STEP + Math.floor(space / 3)) % space).toString(base).padStart(length, '0');
}
