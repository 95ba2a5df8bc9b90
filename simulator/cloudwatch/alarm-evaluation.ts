/** The state of an alarm. */
export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What an alarm makes of periods without data. */
export type MissingData = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

/** How data points become a state. */
export interface AlarmRule {
  /** N of "M out of N". */
  readonly evaluationPeriods: number;

  /** M of "M out of N". */
  readonly datapointsToAlarm: number;
  readonly missingData: MissingData;
}

/** Whether each of the latest periods breaches the threshold, newest first; undefined where nothing arrived. */
export type EvaluatedPeriods = ReadonlyArray<boolean | undefined>;

/**
 * The state that the latest periods lead to. Undefined: the alarm keeps the state it has.
 *
 * `periods` is CloudWatch's evaluation range: some more than the alarm's evaluation periods, because real data points from further back are taken
 * before missing ones are filled in. As AWS's tables in "Configuring how CloudWatch alarms treat missing data" say.
 */
export function evaluate(periods: EvaluatedPeriods, { evaluationPeriods, datapointsToAlarm, missingData }: AlarmRule): AlarmState | undefined {
  const real = periods.filter((breaching) => breaching !== undefined);
  const breaching = real.slice(0, evaluationPeriods).filter(Boolean).length;
  const filledIn = evaluationPeriods - real.length;
  const stateOf = (breachingPeriods: number): AlarmState => (breachingPeriods >= datapointsToAlarm ? 'ALARM' : 'OK');
  if (filledIn <= 0) return stateOf(breaching);
  if (missingData === 'breaching') return stateOf(breaching + filledIn);
  if (missingData === 'notBreaching') return stateOf(breaching);
  if (real.length === 0) return missingData === 'missing' ? 'INSUFFICIENT_DATA' : undefined;
  if (stateOf(breaching) === 'ALARM') return 'ALARM';
  if (real.includes(false)) return 'OK';
  // Nothing but breaching points, though too few of them. AWS calls it the premature alarm state: only once the oldest is old enough it counts as if
  // the periods after it had breached as well. Until then the documentation only says that there is no alarm; here nothing changes.
  const oldEnough = periods.lastIndexOf(true) + 1 >= datapointsToAlarm;
  return oldEnough && missingData === 'missing' ? 'ALARM' : undefined;
}
