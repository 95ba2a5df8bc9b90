import { PublishCommand, SNSClient, type PublishCommandInput } from '@aws-sdk/client-sns';
import { ACCOUNT, clientSettings } from './aws-clients';
import { allow, handler, startAws, withFunction } from './cloudformation/scene';
import { type SimulatedAws } from '../../simulator/cloudformation/simulated-aws';
import { type EvaluatedRequest } from '../../simulator/iam';

let aws: SimulatedAws;
let client: SNSClient;
let topicArn: string;

beforeEach(async () => {
  aws = await startAws();
  client = new SNSClient(clientSettings(aws));
  topicArn = aws.sns.createTopic('Topic');
});

const publish = async (input: Partial<PublishCommandInput>, from = client) => from.send(new PublishCommand({ TopicArn: topicArn, Message: 'text', ...input }));

describe('Publish', () => {
  test('keeps the message', async () => {
    await aws.clock.sleep(2000);
    const { MessageId } = await publish({
      Subject: 'Opted out & well <again>', Message: 'first line\nsecond line: ü', MessageAttributes: { kind: { DataType: 'String', StringValue: 'change' } },
    });

    expect(aws.sns.messages).toEqual([{
      time: aws.clock.now(),
      topicArn,
      topicName: 'Topic',
      subject: 'Opted out & well <again>',
      message: 'first line\nsecond line: ü',
      messageId: MessageId,
      messageGroupId: undefined,
      attributes: { kind: 'change' },
      publisher: `arn:aws:iam::${ACCOUNT}:user/Administrator`,
    }]);
    expect(MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(aws.sns.calls).toMatchObject([{ operation: 'Publish', outcome: 'ok', time: aws.clock.now() }]);
  });

  test('needs no subject', async () => {
    await publish({});

    expect(aws.sns.messages[0].subject).toBeUndefined();
  });

  test.each([
    ['of 100 characters', 'x'.repeat(100)],
    ['that begins with punctuation', '"quoted"'],
  ])('takes a subject %s', async (_, Subject) => {
    await expect(publish({ Subject })).resolves.toMatchObject({ MessageId: expect.any(String) });
  });

  test.each([
    ['of 101 characters', 'x'.repeat(101)],
    ['with a line break', 'two\nlines'],
    ['with other characters than ASCII', 'Österreich'],
    ['that begins with a blank', ' text'],
    ['that is empty', ''],
    ['with a control character', 'a\tb'],
  ])('refuses a subject %s', async (_, Subject) => {
    await expect(publish({ Subject })).rejects.toMatchObject({
      name: 'InvalidParameterException', message: 'Invalid parameter: Subject', $metadata: { httpStatusCode: 400 },
    });
    expect(aws.sns.messages).toEqual([]);
  });

  test('takes 256 KiB', async () => {
    await expect(publish({ Message: 'x'.repeat(262_144) })).resolves.toBeDefined();
  });

  test.each([
    ['an empty message', { Message: '' }, 'Empty message'],
    ['a longer message, in bytes', { Message: 'ü'.repeat(131_073) }, 'Message too long'],
    ['a structured message without default', { Message: '{"email":"x"}', MessageStructure: 'json' }, /No default entry/],
    ['no topic', { TopicArn: undefined }, /no value for required parameter/],
    ['a topic of another Region', { TopicArn: `arn:aws:sns:eu-west-1:${ACCOUNT}:Topic` }, 'TopicArn'],
    ['what is no ARN', { TopicArn: 'Topic' }, 'TopicArn'],
  ])('refuses %s', async (_, input, message) => {
    await expect(publish(input)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: typeof message === 'string' ? `Invalid parameter: ${message}` : expect.stringMatching(message),
    });
  });

  test('does not find another topic', async () => {
    await expect(publish({ TopicArn: `${topicArn}Other` })).rejects.toMatchObject({
      name: 'NotFoundException', message: 'Topic does not exist', $metadata: { httpStatusCode: 404 },
    });
    expect(aws.sns.calls.at(-1)!.outcome).toBe('NotFound');
  });

  test('to a FIFO topic needs a group and a deduplication id', async () => {
    const TopicArn = aws.sns.createTopic('Topic.fifo', { fifo: true });

    await expect(publish({ TopicArn })).rejects.toThrow('The MessageGroupId parameter is required for FIFO topics');
    await expect(publish({ TopicArn, MessageGroupId: 'group' })).rejects.toThrow('ContentBasedDeduplication');
    await expect(publish({ TopicArn, MessageGroupId: 'group', MessageDeduplicationId: 'id' })).resolves.toMatchObject({ SequenceNumber: expect.any(String) });
    expect(aws.sns.messages[0].messageGroupId).toBe('group');
  });
});

