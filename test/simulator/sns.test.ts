import { PublishCommand, SNSClient, type PublishCommandInput } from '@aws-sdk/client-sns';
import { ACCOUNT, clientSettings } from './aws-clients';
import { allow, handler, startAws, withFunction } from './cloudformation/scene';
import { type SimulatedAws } from '../../simulator/cloudformation/simulated-aws';
import { type EvaluatedRequest } from '../../simulator/iam';
import { exactly, expectSteps, fails, type Step } from '../support/steps';

const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:Topic`;
const FIFO = `${TOPIC}.fifo`;
const ACCEPTED = { MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/) };
const BAD_SUBJECT = fails('InvalidParameterException', 'Invalid parameter: Subject', 400);
const invalid = (message: string | RegExp) => fails('InvalidParameterException', typeof message === 'string' ? `Invalid parameter: ${message}` : message);

let aws: SimulatedAws;
let client: SNSClient;

beforeEach(async () => {
  aws = await startAws();
  client = new SNSClient(clientSettings(aws));
  aws.sns.createTopic('Topic');
});

const publish = async (input: Partial<PublishCommandInput> = {}, from = client) => from.send(new PublishCommand({ TopicArn: TOPIC, Message: 'text', ...input }));
const messages = () => aws.sns.messages;
const restricted = (statements: object[], record?: EvaluatedRequest[]) => new SNSClient(clientSettings(aws, statements, record));

test.each<[string, Partial<PublishCommandInput>, object]>([
  ['a message without subject', {}, ACCEPTED],
  ['a subject of 100 characters', { Subject: 'x'.repeat(100) }, ACCEPTED],
  ['a subject that begins with punctuation', { Subject: '"quoted"' }, ACCEPTED],
  ['a message of 256 KiB', { Message: 'x'.repeat(262_144) }, ACCEPTED],
  ['a subject of 101 characters', { Subject: 'x'.repeat(101) }, BAD_SUBJECT],
  ['a subject with a line break', { Subject: 'two\nlines' }, BAD_SUBJECT],
  ['a subject that is not ASCII', { Subject: 'Österreich' }, BAD_SUBJECT],
  ['a subject that begins with a blank', { Subject: ' text' }, BAD_SUBJECT],
  ['an empty subject', { Subject: '' }, BAD_SUBJECT],
  ['a subject with a control character', { Subject: 'a\tb' }, BAD_SUBJECT],
  ['an empty message', { Message: '' }, invalid('Empty message')],
  ['more bytes than 256 KiB', { Message: 'ü'.repeat(131_073) }, invalid('Message too long')],
  ['a structured message without default', { Message: '{"email":"x"}', MessageStructure: 'json' }, invalid(/No default entry/)],
  ['no topic', { TopicArn: undefined }, invalid(/no value for required parameter/)],
  ['a topic of another Region', { TopicArn: TOPIC.replace('us-east-1', 'eu-west-1') }, invalid('TopicArn')],
  ['a topic that is not an ARN', { TopicArn: 'Topic' }, invalid('TopicArn')],
  ['an unknown topic', { TopicArn: `${TOPIC}Other` }, fails('NotFoundException', 'Topic does not exist', 404)],
  ['a FIFO topic without group', { TopicArn: FIFO }, invalid(/The MessageGroupId parameter is required for FIFO topics/)],
  ['a FIFO topic without deduplication id', { TopicArn: FIFO, MessageGroupId: 'group' }, invalid(/ContentBasedDeduplication/)],
  ['a FIFO topic with group and id', { TopicArn: FIFO, MessageGroupId: 'group', MessageDeduplicationId: 'id' }, { ...ACCEPTED, SequenceNumber: expect.any(String) }],
])('Publish with %s', async (_, input, expected) => {
  aws.sns.createTopic('Topic.fifo', { fifo: true });
  await expectSteps(
    [() => publish(input), expected],
    [() => messages().map(({ subject, messageGroupId }) => [subject, messageGroupId]), 'MessageId' in expected ? [[input.Subject, input.MessageGroupId]] : []],
    [() => aws.sns.calls.map(({ outcome }) => outcome === 'ok'), ['MessageId' in expected]],
  );
});

test.each<[string, ...Step[]]>([
  ['stores the message and the call',
    [() => aws.clock.sleep(2000)],
    [() => publish({ Subject: 'Well & <again>', Message: 'first line\nsecond line: ü', MessageAttributes: { kind: { DataType: 'String', StringValue: 'change' } } }), ACCEPTED],
    [messages, exactly([{
      time: Date.UTC(2026, 0, 1) + 2000,
      topicArn: TOPIC,
      topicName: 'Topic',
      subject: 'Well & <again>',
      message: 'first line\nsecond line: ü',
      messageId: ACCEPTED.MessageId,
      attributes: { kind: 'change' },
      publisher: `arn:aws:iam::${ACCOUNT}:user/Administrator`,
    }])],
    [() => aws.sns.calls, [{ operation: 'Publish', outcome: 'ok', time: Date.UTC(2026, 0, 1) + 2000 }]]],
  ['records the error of a failed call', [() => publish({ TopicArn: `${TOPIC}Other` }), fails('NotFoundException')], [() => aws.sns.calls, [{ outcome: 'NotFound' }]]],
  ['fails as the test demands',
    [() => { aws.sns.faults.throttle('Publish', { calls: [1] }); aws.sns.faults.internalError('Publish', { calls: [2] }); }],
    [publish, fails('ThrottledException', undefined, 429)], [publish, fails('InternalErrorException', undefined, 500)], [publish, ACCEPTED],
    [() => messages().length, 1]],
  ['needs a permission, also to learn that there is no topic',
    [() => publish({ TopicArn: `${TOPIC}Other` }, restricted([allow('sns:Publish', TOPIC)])), fails('AuthorizationErrorException',
      `User: arn:aws:sts::${ACCOUNT}:assumed-role/Role/session is not authorized to perform: SNS:Publish `
      + `on resource: ${TOPIC}Other because no identity-based policy allows the SNS:Publish action`, 403)]],
])('Publish %s', async (_, ...steps) => expectSteps(...steps));

test('permissions are checked against the ARN of the topic', async () => {
  const record: EvaluatedRequest[] = [];
  await publish({}, restricted([allow('sns:Publish', TOPIC)], record));
  expect(record).toMatchObject([{ action: 'sns:Publish', resources: [TOPIC], allowed: true }]);
});

test('an encrypted topic needs permissions for its key', async () => {
  const kmsMasterKeyId = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234`;
  const TopicArn = aws.sns.createTopic('Secret', { kmsMasterKeyId });
  const statements = [allow('sns:Publish', TopicArn), allow(['kms:GenerateDataKey', 'kms:Decrypt'], kmsMasterKeyId)];
  await expectSteps(
    [() => publish({ TopicArn }, restricted(statements.slice(0, 1))), fails('KMSAccessDeniedException', new RegExp(`kms:GenerateDataKey on resource: ${kmsMasterKeyId}`))],
    [() => publish({ TopicArn }, restricted(statements)), ACCEPTED],
  );
});

