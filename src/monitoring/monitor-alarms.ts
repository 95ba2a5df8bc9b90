import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData, type IAlarmAction, type Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { MonitorMetrics } from './monitor-metrics';

const RUNBOOK = 'https://github.com/ai-services-opt-out/cdk-ai-services-opt-out/blob/main/docs/monitoring.md';

/** Hours of an interval, twice which an alarm looks at in periods shorter than an hour: CloudWatch takes a day of these, and a week of hours. */
const MOST_IN_SHORT_PERIODS = 12;

interface AlarmWhen {
  readonly metric: Metric;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly treatMissingData: TreatMissingData;
  readonly alarmDescription: string;
  /** Its place in the runbook. */
  readonly section: string;
}

/** The three things that somebody has to hear of. */
export class MonitorAlarms {
  public readonly notOptedOut: Alarm;
  public readonly unknown: Alarm;
  public readonly verificationAge: Alarm;

  public constructor(scope: Construct, metrics: MonitorMetrics, interval: Duration, actions: IAlarmAction[]) {
    const alarm = (id: string, { alarmDescription, section, ...when }: AlarmWhen) => {
      const made = new Alarm(scope, id, {
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        alarmDescription: `${alarmDescription} ${RUNBOOK}#${section}`,
        ...when,
      });
      if (actions.length > 0) made.addAlarmAction(...actions);
      return made;
    };

    this.notOptedOut = alarm('NotOptedOutAlarm', {
      metric: metrics.notOptedOut({ period: Duration.minutes(1) }),
      threshold: 1,
      evaluationPeriods: 1,
      // Stays as it is until the next verification.
      treatMissingData: TreatMissingData.IGNORE,
      alarmDescription: 'Accounts are not opted out of AI service data use. See in the dashboard which and why, then opt them out.',
      section: 'not-opted-out',
    });
    this.unknown = alarm('UnknownAlarm', {
      metric: metrics.unknown({ statistic: Stats.MINIMUM, period: interval }),
      threshold: 1,
      // One throttled verification is nothing to wake anybody for.
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.IGNORE,
      alarmDescription: 'In two intervals in a row the opt-out status of some accounts was unknown. See the log of the function for what could not be read.',
      section: 'unknown',
    });
    const period = interval.toHours({ integral: false }) > MOST_IN_SHORT_PERIODS ? Duration.hours(1) : Duration.minutes(5);
    this.verificationAge = alarm('VerificationAgeAlarm', {
      // 0 where a verification succeeded. A good one that is older than the periods counts for some more, so they are short.
      metric: metrics.metric('VerificationAge', Stats.MINIMUM, { period }),
      threshold: 1,
      evaluationPeriods: Math.ceil((2 * interval.toSeconds()) / period.toSeconds()),
      // Nothing said is the worst that can be said: nobody looks any more.
      treatMissingData: TreatMissingData.BREACHING,
      alarmDescription: 'No verification has succeeded for twice the interval. See whether the function runs and what it logs.',
      section: 'verification-age',
    });
  }
}
