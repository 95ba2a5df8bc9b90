const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Milliseconds between two runs of `rate(6 hours)`; `undefined` for what EventBridge does not take for a rate. */
export function rateOf(expression: string): number | undefined {
  const match = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(expression);
  if (!match) return undefined;
  const count = Number(match[1]);
  // One is singular, everything else is plural.
  if (count < 1 || (count === 1) !== (match[3] === '')) return undefined;
  return count * UNITS[match[2]];
}
