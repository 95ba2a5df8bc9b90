import { startAws, withFunction } from './scene';
import { authorizerFor, type EvaluatedRequest } from '../../../simulator/iam';
import { arnOf, deploy, DETACHED, mapping, MAY_READ_QUEUE, MINUTE, NOTE, permission, queue, queuePolicy, rule } from '../eventbridge-scene';

async function reasonFor(resources: object): Promise<string> {
  const aws = await startAws();
  const { failures } = await deploy(aws, resources);
  return failures[0]?.reason ?? 'it was created';
}

async function physicalIds(aws: any, logicalId: string) {
  const { physicalId, attributes } = aws.cloudFormation.describeStack('Stack').resources.find((resource: any) => resource.logicalId === logicalId);
  return { physicalId, attributes };
}

const SCHEDULED = { ScheduleExpression: 'rate(1 hour)', Targets: [] };

describe('a rule', () => {
  test('has a name and an ARN', async () => {
    const aws = await startAws();
    await deploy(aws, { Rule: rule(SCHEDULED), Named: rule({ ...SCHEDULED, Name: 'Name' }) });
    const { physicalId, attributes } = await physicalIds(aws, 'Rule');

    expect(physicalId).toMatch(/^Stack-Rule-[A-Z0-9]{12}$/);
    expect(attributes).toEqual({ Arn: `arn:aws:events:us-east-1:111122223333:rule/${physicalId}` });
    expect(aws.eventBridge.rule('Name')).toEqual({ name: 'Name', scheduleExpression: 'rate(1 hour)', state: 'ENABLED', targets: [] });
  });

  const target = { Id: 'A', Arn: 'arn:aws:lambda:us-east-1:111122223333:function:F' };
  test.each<[string, object, string]>([
    ['without pattern and schedule', { Targets: [] }, 'Parameter(s) EventPattern or ScheduleExpression must be specified.'],
    ['with a wrong rate', { ScheduleExpression: 'rate(6 hour)', Targets: [] }, 'Parameter ScheduleExpression is not valid.'],
    ['with a cron expression', { ScheduleExpression: 'cron(0 0 * * ? *)', Targets: [] }, 'The simulation knows rates only'],
    ['with a pattern that is none', { EventPattern: { source: 'aws.s3' }, Targets: [] }, 'Event pattern is not valid. Reason: "source" must be an object or an array'],
    ['with an unknown matcher', { EventPattern: { source: [{ regex: '.*' }] }, Targets: [] }, 'Unrecognized match type regex at "source"'],
    ['with an unknown state', { ...SCHEDULED, State: 'ON' }, '#/State: ON is not a valid enum value'],
    ['with a state for patterns', { ...SCHEDULED, State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' }, 'is for rules with an event pattern'],
    ['on another bus', { ...SCHEDULED, EventBusName: 'other' }, 'the simulation has the default event bus only'],
    ['with an unknown property', { ...SCHEDULED, Pattern: {} }, '#: extraneous key [Pattern] is not permitted'],
    ['with a bad name', { ...SCHEDULED, Name: 'a b' }, '#/Name: failed validation constraint for keyword [pattern]'],
    ['with six targets', { ...SCHEDULED, Targets: Array.from({ length: 6 }, (_, index) => ({ ...target, Id: String(index) })) }, '#/Targets: expected maximum item count: 5, found: 6'],
    ['with a target without id', { ...SCHEDULED, Targets: [{ Arn: target.Arn }] }, '#/Targets/0: required key [Id] not found'],
    ['with two targets of one id', { ...SCHEDULED, Targets: [target, target] }, 'Target ids must be unique'],
    ['with an input transformer', { ...SCHEDULED, Targets: [{ ...target, InputTransformer: { InputTemplate: '"x"' } }] }, '#/Targets/0/InputTransformer: the simulation does not support it'],
    ['with an input that is not JSON', { ...SCHEDULED, Targets: [{ ...target, Input: 'hello' }] }, 'JSON syntax error in input for target'],
    ['with a target elsewhere', { ...SCHEDULED, Targets: [{ ...target, Arn: 'arn:aws:lambda:eu-west-1:111122223333:function:F' }] }, 'of the rule\'s own account and Region'],
    ['with a target of another kind', { ...SCHEDULED, Targets: [{ ...target, Arn: 'arn:aws:sns:us-east-1:111122223333:T' }] }, 'of the rule\'s own account and Region'],
  ])('%s is refused', async (_, Properties, message) => {
    expect(await reasonFor({ Rule: { Type: 'AWS::Events::Rule', Properties } })).toContain(message);
  });

  test('whose name is taken is refused', async () => {
    const named = rule({ ...SCHEDULED, Name: 'Name' });

    expect(await reasonFor({ Rule: named, Other: { ...named, DependsOn: 'Rule' } })).toContain('already exists');
  });

  test('is changed in place, and replaced under another name', async () => {
    const aws = await startAws();
    const update = async (properties: object) => aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: { Rule: rule(properties) } } });
    await deploy(aws, { Rule: rule(SCHEDULED) });
    const before = (await physicalIds(aws, 'Rule')).physicalId;
    await update({ EventPattern: JSON.stringify({ source: ['a'] }), State: 'DISABLED', Targets: [] });
    expect((await physicalIds(aws, 'Rule')).physicalId).toBe(before);
    expect(aws.eventBridge.rule(before)).toEqual({ name: before, eventPattern: { source: ['a'] }, state: 'DISABLED', targets: [] });

    await update({ ...SCHEDULED, Name: 'Other' });
    expect(aws.eventBridge.ruleNames).toEqual(['Other']);
    await aws.cloudFormation.deleteStack('Stack');
    expect(aws.eventBridge.ruleNames).toEqual([]);
  });
});

