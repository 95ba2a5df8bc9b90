import { ConfigServiceClient, PutEvaluationsCommand, type Evaluation, type PutEvaluationsCommandInput } from '@aws-sdk/client-config-service';
import { ACCOUNT, clientSettings } from './aws-clients';
import { allow, handler, startAws, withFunction } from './cloudformation/scene';
import { type SimulatedAws, type SimulatedAwsOptions } from '../../simulator/cloudformation/simulated-aws';
import { type EvaluatedRequest } from '../../simulator/iam';

const HOUR = 3_600_000;

/** A rule's function that reports what its event and its parameters say. */
const REPORT = handler(`
  const { ConfigServiceClient, PutEvaluationsCommand } = require('@aws-sdk/client-config-service');
  const { notificationCreationTime } = JSON.parse(event.invokingEvent);
  return new ConfigServiceClient().send(new PutEvaluationsCommand({
    ResultToken: event.resultToken,
    Evaluations: [{
      ComplianceResourceType: 'AWS::::Account',
      ComplianceResourceId: event.accountId,
      ComplianceType: JSON.parse(event.ruleParameters).type || 'COMPLIANT',
      Annotation: 'looked at',
      OrderingTimestamp: new Date(notificationCreationTime),
    }],
  }));
`);

const PERMISSION = {
  Type: 'AWS::Lambda::Permission',
  Properties: { Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'Function' }, Principal: 'config.amazonaws.com', SourceAccount: { Ref: 'AWS::AccountId' } },
};

function ruleResource(properties: object = {}, detail: object = {}) {
  return {
    Type: 'AWS::Config::ConfigRule',
    DependsOn: 'Permission',
    Properties: {
      Source: {
        Owner: 'CUSTOM_LAMBDA',
        SourceIdentifier: { 'Fn::GetAtt': 'Function.Arn' },
        SourceDetails: [{ EventSource: 'aws.config', MessageType: 'ScheduledNotification', MaximumExecutionFrequency: 'Six_Hours', ...detail }],
      },
      ...properties,
    },
  };
}

function template(rule: object = ruleResource(), permission: object = PERMISSION) {
  return {
    Resources: { ...withFunction(REPORT, {}, allow('config:PutEvaluations')), Permission: permission, Rule: rule },
    Outputs: { Name: { Value: { Ref: 'Rule' } }, Arn: { Value: { 'Fn::GetAtt': 'Rule.Arn' } }, Id: { Value: { 'Fn::GetAtt': 'Rule.ConfigRuleId' } } },
  };
}

let aws: SimulatedAws;

async function deploy(source: object = template(), options?: SimulatedAwsOptions) {
  aws = await startAws(options);
  return aws.cloudFormation.createStack({ stackName: 'Stack', template: source });
}

const runs = () => aws.cloudFormation.invocations.filter(({ event }) => event.configRuleName);

