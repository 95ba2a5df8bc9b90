import { GetParameterCommand, PutParameterCommand, SSMClient, type GetParameterCommandInput, type PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { ACCOUNT, clientSettings } from './aws-clients';
import { allow, handler, startAws, withFunction } from './cloudformation/scene';
import { type SimulatedAws } from '../../simulator/cloudformation/simulated-aws';
import { type EvaluatedRequest } from '../../simulator/iam';

let aws: SimulatedAws;
let client: SSMClient;

beforeEach(async () => {
  aws = await startAws();
  client = new SSMClient(clientSettings(aws));
});

const get = async (input: GetParameterCommandInput, from = client) => from.send(new GetParameterCommand(input));
const put = async (input: Partial<PutParameterCommandInput>, from = client) => (
  from.send(new PutParameterCommand({ Name: 'State', Type: 'String', ...input } as PutParameterCommandInput))
);

describe('PutParameter', () => {
  test('creates a parameter and counts its versions', async () => {
    const first = await put({ Value: 'one' });
    const second = await put({ Value: 'two', Overwrite: true });

    expect([first.Version, first.Tier, second.Version]).toEqual([1, 'Standard', 2]);
    expect(aws.ssm.parameter('State')).toEqual({ version: 2, value: 'two', type: 'String', lastModified: aws.clock.now() });
    expect(aws.ssm.calls).toMatchObject([
      { operation: 'PutParameter', input: { Value: 'one' }, outcome: 'ok' },
      { operation: 'PutParameter', input: { Value: 'two' }, outcome: 'ok' },
    ]);
  });

  test('needs Overwrite for what exists', async () => {
    await put({ Value: 'one' });

    await expect(put({ Value: 'two' })).rejects.toMatchObject({
      name: 'ParameterAlreadyExists',
      message: 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      $metadata: { httpStatusCode: 400 },
    });
    expect(aws.ssm.value('State')).toBe('one');
  });

  test('keeps the type of what exists', async () => {
    await put({ Value: 'one,two', Type: 'StringList' });
    await put({ Value: 'three', Type: undefined, Overwrite: true });

    expect(aws.ssm.parameter('State')!.type).toBe('StringList');
  });

  test('takes 4096 characters, not bytes', async () => {
    await expect(put({ Value: 'ü'.repeat(4096) })).resolves.toMatchObject({ Version: 1 });
  });

  test('refuses more', async () => {
    await expect(put({ Value: 'x'.repeat(4097), Overwrite: true })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining('Standard tier parameters support a maximum parameter value of 4096 characters.'),
    });
    expect(aws.ssm.parameter('State')).toBeUndefined();
  });

  test.each([
    ['no value', { Value: '' }, 'ValidationException', "1 validation error detected: Value '' at 'value' failed to satisfy constraint: "
      + 'Member must have length greater than or equal to 1'],
    ['no type for a new one', { Value: 'x', Type: undefined }, 'ValidationException', 'A parameter type is required when you create a parameter.'],
    ['an unknown type', { Value: 'x', Type: 'Text' }, 'ValidationException', /Member must satisfy enum value set: \[String, StringList, SecureString\]/],
    ['a type that needs a key', { Value: 'x', Type: 'SecureString' }, 'UnsupportedParameterType', /SecureString/],
    ['a name of AWS\'s own', { Value: 'x', Name: 'aws-state' }, 'ValidationException', /prefixed with "aws" or "ssm"/],
    ['a path without its first slash', { Value: 'x', Name: 'a/b' }, 'ValidationException', 'Parameter name must be a fully qualified name.'],
    ['other characters in the name', { Value: 'x', Name: 'a b' }, 'ValidationException', /letters, numbers and the following 3 symbols/],
    ['tags on what is overwritten', { Value: 'x', Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] }, 'ValidationException', /tags and overwrite/],
    ['a value that does not match', { Value: 'x', AllowedPattern: '^\\d+$' }, 'ParameterPatternMismatchException', /does not match/],
  ])('refuses %s', async (_, input, name, message) => {
    await expect(put(input as Partial<PutParameterCommandInput>)).rejects.toMatchObject({
      name, message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
    expect(aws.ssm.calls.at(-1)!.outcome).toBe(name);
  });
});

describe('GetParameter', () => {
  test('answers the latest version', async () => {
    aws.ssm.put('State', 'one');
    await aws.clock.sleep(1500);
    aws.ssm.put('State', 'two');

    const { Parameter } = await get({ Name: 'State' });

    expect(Parameter).toEqual({
      Name: 'State',
      Type: 'String',
      Value: 'two',
      Version: 2,
      LastModifiedDate: new Date(aws.clock.now()),
      ARN: `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/State`,
      DataType: 'text',
    });
  });

  test('answers an older version by its number', async () => {
    aws.ssm.put('/path/State', 'one');
    aws.ssm.put('/path/State', 'two');

    const { Parameter } = await get({ Name: '/path/State:1' });

    expect(Parameter).toMatchObject({ Name: '/path/State', Value: 'one', Version: 1, Selector: ':1' });
  });

  test('finds a parameter by its ARN', async () => {
    aws.ssm.put('/path/State', 'one');

    await expect(get({ Name: aws.ssm.arn('/path/State') })).resolves.toMatchObject({ Parameter: { Value: 'one' } });
  });

  test('writes the time as a number of seconds', async () => {
    aws.ssm.put('State', 'one');
    const response = await fetch(aws.endpointUrl, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSSM.GetParameter', 'content-type': 'application/x-amz-json-1.1', 'authorization': 'Credential=test/x' },
      body: '{"Name":"State"}',
    });

    expect(await response.json()).toMatchObject({ Parameter: { LastModifiedDate: aws.clock.now() / 1000 } });
  });

  test('does not find what does not exist', async () => {
    await expect(get({ Name: 'State' })).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test('keeps the last 100 versions', async () => {
    for (let version = 1; version <= 102; version++) aws.ssm.put('State', String(version));

    await expect(get({ Name: 'State:3' })).resolves.toMatchObject({ Parameter: { Value: '3' } });
    await expect(get({ Name: 'State:2' })).rejects.toMatchObject({
      name: 'ParameterVersionNotFound',
      message: 'Systems Manager could not find version 2 of State. Verify the version and try again.',
    });
    expect(aws.ssm.versions('State')).toHaveLength(100);
  });

  test('knows no labels', async () => {
    aws.ssm.put('State', 'one');

    await expect(get({ Name: 'State:latest' })).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  });
});

describe('permissions', () => {
  const ARN = `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/State`;

  test('are asked for by the parameter\'s ARN, whatever the version', async () => {
    const record: EvaluatedRequest[] = [];
    const restricted = new SSMClient(clientSettings(aws, [allow(['ssm:GetParameter', 'ssm:PutParameter'], ARN)], record));
    await put({ Value: 'one' }, restricted);
    await get({ Name: 'State:1' }, restricted);

    expect(record).toMatchObject([
      { action: 'ssm:PutParameter', resources: [ARN], context: { 'ssm:Overwrite': 'false' }, allowed: true },
      { action: 'ssm:GetParameter', resources: [ARN], allowed: true },
    ]);
  });

  test.each([
    ['GetParameter', async (restricted: SSMClient) => get({ Name: 'Other' }, restricted)],
    ['PutParameter', async (restricted: SSMClient) => put({ Name: 'Other', Value: 'x' }, restricted)],
  ])('are needed for %s', async (operation, send) => {
    aws.ssm.put('Other', 'one');
    const restricted = new SSMClient(clientSettings(aws, [allow('ssm:*', ARN)]));

    await expect(send(restricted)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/Role/session is not authorized to perform: ssm:${operation} `
        + `on resource: arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/Other because no identity-based policy allows the ssm:${operation} action`,
    });
    expect(aws.ssm.versions('Other')).toHaveLength(1);
  });
});

test('faults strike', async () => {
  aws.ssm.put('State', 'one');
  aws.ssm.faults.throttle('GetParameter', { calls: [1] });
  aws.ssm.faults.internalError('GetParameter', { calls: [2] });

  await expect(get({ Name: 'State' })).rejects.toMatchObject({ name: 'ThrottlingException' });
  await expect(get({ Name: 'State' })).rejects.toMatchObject({ name: 'InternalServerError', $metadata: { httpStatusCode: 500 } });
  await expect(get({ Name: 'State' })).resolves.toMatchObject({ Parameter: { Value: 'one' } });
});

test('other operations are unknown', async () => {
  await expect(aws.ssm.call('DeleteParameter', {}, { accountId: ACCOUNT, arn: 'somebody' })).rejects.toMatchObject({ name: 'UnknownOperationException' });
});

describe('AWS::SSM::Parameter', () => {
  const template = (properties: object = {}, more: object = {}) => ({
    Resources: { State: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: '{}', ...properties } } },
    Outputs: { Name: { Value: { Ref: 'State' } }, Value: { Value: { 'Fn::GetAtt': 'State.Value' } }, Type: { Value: { 'Fn::GetAtt': 'State.Type' } } },
    ...more,
  });
  const create = async (properties?: object) => aws.cloudFormation.createStack({ stackName: 'Stack', template: template(properties) });
  const update = async (properties?: object) => aws.cloudFormation.updateStack({ stackName: 'Stack', template: template(properties) });
  const outputs = () => aws.cloudFormation.describeStack('Stack').outputs;

  test('has a generated name', async () => {
    await create();

    expect(outputs()).toEqual({ Name: expect.stringMatching(/^CFN-State-[A-Z0-9]{12}$/), Value: '{}', Type: 'String' });
    expect(aws.ssm.parameter(outputs().Name)).toMatchObject({ version: 1, value: '{}', type: 'String' });
  });

  test('keeps what a function wrote as long as the template says the same', async () => {
    await create({ Name: 'Mine' });
    aws.ssm.put('Mine', '{"written":true}');
    const { status } = await update({ Name: 'Mine', Tags: { team: 'security' } });

    expect(status).toBe('UPDATE_COMPLETE');
    expect(aws.ssm.parameter('Mine')).toMatchObject({ version: 2, value: '{"written":true}' });
  });

  test('gets another value when the template has another one', async () => {
    await create({ Name: 'Mine' });
    aws.ssm.put('Mine', 'written');
    await update({ Name: 'Mine', Value: 'new' });

    expect(aws.ssm.versions('Mine').map(({ value }) => value)).toEqual(['{}', 'written', 'new']);
    expect(outputs().Value).toBe('new');
  });

  test('is replaced when it is renamed, and deleted with its stack', async () => {
    await create({ Name: 'Mine' });
    await update({ Name: 'Yours' });

    expect([aws.ssm.value('Mine'), aws.ssm.value('Yours')]).toEqual([undefined, '{}']);

    await aws.cloudFormation.deleteStack('Stack');

    expect(aws.ssm.value('Yours')).toBeUndefined();
  });

  test.each([
    ['a name that is taken', { Name: 'Taken' }, 'The parameter already exists.'],
    ['a value that is too long', { Value: 'x'.repeat(4097) }, 'Standard tier parameters support a maximum parameter value of 4096 characters.'],
    ['a name of AWS\'s own', { Name: 'ssm-state' }, 'prefixed with "aws" or "ssm"'],
  ])('fails with %s', async (_, properties, message) => {
    aws.ssm.put('Taken', 'x');
    const { failures } = await create(properties);

    expect(failures[0].reason).toContain(message);
  });

  test.each([
    ['SecureString', { Type: 'SecureString' }, 'Type SecureString is not supported'],
    ['the advanced tier', { Tier: 'Advanced' }, 'only the standard tier'],
  ])('is not known as %s', async (_, properties, message) => {
    await expect(create(properties)).rejects.toThrow(message);
  });

  test('can be a parameter of another template', async () => {
    aws.ssm.put('/shared/greeting', 'hello');
    await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: template({ Value: { Ref: 'Greeting' } }, {
        Parameters: { Greeting: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/shared/greeting' } },
      }),
    });

    expect(outputs().Value).toBe('hello');
  });

  test('can be read and written by a function with its role', async () => {
    const code = handler(`
      const { SSMClient, GetParameterCommand, PutParameterCommand } = require('@aws-sdk/client-ssm');
      const client = new SSMClient();
      const Name = process.env.STATE;
      const { Version } = await client.send(new PutParameterCommand({ Name, Value: 'from the function', Overwrite: true }));
      const { Parameter } = await client.send(new GetParameterCommand({ Name: Name + ':' + Version }));
      return Parameter.Value;
    `);
    const arn = { 'Fn::Sub': 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${State}' };
    const { Resources } = template();
    await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: {
        Resources: {
          ...Resources,
          ...withFunction(code, { Environment: { Variables: { STATE: { Ref: 'State' } } } }, allow(['ssm:GetParameter', 'ssm:PutParameter'], arn)),
        },
        Outputs: { Function: { Value: { 'Fn::GetAtt': 'Function.Arn' } } },
      },
    });
    const invocation = await aws.cloudFormation.invokeFunction(outputs().Function, {});

    expect(invocation.result).toBe('from the function');
    expect(aws.cloudFormation.evaluatedRequests.filter(({ action }) => action.startsWith('ssm:')).map(({ action, allowed }) => [action, allowed]))
      .toEqual([['ssm:PutParameter', true], ['ssm:GetParameter', true]]);
  });
});