describe('a queue', () => {
  test('has its URL, ARN and name', async () => {
    const aws = await startAws();
    await deploy(aws, { Queue: queue({ QueueName: 'Name' }) });

    expect(await physicalIds(aws, 'Queue')).toEqual({
      physicalId: 'https://sqs.us-east-1.amazonaws.com/111122223333/Name',
      attributes: { Arn: 'arn:aws:sqs:us-east-1:111122223333:Name', QueueName: 'Name', QueueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/Name' },
    });
  });

  const redrive = (deadLetterTargetArn: unknown, maxReceiveCount: unknown = 3) => ({ RedrivePolicy: { deadLetterTargetArn, maxReceiveCount } });
  test.each<[string, object, string]>([
    ['with too long a visibility timeout', { VisibilityTimeout: 43_201 }, '#/VisibilityTimeout: 43201 is not less or equal to 43200'],
    ['with too short a retention', { MessageRetentionPeriod: 59 }, '#/MessageRetentionPeriod: 59 is not greater or equal to 60'],
    ['with too long a retention', { MessageRetentionPeriod: 1_209_601 }, '#/MessageRetentionPeriod: 1209601 is not less or equal to 1209600'],
    ['with a bad name', { QueueName: 'a.b' }, '#/QueueName: failed validation constraint'],
    ['of the other kind', { FifoQueue: true }, '#/FifoQueue: the simulation does not support it'],
    ['with a key', { KmsMasterKeyId: 'alias/aws/sqs' }, '#/KmsMasterKeyId: the simulation does not support it'],
    ['with an unknown property', { Encryption: true }, '#: extraneous key [Encryption] is not permitted'],
    ['with a missing failure queue', redrive('arn:aws:sqs:us-east-1:111122223333:Other'), 'Reason: Dead letter target does not exist.'],
    ['with the failure queue\'s URL', redrive('https://sqs.us-east-1.amazonaws.com/111122223333/Other'), '#/deadLetterTargetArn: failed validation'],
    ['with a wrong receive count', redrive('arn:aws:sqs:us-east-1:111122223333:Other', 0), '#/maxReceiveCount: 0 is not greater or equal to 1'],
    ['with a misspelt redrive policy', { RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:us-east-1:111122223333:Other', MaxReceiveCount: 3 } }, '#: extraneous key [MaxReceiveCount] is not permitted'],
  ])('%s is refused', async (_, properties, message) => {
    expect(await reasonFor({ Queue: queue(properties) })).toContain(message);
  });

  test('is changed in place with its messages, and replaced under another name', async () => {
    const aws = await startAws();
    const update = async (properties: object) => aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: { Queue: queue(properties) } } });
    await deploy(aws, { Queue: queue({ QueueName: 'First' }) });
    aws.sqs.queue('First').send('a', 'sender');
    await update({ QueueName: 'First', VisibilityTimeout: '120' });
    expect(aws.sqs.queue('First')).toMatchObject({ attributes: { visibilityTimeoutSeconds: 120 }, messages: [{ body: 'a' }] });

    await update({ QueueName: 'Second' });
    expect(aws.sqs.find('First')).toBeUndefined();
    expect(aws.sqs.queue('Second').messages).toEqual([]);
  });
});