describe('permissions', () => {
  test('are asked for by the topic\'s ARN', async () => {
    const record: EvaluatedRequest[] = [];
    await publish({}, new SNSClient(clientSettings(aws, [allow('sns:Publish', topicArn)], record)));

    expect(record).toMatchObject([{ action: 'sns:Publish', resources: [topicArn], allowed: true }]);
  });

  test('are needed, also to find out that there is no topic', async () => {
    const restricted = new SNSClient(clientSettings(aws, [allow('sns:Publish', topicArn)]));

    await expect(publish({ TopicArn: `${topicArn}Other` }, restricted)).rejects.toMatchObject({
      name: 'AuthorizationErrorException',
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/Role/session is not authorized to perform: SNS:Publish `
        + `on resource: ${topicArn}Other because no identity-based policy allows the SNS:Publish action`,
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('include the key of an encrypted topic', async () => {
    const kmsMasterKeyId = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234`;
    const TopicArn = aws.sns.createTopic('Secret', { kmsMasterKeyId });
    const mayPublish = allow('sns:Publish', TopicArn);

    await expect(publish({ TopicArn }, new SNSClient(clientSettings(aws, [mayPublish])))).rejects.toMatchObject({
      name: 'KMSAccessDeniedException', message: expect.stringContaining(`kms:GenerateDataKey on resource: ${kmsMasterKeyId}`),
    });
    await expect(publish({ TopicArn }, new SNSClient(clientSettings(aws, [mayPublish, allow(['kms:GenerateDataKey', 'kms:Decrypt'], kmsMasterKeyId)]))))
      .resolves.toBeDefined();
  });
});

test('the next messages can fail', async () => {
  aws.sns.faults.throttle('Publish', { calls: [1] });
  aws.sns.faults.internalError('Publish', { calls: [2] });

  await expect(publish({})).rejects.toMatchObject({ name: 'ThrottledException', $metadata: { httpStatusCode: 429 } });
  await expect(publish({})).rejects.toMatchObject({ name: 'InternalErrorException', $metadata: { httpStatusCode: 500 } });
  await expect(publish({})).resolves.toBeDefined();
  expect(aws.sns.messages).toHaveLength(1);
});

describe('AWS::SNS::Topic', () => {
  const template = (properties: object = {}, more: object = {}) => ({
    Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: properties }, ...more },
    Outputs: { Arn: { Value: { Ref: 'Topic' } }, Name: { Value: { 'Fn::GetAtt': 'Topic.TopicName' } } },
  });
  const create = async (...parts: object[]) => aws.cloudFormation.createStack({ stackName: 'Stack', template: template(...parts) });

  test('is its ARN', async () => {
    await create();
    const { Arn, Name } = aws.cloudFormation.describeStack('Stack').outputs;

    expect(Name).toMatch(/^Stack-Topic-[A-Z0-9]{12}$/);
    expect(Arn).toBe(`arn:aws:sns:us-east-1:${ACCOUNT}:${Name}`);
    expect(aws.sns.topic(Arn)).toMatchObject({ name: Name, fifo: false });
  });

  test('can be FIFO', async () => {
    await create({ FifoTopic: true, ContentBasedDeduplication: true });
    const { Arn, Name } = aws.cloudFormation.describeStack('Stack').outputs;

    expect(Name).toMatch(/\.fifo$/);
    await expect(publish({ TopicArn: Arn, MessageGroupId: 'group' })).resolves.toBeDefined();
  });

  test('can not be FIFO with another name', async () => {
    await expect(create({ FifoTopic: true, TopicName: 'Mine' })).rejects.toThrow('ends in .fifo');
  });

  test('can not have a name that is taken', async () => {
    const { failures } = await create({ TopicName: 'Topic' });

    expect(failures[0].reason).toContain('already exists');
  });

  test('goes away with its stack', async () => {
    await create({ TopicName: 'Mine' });
    await aws.cloudFormation.deleteStack('Stack');

    expect(aws.sns.topic(aws.sns.arn('Mine'))).toBeUndefined();
  });

  test('keeps its policy and its subscriptions', async () => {
    const PolicyDocument = { Version: '2012-10-17', Statement: [] };
    await create({ TopicName: 'Mine' }, {
      Policy: { Type: 'AWS::SNS::TopicPolicy', Properties: { Topics: [{ Ref: 'Topic' }], PolicyDocument } },
      Subscription: { Type: 'AWS::SNS::Subscription', Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: 'a@example.com' } },
    });

    expect(aws.sns.topic(aws.sns.arn('Mine'))).toMatchObject({ policy: PolicyDocument, subscriptions: [{ protocol: 'email', endpoint: 'a@example.com' }] });
  });

  test('is published to by a function with its role', async () => {
    const code = handler(`
      const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns');
      const { MessageId } = await new SNSClient().send(new PublishCommand({ TopicArn: process.env.TOPIC, Subject: 'Hello', Message: event.text }));
      return MessageId;
    `);
    await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: {
        Resources: {
          Topic: { Type: 'AWS::SNS::Topic' },
          ...withFunction(code, { Environment: { Variables: { TOPIC: { Ref: 'Topic' } } } }, allow('sns:Publish', { Ref: 'Topic' })),
        },
        Outputs: { Function: { Value: { 'Fn::GetAtt': 'Function.Arn' } } },
      },
    });
    const { result } = await aws.cloudFormation.invokeFunction(aws.cloudFormation.describeStack('Stack').outputs.Function, { text: 'from the function' });

    expect(aws.sns.messages).toMatchObject([{ messageId: result, subject: 'Hello', message: 'from the function', publisher: expect.stringContaining('Stack-Function') }]);
    expect(aws.cloudFormation.evaluatedRequests.find(({ action }) => action === 'sns:Publish')).toMatchObject({ allowed: true });
  });
});
