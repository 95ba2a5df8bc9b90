import { EventSourceMapping, POLLING_ACTIONS, type EventSourceMappingSettings } from '../../lambda/event-source-mapping';
import { uuidFrom } from '../../lambda/identifiers';
import { type Queue } from '../../sqs/sqs';
import { type Account } from '../account';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { flag, integer, isTrue, list, notSimulated, object, requireValid, tags, text } from './properties';
import { askToRetag, hasTags } from './tags';

const NOT_SIMULATED = [
  'AmazonManagedKafkaEventSourceConfig', 'BisectBatchOnFunctionError', 'DestinationConfig', 'DocumentDBEventSourceConfig', 'FilterCriteria', 'KmsKeyArn',
  'LoggingConfig', 'MaximumRecordAgeInSeconds', 'MaximumRetryAttempts', 'MetricsConfig', 'ParallelizationFactor', 'ProvisionedPollerConfig', 'Queues',
  'SelfManagedEventSource', 'SelfManagedKafkaEventSourceConfig', 'SourceAccessConfigurations', 'StartingPosition', 'StartingPositionTimestamp', 'Topics',
  'TumblingWindowInSeconds',
];

const MAPPING = object({
  BatchSize: integer(1, 10_000),
  Enabled: flag,
  EventSourceArn: text({ min: 12, max: 1024, pattern: /^arn:[^:]+:sqs:[^:]+:\d{12}:.+$/ }),
  FunctionName: text({ min: 1, max: 140 }),
  FunctionResponseTypes: list(text({ oneOf: ['ReportBatchItemFailures'] }), { max: 1 }),
  MaximumBatchingWindowInSeconds: integer(0, 300),
  ScalingConfig: object({ MaximumConcurrency: integer(2, 1000) }),
  Tags: tags,
  ...Object.fromEntries(NOT_SIMULATED.map((name) => [name, notSimulated])),
}, ['FunctionName', 'EventSourceArn']);

/** As many as a queue gets in AWS when nothing else is said. */
const DEFAULT_CONCURRENCY = 1250;

/** AWS::Lambda::EventSourceMapping from a queue to a function. `Ref` is its UUID. */
export class EventSourceMappingProvider implements ResourceProvider {
  public readonly types = ['AWS::Lambda::EventSourceMapping'];
  public readonly taggable = true;

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    requireValid(context.logicalId, properties, MAPPING);
    const functionArn = account.functionArn(properties.FunctionName);
    const id = uuidFrom('event-source-mapping', context.stack.id, context.logicalId, String(account.aws.clock.now()));
    const arn = mappingArn(account, id);
    await account.ask('lambda:CreateEventSourceMapping', '*', { 'lambda:FunctionArn': functionArn });
    if (hasTags(context, properties)) await account.ask('lambda:TagResource', arn);
    const queue = await this.check(account, functionArn, properties);
    const taken = [...account.eventSourceMappings.values()].find((other) => other.queue === queue && other.functionArn === functionArn);
    if (taken) {
      throw new HandlerError('An event source mapping with SQS arn (" '
        + `${queue.arn} ") and function (" ${functionArn.split(':').at(-1)} ") already exists. Please update or delete the existing mapping with UUID ${taken.id}`, 'AlreadyExists');
    }
    const { clock, region, lambda, sqs, onBroken } = account.aws;
    const mapping = new EventSourceMapping(id, queue, settingsOf(functionArn, properties), { clock, region, lambda, sqs, onBroken });
    account.eventSourceMappings.set(id, mapping);
    context.created(id);
    await account.ask('lambda:GetEventSourceMapping', arn, { 'lambda:FunctionArn': functionArn });
    await account.takeTime();
    return this.describe(account, id);
  }

  public async update(context: ResourceContext, update: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    const { account } = context;
    const { physicalId: id, properties, previous } = update;
    if (properties.EventSourceArn !== previous.EventSourceArn) return 'replace';
    requireValid(context.logicalId, properties, MAPPING);
    const functionArn = account.functionArn(properties.FunctionName);
    await account.ask('lambda:UpdateEventSourceMapping', mappingArn(account, id), { 'lambda:FunctionArn': functionArn });
    await askToRetag(context, update, mappingArn(account, id), { tag: 'lambda:TagResource', untag: 'lambda:UntagResource' });
    await this.check(account, functionArn, properties);
    account.eventSourceMappings.get(id)?.configure(settingsOf(functionArn, properties));
    await account.ask('lambda:GetEventSourceMapping', mappingArn(account, id), { 'lambda:FunctionArn': functionArn });
    await account.takeTime();
    return this.describe(account, id);
  }

  public async delete({ account }: ResourceContext, id: string, properties: any): Promise<void> {
    const context = { 'lambda:FunctionArn': account.functionArn(properties.FunctionName) };
    await account.ask('lambda:DeleteEventSourceMapping', mappingArn(account, id), context);
    account.eventSourceMappings.get(id)?.close();
    account.eventSourceMappings.delete(id);
    await account.takeTime();
  }

  /** What Lambda looks at before it takes a mapping: also that the function's own role may read the queue. */
  private async check(account: Account, functionArn: string, properties: any): Promise<Queue> {
    const { lambda, sqs } = account.aws;
    if (Number(properties.BatchSize ?? 10) > 10 && Number(properties.MaximumBatchingWindowInSeconds ?? 0) === 0) {
      throw invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10');
    }
    if (!lambda.has(functionArn)) throw new HandlerError(`Function not found: ${functionArn}`, 'NotFound');
    const queue = sqs.find(properties.EventSourceArn);
    if (!queue) throw invalid('Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.');
    const { role, timeoutSeconds } = lambda.configurationOf(functionArn);
    for (const action of POLLING_ACTIONS) {
      if (await sqs.authorize(role, action, queue)) continue;
      throw invalid(`The provided execution role does not have permissions to call ${action.slice('sqs:'.length)} on SQS`);
    }
    const { visibilityTimeoutSeconds } = queue.attributes;
    if (visibilityTimeoutSeconds < timeoutSeconds) {
      throw invalid(`Queue visibility timeout: ${visibilityTimeoutSeconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`);
    }
    return queue;
  }

  private describe(account: Account, id: string): PhysicalResource {
    return { physicalId: id, attributes: { Id: id, EventSourceMappingArn: mappingArn(account, id) } };
  }
}

function settingsOf(functionArn: string, properties: any): EventSourceMappingSettings {
  return {
    functionArn,
    enabled: isTrue(properties.Enabled, true),
    batchSize: Number(properties.BatchSize ?? 10),
    batchingWindowSeconds: Number(properties.MaximumBatchingWindowInSeconds ?? 0),
    maximumConcurrency: Number(properties.ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY),
    reportBatchItemFailures: (properties.FunctionResponseTypes ?? []).includes('ReportBatchItemFailures'),
  };
}

function mappingArn(account: Account, id: string): string {
  return account.arn('lambda', `event-source-mapping:${id}`);
}

/** As the handler puts it: the message of Lambda's InvalidParameterValueException behind these words. */
function invalid(message: string): HandlerError {
  return new HandlerError(`Invalid request provided: ${message}`, 'InvalidRequest');
}
