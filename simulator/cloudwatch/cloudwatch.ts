import { type SimulatedClock } from '../simulated-clock';
import { Alarm, EXTRA_PERIODS, type AlarmAction, type AlarmConfiguration } from './alarm';
import { notificationOf } from './alarm-notification';
import { readEmbeddedMetrics, type Datum } from './embedded-metrics';
import { keyOf, Metrics, type DataPoint, type MetricName } from './metrics';

/** Where metrics and alarms are. */
export interface CloudWatchOptions {
  readonly clock: SimulatedClock;
  readonly accountId: string;
  readonly region: string;

  /** @default 'aws' */
  readonly partition?: string;

  /** Publishes to a topic; throws when that fails. */
  readonly publish: (topicArn: string, subject: string, message: string) => void;

  /**
   * How many periods more than it evaluates an alarm looks back, to find real data points before it fills in missing ones.
   *
   * @default 2
   */
  readonly extraPeriods?: number;
}

/** The log lines of one invocation that have reached CloudWatch Logs. */
export interface DeliveredLogs {
  readonly functionName: string;
  readonly logLines: string[];
}

/** A log line in the embedded metric format that CloudWatch makes nothing of. */
export interface MetricError {
  /** Simulated time. */
  readonly time: number;
  readonly functionName: string;
  readonly line: string;
  readonly problem: string;
}

/** A dashboard as it was put. */
export interface Dashboard {
  readonly name: string;

  /** In its template. */
  readonly logicalId?: string;
  readonly body: any;
}

/**
 * Amazon CloudWatch: metrics from embedded metric format, alarms on them, dashboards.
 *
 * An alarm is evaluated when data arrives and when time alone may change its state. Time does not pass for that: an alarm is up to date whenever
 * somebody has slept.
 */
export class CloudWatch {
  /** Lines that look like metrics and are none. */
  public readonly errors: MetricError[] = [];

  private readonly metrics = new Metrics();
  private readonly alarmsByName = new Map<string, Alarm>();
  private readonly dashboardsByName = new Map<string, Dashboard>();

  /** Cancels an alarm's next evaluation, by its name. */
  private readonly pending = new Map<string, () => void>();

  public constructor(private readonly options: CloudWatchOptions) {}

  public get alarms(): Alarm[] {
    return [...this.alarmsByName.values()];
  }

  public get dashboards(): Dashboard[] {
    return [...this.dashboardsByName.values()];
  }

  /** Every metric that has data. */
  public listMetrics(): MetricName[] {
    return this.metrics.all();
  }

  /** The values of a metric with exactly these dimensions, in the order in which they arrived. */
  public metric(namespace: string, name: string, dimensions: Record<string, string> = {}): readonly DataPoint[] {
    return this.metrics.of({ namespace, name, dimensions });
  }

  /** Reads the metrics in log lines. */
  public ingest({ functionName, logLines }: DeliveredLogs): void {
    const time = this.options.clock.now();
    const data: Datum[] = [];
    // Every line of a text is a log event of its own.
    for (const line of logLines.flatMap((text) => text.split('\n'))) {
      const read = readEmbeddedMetrics(line, time);
      data.push(...read?.data ?? []);
      this.errors.push(...(read?.problems ?? []).map((problem) => ({ time, functionName, line, problem })));
    }
    this.put(data);
  }

  /** Has values, wherever they come from. */
  public put(data: readonly Datum[]): void {
    for (const datum of data) this.metrics.add(datum, this.options.clock.now());
    const touched = new Set(data.map(keyOf));
    for (const alarm of this.alarms) {
      if (!touched.has(keyOf(alarm.configuration.metric))) continue;
      const now = this.options.clock.now();
      if (alarm.immediate) this.evaluate(alarm, alarm.evaluationAfter(now));
      else this.scheduleAt(alarm, alarm.evaluationAfter(now));
    }
  }