describe('a queue policy', () => {
  const document = (Action: string) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: '*', Action, Resource: '*' }] });
  const policy = (queues: unknown[], Action = 'sqs:SendMessage') => ({ Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: queues, PolicyDocument: document(Action) } });

  test('is put on its queues, changed and taken away again', async () => {
    const aws = await startAws();
    const queues = { A: queue({ QueueName: 'A' }), B: queue({ QueueName: 'B' }) };
    const policies = () => [aws.sqs.queue('A').policy, aws.sqs.queue('B').policy];
    const update = async (resources: object) => aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: { ...queues, ...resources } } });
    await deploy(aws, { ...queues, Policy: policy([{ Ref: 'A' }]) });
    expect(policies()).toEqual([document('sqs:SendMessage'), undefined]);
    await update({ Policy: policy([{ Ref: 'B' }], 'sqs:*') });
    expect(policies()).toEqual([undefined, document('sqs:*')]);
    await update({});
    expect(policies()).toEqual([undefined, undefined]);
  });

  test.each([
    ['an ARN', { Queue: queue(), Policy: policy([arnOf('Queue')]) }, 'The specified queue does not exist'],
    ['a missing queue', { Policy: policy(['https://sqs.us-east-1.amazonaws.com/111122223333/Other']) }, 'The specified queue does not exist'],
    ['no queue', { Policy: policy([]) }, '#/Queues: expected minimum item count: 1, found: 0'],
  ])('for %s is refused', async (_, resources, message) => {
    expect(await reasonFor(resources)).toContain(message);
  });
});

describe('a permission', () => {
  const withPermission = (properties: object) => ({ ...withFunction(NOTE), Rule: rule({ ScheduleExpression: 'rate(1 minute)' }), Permission: permission('Rule', properties) });

  test.each<[string, object, string]>([
    ['of a wrong action', { Action: 'InvokeFunction' }, '#/Action: failed validation'],
    ['for a missing function', { FunctionName: 'Other' }, 'Function not found'],
    ['without a principal', { Principal: { Ref: 'AWS::NoValue' } }, '#: required key [Principal] not found'],
    ['with a short account', { SourceAccount: '1234' }, '#/SourceAccount: failed validation'],
    ['with something else than an ARN', { SourceArn: { Ref: 'Rule' } }, '#/SourceArn: failed validation'],
    ['with an unknown property', { SourceARN: 'x' }, '#: extraneous key [SourceARN] is not permitted'],
  ])('%s is refused', async (_, properties, message) => {
    expect(await reasonFor(withPermission(properties))).toContain(message);
  });

  test.each([
    ['name', { Ref: 'Function' }],
    ['ARN', arnOf('Function')],
    ['account and name', { 'Fn::Sub': '${AWS::AccountId}:function:${Function}' }],
  ])('names its function by %s', async (_, FunctionName) => {
    const aws = await startAws();
    const { failures } = await deploy(aws, withPermission({ FunctionName }));
    await aws.clock.sleep(MINUTE);

    expect(failures).toEqual([]);
    expect(aws.eventBridge.deliveries.map(({ outcome }) => outcome)).toEqual(['delivered']);
  });

  test('is replaced by every change, and gone when it is deleted', async () => {
    const aws = await startAws();
    const update = async (resources: object) => aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: resources } });
    await deploy(aws, withPermission({}));
    const before = (await physicalIds(aws, 'Permission')).physicalId;
    await update(withPermission({ SourceArn: 'arn:aws:events:us-east-1:111122223333:rule/Other' }));
    expect((await physicalIds(aws, 'Permission')).physicalId).not.toBe(before);
    await aws.clock.sleep(MINUTE);
    const { Permission, ...without } = withPermission({});
    await update(withPermission({}));
    await aws.clock.sleep(MINUTE);
    await update(without);
    await aws.clock.sleep(MINUTE);

    expect(aws.eventBridge.deliveries.map(({ outcome }) => outcome)).toEqual(['refused', 'delivered', 'refused']);
  });
});

