import { COMPARISONS, type AlarmConfiguration } from '../../cloudwatch/alarm';
import { UNITS } from '../../cloudwatch/embedded-metrics';
import { STATISTIC_NAMES } from '../../cloudwatch/metrics';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { type ResourceDefinition } from '../template';
import { askToRetag, hasTags } from './tags';

const MISSING_DATA = ['breaching', 'notBreaching', 'ignore', 'missing'];
const WALL_CLOCK_PERIODS = [60, 300, 3600, 86_400, 604_800];
const MAX_ACTIONS = 5;
const DAY_SECONDS = 86_400;

/** AWS::CloudWatch::Alarm on a single metric with a static threshold. */
export class CloudWatchAlarmProvider implements ResourceProvider {
  public readonly types = ['AWS::CloudWatch::Alarm'];
  public readonly taggable = true;

  public problems(logicalId: string, { Properties = {} }: ResourceDefinition): string[] {
    const unsupported = ['Metrics', 'ExtendedStatistic', 'ThresholdMetricId', 'EvaluateLowSampleCountPercentile', 'EvaluationCriteria']
      .filter((name) => Properties[name] !== undefined);
    return unsupported.map((name) => `${logicalId}: ${name} of an alarm is not supported`);
  }

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    const { cloudWatch } = account.aws;
    const name: string = properties.AlarmName ?? account.generatedName(context, 255);
    await account.ask('cloudwatch:PutMetricAlarm', cloudWatch.alarmArn(name));
    if (hasTags(context, properties)) await account.ask('cloudwatch:TagResource', cloudWatch.alarmArn(name));
    if (cloudWatch.hasAlarm(name)) throw new HandlerError(`Resource of type 'AWS::CloudWatch::Alarm' with identifier '${name}' already exists.`, 'AlreadyExists');
    cloudWatch.putAlarm(configurationFrom(context, name, properties));
    context.created(name);
    await account.takeTime();
    return { physicalId: name, attributes: { Arn: cloudWatch.alarmArn(name) } };
  }

  public async update(context: ResourceContext, update: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    const { physicalId, properties, previous, attributes } = update;
    if (properties.AlarmName !== previous.AlarmName) return 'replace';
    const { account } = context;
    await account.ask('cloudwatch:PutMetricAlarm', account.aws.cloudWatch.alarmArn(physicalId));
    await askToRetag(context, update, account.aws.cloudWatch.alarmArn(physicalId), { tag: 'cloudwatch:TagResource', untag: 'cloudwatch:UntagResource' });
    account.aws.cloudWatch.putAlarm(configurationFrom(context, physicalId, properties));
    await account.takeTime();
    return { physicalId, attributes };
  }

  public async delete({ account }: ResourceContext, name: string): Promise<void> {
    await account.ask('cloudwatch:DeleteAlarms', account.aws.cloudWatch.alarmArn(name));
    account.aws.cloudWatch.deleteAlarm(name);
    await account.takeTime();
  }
}

function configurationFrom({ account, logicalId }: ResourceContext, name: string, properties: any): AlarmConfiguration {
  const { Dimensions = [], Statistic, Unit, Threshold, ComparisonOperator, TreatMissingData = 'missing', ActionsEnabled = true } = properties;
  const period = Number(properties.Period);
  const evaluationPeriods = Number(properties.EvaluationPeriods);
  const datapointsToAlarm = Number(properties.DatapointsToAlarm ?? evaluationPeriods);
  const wallClock = properties.EvaluationWindow?.WallClockWindow !== undefined;
  const { OKActions = [], AlarmActions = [], InsufficientDataActions = [] } = properties;
  const actions = { OK: OKActions, ALARM: AlarmActions, INSUFFICIENT_DATA: InsufficientDataActions };
  const failures: Array<[boolean, string]> = [
    [!properties.MetricName || !properties.Namespace, 'MetricName and Namespace are needed'],
    [!STATISTIC_NAMES.includes(Statistic), `Value '${Statistic}' at 'statistic' must be one of ${STATISTIC_NAMES.join(', ')}`],
    [!(period >= 60) || period % 60 !== 0, 'Period must be a multiple of 60'],
    [!Number.isInteger(evaluationPeriods) || evaluationPeriods < 1, 'EvaluationPeriods must be at least 1'],
    [!(datapointsToAlarm >= 1 && datapointsToAlarm <= evaluationPeriods), 'DatapointsToAlarm must be between 1 and EvaluationPeriods'],
    [period * evaluationPeriods > 7 * DAY_SECONDS,
      'Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800)'],
    [period < 3600 && period * evaluationPeriods > DAY_SECONDS,
      'Metrics with a period below one hour cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)'],
    [Threshold === undefined || !Number.isFinite(Number(Threshold)), 'Threshold must be a number'],
    [!(ComparisonOperator in COMPARISONS), `ComparisonOperator ${ComparisonOperator} is not one of ${Object.keys(COMPARISONS).join(', ')}`],
    [!MISSING_DATA.includes(TreatMissingData), `TreatMissingData ${TreatMissingData} is not one of ${MISSING_DATA.join(', ')}`],
    [Unit !== undefined && !UNITS.includes(Unit), `Unit ${Unit} is unknown`],
    [wallClock && !WALL_CLOCK_PERIODS.includes(period), `Period must be one of ${WALL_CLOCK_PERIODS.join(', ')} with a wall clock window`],
    [wallClock && properties.EvaluationWindow.WallClockWindow.Timezone !== undefined, 'the simulation knows no time zones'],
    [Object.values(actions).some((arns) => arns.length > MAX_ACTIONS), `at most ${MAX_ACTIONS} actions`],
    [[...(properties.AlarmDescription ?? '')].length > 1024, 'AlarmDescription must have at most 1024 characters'],
  ];
  const failed = failures.find(([fails]) => fails);
  if (failed) throw new HandlerError(`${failed[1]} (Service: CloudWatch, Status Code: 400)`, 'InvalidRequest');
  return {
    name,
    arn: account.aws.cloudWatch.alarmArn(name),
    description: properties.AlarmDescription,
    logicalId,
    metric: {
      namespace: properties.Namespace,
      name: properties.MetricName,
      dimensions: Object.fromEntries(Dimensions.map((dimension: any) => [dimension.Name, String(dimension.Value)])),
    },
    statistic: Statistic,
    unit: Unit,
    periodMs: period * 1000,
    evaluationPeriods,
    datapointsToAlarm,
    threshold: Number(Threshold),
    comparison: ComparisonOperator,
    missingData: TreatMissingData,
    wallClock,
    actionsEnabled: String(ActionsEnabled) === 'true',
    actions,
  };
}
