import { uuidFrom } from '../../lambda/identifiers';
import { type TopicAttributes } from '../../sns/sns';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { type ResourceDefinition } from '../template';
import { askToRetag, hasTags } from './tags';

/** AWS::SNS::Topic. */
export class SnsTopicProvider implements ResourceProvider {
  public readonly types = ['AWS::SNS::Topic'];
  public readonly taggable = true;

  public problems(logicalId: string, { Properties = {} }: ResourceDefinition): string[] {
    const { FifoTopic, TopicName } = Properties;
    if (typeof TopicName !== 'string' || FifoTopic === undefined) return [];
    return isTrue(FifoTopic) === TopicName.endsWith('.fifo') ? [] : [`${logicalId}: the name of a FIFO topic, and only that, ends in .fifo`];
  }

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    const { sns } = account.aws;
    const name: string = properties.TopicName ?? `${account.generatedName(context, 251)}${isTrue(properties.FifoTopic) ? '.fifo' : ''}`;
    const arn = sns.arn(name);
    await account.ask('sns:CreateTopic', arn);
    if (hasTags(context, properties)) await account.ask('sns:TagResource', arn);
    if (sns.topic(arn)) throw new HandlerError(`Resource of type 'AWS::SNS::Topic' with identifier '${arn}' already exists.`, 'AlreadyExists');
    sns.createTopic(name, attributesFrom(properties));
    context.created(arn);
    this.subscribe(context, arn, properties);
    await account.ask('sns:GetTopicAttributes', arn);
    await account.takeTime();
    return this.describe(arn);
  }

  public async update(context: ResourceContext, update: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    const { account } = context;
    const { physicalId, properties, previous } = update;
    if (properties.TopicName !== previous.TopicName || properties.FifoTopic !== previous.FifoTopic) return 'replace';
    await account.ask('sns:SetTopicAttributes', physicalId);
    await askToRetag(context, update, physicalId, { tag: 'sns:TagResource', untag: 'sns:UntagResource' });
    account.aws.sns.createTopic(physicalId.split(':').at(-1)!, attributesFrom(properties));
    await account.takeTime();
    return this.describe(physicalId);
  }

  public async delete({ account }: ResourceContext, arn: string): Promise<void> {
    await account.ask('sns:DeleteTopic', arn);
    account.aws.sns.deleteTopic(arn);
    await account.takeTime();
  }

  private subscribe({ account }: ResourceContext, arn: string, properties: any): void {
    for (const { Protocol, Endpoint } of properties.Subscription ?? []) {
      const subscription = `${arn}:${uuidFrom(arn, Protocol, String(Endpoint))}`;
      account.aws.sns.topic(arn)!.subscriptions.push({ arn: subscription, protocol: Protocol, endpoint: Endpoint });
    }
  }

  private describe(arn: string): PhysicalResource {
    return { physicalId: arn, attributes: { TopicArn: arn, TopicName: arn.split(':').at(-1) } };
  }
}

/** AWS::SNS::TopicPolicy: kept with its topics. */
export class SnsTopicPolicyProvider implements ResourceProvider {
  public readonly types = ['AWS::SNS::TopicPolicy'];

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const physicalId = context.account.generatedName(context, 128);
    context.created(physicalId);
    await this.put(context, properties.Topics, properties.PolicyDocument);
    await context.account.takeTime();
    return { physicalId, attributes: { Id: physicalId } };
  }

  public async update(context: ResourceContext, { physicalId, properties, previous, attributes }: ResourceUpdate): Promise<PhysicalResource> {
    await this.put(context, previous.Topics.filter((arn: string) => !properties.Topics.includes(arn)), undefined);
    await this.put(context, properties.Topics, properties.PolicyDocument);
    await context.account.takeTime();
    return { physicalId, attributes };
  }

  public async delete(context: ResourceContext, _physicalId: string, properties: any): Promise<void> {
    await this.put(context, properties.Topics, undefined);
    await context.account.takeTime();
  }

  private async put({ account }: ResourceContext, arns: string[], document: object | undefined): Promise<void> {
    for (const arn of arns) {
      await account.ask('sns:SetTopicAttributes', arn);
      const topic = account.aws.sns.topic(arn);
      if (topic) topic.policy = document;
      else if (document) throw new HandlerError('Topic does not exist', 'NotFound');
    }
  }
}

/** AWS::SNS::Subscription: noted at its topic, nothing is delivered. */
export class SnsSubscriptionProvider implements ResourceProvider {
  public readonly types = ['AWS::SNS::Subscription'];

  public async create(context: ResourceContext, { TopicArn, Protocol, Endpoint }: any): Promise<PhysicalResource> {
    const { account } = context;
    await account.ask('sns:Subscribe', TopicArn);
    const topic = account.aws.sns.topic(TopicArn);
    if (!topic) throw new HandlerError('Topic does not exist', 'NotFound');
    const arn = `${TopicArn}:${uuidFrom(TopicArn, Protocol, String(Endpoint))}`;
    topic.subscriptions.push({ arn, protocol: Protocol, endpoint: Endpoint });
    context.created(arn);
    await account.takeTime();
    return { physicalId: arn, attributes: { Arn: arn } };
  }

  public async update({ account }: ResourceContext, { physicalId, properties, previous, attributes }: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    if (['TopicArn', 'Protocol', 'Endpoint'].some((name) => properties[name] !== previous[name])) return 'replace';
    await account.ask('sns:SetSubscriptionAttributes', physicalId);
    await account.takeTime();
    return { physicalId, attributes };
  }

  public async delete({ account }: ResourceContext, arn: string, { TopicArn }: any): Promise<void> {
    await account.ask('sns:Unsubscribe', TopicArn);
    const subscriptions = account.aws.sns.topic(TopicArn)?.subscriptions ?? [];
    const index = subscriptions.findIndex((subscription) => subscription.arn === arn);
    if (index !== -1) subscriptions.splice(index, 1);
    await account.takeTime();
  }
}

function attributesFrom(properties: any): TopicAttributes {
  return {
    fifo: isTrue(properties.FifoTopic),
    contentBasedDeduplication: isTrue(properties.ContentBasedDeduplication),
    displayName: properties.DisplayName,
    kmsMasterKeyId: properties.KmsMasterKeyId,
  };
}

/** Templates write booleans as texts, too. */
function isTrue(value: unknown): boolean {
  return String(value) === 'true';
}
