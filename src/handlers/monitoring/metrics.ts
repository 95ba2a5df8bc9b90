import { log } from './log';

/** Accounts and repairs are counted; the rest is seconds. */
interface Metrics {
  readonly OptedOut?: number;
  readonly NotOptedOut?: number;
  readonly Unknown: number;
  readonly PolicyTypeEnabled?: number;
  readonly Repairs: number;
  readonly VerificationAge?: number;
  readonly VerificationDuration: number;
}

/**
 * Writes metrics into the log, from where CloudWatch takes them. Those without a value are left out.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function putMetrics(values: Metrics): void {
  const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: Name.startsWith('Verification') ? 'Seconds' : 'Count' }));
  log({
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'AiServicesOptOut', Dimensions: [['StackName']], Metrics }] },
    StackName: process.env.STACK_NAME,
    ...values,
  });
}