test('a topic encrypted with an alias needs permissions for the key behind it, not for the alias', async () => {
  const kmsMasterKeyId = `arn:aws:kms:us-east-1:${ACCOUNT}:alias/topics`;
  const TopicArn = aws.sns.createTopic('Secret', { kmsMasterKeyId });
  const actions = ['kms:GenerateDataKey', 'kms:Decrypt'];
  const behind = (alias: string) => ({
    ...allow(actions, `arn:aws:kms:us-east-1:${ACCOUNT}:key/*`), Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias } },
  });
  const denied = fails('KMSAccessDeniedException', /kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:\d{12}:key\//);
  await expectSteps(
    [() => publish({ TopicArn }, restricted([allow('sns:Publish', TopicArn), allow(actions, kmsMasterKeyId)])), denied],
    [() => publish({ TopicArn }, restricted([allow('sns:Publish', TopicArn), behind('alias/others')])), denied],
    [() => publish({ TopicArn }, restricted([allow('sns:Publish', TopicArn), behind('alias/topics')])), ACCEPTED],
  );
});

const create = async (properties: object = {}, more: object = {}) => aws.cloudFormation.createStack({
  stackName: 'Stack',
  template: {
    Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: properties }, ...more },
    Outputs: { Arn: { Value: { Ref: 'Topic' } }, Name: { Value: { 'Fn::GetAtt': 'Topic.TopicName' } } },
  },
});
const outputs = () => aws.cloudFormation.describeStack('Stack').outputs;
const mine = () => aws.sns.topic(aws.sns.arn('Mine'));

