import { Aws, Lazy, Stack } from 'aws-cdk-lib';
import { Metric, Stats, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** What the function writes down after each verification. */
export type MetricName = 'OptedOut' | 'NotOptedOut' | 'Unknown' | 'PolicyTypeEnabled' | 'Repairs' | 'VerificationAge' | 'VerificationDuration';

/** The metrics of a monitor, in its own stack and in dashboards of others. */
export class MonitorMetrics {
  private readonly stackName: string;

  public constructor(private readonly scope: Construct) {
    const stack = Stack.of(scope);
    // The function says AWS::StackName, which means another stack in another stack's template.
    this.stackName = Lazy.uncachedString({ produce: (context) => Stack.of(context.scope) === stack ? Aws.STACK_NAME : stack.stackName });
  }

  public metric(metricName: MetricName, statistic: string, props: MetricOptions = {}): Metric {
    return new Metric({
      namespace: 'AiServicesOptOut',
      metricName,
      dimensionsMap: { StackName: this.stackName },
      statistic,
      ...props,
    }).attachTo(this.scope);
  }

  public optedOut(props?: MetricOptions): Metric {
    return this.metric('OptedOut', Stats.MINIMUM, props);
  }

  public notOptedOut(props?: MetricOptions): Metric {
    return this.metric('NotOptedOut', Stats.MAXIMUM, props);
  }

  public unknown(props?: MetricOptions): Metric {
    return this.metric('Unknown', Stats.MAXIMUM, props);
  }
}
