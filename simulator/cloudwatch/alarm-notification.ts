import { type Alarm, type StateChange } from './alarm';

/** Regions as CloudWatch names them in its messages. */
const REGION_NAMES: Record<string, string> = {
  'eu-central-1': 'EU (Frankfurt)',
  'eu-west-1': 'EU (Ireland)',
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-gov-west-1': 'AWS GovCloud (US-West)',
  'us-west-2': 'US West (Oregon)',
};

const MAX_SUBJECT = 100;

/** What CloudWatch publishes to a topic when an alarm changes its state. */
export function notificationOf(alarm: Alarm, { time, from, to, reason }: Omit<StateChange, 'actions'>): { subject: string; message: string } {
  const { configuration } = alarm;
  const { metric, actions } = configuration;
  const region = configuration.arn.split(':')[3];
  const regionName = REGION_NAMES[region] ?? region;
  const subject = `${to}: "${configuration.name}" in ${regionName}`.replace(/[^\x20-\x7e]/g, '?');
  return {
    subject: subject.length <= MAX_SUBJECT ? subject : `${subject.slice(0, MAX_SUBJECT - 3)}...`,
    message: JSON.stringify({
      AlarmName: configuration.name,
      AlarmDescription: configuration.description ?? null,
      AWSAccountId: configuration.arn.split(':')[4],
      NewStateValue: to,
      NewStateReason: reason,
      StateChangeTime: new Date(time).toISOString().replace('Z', '+0000'),
      Region: regionName,
      AlarmArn: configuration.arn,
      OldStateValue: from,
      OKActions: actions.OK,
      AlarmActions: actions.ALARM,
      InsufficientDataActions: actions.INSUFFICIENT_DATA,
      Trigger: {
        MetricName: metric.name,
        Namespace: metric.namespace,
        StatisticType: 'Statistic',
        Statistic: configuration.statistic.toUpperCase(),
        Unit: configuration.unit ?? null,
        Dimensions: Object.entries(metric.dimensions).map(([name, value]) => ({ value, name })),
        Period: configuration.periodMs / 1000,
        EvaluationPeriods: configuration.evaluationPeriods,
        DatapointsToAlarm: configuration.datapointsToAlarm,
        ComparisonOperator: configuration.comparison,
        Threshold: configuration.threshold,
        TreatMissingData: configuration.missingData,
        EvaluateLowSampleCountPercentile: '',
      },
    }),
  };
}