const PolicyDocument = { Version: '2012-10-17', Statement: [] };
const AROUND = {
  Policy: { Type: 'AWS::SNS::TopicPolicy', Properties: { Topics: [{ Ref: 'Topic' }], PolicyDocument } },
  Subscription: { Type: 'AWS::SNS::Subscription', Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: 'a@example.com' } },
};

test.each<[string, ...Step[]]>([
  ['is referred to by its ARN',
    [create], [outputs, { Name: expect.stringMatching(/^Stack-Topic-[A-Z0-9]{12}$/) }], [() => outputs().Arn === aws.sns.arn(outputs().Name), true],
    [() => [aws.sns.topic(outputs().Arn)!.name === outputs().Name, aws.sns.topic(outputs().Arn)!.fifo], [true, false]]],
  ['can be FIFO',
    [() => create({ FifoTopic: true, ContentBasedDeduplication: true })], [outputs, { Name: expect.stringMatching(/\.fifo$/) }],
    [() => publish({ TopicArn: outputs().Arn, MessageGroupId: 'group' }), ACCEPTED]],
  ['cannot be FIFO under another name', [() => create({ FifoTopic: true, TopicName: 'Mine' }), fails('ValidationError', /ends in .fifo/)]],
  ['cannot take an existing name', [() => create({ TopicName: 'Topic' }), { failures: [{ reason: expect.stringContaining('already exists') }] }]],
  ['is deleted with its stack', [() => create({ TopicName: 'Mine' })], [mine, {}], [() => aws.cloudFormation.deleteStack('Stack')], [mine, undefined]],
  ['keeps its policy and its subscriptions',
    [() => create({ TopicName: 'Mine' }, AROUND)], [mine, { policy: PolicyDocument, subscriptions: [{ protocol: 'email', endpoint: 'a@example.com' }] }]],
])('AWS::SNS::Topic %s', async (_, ...steps) => expectSteps(...steps));

test('a function publishes with its role', async () => {
  const code = handler(`
    const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns');
    const { MessageId } = await new SNSClient().send(new PublishCommand({ TopicArn: process.env.TOPIC, Subject: 'Hello', Message: event.text }));
    return MessageId;
  `);
  const properties = { FunctionName: 'Publisher', Environment: { Variables: { TOPIC: { Ref: 'Topic' } } } };
  await create({}, withFunction(code, properties, allow('sns:Publish', { Ref: 'Topic' })));
  const { result } = await aws.cloudFormation.invokeFunction(`arn:aws:lambda:us-east-1:${ACCOUNT}:function:Publisher`, { text: 'from the function' });

  expect(messages()).toMatchObject([{ messageId: result, subject: 'Hello', message: 'from the function', publisher: expect.stringMatching(/\/Publisher$/) }]);
  expect(aws.cloudFormation.evaluatedRequests.find(({ action }) => action === 'sns:Publish')).toMatchObject({ allowed: true });
});
