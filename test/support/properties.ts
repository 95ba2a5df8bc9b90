import type { Parameters } from 'fast-check';

/**
 * How a property runs.
 *
 * - `PROPERTY_RUNS_FACTOR` multiplies the number of runs; the task `test:properties` sets it.
 * - The seed is that of jest, so `npx jest --seed N` repeats every property of a run. Jest prints its seed with `--showSeed`.
 */
export function runs(numRuns: number): Parameters<any> {
  return { numRuns: numRuns * Number(process.env.PROPERTY_RUNS_FACTOR ?? 1), seed: jest.getSeed() };
}