  /** An alarm by its name or its logical id. */
  public alarm(nameOrLogicalId: string): Alarm {
    return named(this.alarms.map((alarm) => ({ ...alarm.configuration, value: alarm })), nameOrLogicalId, 'alarm');
  }

  public hasAlarm(name: string): boolean {
    return this.alarmsByName.has(name);
  }

  /** Creates an alarm, or changes one that keeps its state. */
  public putAlarm(configuration: AlarmConfiguration): Alarm {
    const existing = this.alarmsByName.get(configuration.name);
    const alarm = existing ?? new Alarm(configuration, this.options.extraPeriods ?? EXTRA_PERIODS);
    alarm.configuration = configuration;
    this.alarmsByName.set(configuration.name, alarm);
    this.scheduleAt(alarm, alarm.evaluationAfter(this.options.clock.now()));
    return alarm;
  }

  public deleteAlarm(name: string): void {
    this.pending.get(name)?.();
    this.pending.delete(name);
    this.alarmsByName.delete(name);
  }

  /** A dashboard by its name or its logical id. */
  public dashboard(nameOrLogicalId: string): Dashboard {
    return named(this.dashboards.map((dashboard) => ({ ...dashboard, value: dashboard })), nameOrLogicalId, 'dashboard');
  }

  public hasDashboard(name: string): boolean {
    return this.dashboardsByName.has(name);
  }

  public putDashboard(dashboard: Dashboard): void {
    this.dashboardsByName.set(dashboard.name, dashboard);
  }

  public deleteDashboard(name: string): void {
    this.dashboardsByName.delete(name);
  }

  public alarmArn(name: string): string {
    const { partition = 'aws', region, accountId } = this.options;
    return `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}`;
  }

  public dashboardArn(name: string): string {
    const { partition = 'aws', accountId } = this.options;
    return `arn:${partition}:cloudwatch::${accountId}:dashboard/${name}`;
  }

  /** Brings an alarm into the state that the periods before `end` lead to. */
  private evaluate(alarm: Alarm, end: number): void {
    const points = this.metrics.of(alarm.configuration.metric);
    const next = alarm.stateAt(end, points);
    if (next) this.change(alarm, next.state, next.reason);
    const again = alarm.nextEvaluation(end, points);
    if (again === undefined) this.pending.get(alarm.name)?.();
    else this.scheduleAt(alarm, again);
  }

  private change(alarm: Alarm, to: Alarm['state'], reason: string): void {
    const change = { time: this.options.clock.now(), from: alarm.state, to, reason };
    alarm.state = to;
    alarm.reason = reason;
    const { actions, actionsEnabled } = alarm.configuration;
    const { subject, message } = notificationOf(alarm, change);
    const taken = actionsEnabled ? actions[to].map((arn) => this.act(arn, subject, message)) : [];
    alarm.history.push({ ...change, actions: taken });
  }

  private act(arn: string, subject: string, message: string): AlarmAction {
    if (arn.split(':')[2] !== 'sns') return { arn, error: 'not simulated' };
    try {
      this.options.publish(arn, subject, message);
      return { arn };
    } catch (error) {
      return { arn, error: (error as Error).message };
    }
  }

  private scheduleAt(alarm: Alarm, time: number): void {
    this.pending.get(alarm.name)?.();
    const { clock } = this.options;
    this.pending.set(alarm.name, clock.scheduleInBackground(time - clock.now(), () => this.evaluate(alarm, time)));
  }
}

/** Names are generated: a test knows the logical id. */
function named<T>(candidates: Array<{ name: string; logicalId?: string; value: T }>, nameOrLogicalId: string, kind: string): T {
  const found = candidates.filter(({ name, logicalId }) => name === nameOrLogicalId || logicalId === nameOrLogicalId);
  if (found.length === 1) return found[0].value;
  const known = candidates.map(({ name }) => name).join(', ') || 'none';
  throw new Error(`${found.length === 0 ? 'no' : 'more than one'} ${kind} is called ${nameOrLogicalId}; there are: ${known}`);
}