describe('a deploying role', () => {
  const ARN = 'arn:aws:sts::111122223333:assumed-role/Deployer/pipeline';
  const RULE = 'arn:aws:events:us-east-1:111122223333:rule/Stack-*';
  const QUEUE = 'arn:aws:sqs:us-east-1:111122223333:Stack-*';
  const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:Stack-*';
  const MAPPING = 'arn:aws:lambda:us-east-1:111122223333:event-source-mapping:*';
  const NEEDED = [
    ...['DescribeRule', 'PutRule', 'PutTargets', 'ListTargetsByRule', 'RemoveTargets', 'DeleteRule', 'TagResource'].map((name) => [`events:${name}`, RULE]),
    ...['CreateQueue', 'GetQueueAttributes', 'SetQueueAttributes', 'DeleteQueue', 'TagQueue'].map((name) => [`sqs:${name}`, QUEUE]),
    ...['AddPermission', 'RemovePermission'].map((name) => [`lambda:${name}`, FUNCTION]),
    ['lambda:CreateEventSourceMapping', '*'],
    ...['GetEventSourceMapping', 'DeleteEventSourceMapping', 'TagResource'].map((name) => [`lambda:${name}`, MAPPING]),
  ];
  const others = { Effect: 'Allow', Action: ['iam:*', 'lambda:CreateFunction', 'lambda:GetFunction', 'lambda:DeleteFunction', 'lambda:TagResource'], Resource: '*' };
  const resources = {
    ...withFunction(NOTE, {}, MAY_READ_QUEUE),
    Queue: queue(),
    Rule: rule({ EventPattern: DETACHED, Targets: [{ Id: 'Queue', Arn: arnOf('Queue') }] }),
    Policy: queuePolicy('Rule'),
    Schedule: rule({ ScheduleExpression: 'rate(1 hour)' }),
    Permission: permission('Schedule'),
    Mapping: mapping(),
  };

  async function deployWithout(denied: string) {
    const record: EvaluatedRequest[] = [];
    const Statement = [others, ...NEEDED.filter(([action]) => action !== denied).map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource }))];
    const authorize = authorizerFor({ Version: '2012-10-17', Statement }, { accountId: '111122223333', principal: ARN, record });
    const aws = await startAws({ deployer: { accountId: '111122223333', arn: ARN, authorize } });
    const created = await aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: resources }, tags: { team: 'security' } });
    const deleted = await aws.cloudFormation.deleteStack('Stack');
    return { created, deleted, record };
  }

  test('is asked for everything that CloudFormation does', async () => {
    const { created, deleted, record } = await deployWithout('');
    const asked = new Set(record.map(({ action }) => action));

    expect([created.failures, deleted.failures]).toEqual([[], []]);
    expect(NEEDED.map(([action]) => action).filter((action) => !asked.has(action))).toEqual([]);
    expect(record.find(({ action }) => action === 'lambda:CreateEventSourceMapping')!.context).toEqual({ 'lambda:FunctionArn': expect.stringContaining(':function:Stack-Function-') });
  });

  test.each(NEEDED.map(([action]) => action).filter((action) => action !== 'lambda:TagResource'))('can not do without %s', async (action) => {
    const { created, deleted } = await deployWithout(action);

    expect([...created.failures, ...deleted.failures].map(({ reason }) => reason).join()).toContain(`is not authorized to perform: ${action}`);
  });

  test('is asked for the changes of an update', async () => {
    const record: EvaluatedRequest[] = [];
    const authorize = authorizerFor({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }, { accountId: '111122223333', principal: ARN, record });
    const aws = await startAws({ deployer: { accountId: '111122223333', arn: ARN, authorize } });
    await deploy(aws, resources);
    record.length = 0;
    await aws.cloudFormation.updateStack({
      stackName: 'Stack',
      template: { Resources: { ...resources, Queue: queue({ VisibilityTimeout: 61 }), Schedule: rule({ ScheduleExpression: 'rate(2 hours)', Targets: [] }), Mapping: mapping({ BatchSize: 5 }) } },
      tags: { team: 'security' },
    });
    const asked = [...new Set(record.map(({ action }) => action))].filter((action) => !action.startsWith('iam:'));

    expect(asked.sort()).toEqual([
      'events:PutRule', 'events:PutTargets', 'events:RemoveTargets', 'events:TagResource',
      'lambda:GetEventSourceMapping', 'lambda:GetFunction', 'lambda:TagResource', 'lambda:UpdateEventSourceMapping',
      'sqs:SetQueueAttributes', 'sqs:TagQueue',
    ]);
  });
});