describe('a periodic rule', () => {
  test('is evaluated soon after it was created, and then at its frequency', async () => {
    await deploy();
    const created = aws.clock.now();
    await aws.clock.sleep(13 * HOUR);

    const [first, ...others] = runs().map(({ startedAt }) => startedAt);

    expect(first - created).toBeLessThan(2 * 60_000);
    expect(others.map((time) => time - first)).toEqual([6 * HOUR, 12 * HOUR]);
    expect(aws.config.evaluations('Rule')).toHaveLength(3);
  });

  test.each([
    ['One_Hour', 1], ['Three_Hours', 3], ['Six_Hours', 6], ['Twelve_Hours', 12], ['TwentyFour_Hours', 24],
  ])('runs every %s', async (MaximumExecutionFrequency, hours) => {
    await deploy(template(ruleResource({}, { MaximumExecutionFrequency })));
    await aws.clock.sleep(hours * HOUR + 120_000);

    expect(runs()).toHaveLength(2);
  });

  test('runs once a day when nothing else is said', async () => {
    await deploy(template(ruleResource({}, { MaximumExecutionFrequency: { Ref: 'AWS::NoValue' } })));
    await aws.clock.sleep(25 * HOUR);

    expect(runs()).toHaveLength(2);
  });

  test('sends the documented event', async () => {
    await deploy(template(ruleResource({ ConfigRuleName: 'opt-out', InputParameters: { type: 'NON_COMPLIANT' } })));
    aws.config.startEvaluation('opt-out');
    const started = aws.clock.now();
    await aws.clock.sleep(5000);
    const { Arn, Id } = aws.cloudFormation.describeStack('Stack').outputs;
    const [{ event, trigger }] = runs();

    expect(event).toEqual({
      version: '1.0',
      invokingEvent: expect.any(String),
      ruleParameters: '{"type":"NON_COMPLIANT"}',
      resultToken: expect.any(String),
      eventLeftScope: false,
      executionRoleArn: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`,
      configRuleArn: Arn,
      configRuleName: 'opt-out',
      configRuleId: Id,
      accountId: ACCOUNT,
    });
    expect(JSON.parse(event.invokingEvent)).toEqual({
      awsAccountId: ACCOUNT,
      notificationCreationTime: new Date(started).toISOString(),
      messageType: 'ScheduledNotification',
      recordVersion: '1.0',
    });
    expect(Arn).toBe(`arn:aws:config:us-east-1:${ACCOUNT}:config-rule/${Id}`);
    expect(trigger).toEqual({ service: 'config.amazonaws.com', arn: Arn });
    expect(aws.config.evaluations('opt-out')).toEqual([{
      time: expect.any(Number),
      resourceType: 'AWS::::Account',
      resourceId: ACCOUNT,
      complianceType: 'NON_COMPLIANT',
      annotation: 'looked at',
      orderingTimestamp: started,
    }]);
  });

  test('has parameters even when it has none', async () => {
    await deploy();
    aws.config.startEvaluation('Rule');
    await aws.clock.sleep(5000);

    expect(runs()[0].event.ruleParameters).toBe('{}');
  });

  test('does not make time pass', async () => {
    await deploy();
    const now = aws.clock.now();
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(aws.clock.now()).toBe(now);
    expect(runs()).toEqual([]);
  });

  test('shows that it may not run its function any more', async () => {
    await deploy();
    const { Rule, ...others } = template().Resources;
    await aws.cloudFormation.updateStack({
      stackName: 'Stack', template: { Resources: { ...others, Permission: { ...PERMISSION, Properties: { ...PERMISSION.Properties, SourceAccount: '444455556666' } }, Rule } },
    });
    aws.config.startEvaluation('Rule');
    await aws.clock.sleep(5000);

    expect(runs()).toEqual([]);
    expect(aws.config.rule('Rule').lastError).toContain('cannot be invoked');
  });

  test('ends with its stack', async () => {
    await deploy();
    await aws.cloudFormation.deleteStack('Stack');
    await aws.clock.sleep(13 * HOUR);

    expect(runs()).toEqual([]);
    expect(() => aws.config.rule('Rule')).toThrow('no rule is called Rule; there are: none');
  });

  test('keeps its name and its results when it is changed', async () => {
    await deploy();
    const before = aws.cloudFormation.describeStack('Stack').outputs;
    aws.config.startEvaluation('Rule');
    await aws.clock.sleep(5000);
    await aws.cloudFormation.updateStack({ stackName: 'Stack', template: template(ruleResource({ Description: 'new' }, { MaximumExecutionFrequency: 'One_Hour' })) });

    expect(aws.cloudFormation.describeStack('Stack').outputs).toEqual(before);
    expect(aws.config.rule('Rule')).toMatchObject({ frequency: 'One_Hour', description: 'new' });
    expect(aws.config.evaluations('Rule')).toHaveLength(1);

    await aws.clock.sleep(2 * HOUR + 120_000);

    // By hand, soon after the change, and twice at the new frequency; nothing is left of the old one.
    expect(runs()).toHaveLength(4);
  });
});

describe('AWS::Config::ConfigRule', () => {
  test('fails without a configuration recorder', async () => {
    const { failures } = await deploy(template(), { configurationRecorder: false });

    expect(failures[0]).toMatchObject({
      logicalId: 'Rule',
      reason: 'Configuration recorder is not available to put config rule. '
        + '(Service: AmazonConfig; Status Code: 400; Error Code: NoAvailableConfigurationRecorderException)',
    });
    expect(aws.config.rules).toEqual([]);
  });

  test.each([
    ['another service', { Principal: 'events.amazonaws.com' }],
    ['another account', { SourceAccount: '444455556666' }],
    ['another action', { Action: 'lambda:GetFunction' }],
  ])('fails when the permission is for %s', async (_, properties) => {
    const { failures } = await deploy(template(ruleResource(), { ...PERMISSION, Properties: { ...PERMISSION.Properties, ...properties } }));

    expect(failures[0].logicalId).toBe('Rule');
    expect(failures[0].reason).toMatch(new RegExp('^The AWS Lambda function arn:aws:lambda:us-east-1:111122223333:function:Stack-Function-\\w+ cannot be invoked. '
      + 'Check the specified function ARN, and check the function\'s permissions. '
      + '\\(Service: AmazonConfig; Status Code: 400; Error Code: InsufficientPermissionsException\\)$'));
  });

  test('fails with parameters that are too long', async () => {
    const { failures } = await deploy(template(ruleResource({ InputParameters: { text: 'x'.repeat(1024) } })));

    expect(failures[0].reason).toContain('configRule.inputParameters');
  });

  test.each([
    ['AWS\'s own rules', { Source: { Owner: 'AWS', SourceIdentifier: 'X' } }, {}, 'only rules with Source.Owner CUSTOM_LAMBDA'],
    ['changes', {}, { MessageType: 'ConfigurationItemChangeNotification' }, 'only the message type ScheduledNotification'],
    ['another source', {}, { EventSource: 'aws.s3' }, 'EventSource has to be aws.config'],
    ['another frequency', {}, { MaximumExecutionFrequency: 'Two_Hours' }, 'MaximumExecutionFrequency Two_Hours is not one of One_Hour'],
  ])('is not known for %s', async (_, properties, detail, message) => {
    await expect(deploy(template(ruleResource(properties, detail)))).rejects.toThrow(message);
  });
});

describe('PutEvaluations', () => {
  let client: ConfigServiceClient;
  let token: string;

  beforeEach(async () => {
    await deploy();
    client = new ConfigServiceClient(clientSettings(aws));
    token = aws.config.startEvaluation('Rule');
  });

  const evaluation = (members: object = {}): Evaluation => ({
    ComplianceResourceType: 'AWS::::Account', ComplianceResourceId: ACCOUNT, ComplianceType: 'COMPLIANT', OrderingTimestamp: new Date(aws.clock.now()), ...members,
  });
  const put = async (members: object = {}, input: Partial<PutEvaluationsCommandInput> = {}, from = client) => (
    from.send(new PutEvaluationsCommand({ ResultToken: token, Evaluations: [evaluation(members)], ...input }))
  );

  test('stores what is reported', async () => {
    await expect(put()).resolves.toMatchObject({ FailedEvaluations: [] });
    expect(aws.config.evaluations('Rule')).toHaveLength(1);
    expect(aws.config.calls).toMatchObject([{ operation: 'PutEvaluations', outcome: 'ok' }]);
  });

  test.each([
    ['100 evaluations', () => put({}, { Evaluations: Array(100).fill(evaluation()) })],
    ['none', () => put({}, { Evaluations: [] })],
    ['no annotation', () => put({ Annotation: undefined })],
    ['an annotation of 256 characters', () => put({ Annotation: 'x'.repeat(256) })],
    ['what does not apply', () => put({ ComplianceType: 'NOT_APPLICABLE' })],
    ['another resource type', () => put({ ComplianceResourceType: 'AWS::S3::Bucket', ComplianceResourceId: 'bucket' })],
  ])('takes %s', async (_, send) => {
    await expect(send()).resolves.toMatchObject({ FailedEvaluations: [] });
  });

  test.each([
    ['101 evaluations', () => put({}, { Evaluations: Array(101).fill(evaluation()) }), 'ValidationException', /at 'evaluations'.*length less than or equal to 100/],
    ['an empty annotation', () => put({ Annotation: '' }), 'ValidationException',
      "1 validation error detected: Value '' at 'evaluations.1.member.annotation' failed to satisfy constraint: Member must have length greater than or equal to 1"],
    ['an annotation of 257 characters', () => put({ Annotation: 'x'.repeat(257) }), 'ValidationException', /annotation.*less than or equal to 256/],
    ['an unknown compliance type', () => put({ ComplianceType: 'UNKNOWN' }), 'ValidationException', /complianceType.*COMPLIANT, NON_COMPLIANT/],
    ['insufficient data', () => put({ ComplianceType: 'INSUFFICIENT_DATA' }), 'InvalidParameterValueException', /INSUFFICIENT_DATA/],
    ['the account with two colons', () => put({ ComplianceResourceType: 'AWS::Account' }), 'InvalidParameterValueException', /AWS::Account is not a valid/],
    ['no resource id', () => put({ ComplianceResourceId: '' }), 'ValidationException', /complianceResourceId/],
    ['no time', () => put({ OrderingTimestamp: undefined }), 'ValidationException', /Value null at 'evaluations.1.member.orderingTimestamp'/],
    ['no token', () => put({}, { ResultToken: undefined }), 'ValidationException', /Value null at 'resultToken'/],
    ['an unknown token', () => put({}, { ResultToken: 'TESTMODE' }), 'InvalidResultTokenException', 'The specified ResultToken is not valid.'],
  ])('refuses %s', async (_, send, name, message) => {
    await expect(send()).rejects.toMatchObject({ name, message: typeof message === 'string' ? message : expect.stringMatching(message) });
    expect(aws.config.evaluations('Rule')).toEqual([]);
  });

  test('refuses a time that is no number', async () => {
    await expect(aws.config.call('PutEvaluations', { ResultToken: token, Evaluations: [evaluation({ OrderingTimestamp: '2026-01-01' })] }, { accountId: ACCOUNT, arn: 'x' }))
      .rejects.toMatchObject({ name: 'SerializationException' });
  });

  test('refuses the token of a rule that is gone', async () => {
    const { Name } = aws.cloudFormation.describeStack('Stack').outputs;
    await aws.cloudFormation.deleteStack('Stack');

    await expect(put()).rejects.toMatchObject({ name: 'NoSuchConfigRuleException', message: expect.stringContaining(Name) });
  });

  test('stores nothing in test mode, whatever the token', async () => {
    await expect(put({}, { ResultToken: 'TESTMODE', TestMode: true })).resolves.toMatchObject({ FailedEvaluations: [] });
    expect(aws.config.evaluations('Rule')).toEqual([]);
  });

  test('can fail for single evaluations', async () => {
    aws.config.failNextEvaluations();

    expect((await put()).FailedEvaluations).toEqual([evaluation()]);
    expect(aws.config.evaluations('Rule')).toEqual([]);
    expect((await put()).FailedEvaluations).toEqual([]);
  });

  test('can be throttled', async () => {
    aws.config.faults.throttle('PutEvaluations', { calls: [1] });

    await expect(put()).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  test('does not let an older word overrule a newer one', async () => {
    await put({ ComplianceType: 'NON_COMPLIANT' });
    await put({ ComplianceType: 'COMPLIANT', OrderingTimestamp: new Date(aws.clock.now() - 1000) });
    await put({ ComplianceType: 'COMPLIANT', ComplianceResourceId: '444455556666' });

    expect(aws.config.compliance('Rule').map(({ resourceId, complianceType }) => [resourceId, complianceType]))
      .toEqual([[ACCOUNT, 'NON_COMPLIANT'], ['444455556666', 'COMPLIANT']]);
  });

  test('needs a permission on everything', async () => {
    const record: EvaluatedRequest[] = [];
    await put({}, {}, new ConfigServiceClient(clientSettings(aws, [allow('config:PutEvaluations')], record)));

    expect(record).toMatchObject([{ action: 'config:PutEvaluations', resources: ['*'], allowed: true }]);
    await expect(put({}, {}, new ConfigServiceClient(clientSettings(aws, [allow('config:PutEvaluations', aws.config.rule('Rule').arn)]))))
      .rejects.toMatchObject({ name: 'AccessDeniedException', message: expect.stringContaining('not authorized to perform: config:PutEvaluations on resource: *') });
  });

  test('is the only operation', async () => {
    await expect(aws.config.call('PutConfigRule', {}, { accountId: ACCOUNT, arn: 'x' })).rejects.toMatchObject({ name: 'UnknownOperationException' });
  });
});
