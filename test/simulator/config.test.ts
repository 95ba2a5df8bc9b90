import { ConfigServiceClient, PutEvaluationsCommand, type Evaluation, type PutEvaluationsCommandInput } from '@aws-sdk/client-config-service';
import { ACCOUNT, clientSettings } from './aws-clients';
import { allow, handler, startAws, withFunction } from './cloudformation/scene';
import { type SimulatedAws, type SimulatedAwsOptions } from '../../simulator/cloudformation/simulated-aws';
import { type EvaluatedRequest } from '../../simulator/iam';
import { exactly, expectSteps, fails, type Step } from '../support/steps';

const HOUR = 3_600_000;

/** The code of a rule's function that reports what its event and its parameters contain. */
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

/** The code of a function that reports nothing. */
const IDLE = 'exports.handler = async () => {};';

function rule(properties: object = {}, detail: object = {}) {
  const SourceDetails = [{ EventSource: 'aws.config', MessageType: 'ScheduledNotification', MaximumExecutionFrequency: 'Six_Hours', ...detail }];
  const Source = { Owner: 'CUSTOM_LAMBDA', SourceIdentifier: { 'Fn::GetAtt': 'Function.Arn' }, SourceDetails };
  return { Type: 'AWS::Config::ConfigRule', DependsOn: 'Permission', Properties: { Source, ...properties } };
}

function template(Rule: object = rule(), code = IDLE, permission: object = {}) {
  const Properties = { Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'Function' }, Principal: 'config.amazonaws.com', SourceAccount: { Ref: 'AWS::AccountId' } };
  return {
    Resources: {
      ...withFunction(code, {}, allow('config:PutEvaluations')), Permission: { Type: 'AWS::Lambda::Permission', Properties: { ...Properties, ...permission } }, Rule,
    },
    Outputs: { Name: { Value: { Ref: 'Rule' } }, Arn: { Value: { 'Fn::GetAtt': 'Rule.Arn' } }, Id: { Value: { 'Fn::GetAtt': 'Rule.ConfigRuleId' } } },
  };
}

let aws: SimulatedAws;
let created: number;

async function deploy(source: object = template(), options?: SimulatedAwsOptions) {
  aws = await startAws(options);
  const outcome = await aws.cloudFormation.createStack({ stackName: 'Stack', template: source });
  created = aws.clock.now();
  return outcome;
}

const update = async (source: object) => aws.cloudFormation.updateStack({ stackName: 'Stack', template: source });
const outputs = () => aws.cloudFormation.describeStack('Stack').outputs;
const runs = () => aws.cloudFormation.invocations.filter(({ event }) => event.configRuleName);
const count = () => runs().length;
const evaluate = (name = 'Rule'): Step[] => [[() => { aws.config.startEvaluation(name); }], [() => aws.clock.sleep(5000)]];
const sleep = (hours: number): Step => [() => aws.clock.sleep(hours * HOUR + 120_000)];
const firstSoonAfterCreation = () => {
  const [first, ...others] = runs().map(({ startedAt }) => startedAt);
  return [first - created < 120_000, ...others.map((time) => (time - first) / HOUR)];
};

test.each<[string, object, ...Step[]]>([
  ['is evaluated soon after its creation, and then at its frequency', template(rule(), REPORT),
    sleep(13), [firstSoonAfterCreation, [true, 6, 12]], [() => aws.config.evaluations('Rule').length, 3]],
  ...[['One_Hour', 1], ['Three_Hours', 3], ['Six_Hours', 6], ['Twelve_Hours', 12], ['TwentyFour_Hours', 24], [{ Ref: 'AWS::NoValue' }, 24]].map(
    ([MaximumExecutionFrequency, hours]): [string, object, ...Step[]] => (
      [`with the frequency ${JSON.stringify(MaximumExecutionFrequency)} runs every ${hours} hours`, template(rule({}, { MaximumExecutionFrequency })),
        sleep(Number(hours)), [firstSoonAfterCreation, [true, hours]]])),
  ['sends parameters to its function even if it has none', template(), ...evaluate(), [() => runs()[0].event.ruleParameters, '{}']],
  ['does not make time pass', template(), [() => new Promise((resolve) => setTimeout(resolve, 50))], [() => aws.clock.now() - created, 0], [count, 0]],
  ['shows that it may no longer invoke its function', template(),
    [() => update(template(rule(), IDLE, { SourceAccount: '444455556666' }))], ...evaluate(), [count, 0],
    [() => aws.config.rule('Rule'), { lastError: expect.stringContaining('cannot be invoked') }]],
  ['ends with its stack', template(),
    [() => aws.cloudFormation.deleteStack('Stack')], sleep(13), [count, 0],
    [() => aws.config.rule('Rule'), fails('Error', /no rule is called Rule; there are: none/)]],
])('a rule %s', async (_, source, ...steps) => {
  await deploy(source);
  await expectSteps(...steps);
});

