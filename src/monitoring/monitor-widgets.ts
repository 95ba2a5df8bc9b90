import { Duration, Stack } from 'aws-cdk-lib';
import {
  AlarmStatusWidget, GraphWidget, LogQueryWidget, Metric, SingleValueWidget, Stats, type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { MonitorAlarms } from './monitor-alarms';
import type { MonitorMetrics } from './monitor-metrics';

/** What the widgets show. */
export interface MonitorSights {
  readonly metrics: MonitorMetrics;
  readonly alarms: MonitorAlarms;
  readonly interval: Duration;
  readonly logGroupName: string;
  /** Where messages end up that the function failed on; absent where it is not known to exist. */
  readonly failureQueueName?: string;
  readonly repairs: boolean;
}

/** Rows of a dashboard of 24 columns, the most urgent first. */
export function monitorWidgets(scope: Construct, sights: MonitorSights): IWidget[] {
  const { metrics, alarms, interval, logGroupName, failureQueueName, repairs } = sights;
  const { region } = Stack.of(scope);
  const period = interval;
  const accounts = { left: [metrics.optedOut({ period }), metrics.notOptedOut({ period }), metrics.unknown({ period })] };
  const quarter = { width: 6, height: 6, region };
  return [
    new AlarmStatusWidget({
      title: 'AI services opt-out: alarms',
      alarms: [alarms.notOptedOut, alarms.unknown, alarms.verificationAge],
      width: 18,
      height: 3,
    }),
    new SingleValueWidget({
      title: 'Last verification',
      metrics: [metrics.metric('VerificationAge', Stats.MAXIMUM), metrics.metric('VerificationDuration', Stats.MAXIMUM)],
      ...quarter,
      height: 3,
    }),
    new SingleValueWidget({ title: 'Accounts now', metrics: [metrics.optedOut(), metrics.notOptedOut(), metrics.unknown()], ...quarter }),
    new GraphWidget({ title: 'Accounts', stacked: true, ...accounts, ...quarter, width: 18 }),
    new LogQueryWidget({
      title: 'Recent findings',
      logGroupNames: [logGroupName],
      queryLines: ['fields @timestamp, @message', 'filter step = "found"', 'sort @timestamp desc', 'limit 50'],
      width: 24,
      height: 8,
      region,
    }),
    ...(repairs ? [new GraphWidget({
      title: 'Repairs',
      left: [metrics.metric('Repairs', Stats.SUM, { period })],
      leftYAxis: { min: 0 },
      ...quarter,
    })] : []),
    ...(failureQueueName ? [new GraphWidget({
      title: 'Events that could not be handled',
      left: [new Metric({
        namespace: 'AWS/SQS',
        metricName: 'ApproximateNumberOfMessagesVisible',
        dimensionsMap: { QueueName: failureQueueName },
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(5),
      }).attachTo(scope)],
      leftYAxis: { min: 0 },
      ...quarter,
    })] : []),
  ];
}
