import { custom, logGroup, role, startAws, SUCCEED, withFunction } from './scene';

/** Deploys a template of log groups and answers their names. */
async function namesOf(template: object, input: object = {}): Promise<Record<string, string>> {
  const aws = await startAws();
  const outcome = await aws.cloudFormation.createStack({ stackName: 'Stack', template, ...input });
  expect(outcome).toMatchObject({ status: 'CREATE_COMPLETE' });
  return Object.fromEntries(aws.cloudFormation.describeStack('Stack').resources.map(({ logicalId, physicalId }) => [logicalId, physicalId]));
}

async function refusal(template: string | object, input: object = {}): Promise<any> {
  const aws = await startAws();
  const error = await aws.cloudFormation.createStack({ stackName: 'Stack', template, ...input }).catch((reason) => reason);
  // Nothing was touched.
  expect(() => aws.cloudFormation.describeStack('Stack')).toThrow('does not exist');
  expect(aws.cloudFormation.events).toEqual([]);
  return error;
}

const nameFrom = (value: unknown) => ({ Group: logGroup({ LogGroupName: value }) });

describe('a template is refused before anything is created', () => {
  test.each([
    ['an unsupported resource type', { Resources: { Ok: logGroup(), Table: { Type: 'AWS::DynamoDB::Table' } } }, 'resource type AWS::DynamoDB::Table of Table is not supported'],
    ['an unsupported function', { Resources: nameFrom({ 'Fn::Transform': 'x' }) }, 'function Fn::Transform is not supported'],
    ['an unsupported section', { Transform: 'AWS::Serverless-2016-10-31', Resources: nameFrom('x') }, 'section Transform is not supported'],
    ['an unknown reference', { Resources: nameFrom({ Ref: 'Nobody' }) }, 'Unresolved resource dependencies [Nobody] in Group'],
    ['an unknown reference in an output', { Resources: nameFrom('x'), Outputs: { Out: { Value: { Ref: 'Nobody' } } } }, 'Unresolved resource dependencies [Nobody] in Outputs'],
    ['an unknown dependency', { Resources: { Group: logGroup({}, { DependsOn: 'Nobody' }) } }, 'Unresolved resource dependencies [Nobody] in Group'],
    ['an unknown condition', { Resources: { Group: logGroup({}, { Condition: 'Nobody' }) } }, 'Unresolved condition dependency Nobody in Group'],
    ['an unsupported DeletionPolicy', { Resources: { Group: logGroup({}, { DeletionPolicy: 'Snapshot' }) } }, 'DeletionPolicy Snapshot of Group is not supported'],
    ['a cycle', { Resources: { A: logGroup({ LogGroupName: { Ref: 'B' } }), B: logGroup({}, { DependsOn: 'A' }), C: logGroup() } }, 'Circular dependency between resources: [A, B]'],
    ['a function with an asset', { Resources: withFunction('', { Code: { S3Bucket: 'assets', S3Key: 'x.zip' } }) }, 'Function: only inline code (Code.ZipFile) is supported'],
    ['a function in another language', { Resources: withFunction('', { Runtime: 'python3.13' }) }, 'only Node.js runtimes are supported, not python3.13'],
    ['a service timeout out of range', { Resources: { ...withFunction(SUCCEED), Thing: custom({ ServiceTimeout: 3601 }) } }, 'ServiceTimeout must be between 1 and 3600'],
    ['no resources', { Resources: {} }, 'at least one Resources member must be defined'],
    ['something that is not JSON', 'Resources:\n  A: x', 'reads JSON only'],
  ])('for %s', async (_, template, message) => {
    const error = await refusal(template);

    expect(error).toMatchObject({ code: 'ValidationError', message: expect.stringContaining(message) });
  });

  test('naming all problems at once', async () => {
    const { message } = await refusal({ Resources: { A: { Type: 'AWS::DynamoDB::Table' }, B: { Type: 'AWS::S3::Bucket' } } });

    expect(message).toContain('AWS::DynamoDB::Table of A');
    expect(message).toContain('AWS::S3::Bucket of B');
  });

  test.each([
    ['a role', role(), [], 'Requires capabilities : [CAPABILITY_IAM]'],
    ['a named role', { ...role(), Properties: { ...role().Properties, RoleName: 'Name' } }, ['CAPABILITY_IAM'], 'Requires capabilities : [CAPABILITY_NAMED_IAM]'],
  ])('when the capability for %s is not acknowledged', async (_, resource, capabilities, message) => {
    expect(await refusal({ Resources: { Role: resource } }, { capabilities })).toMatchObject({ code: 'InsufficientCapabilitiesException', message });
  });
});

