import { GetParameterCommand, PutParameterCommand, SSMClient, type PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { ACCOUNT, clientSettings } from './aws-clients';
import { allow, handler, startAws, withFunction } from './cloudformation/scene';
import { type SimulatedAws } from '../../simulator/cloudformation/simulated-aws';
import { type EvaluatedRequest } from '../../simulator/iam';
import { exactly, expectSteps, fails, type Step } from '../support/steps';

const ARN = `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/`;
const TOO_LONG = /Standard tier parameters support a maximum parameter value of 4096 characters\./;

let aws: SimulatedAws;
let client: SSMClient;

beforeEach(async () => {
  aws = await startAws();
  client = new SSMClient(clientSettings(aws));
});

const get = async (Name = 'State', from = client) => (await from.send(new GetParameterCommand({ Name }))).Parameter;
const put = async (Value: string, input: Partial<PutParameterCommandInput> | object = {}, from = client) => (
  from.send(new PutParameterCommand({ Name: 'State', Type: 'String', Value, ...input }))
);
const stored = () => aws.ssm.parameter('State');
const outcomes = () => aws.ssm.calls.map(({ operation, input, outcome }: any) => [operation, input.Value, outcome]);

/** Stores versions without calling the API. */
const versions = (name: string, ...values: string[]) => values.forEach((value) => aws.ssm.put(name, value));

test.each<[string, ...Step[]]>([
  ['counts versions',
    [() => put('one'), { Version: 1, Tier: 'Standard' }], [() => put('two', { Overwrite: true }), { Version: 2 }],
    [stored, exactly({ version: 2, value: 'two', type: 'String', lastModified: Date.UTC(2026, 0, 1) })],
    [outcomes, [['PutParameter', 'one', 'ok'], ['PutParameter', 'two', 'ok']]]],
  ['needs Overwrite for an existing parameter',
    [() => put('one')],
    [() => put('two'), fails('ParameterAlreadyExists', 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.', 400)],
    [() => aws.ssm.value('State'), 'one']],
  ['keeps the type of an existing parameter',
    [() => put('one,two', { Type: 'StringList' })], [() => put('three', { Type: undefined, Overwrite: true })], [stored, { type: 'StringList' }]],
  ['counts characters, not bytes', [() => put('ü'.repeat(4096)), { Version: 1 }]],
  ['accepts at most 4,096 characters', [() => put('x'.repeat(4097), { Overwrite: true }), fails('ValidationException', TOO_LONG)], [stored, undefined]],
])('PutParameter %s', async (_, ...steps) => expectSteps(...steps));

test.each<[string, string, object, string, string | RegExp]>([
  ['an empty value', '', {}, 'ValidationException',
    "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1"],
  ['a new parameter without a type', 'x', { Type: undefined }, 'ValidationException', 'A parameter type is required when you create a parameter.'],
  ['an unknown type', 'x', { Type: 'Text' }, 'ValidationException', /Member must satisfy enum value set: \[String, StringList, SecureString\]/],
  ['a type that needs a key', 'x', { Type: 'SecureString' }, 'UnsupportedParameterType', /SecureString/],
  ['a name reserved for AWS', 'x', { Name: 'aws-state' }, 'ValidationException', /prefixed with "aws" or "ssm"/],
  ['a path without its first slash', 'x', { Name: 'a/b' }, 'ValidationException', 'Parameter name must be a fully qualified name.'],
  ['other characters in the name', 'x', { Name: 'a b' }, 'ValidationException', /letters, numbers and the following 3 symbols/],
  ['tags together with Overwrite', 'x', { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] }, 'ValidationException', /tags and overwrite/],
  ['a value that does not match the pattern', 'x', { AllowedPattern: '^\\d+$' }, 'ParameterPatternMismatchException', /does not match/],
])('PutParameter refuses %s', async (_, value, input, name, message) => expectSteps(
  [() => put(value, input), fails(name, message)],
  [() => outcomes().at(-1)![2], name],
));

test.each<[string, ...Step[]]>([
  ['returns the latest version',
    [() => versions('State', 'one')], [() => aws.clock.sleep(1500)], [() => versions('State', 'two')],
    [() => get(), exactly({
      Name: 'State', Type: 'String', Value: 'two', Version: 2, LastModifiedDate: new Date(Date.UTC(2026, 0, 1) + 1500), ARN: `${ARN}State`, DataType: 'text',
    })]],
  ['returns an older version by its number',
    [() => versions('/path/State', 'one', 'two')], [() => get('/path/State:1'), { Name: '/path/State', Value: 'one', Version: 1, Selector: ':1' }]],
  ['finds a parameter by its ARN', [() => versions('/path/State', 'one')], [() => get(aws.ssm.arn('/path/State')), { Value: 'one' }]],
  ['does not find an unknown parameter', [() => get(), fails('ParameterNotFound')]],
  ['keeps the last 100 versions',
    [() => versions('State', ...Array.from({ length: 102 }, (_, index) => String(index + 1)))], [() => get('State:3'), { Value: '3' }],
    [() => get('State:2'), fails('ParameterVersionNotFound', 'Systems Manager could not find version 2 of State. Verify the version and try again.')],
    [() => aws.ssm.versions('State').length, 100]],
  ['knows no labels', [() => versions('State', 'one')], [() => get('State:latest'), fails('ParameterVersionNotFound')]],
  ['fails as the test demands',
    [() => versions('State', 'one')],
    [() => { aws.ssm.faults.throttle('GetParameter', { calls: [1] }); aws.ssm.faults.internalError('GetParameter', { calls: [2] }); }],
    [() => get(), fails('ThrottlingException')], [() => get(), fails('InternalServerError', undefined, 500)], [() => get(), { Value: 'one' }]],
])('GetParameter %s', async (_, ...steps) => expectSteps(...steps));

test('times travel as a number of seconds', async () => {
  versions('State', 'one');
  const headers = { 'x-amz-target': 'AmazonSSM.GetParameter', 'content-type': 'application/x-amz-json-1.1', 'authorization': 'Credential=test/x' };
  const response = await fetch(aws.endpointUrl, { method: 'POST', headers, body: '{"Name":"State"}' });
  expect(await response.json()).toMatchObject({ Parameter: { LastModifiedDate: aws.clock.now() / 1000 } });
});

test('other operations are unknown', async () => expectSteps(
  [() => aws.ssm.call('DeleteParameter', {}, { accountId: ACCOUNT, arn: 'arn' }), fails('UnknownOperationException')],
));

test('permissions are checked against the ARN without version', async () => {
  const record: EvaluatedRequest[] = [];
  const restricted = new SSMClient(clientSettings(aws, [allow(['ssm:GetParameter', 'ssm:PutParameter'], `${ARN}State`)], record));
  const denied = (operation: string) => fails('AccessDeniedException', `User: arn:aws:sts::${ACCOUNT}:assumed-role/Role/session is not authorized to perform: `
    + `ssm:${operation} on resource: ${ARN}Other because no identity-based policy allows the ssm:${operation} action`);
  versions('Other', 'one');
  await expectSteps(
    [() => put('one', {}, restricted)], [() => get('State:1', restricted)],
    [() => record, [
      { action: 'ssm:PutParameter', resources: [`${ARN}State`], context: { 'ssm:Overwrite': 'false' }, allowed: true },
      { action: 'ssm:GetParameter', resources: [`${ARN}State`], allowed: true },
    ]],
    [() => get('Other', restricted), denied('GetParameter')], [() => put('x', { Name: 'Other' }, restricted), denied('PutParameter')],
    [() => aws.ssm.versions('Other').length, 1],
  );
});

const template = (properties: object = {}, more: object = {}) => ({
  Resources: { State: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: '{}', ...properties } } },
  Outputs: { Name: { Value: { Ref: 'State' } }, Value: { Value: { 'Fn::GetAtt': 'State.Value' } }, Type: { Value: { 'Fn::GetAtt': 'State.Type' } } },
  ...more,
});
const create = async (properties?: object, more?: object) => aws.cloudFormation.createStack({ stackName: 'Stack', template: template(properties, more) });
const update = async (properties?: object) => aws.cloudFormation.updateStack({ stackName: 'Stack', template: template(properties) });
const outputs = () => aws.cloudFormation.describeStack('Stack').outputs;
const reason = async (properties: object) => (await create(properties)).failures[0].reason;
const GREETING = { Parameters: { Greeting: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/shared/greeting' } } };

test.each<[string, ...Step[]]>([
  ['has a generated name',
    [() => create()], [outputs, exactly({ Name: expect.stringMatching(/^CFN-State-[A-Z0-9]{12}$/), Value: '{}', Type: 'String' })],
    [() => aws.ssm.parameter(outputs().Name), { version: 1, value: '{}', type: 'String' }]],
  ['keeps a written value as long as its template stays the same',
    [() => create({ Name: 'Mine' })], [() => versions('Mine', 'written')],
    [() => update({ Name: 'Mine', Tags: { team: 'security' } }), { status: 'UPDATE_COMPLETE' }], [() => aws.ssm.parameter('Mine'), { version: 2, value: 'written' }]],
  ['gets the new value of its template',
    [() => create({ Name: 'Mine' })], [() => versions('Mine', 'written')], [() => update({ Name: 'Mine', Value: 'new' })],
    [() => aws.ssm.versions('Mine').map(({ value }) => value), ['{}', 'written', 'new']], [outputs, { Value: 'new' }]],
  ['is replaced when it is renamed, and deleted with its stack',
    [() => create({ Name: 'Mine' })], [() => update({ Name: 'Yours' })], [() => ['Mine', 'Yours'].map((name) => aws.ssm.value(name)), [undefined, '{}']],
    [() => aws.cloudFormation.deleteStack('Stack')], [() => aws.ssm.value('Yours'), undefined]],
  ['cannot take an existing name', [() => versions('Taken', 'x')], [() => reason({ Name: 'Taken' }), expect.stringContaining('The parameter already exists.')]],
  ['cannot hold more than 4,096 characters', [() => reason({ Value: 'x'.repeat(4097) }), expect.stringMatching(TOO_LONG)]],
  ['cannot take a name reserved for AWS', [() => reason({ Name: 'ssm-state' }), expect.stringContaining('prefixed with "aws" or "ssm"')]],
  ['is not simulated as SecureString', [() => create({ Type: 'SecureString' }), fails('ValidationError', /Type SecureString is not supported/)]],
  ['is not simulated in the advanced tier', [() => create({ Tier: 'Advanced' }), fails('ValidationError', /only the standard tier/)]],
  ['can be the parameter of a template',
    [() => versions('/shared/greeting', 'hello')], [() => create({ Value: { Ref: 'Greeting' } }, GREETING)], [outputs, { Value: 'hello' }]],
])('AWS::SSM::Parameter %s', async (_, ...steps) => expectSteps(...steps));

test('a function reads and writes a parameter with its role', async () => {
  const code = handler(`
    const { SSMClient, GetParameterCommand, PutParameterCommand } = require('@aws-sdk/client-ssm');
    const client = new SSMClient();
    const Name = process.env.STATE;
    const { Version } = await client.send(new PutParameterCommand({ Name, Value: 'from the function', Overwrite: true }));
    return (await client.send(new GetParameterCommand({ Name: Name + ':' + Version }))).Parameter.Value;
  `);
  const arn = { 'Fn::Sub': 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${State}' };
  const statement = allow(['ssm:GetParameter', 'ssm:PutParameter'], arn);
  const { Resources } = template();
  await create({}, {
    Resources: { ...Resources, ...withFunction(code, { Environment: { Variables: { STATE: { Ref: 'State' } } } }, statement) },
    Outputs: { Function: { Value: { 'Fn::GetAtt': 'Function.Arn' } } },
  });

  expect((await aws.cloudFormation.invokeFunction(outputs().Function, {})).result).toBe('from the function');
  expect(aws.cloudFormation.evaluatedRequests.filter(({ action }) => action.startsWith('ssm:')).map(({ action, allowed }) => [action, allowed]))
    .toEqual([['ssm:PutParameter', true], ['ssm:GetParameter', true]]);
});