test('a rule keeps its name, id and results when it is changed', async () => {
  await deploy(template(rule(), REPORT));
  const before = outputs();
  await expectSteps(
    ...evaluate(), [() => update(template(rule({ Description: 'new' }, { MaximumExecutionFrequency: 'One_Hour' }), REPORT))],
    [outputs, exactly(before)], [() => aws.config.rule('Rule'), { frequency: 'One_Hour', description: 'new' }], [() => aws.config.evaluations('Rule').length, 1],
    // Started by hand, soon after the change, and twice at the new frequency. The old frequency is gone.
    sleep(2), [count, 4],
  );
});

test('a rule sends the documented event, and stores what its function reports', async () => {
  await deploy(template(rule({ ConfigRuleName: 'opt-out', InputParameters: { type: 'NON_COMPLIANT' } }), REPORT));
  await expectSteps(...evaluate('opt-out'));
  const { Arn, Id } = outputs();
  const [{ event, trigger }] = runs();
  const { invokingEvent, ...members } = event;
  await expectSteps(
    [() => members, exactly({
      version: '1.0',
      ruleParameters: '{"type":"NON_COMPLIANT"}',
      resultToken: expect.any(String),
      eventLeftScope: false,
      executionRoleArn: `arn:aws:iam::${ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`,
      configRuleArn: `arn:aws:config:us-east-1:${ACCOUNT}:config-rule/${Id}`,
      configRuleName: 'opt-out',
      configRuleId: Id,
      accountId: ACCOUNT,
    })],
    [() => JSON.parse(invokingEvent), exactly({
      awsAccountId: ACCOUNT, notificationCreationTime: new Date(created).toISOString(), messageType: 'ScheduledNotification', recordVersion: '1.0',
    })],
    [() => trigger, exactly({ service: 'config.amazonaws.com', arn: Arn })],
    [() => aws.config.evaluations('opt-out'), exactly([{
      time: expect.any(Number),
      resourceType: 'AWS::::Account',
      resourceId: ACCOUNT,
      complianceType: 'NON_COMPLIANT',
      annotation: 'looked at',
      orderingTimestamp: created,
    }])],
  );
});

const NOT_INVOCABLE = new RegExp('^The AWS Lambda function arn:aws:lambda:us-east-1:111122223333:function:Stack-Function-\\w+ cannot be invoked. '
  + 'Check the specified function ARN, and check the function\'s permissions. '
  + '\\(Service: AmazonConfig; Status Code: 400; Error Code: InsufficientPermissionsException\\)$');

test.each<[string, object, SimulatedAwsOptions, string | RegExp]>([
  ['without a configuration recorder', template(), { configurationRecorder: false }, 'Configuration recorder is not available to put config rule. '
    + '(Service: AmazonConfig; Status Code: 400; Error Code: NoAvailableConfigurationRecorderException)'],
  ['if the permission is for another service', template(rule(), IDLE, { Principal: 'events.amazonaws.com' }), {}, NOT_INVOCABLE],
  ['if the permission is for another account', template(rule(), IDLE, { SourceAccount: '444455556666' }), {}, NOT_INVOCABLE],
  ['if the permission is for another action', template(rule(), IDLE, { Action: 'lambda:GetFunction' }), {}, NOT_INVOCABLE],
  ['with parameters that are too long', template(rule({ InputParameters: { text: 'x'.repeat(1024) } })), {}, /configRule.inputParameters/],
])('AWS::Config::ConfigRule fails %s', async (_, source, options, reason) => expectSteps(
  [() => deploy(source, options), { failures: [{ logicalId: 'Rule', reason: typeof reason === 'string' ? reason : expect.stringMatching(reason) }] }],
  [() => aws.config.rules, []],
));