describe('parameters', () => {
  const template = {
    Parameters: {
      Name: { Type: 'String', Default: 'default', AllowedPattern: '[a-z]+', MaxLength: 10 },
      Size: { Type: 'Number', Default: 5, MinValue: 1, MaxValue: '9' },
      Names: { Type: 'CommaDelimitedList', Default: 'a, b,c' },
      Stage: { Type: 'String', Default: 'test', AllowedValues: ['test', 'prod'], ConstraintDescription: 'test or prod' },
    },
    Resources: nameFrom({ 'Fn::Sub': ['${Name}${Size}${last}${Stage}', { last: { 'Fn::Select': [2, { Ref: 'Names' }] } }] }),
  };

  test('have defaults', async () => {
    expect(await namesOf(template)).toEqual({ Group: 'default5ctest' });
  });

  test('take what is given', async () => {
    expect(await namesOf(template, { parameters: { Name: 'given', Size: '7', Names: 'x,y,z', Stage: 'prod' } })).toEqual({ Group: 'given7zprod' });
  });

  test.each([
    [{ Name: 'UPPER' }, 'Parameter \'Name\' must match pattern [a-z]+'],
    [{ Name: 'abcdefghijk' }, 'must contain at most 10 characters'],
    [{ Size: '10' }, 'must be a number not greater than 9'],
    [{ Size: 'many' }, 'must be a number'],
    [{ Stage: 'dev' }, 'Parameter Stage failed to satisfy constraint: test or prod'],
    [{ Other: 'x' }, 'Parameters: [Other] do not exist in the template'],
  ])('refuse %j', async (parameters, message) => {
    expect((await refusal(template, { parameters })).message).toContain(message);
  });

  test('must have values', async () => {
    const { message } = await refusal({ Parameters: { Name: { Type: 'String' } }, Resources: nameFrom({ Ref: 'Name' }) });

    expect(message).toBe('Parameters: [Name] must have values');
  });

  test('of CDK\'s bootstrap version and its rule are no obstacle', async () => {
    const names = await namesOf({
      Parameters: { BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' } },
      Rules: { CheckBootstrapVersion: { Assertions: [{ Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1', '2', '3'], { Ref: 'BootstrapVersion' }] }] } }] } },
      Resources: nameFrom('x'),
    });

    expect(names).toEqual({ Group: 'x' });
  });
});

test('a rule that is not met refuses the template', async () => {
  const { message } = await refusal({
    Parameters: { Stage: { Type: 'String', Default: 'dev' } },
    Rules: { OnlyProd: { Assertions: [{ Assert: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] }, AssertDescription: 'deploy to prod' }] } },
    Resources: nameFrom('x'),
  });

  expect(message).toBe('Template error: rule OnlyProd is not met: deploy to prod');
});

test('conditions decide which resources, properties and outputs there are', async () => {
  const aws = await startAws();
  await aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: {
      Conditions: { Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'Yes' }] }, Yes: { 'Fn::Equals': ['a', 'a'] }, No: { 'Fn::Not': [{ Condition: 'Both' }] } },
      Resources: {
        In: logGroup({ LogGroupName: { 'Fn::If': ['No', 'x', { Ref: 'AWS::NoValue' }] } }, { Condition: 'Both', DependsOn: 'Out' }),
        Out: logGroup({}, { Condition: 'No' }),
      },
      Outputs: { Yes: { Value: { Ref: 'In' } }, No: { Condition: 'No', Value: { Ref: 'Out' } } },
    },
  });
  const { resources, outputs } = aws.cloudFormation.describeStack('Stack');

  expect(resources.map(({ logicalId }) => logicalId)).toEqual(['In']);
  expect(outputs).toEqual({ Yes: expect.stringMatching(/^Stack-In-[A-Z0-9]{12}$/) });
});

test('pseudo parameters have the stack\'s values', async () => {
  const { Group } = await namesOf(JSON.stringify({
    Resources: nameFrom({ 'Fn::Sub': '${AWS::AccountId}/${AWS::Region}/${AWS::Partition}/${AWS::StackName}/${AWS::URLSuffix}/${AWS::StackId}' }),
  }) as any);

  expect(Group).toMatch(new RegExp('^111122223333/us-east-1/aws/Stack/amazonaws.com/'
    + 'arn:aws:cloudformation:us-east-1:111122223333:stack/Stack/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$'));
});

test('every created stack has another id, the same in every run', async () => {
  const ids = async () => {
    const aws = await startAws();
    const deploy = async () => {
      await aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: nameFrom('x') } });
      const { stackId } = aws.cloudFormation.describeStack('Stack');
      await aws.cloudFormation.deleteStack('Stack');
      return stackId;
    };
    return [await deploy(), await deploy()];
  };
  const [first, second] = await ids();

  expect(first).not.toBe(second);
  expect(await ids()).toEqual([first, second]);
});
