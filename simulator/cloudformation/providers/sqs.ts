import { type Queue, type QueueAttributes } from '../../sqs/sqs';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { flag, integer, json, list, notSimulated, object, parsedJson, requireValid, tags, text } from './properties';
import { askToRetag, hasTags } from './tags';

const QUEUE = object({
  QueueName: text({ min: 1, max: 80, pattern: /^[A-Za-z0-9_-]+$/ }),
  DelaySeconds: integer(0, 900),
  MaximumMessageSize: integer(1024, 1_048_576),
  MessageRetentionPeriod: integer(60, 1_209_600),
  ReceiveMessageWaitTimeSeconds: integer(0, 20),
  VisibilityTimeout: integer(0, 43_200),
  RedrivePolicy: json,
  RedriveAllowPolicy: json,
  SqsManagedSseEnabled: flag,
  Tags: tags,
  // With a customer's key every sender needs the key, too.
  KmsMasterKeyId: notSimulated,
  KmsDataKeyReusePeriodSeconds: notSimulated,
  FifoQueue: notSimulated,
  ContentBasedDeduplication: notSimulated,
  DeduplicationScope: notSimulated,
  FifoThroughputLimit: notSimulated,
});

const REDRIVE_POLICY = object({ deadLetterTargetArn: text({ pattern: /^arn:[^:]+:sqs:/ }), maxReceiveCount: integer(1, 1000) }, ['deadLetterTargetArn', 'maxReceiveCount']);

const REDRIVE_ALLOW_POLICY = object({
  redrivePermission: text({ oneOf: ['allowAll', 'denyAll', 'byQueue'] }),
  sourceQueueArns: list(text(), { min: 1, max: 10 }),
}, ['redrivePermission']);

/** AWS::SQS::Queue, standard queues only. `Ref` is the queue's URL. */
export class QueueProvider implements ResourceProvider {
  public readonly types = ['AWS::SQS::Queue'];
  public readonly taggable = true;

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    requireValid(context.logicalId, properties, QUEUE);
    const name: string = properties.QueueName ?? account.generatedName(context, 80);
    const arn = account.arn('sqs', name);
    await account.ask('sqs:CreateQueue', arn);
    if (hasTags(context, properties)) await account.ask('sqs:TagQueue', arn);
    const queue = account.aws.sqs.create(name, this.attributes(context, properties));
    if (typeof queue === 'string') throw new HandlerError(queue, queue.includes('already exists') ? 'AlreadyExists' : 'InvalidRequest');
    context.created(queue.url);
    await account.ask('sqs:GetQueueAttributes', arn);
    await account.takeTime();
    return this.describe(queue);
  }

  public async update(context: ResourceContext, update: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    const { account } = context;
    const { physicalId, properties, previous } = update;
    if (properties.QueueName !== previous.QueueName) return 'replace';
    requireValid(context.logicalId, properties, QUEUE);
    const queue = account.aws.sqs.queue(physicalId);
    await account.ask('sqs:SetQueueAttributes', queue.arn);
    await askToRetag(context, update, queue.arn, { tag: 'sqs:TagQueue', untag: 'sqs:UntagQueue' });
    queue.attributes = this.attributes(context, properties);
    await account.takeTime();
    return this.describe(queue);
  }

  public async delete({ account }: ResourceContext, url: string): Promise<void> {
    const name = url.split('/').at(-1)!;
    await account.ask('sqs:DeleteQueue', account.arn('sqs', name));
    account.aws.sqs.delete(name);
    await account.takeTime();
  }

  private attributes({ account, logicalId }: ResourceContext, properties: any): QueueAttributes {
    const redrive = parsedJson(properties.RedrivePolicy);
    if (redrive) {
      requireValid(logicalId, redrive, REDRIVE_POLICY);
      if (!account.aws.sqs.find(redrive.deadLetterTargetArn)) {
        throw new HandlerError(`Value ${JSON.stringify(redrive)} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`, 'InvalidRequest');
      }
    }
    if (properties.RedriveAllowPolicy !== undefined) requireValid(logicalId, parsedJson(properties.RedriveAllowPolicy), REDRIVE_ALLOW_POLICY);
    return {
      visibilityTimeoutSeconds: Number(properties.VisibilityTimeout ?? 30),
      delaySeconds: Number(properties.DelaySeconds ?? 0),
      messageRetentionSeconds: Number(properties.MessageRetentionPeriod ?? 345_600),
      ...(redrive && { redrive: { deadLetterTargetArn: redrive.deadLetterTargetArn, maxReceiveCount: Number(redrive.maxReceiveCount) } }),
    };
  }

  private describe({ name, arn, url }: Queue): PhysicalResource {
    return { physicalId: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
  }
}

const QUEUE_POLICY = object({ PolicyDocument: json, Queues: list(text(), { min: 1 }) }, ['PolicyDocument', 'Queues']);

/** AWS::SQS::QueuePolicy: the one policy of each of its queues. */
export class QueuePolicyProvider implements ResourceProvider {
  public readonly types = ['AWS::SQS::QueuePolicy'];

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    requireValid(context.logicalId, properties, QUEUE_POLICY);
    const physicalId = context.account.generatedName(context, 128);
    context.created(physicalId);
    await this.apply(context, properties.Queues, parsedJson(properties.PolicyDocument));
    await context.account.takeTime();
    return { physicalId, attributes: { Id: physicalId } };
  }

  public async update(context: ResourceContext, { physicalId, properties, previous, attributes }: ResourceUpdate): Promise<PhysicalResource> {
    requireValid(context.logicalId, properties, QUEUE_POLICY);
    await this.apply(context, properties.Queues, parsedJson(properties.PolicyDocument));
    await this.apply(context, previous.Queues.filter((url: string) => !properties.Queues.includes(url)), undefined);
    await context.account.takeTime();
    return { physicalId, attributes };
  }

  public async delete(context: ResourceContext, _physicalId: string, properties: any): Promise<void> {
    await this.apply(context, properties.Queues, undefined);
    await context.account.takeTime();
  }

  private async apply({ account }: ResourceContext, urls: string[], policy: any): Promise<void> {
    for (const url of urls) {
      const queue = account.aws.sqs.find(url);
      if (!queue && !policy) continue;
      if (!queue || queue.url !== url) throw new HandlerError(`The specified queue does not exist: ${url} (Queues takes URLs)`, 'NotFound');
      await account.ask('sqs:SetQueueAttributes', queue.arn);
      queue.policy = policy;
    }
  }
}
