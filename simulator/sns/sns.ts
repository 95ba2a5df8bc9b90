import { type AuthorizationRequest, type Caller } from '../caller';
import { type Clock } from '../clock';
import { refusals } from './errors';
import { type Exchange } from '../http/exchange';
import { type SimulatedEndpoint } from '../http/server';
import { notAuthorized, ServiceCalls } from '../http/service-calls';
import { type ServiceFaults } from '../http/service-faults';
import { uuidFrom } from '../lambda/identifiers';
import { type RecordedCall } from '../organizations/organizations';

/** Bytes of a message. */
const MAX_MESSAGE = 262_144;

/** ASCII that begins with a letter, a number or a punctuation mark, in one line. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,99}$/;

/** Where topics are. */
export interface SnsOptions {
  readonly clock: Clock;
  readonly accountId: string;
  readonly region: string;

  /** @default 'aws' */
  readonly partition?: string;
}

/** How a topic is. */
export interface TopicAttributes {
  readonly fifo?: boolean;
  readonly contentBasedDeduplication?: boolean;
  readonly displayName?: string;

  /** The key that encrypts the topic: whoever publishes needs it, too. */
  readonly kmsMasterKeyId?: string;
}

/** A topic. */
export interface Topic extends TopicAttributes {
  readonly arn: string;
  readonly name: string;

  /** What AWS::SNS::TopicPolicy put on it. Not evaluated: publishers are of the topic's account. */
  policy?: object;
  readonly subscriptions: Array<{ readonly arn: string; readonly protocol: string; readonly endpoint?: string }>;
}

/** A message to publish. */
export interface PublishInput {
  readonly TopicArn?: string;
  readonly Subject?: string;
  readonly Message?: string;
  readonly MessageStructure?: string;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly MessageAttributes?: Record<string, string>;
}

/** A message that was published. */
export interface PublishedMessage {
  /** Simulated time. */
  readonly time: number;
  readonly topicArn: string;
  readonly topicName: string;
  readonly subject?: string;
  readonly message: string;
  readonly messageId: string;
  readonly messageGroupId?: string;
  readonly attributes: Record<string, string>;

  /** ARN of who published it, or a service. */
  readonly publisher: string;
}

/** Amazon SNS: topics and what is published to them. */
export class Sns {
  /** Everything that was accepted, in order. */
  public readonly messages: PublishedMessage[] = [];

  private readonly topics = new Map<string, Topic>();
  private readonly api: ServiceCalls;

  public constructor(private readonly options: SnsOptions) {
    this.api = new ServiceCalls(options.clock, refusals);
  }

  /** Calls that arrived, in order. CloudFormation's are not among them. */
  public get calls(): RecordedCall[] {
    return this.api.recorded;
  }

  public get faults(): ServiceFaults {
    return this.api.faults;
  }

  /** Makes an endpoint answer for this service. */
  public serve(endpoint: SimulatedEndpoint): void {
    endpoint.registerQueryAction('Publish', async (params, caller, requestId, exchange) => {
      const { MessageId, SequenceNumber } = await this.publish(inputFrom(params), caller, exchange);
      return [
        '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>',
        `<MessageId>${MessageId}</MessageId>`,
        SequenceNumber === undefined ? '' : `<SequenceNumber>${SequenceNumber}</SequenceNumber>`,
        `</PublishResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></PublishResponse>`,
      ].join('');
    });
    endpoint.onReset(() => {
      this.topics.clear();
      this.messages.length = 0;
      this.api.reset();
    });
  }

  /** Has a topic, and answers its ARN. */
  public createTopic(name: string, attributes: TopicAttributes = {}): string {
    const arn = this.arn(name);
    const { subscriptions = [], policy } = this.topics.get(arn) ?? {};
    this.topics.set(arn, { ...attributes, arn, name, subscriptions, policy });
    return arn;
  }

  public deleteTopic(arn: string): void {
    this.topics.delete(arn);
  }

  public topic(arn: string): Topic | undefined {
    return this.topics.get(arn);
  }

  public arn(name: string): string {
    const { partition = 'aws', region, accountId } = this.options;
    return `arn:${partition}:sns:${region}:${accountId}:${name}`;
  }

