import { evaluate, type AlarmState, type MissingData } from './alarm-evaluation';
import { statisticOf, type DataPoint, type MetricName, type Statistic } from './metrics';

/** Comparisons with a threshold, and how CloudWatch words them. */
export const COMPARISONS: Record<string, { readonly text: string; breaches(value: number, threshold: number): boolean }> = {
  GreaterThanOrEqualToThreshold: { text: 'greater than or equal to', breaches: (value, threshold) => value >= threshold },
  GreaterThanThreshold: { text: 'greater than', breaches: (value, threshold) => value > threshold },
  LessThanThreshold: { text: 'less than', breaches: (value, threshold) => value < threshold },
  LessThanOrEqualToThreshold: { text: 'less than or equal to', breaches: (value, threshold) => value <= threshold },
};

/** CloudWatch looks at so many periods more than the alarm evaluates. AWS only says "some"; its examples have these two. */
export const EXTRA_PERIODS = 2;

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** An alarm on a single metric. */
export interface AlarmConfiguration {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;

  /** In its template. */
  readonly logicalId?: string;
  readonly metric: MetricName;
  readonly statistic: Statistic;
  readonly unit?: string;
  readonly periodMs: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: string;
  readonly missingData: MissingData;

  /** Periods begin at the full hour, at midnight, … instead of ending at the minute of the evaluation. */
  readonly wallClock: boolean;
  readonly actionsEnabled: boolean;

  /** ARNs of what is told, by the new state. */
  readonly actions: Record<AlarmState, string[]>;
}

/** Something that an alarm did because its state changed. */
export interface AlarmAction {
  readonly arn: string;

  /** Why it did not work. */
  readonly error?: string;
}

/** A change of an alarm's state. */
export interface StateChange {
  /** Simulated time. */
  readonly time: number;
  readonly from: AlarmState;
  readonly to: AlarmState;
  readonly reason: string;
  readonly actions: AlarmAction[];
}

/** A period as the alarm sees it. */
interface Period {
  readonly start: number;
  readonly value?: number;
}

/** One alarm and how it came to its state. */
export class Alarm {
  public state: AlarmState = 'INSUFFICIENT_DATA';
  public reason = 'Unchecked: Initial alarm creation';
  public readonly history: StateChange[] = [];

  public constructor(public configuration: AlarmConfiguration, private readonly extraPeriods: number) {}

  public get name(): string {
    return this.configuration.name;
  }

  public get arn(): string {
    return this.configuration.arn;
  }

  /**
   * Milliseconds from one evaluation to the next: alarms over more than a day are evaluated at the full hour, those on the wall clock at the end of a
   * period.
   */
  public get rhythm(): number {
    const { periodMs, evaluationPeriods, wallClock } = this.configuration;
    if (wallClock) return periodMs;
    return periodMs * evaluationPeriods > DAY ? HOUR : MINUTE;
  }

  /** Whether a value counts as soon as it has arrived, in the minute that is not over yet. */
  public get immediate(): boolean {
    return this.rhythm === MINUTE && !this.configuration.wallClock;
  }

  /** The state that the periods before `end` lead to, and why. Undefined: it does not change. */
  public stateAt(end: number, points: readonly DataPoint[]): { state: AlarmState; reason: string } | undefined {
    const { comparison, threshold } = this.configuration;
    const periods = this.periodsBefore(end, points);
    const breaches = ({ value }: Period) => (value === undefined ? undefined : COMPARISONS[comparison].breaches(value, threshold));
    const state = evaluate(periods.map(breaches), this.configuration);
    if (state === undefined || state === this.state) return undefined;
    return { state, reason: this.reasonFor(state, periods) };
  }

  /** When time alone can next change the outcome, after an evaluation of the periods before `end`. Undefined: only new data can. */
  public nextEvaluation(end: number, points: readonly DataPoint[]): number | undefined {
    const { periodMs } = this.configuration;
    const range = this.range();
    const moves = this.relevant(points)
      .map(({ time }) => ({ time, slot: Math.ceil((end - time) / periodMs) - 1 }))
      .filter(({ slot }) => slot < range)
      // The first evaluation that finds it in an older period.
      .map(({ time, slot }) => Math.floor((time + (slot + 1) * periodMs) / this.rhythm) * this.rhythm + this.rhythm);
    return moves.length === 0 ? undefined : Math.min(...moves);
  }

  /** The first moment after `time` at which this alarm is evaluated. */
  public evaluationAfter(time: number): number {
    return Math.floor(time / this.rhythm) * this.rhythm + this.rhythm;
  }

  private range(): number {
    return this.configuration.evaluationPeriods + this.extraPeriods;
  }

  private relevant(points: readonly DataPoint[]): readonly DataPoint[] {
    const { unit } = this.configuration;
    return unit === undefined ? points : points.filter((point) => point.unit === unit);
  }

  /** The evaluation range, newest first. */
  private periodsBefore(end: number, points: readonly DataPoint[]): Period[] {
    const { periodMs, statistic } = this.configuration;
    const relevant = this.relevant(points);
    return Array.from({ length: this.range() }, (_, index) => {
      const start = end - (index + 1) * periodMs;
      const values = relevant.filter(({ time }) => time >= start && time < start + periodMs).map(({ value }) => value);
      return { start, value: statisticOf(statistic, values) };
    });
  }

  private reasonFor(state: AlarmState, periods: Period[]): string {
    const { comparison, threshold, evaluationPeriods, datapointsToAlarm, missingData } = this.configuration;
    const known = periods.filter(({ value }) => value !== undefined).slice(0, evaluationPeriods);
    const missing = evaluationPeriods - known.length;
    if (state === 'INSUFFICIENT_DATA') return `Insufficient Data: ${plural(missing, 'datapoint was', 'datapoints were')} unknown.`;
    const treated = missingData === 'breaching' ? 'Breaching' : 'NonBreaching';
    if (known.length === 0) {
      return `Threshold Crossed: no datapoints were received for ${plural(evaluationPeriods, 'period', 'periods')} and `
        + `${plural(missing, 'missing datapoint was', 'missing datapoints were')} treated as [${treated}].`;
    }
    const breaching = known.filter(({ value }) => COMPARISONS[comparison].breaches(value!, threshold) === (state === 'ALARM'));
    const list = breaching.map(({ start, value }) => `${decimal(value!)} (${dayAndTime(start)})`).join(', ');
    const verb = breaching.length === 1 ? 'was' : 'were';
    return `Threshold Crossed: ${breaching.length} out of the last ${known.length} datapoints [${list}] ${verb} `
      + `${state === 'ALARM' ? '' : 'not '}${COMPARISONS[comparison].text} the threshold (${decimal(threshold)}) `
      + `(minimum ${plural(datapointsToAlarm, 'datapoint', 'datapoints')} for ${state === 'ALARM' ? 'OK -> ALARM' : 'ALARM -> OK'} transition).`;
  }
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** As in `01/12/26 00:05:00`: the day first. */
function dayAndTime(time: number): string {
  const [date, clock] = new Date(time).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${clock.slice(0, 8)}`;
}