test.each<[string, object, RegExp]>([
  ['rules of AWS', rule({ Source: { Owner: 'AWS', SourceIdentifier: 'X' } }), /only rules with Source.Owner CUSTOM_LAMBDA/],
  ['rules for changes', rule({}, { MessageType: 'ConfigurationItemChangeNotification' }), /only the message type ScheduledNotification/],
  ['another source', rule({}, { EventSource: 'aws.s3' }), /EventSource has to be aws.config/],
  ['another frequency', rule({}, { MaximumExecutionFrequency: 'Two_Hours' }), /MaximumExecutionFrequency Two_Hours is not one of One_Hour/],
])('AWS::Config::ConfigRule is not simulated for %s', async (_, given, message) => expectSteps([() => deploy(template(given)), fails('ValidationError', message)]));

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
  const times = (length: number) => ({ Evaluations: Array.from({ length }, () => evaluation()) });
  const stored = () => aws.config.evaluations('Rule').length;
  const call = async (operation: string, members: object = {}) => (
    aws.config.call(operation, { ResultToken: token, Evaluations: [evaluation(members)] }, { accountId: ACCOUNT, arn: 'arn' })
  );

  test.each<[string, () => Promise<unknown>, number | object]>([
    ['one evaluation', put, 1],
    ['100 evaluations', () => put({}, times(100)), 100],
    ['no evaluations', () => put({}, { Evaluations: [] }), 0],
    ['no annotation', () => put({ Annotation: undefined }), 1],
    ['an annotation of 256 characters', () => put({ Annotation: 'x'.repeat(256) }), 1],
    ['NOT_APPLICABLE', () => put({ ComplianceType: 'NOT_APPLICABLE' }), 1],
    ['another resource type', () => put({ ComplianceResourceType: 'AWS::S3::Bucket', ComplianceResourceId: 'bucket' }), 1],
    ['an unknown token in test mode', () => put({}, { ResultToken: 'TESTMODE', TestMode: true }), 0],
    ['101 evaluations', () => put({}, times(101)), fails('ValidationException', /at 'evaluations'.*length less than or equal to 100/)],
    ['an empty annotation', () => put({ Annotation: '' }), fails('ValidationException',
      "1 validation error detected: Value '' at 'evaluations.1.member.annotation' failed to satisfy constraint: Member must have length greater than or equal to 1")],
    ['an annotation of 257 characters', () => put({ Annotation: 'x'.repeat(257) }), fails('ValidationException', /annotation.*less than or equal to 256/)],
    ['an unknown compliance type', () => put({ ComplianceType: 'UNKNOWN' }), fails('ValidationException', /complianceType.*COMPLIANT, NON_COMPLIANT/)],
    ['INSUFFICIENT_DATA', () => put({ ComplianceType: 'INSUFFICIENT_DATA' }), fails('InvalidParameterValueException', /INSUFFICIENT_DATA/)],
    ['the account with two colons', () => put({ ComplianceResourceType: 'AWS::Account' }), fails('InvalidParameterValueException', /AWS::Account is not a valid/)],
    ['no resource id', () => put({ ComplianceResourceId: '' }), fails('ValidationException', /complianceResourceId/)],
    ['no time', () => put({ OrderingTimestamp: undefined }), fails('ValidationException', /Value null at 'evaluations.1.member.orderingTimestamp'/)],
    ['a time that is not a number', () => call('PutEvaluations', { OrderingTimestamp: '2026-01-01' }), fails('SerializationException')],
    ['no token', () => put({}, { ResultToken: undefined }), fails('ValidationException', /Value null at 'resultToken'/)],
    ['an unknown token', () => put({}, { ResultToken: 'TESTMODE' }), fails('InvalidResultTokenException', 'The specified ResultToken is not valid.')],
    ['another operation', () => call('PutConfigRule'), fails('UnknownOperationException')],
  ])('with %s', async (_, act, expected) => {
    const accepted = typeof expected === 'number';
    await expectSteps([act, accepted ? { FailedEvaluations: [] } : expected], [stored, accepted ? expected : 0]);
  });

  test.each<[string, ...Step[]]>([
    ['records its calls', [put], [() => aws.config.calls, [{ operation: 'PutEvaluations', outcome: 'ok' }]]],
    ['refuses the token of a deleted rule', [() => aws.cloudFormation.deleteStack('Stack')], [put, fails('NoSuchConfigRuleException', /Stack-Rule-/)]],
    ['can fail for single evaluations',
      [() => aws.config.failNextEvaluations()], [put, { FailedEvaluations: [{ ComplianceResourceId: ACCOUNT, ComplianceType: 'COMPLIANT', OrderingTimestamp: expect.any(Date) }] }],
      [stored, 0], [put, { FailedEvaluations: [] }]],
    ['can be throttled', [() => { aws.config.faults.throttle('PutEvaluations', { calls: [1] }); }], [put, fails('ThrottlingException')]],
    ['ignores a result that is older than the stored one',
      [() => put({ ComplianceType: 'NON_COMPLIANT' })], [() => put({ OrderingTimestamp: new Date(aws.clock.now() - 1000) })],
      [() => put({ ComplianceResourceId: '444455556666' })],
      [() => aws.config.compliance('Rule').map(({ resourceId, complianceType }) => [resourceId, complianceType]),
        [[ACCOUNT, 'NON_COMPLIANT'], ['444455556666', 'COMPLIANT']]]],
  ])('%s', async (_, ...steps) => expectSteps(...steps));

  test('needs a permission for every resource', async () => {
    const record: EvaluatedRequest[] = [];
    const restricted = (resource?: string) => new ConfigServiceClient(clientSettings(aws, [allow('config:PutEvaluations', resource)], record));
    await expectSteps(
      [() => put({}, {}, restricted())], [() => record, [{ action: 'config:PutEvaluations', resources: ['*'], allowed: true }]],
      [() => put({}, {}, restricted(aws.config.rule('Rule').arn)), fails('AccessDeniedException', /not authorized to perform: config:PutEvaluations on resource: \*/)],
    );
  });
});