  /** Publishes as an AWS client would. */
  public async publish(input: PublishInput, caller: Caller, exchange?: Exchange): Promise<{ MessageId: string; SequenceNumber?: string }> {
    return this.api.run({ operation: 'Publish', input, caller, exchange }, async () => {
      const { TopicArn, Message } = input;
      if (!TopicArn) throw refusals.invalid('TopicArn or TargetArn Reason: no value for required parameter');
      // An ARN of another region is none here: an SNS client talks to the region of its topic.
      if (TopicArn.split(':').length !== 6 || TopicArn.split(':')[3] !== this.options.region) throw refusals.invalid('TopicArn');
      await this.api.authorize(caller, 'SNS:Publish', TopicArn);
      const topic = this.topics.get(TopicArn);
      if (!topic) throw refusals.notFound();
      check(input, topic);
      await this.askForKey(topic, caller);
      return this.record(topic, { ...input, Message: Message! }, caller.arn);
    });
  }

  /** Publishes as a service of AWS does that has been told the topic's ARN. */
  public publishAs(service: string, input: PublishInput): void {
    const topic = this.topics.get(input.TopicArn ?? '');
    if (!topic) throw refusals.notFound();
    check(input, topic);
    this.record(topic, { ...input, Message: input.Message! }, service);
  }

  private record(topic: Topic, input: PublishInput & { Message: string }, publisher: string): { MessageId: string; SequenceNumber?: string } {
    const messageId = uuidFrom('sns', topic.arn, String(this.messages.length));
    this.messages.push({
      time: this.options.clock.now(),
      topicArn: topic.arn,
      topicName: topic.name,
      subject: input.Subject,
      message: input.Message,
      messageId,
      messageGroupId: input.MessageGroupId,
      attributes: input.MessageAttributes ?? {},
      publisher,
    });
    return { MessageId: messageId, SequenceNumber: topic.fifo ? String(this.messages.length).padStart(20, '1') : undefined };
  }

  /**
   * Publishing to an encrypted topic uses its key in the name of the caller. AWS's own key lets everybody of the account in. An alias stands for a
   * key: the request has the key's ARN, and the alias among the key's aliases.
   */
  private async askForKey({ kmsMasterKeyId: key }: Topic, caller: Caller): Promise<void> {
    if (!key || !caller.authorize || key.endsWith('alias/aws/sns')) return;
    const { partition = 'aws', region, accountId } = this.options;
    const alias = /alias\/.+$/.exec(key)?.[0];
    const keyArn = (id: string) => `arn:${partition}:kms:${region}:${accountId}:key/${id}`;
    const resource = alias ? keyArn(uuidFrom('kms', alias)) : key.startsWith('arn:') ? key : keyArn(key);
    const context: AuthorizationRequest['context'] = alias ? { 'kms:ResourceAliases': [alias] } : {};
    for (const action of ['kms:GenerateDataKey', 'kms:Decrypt']) {
      if (!await caller.authorize({ action, resources: [resource], context })) throw refusals.keyDenied(notAuthorized(caller, action, resource));
    }
  }
}

/** Refuses what is wrong with a message. */
function check({ Subject, Message, MessageStructure, MessageGroupId, MessageDeduplicationId }: PublishInput, topic: Topic): void {
  if (!Message) throw refusals.invalid('Empty message');
  if (Buffer.byteLength(Message) > MAX_MESSAGE) throw refusals.invalid('Message too long');
  if (Subject !== undefined && !SUBJECT.test(Subject)) throw refusals.invalid('Subject');
  if (MessageStructure === 'json' && !hasDefault(Message)) throw refusals.invalid('Message Structure - No default entry in JSON message body');
  if (!topic.fifo) return;
  if (!MessageGroupId) throw refusals.invalid('The MessageGroupId parameter is required for FIFO topics');
  if (!MessageDeduplicationId && !topic.contentBasedDeduplication) {
    throw refusals.invalid('The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly');
  }
}

function hasDefault(message: string): boolean {
  try {
    return typeof JSON.parse(message).default === 'string';
  } catch {
    return false;
  }
}

function inputFrom(params: URLSearchParams): PublishInput {
  const text = (name: string) => params.get(name) ?? undefined;
  const attributes: Record<string, string> = {};
  for (let index = 1; params.has(`MessageAttributes.entry.${index}.Name`); index++) {
    attributes[params.get(`MessageAttributes.entry.${index}.Name`)!] = params.get(`MessageAttributes.entry.${index}.Value.StringValue`) ?? '';
  }
  return {
    TopicArn: text('TopicArn') ?? text('TargetArn'),
    Subject: text('Subject'),
    Message: text('Message'),
    MessageStructure: text('MessageStructure'),
    MessageGroupId: text('MessageGroupId'),
    MessageDeduplicationId: text('MessageDeduplicationId'),
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
  };
}
