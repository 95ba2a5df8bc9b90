import { Annotations, Aws, CfnCondition, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import { Dashboard, type Alarm, type IAlarmAction, type IWidget, type Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule, Schedule } from 'aws-cdk-lib/aws-events';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { ChangeEvents, EVENTS_REGION } from './change-events';
import { declarePolicy } from './declared-policy';
import { MonitorAlarms } from './monitor-alarms';
import { MonitorMetrics } from './monitor-metrics';
import { monitorWidgets, type MonitorSights } from './monitor-widgets';
import { usageWidgets, type UsageWidgetsOptions } from './usage-widgets';
import { AiService } from '../ai-service';
import type { AiServicesOptOut } from '../ai-services-opt-out';
import { OptOutPolicyDocument, OptOutSetting } from '../opt-out-policy-document';
import type { OptOutScope } from '../opt-out-scope';
import { DEFAULT_SPOT_CHECKS, MonitoringFunction, type Repair } from '../private/monitoring-function';
import { validateMonitorProps, validateUsageWidgetsOptions } from '../private/validate-monitoring';

/**
 * How often to verify, and who hears of it.
 */
export interface AiServicesOptOutMonitorProps {
  /**
   * The time between two verifications, 15 minutes to 1 day in whole minutes.
   *
   * @default Duration.hours(6)
   */
  readonly interval?: Duration;

  /**
   * The services that accounts have to be opted out of. All who share the function of a stack share it.
   *
   * @default - what `repair` opts out of; without it every service, those included that AWS adds in future
   */
  readonly services?: OptOutScope;

  /**
   * How many accounts AWS is asked about in each verification beyond those it has to be asked about, 0 to 1000: others each time, all in turn.
   * One takes half a second.
   *
   * @default 25
   * @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeEffectivePolicy.html
   */
  readonly spotChecks?: number;

  /**
   * What the alarms do when they go off.
   *
   * @default - nothing; their state is in the dashboard
   */
  readonly alarmActions?: IAlarmAction[];

  /**
   * The topic that gets one message for each change: accounts that are no longer opted out, are so again, or could no longer be told. A
   * standard topic in the stack's Region.
   *
   * A topic that is encrypted with a key, or with an alias of a key, must have its `masterKey`, so that the function may use the key. The key
   * policy must allow what IAM policies of the account allow, as the default key policy of the CDK does.
   *
   * @default - no messages
   */
  readonly notificationTopic?: ITopic;

  /**
   * The opt-out to repair when somebody undoes it: the policy type is enabled again, the policy attached again and its content restored.
   * Of the same app, account and Region; it may be in another stack.
   *
   * Nothing is repaired while the monitor's stack or the opt-out's stack is being changed.
   *
   * @default - nothing is repaired, and the function may change nothing
   */
  readonly repair?: AiServicesOptOut;

  /**
   * The log group of the function, for example one that is encrypted with a customer managed key. It must be of class STANDARD, because
   * CloudWatch extracts the metrics from it. The monitor and all rules of a stack share it.
   *
   * @default - a log group that keeps its events for one month and is deleted with the stack
   */
  readonly logGroup?: ILogGroup;

  /**
   * The function's role. It is used as it is: it needs the permissions listed in the documentation. The monitor and all rules of a stack
   * share it.
   *
   * @default - a role that allows exactly the calls that the function makes
   * @see https://github.com/ai-services-opt-out/cdk-ai-services-opt-out/blob/main/docs/monitoring.md
   */
  readonly role?: IRole;
}

/**
 * Verifies again and again that every account of the organization is opted out of AI services' use of its content, and says when it is not.
 *
 * Verifies on a schedule, after each deployment of its stack and, in us-east-1, within minutes of a change in AWS Organizations: only there
 * does EventBridge hear of one, and only in the account that made the change. Deploy it in the management account or a delegated
 * administrator account, once. It works without `AiServicesOptOut`.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-organizations.html
 */
export class AiServicesOptOutMonitor extends Construct {
  /**
   * Goes off within minutes after a verification found accounts that are not opted out.
   */
  public readonly notOptedOutAlarm: Alarm;

  /**
   * Goes off when the opt-out status of some account was unknown in two intervals in a row.
   */
  public readonly unknownAlarm: Alarm;

  /**
   * Goes off when no verification has succeeded for twice the interval.
   */
  public readonly verificationAgeAlarm: Alarm;

  private readonly sights: MonitorSights;
  private readonly metrics: MonitorMetrics;
  private readonly services: AiService[];

  /**
   * @throws when props are out of range, when the stack's Region does not offer the policy type, when the stack has a monitor already, when
   * another monitor repairs the same opt-out, and when a rule of the stack has another role or log group.
   */
  public constructor(scope: Construct, id: string, props: AiServicesOptOutMonitorProps = {}) {
    super(scope, id);
    validateMonitorProps(this, props);

    const stack = Stack.of(this);
    const interval = props.interval ?? Duration.hours(6);
    const mayGetEvents = Token.isUnresolved(stack.region) || stack.region === EVENTS_REGION;
    const sharedFunction = MonitoringFunction.of(this, { logGroup: props.logGroup, role: props.role });

    // These properties must never change: with any of them CloudFormation also writes the value, and the function starts from an empty state.
    const state = new CfnParameter(this, 'State', { type: 'String', value: '{}', description: 'What the last verification found' });
    this.addSchedule(interval, sharedFunction, this.stackIdsOf(props.repair));
    const condition = Token.isUnresolved(stack.region)
      ? new CfnCondition(this, 'GetsEvents', { expression: Fn.conditionEquals(Aws.REGION, EVENTS_REGION) })
      : undefined;
    const events = mayGetEvents ? new ChangeEvents(this, 'Events', { functionName: sharedFunction.functionName, condition }) : undefined;
    sharedFunction.monitor({
      scope: this,
      spotChecks: props.spotChecks ?? DEFAULT_SPOT_CHECKS,
      stateParameter: state.ref,
      topic: props.notificationTopic,
      events: events && { queueArn: events.queueArn, condition },
    });
    sharedFunction.require(this, props.services);
    if (props.repair) sharedFunction.repair(this.repairOf(props.repair));

    this.metrics = new MonitorMetrics(this);
    const alarms = new MonitorAlarms(this, this.metrics, interval, props.alarmActions ?? []);
    this.notOptedOutAlarm = alarms.notOptedOut;
    this.unknownAlarm = alarms.unknown;
    this.verificationAgeAlarm = alarms.verificationAge;

    const document = props.services ? OptOutPolicyDocument.fromScope(props.services) : props.repair?.document;
    this.services = AiService.documented().filter((service) => !document || document.settingFor(service) === OptOutSetting.OPT_OUT);
    this.sights = {
      metrics: this.metrics,
      alarms,
      interval,
      logGroupName: sharedFunction.logGroupName,
      failureQueueName: condition ? undefined : events?.failureQueueName,
      repairs: props.repair !== undefined,
    };
    // CloudFormation does not document that a generated name begins with the stack's name, on which documented permissions rest. Dashboards are global.
    new Dashboard(this, 'Dashboard', {
      dashboardName: `${Aws.STACK_NAME}-${Aws.REGION}`,
      defaultInterval: Duration.days(7),
      widgets: [this.widgets()],
    });

    if (!mayGetEvents) {
      Annotations.of(this).addWarningV2('cdk-ai-services-opt-out:scheduleOnly',
        `AWS reports changes of an organization in ${EVENTS_REGION} only, so in ${stack.region} only the schedule works: a change is noticed after `
        + `up to ${interval.toHumanString()}; put the monitor into a stack in ${EVENTS_REGION}, or acknowledge this`);
    }
  }

  /**
   * The number of accounts that are opted out, by default the least within five minutes. Missing where the organization could not be read.
   *
   * @param props to change statistic, period, label and the like.
   */
  public metricOptedOut(props?: MetricOptions): Metric {
    return this.metrics.optedOut(props);
  }

  /**
   * The number of accounts that are not opted out, by default the most within five minutes. Missing where the organization could not be read.
   *
   * @param props to change statistic, period, label and the like.
   */
  public metricNotOptedOut(props?: MetricOptions): Metric {
    return this.metrics.notOptedOut(props);
  }

  /**
   * The number of accounts whose opt-out status is unknown, by default the most within five minutes: all of them where the organization could not
   * be read.
   *
   * @param props to change statistic, period, label and the like.
   */
  public metricUnknown(props?: MetricOptions): Metric {
    return this.metrics.unknown(props);
  }

  /**
   * What the monitor's own dashboard shows, for other dashboards: alarms, last verification, accounts now and over time, recent findings,
   * repairs where they are on, and events that could not be handled where there is a queue for them.
   */
  public widgets(): IWidget[] {
    return monitorWidgets(this, this.sights);
  }

  /**
   * Graphs of how much accounts use the AI services that they have to be opted out of, as far as these publish metrics by themselves.
   *
   * @param options whose use to show.
   * @throws when the accounts are none, too many, or not 12 digits each.
   */
  public usageWidgets(options: UsageWidgetsOptions): IWidget[] {
    validateUsageWidgetsOptions(this, options);
    return usageWidgets(this.services, options);
  }

  /** Runs the function every `interval`, and as soon as one of the stacks is deployed: the first result must not take a whole interval. */
  private addSchedule(interval: Duration, { functionArn, functionName }: MonitoringFunction, stackIds: string[]): void {
    const rule = new CfnRule(this, 'Schedule', {
      description: 'Verifies the opt-out regularly and after deployments',
      scheduleExpression: Schedule.rate(interval).expressionString,
      eventPattern: {
        'source': ['aws.cloudformation'],
        'detail-type': ['CloudFormation Stack Status Change'],
        'detail': {
          'stack-id': stackIds,
          'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'] },
        },
      },
      targets: [{ arn: functionArn, id: 'Function' }],
    });
    new CfnPermission(this, 'SchedulePermission', {
      action: 'lambda:InvokeFunction',
      functionName,
      principal: 'events.amazonaws.com',
      sourceArn: rule.attrArn,
    });
  }

  /** Stacks whose deployments matter: the monitor's, and that of the opt-out it repairs. */
  private stackIdsOf(optOut: AiServicesOptOut | undefined): string[] {
    const own = Stack.of(this);
    return optOut && Stack.of(optOut) !== own ? [Aws.STACK_ID, Stack.of(optOut).stackId] : [Aws.STACK_ID];
  }

  private repairOf(optOut: AiServicesOptOut): Repair {
    const policy = optOut.node.defaultChild as CfnPolicy;
    return {
      document: optOut.document,
      policyArn: policy.attrArn,
      declaredParameter: declarePolicy(this, optOut).ref,
      stackIds: this.stackIdsOf(optOut),
    };
  }
}
