import { log } from './log';

const UNITS = {
  OptedOut: 'Count',
  NotOptedOut: 'Count',
  CouldNotTell: 'Count',
  PolicyTypeEnabled: 'Count',
  Repairs: 'Count',
  VerificationAge: 'Seconds',
  VerificationDuration: 'Seconds',
};

/**
 * Writes metrics into the log, from where CloudWatch takes them. Those without a value are left out.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function putMetrics(values: Partial<Record<keyof typeof UNITS, number>>): void {
  const Metrics = Object.entries(UNITS).filter(([name]) => name in values).map(([Name, Unit]) => ({ Name, Unit }));
  log({
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'AiServicesOptOut', Dimensions: [['StackName']], Metrics }] },
    StackName: process.env.STACK_NAME,
    ...values,
  });
}
