import { type Datum } from './embedded-metrics';

/** How values of one period become one. */
export type Statistic = 'Average' | 'Maximum' | 'Minimum' | 'SampleCount' | 'Sum';

/** Which metric. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Record<string, string>;
}

/** A value as it was stored. */
export interface DataPoint {
  /** The time it is about, milliseconds since the epoch. */
  readonly time: number;
  readonly value: number;
  readonly unit: string;

  /** Simulated time at which it arrived. */
  readonly arrived: number;
}

const STATISTICS: Record<Statistic, (values: number[]) => number> = {
  Average: (values) => sum(values) / values.length,
  Maximum: (values) => Math.max(...values),
  Minimum: (values) => Math.min(...values),
  SampleCount: (values) => values.length,
  Sum: sum,
};

export const STATISTIC_NAMES = Object.keys(STATISTICS);

/** Every value of every metric. */
export class Metrics {
  private readonly points = new Map<string, { metric: MetricName; points: DataPoint[] }>();

  public add({ namespace, name, dimensions, time, value, unit }: Datum, arrived: number): void {
    const metric = { namespace, name, dimensions };
    const known = this.points.get(keyOf(metric)) ?? { metric, points: [] };
    known.points.push({ time, value, unit, arrived });
    this.points.set(keyOf(metric), known);
  }

  public all(): MetricName[] {
    return [...this.points.values()].map(({ metric }) => metric);
  }

  /** Values in the order in which they arrived. */
  public of(metric: MetricName): readonly DataPoint[] {
    return this.points.get(keyOf(metric))?.points ?? [];
  }
}

/** What a period comes to; undefined without a value. */
export function statisticOf(statistic: Statistic, values: number[]): number | undefined {
  return values.length === 0 ? undefined : STATISTICS[statistic](values);
}

export function keyOf({ namespace, name, dimensions }: MetricName): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([left], [right]) => (left < right ? -1 : 1))]);
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
