import { Duration } from 'aws-cdk-lib';
import { GraphWidget, MathExpression, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { USAGE_METRICS, type UsageMetric } from './usage-metrics';
import type { AiService } from '../ai-service';

/**
 * Whose use of AI services to show.
 */
export interface UsageWidgetsOptions {
  /**
   * The accounts, 12 digits each, up to 100. Each becomes a line.
   *
   * They have to share their metrics with the dashboard's account.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Cross-Account-Cross-Region.html
   */
  readonly accountIds: string[];

  /**
   * The Region whose metrics to show, for example `us-east-1`.
   */
  readonly region: string;
}

/** A graph for each usage metric of these services, with the use of each account by day. */
export function usageWidgets(services: AiService[], { accountIds, region }: UsageWidgetsOptions): IWidget[] {
  const keys = services.map(({ key }) => key);
  return USAGE_METRICS.filter(({ service }) => keys.includes(service)).map((metric) => new GraphWidget({
    title: metric.title,
    region,
    width: 8,
    height: 6,
    leftYAxis: { min: 0 },
    left: accountIds.map((accountId) => new MathExpression({
      expression: expressionFor(metric),
      label: accountId,
      period: Duration.days(1),
      searchAccount: accountId,
      searchRegion: region,
    })),
  }));
}

/** One line for what CloudWatch keeps apart by bot, endpoint, operation and the like. */
function expressionFor({ namespace, metricName, dimensions, statistic }: UsageMetric): string {
  return `SUM(SEARCH('{${[namespace, ...dimensions].join(',')}} MetricName="${metricName}"', '${statistic}'))`;
}
