import { RULE_STATES, type RuleSettings } from '../../eventbridge/event-bus';
import { compilePattern } from '../../eventbridge/pattern';
import { rateOf } from '../../eventbridge/schedule';
import { type Account } from '../account';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { json, list, notSimulated, object, parsedJson, requireValid, tags, text } from './properties';
import { askToRetag, hasTags } from './tags';

const NOT_SIMULATED_IN_TARGETS = [
  'AppSyncParameters', 'BatchParameters', 'DeadLetterConfig', 'EcsParameters', 'HttpParameters', 'InputPath', 'InputTransformer', 'KinesisParameters',
  'RedshiftDataParameters', 'RetryPolicy', 'RoleArn', 'RunCommandParameters', 'SageMakerPipelineParameters', 'SqsParameters',
];

const TARGET = object({
  Arn: text({ min: 1, max: 1600 }),
  Id: text({ min: 1, max: 64, pattern: /^[.\-_A-Za-z0-9]+$/ }),
  Input: text({ max: 8192 }),
  ...Object.fromEntries(NOT_SIMULATED_IN_TARGETS.map((name) => [name, notSimulated])),
}, ['Arn', 'Id']);

const RULE = object({
  Description: text({ max: 512 }),
  EventBusName: text({ max: 1600 }),
  EventPattern: json,
  Name: text({ min: 1, max: 64, pattern: /^[.\-_A-Za-z0-9]+$/ }),
  RoleArn: text({ min: 1, max: 1600 }),
  ScheduleExpression: text({ max: 256 }),
  State: text({ oneOf: RULE_STATES }),
  Targets: list(TARGET, { max: 5 }),
  Tags: tags,
});

/** AWS::Events::Rule on the default bus. `Ref` is the rule's name. */
export class RuleProvider implements ResourceProvider {
  public readonly types = ['AWS::Events::Rule'];
  public readonly taggable = true;

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    this.check(context, properties);
    const name: string = properties.Name ?? account.generatedName(context, 64);
    const { eventBridge } = account.aws;
    const arn = eventBridge.ruleArn(name);
    await account.ask('events:DescribeRule', arn);
    if (eventBridge.rule(name)) throw new HandlerError(`Resource of type 'AWS::Events::Rule' with identifier '${name}' already exists.`, 'AlreadyExists');
    await account.ask('events:PutRule', arn);
    if (hasTags(context, properties)) await account.ask('events:TagResource', arn);
    eventBridge.putRule({ ...settingsOf(name, properties), targets: [] });
    context.created(name);
    await this.putTargets(account, name, properties);
    await account.takeTime();
    return { physicalId: name, attributes: { Arn: arn } };
  }

  public async update(context: ResourceContext, update: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    const { account } = context;
    const { physicalId: name, properties, previous, attributes } = update;
    if (properties.Name !== previous.Name || properties.EventBusName !== previous.EventBusName) return 'replace';
    this.check(context, properties);
    const arn = account.aws.eventBridge.ruleArn(name);
    await account.ask('events:PutRule', arn);
    await askToRetag(context, update, arn, { tag: 'events:TagResource', untag: 'events:UntagResource' });
    const kept = targetIds(properties);
    if (targetIds(previous).some((id) => !kept.includes(id))) await account.ask('events:RemoveTargets', arn);
    await this.putTargets(account, name, properties);
    await account.takeTime();
    return { physicalId: name, attributes };
  }

  public async delete({ account }: ResourceContext, name: string, properties: any): Promise<void> {
    const arn = account.aws.eventBridge.ruleArn(name);
    if (targetIds(properties).length > 0) {
      await account.ask('events:ListTargetsByRule', arn);
      await account.ask('events:RemoveTargets', arn);
    }
    await account.ask('events:DeleteRule', arn);
    account.aws.eventBridge.removeRule(name);
    await account.takeTime();
  }

  private async putTargets(account: Account, name: string, properties: any): Promise<void> {
    if (targetIds(properties).length > 0) await account.ask('events:PutTargets', account.aws.eventBridge.ruleArn(name));
    account.aws.eventBridge.putRule(settingsOf(name, properties));
  }

  private check({ account, logicalId }: ResourceContext, properties: any): void {
    requireValid(logicalId, properties, RULE);
    const { EventBusName: bus = 'default', EventPattern: pattern, ScheduleExpression: schedule, State: state, Targets: targets = [] } = properties;
    if (bus !== 'default' && bus !== account.arn('events', 'event-bus/default')) throw invalid(`the simulation has the default event bus only, not ${bus}`);
    if (pattern === undefined && schedule === undefined) throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
    if (schedule !== undefined && rateOf(schedule) === undefined) {
      throw invalid(`Parameter ScheduleExpression is not valid.${schedule.startsWith('cron(') ? ' The simulation knows rates only.' : ''}`);
    }
    if (pattern !== undefined) refusingInvalid(() => compilePattern(parsedJson(pattern)));
    if (pattern === undefined && state === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS') {
      throw invalid(`State ${state} is for rules with an event pattern.`);
    }
    const ids = targetIds(properties);
    if (new Set(ids).size < ids.length) throw invalid('Target ids must be unique in a rule.');
    const owned = [account.arn('lambda', 'function:'), account.arn('sqs', '')];
    for (const { Arn: arn, Input: input } of targets) {
      if (!owned.some((prefix) => arn.startsWith(prefix))) throw invalid(`Parameter ${arn} is not valid. Reason: the simulation delivers to functions and queues of the rule's own account and Region.`);
      if (input !== undefined) refusingInvalid(() => JSON.parse(input), `JSON syntax error in input for target ${arn}`);
    }
  }
}

function settingsOf(name: string, properties: any): RuleSettings {
  const targets: any[] = properties.Targets ?? [];
  return {
    name,
    state: properties.State ?? 'ENABLED',
    ...(properties.EventPattern !== undefined && { eventPattern: parsedJson(properties.EventPattern) }),
    ...(properties.ScheduleExpression !== undefined && { scheduleExpression: properties.ScheduleExpression }),
    targets: targets.map(({ Id, Arn, Input }) => ({ id: Id, arn: Arn, ...(Input !== undefined && { input: Input }) })),
  };
}

function targetIds(properties: any): string[] {
  return (properties.Targets ?? []).map(({ Id }: { Id: string }) => Id);
}

function invalid(message: string): HandlerError {
  return new HandlerError(message, 'InvalidRequest');
}

function refusingInvalid(parse: () => unknown, message?: string): void {
  try {
    parse();
  } catch (error) {
    throw invalid(message ?? (error as Error).message);
  }
}
