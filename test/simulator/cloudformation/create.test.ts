import { custom, failing, handler, lines, logGroup, policy, requests, role, startAws, SUCCEED, withFunction } from './scene';
import { SIMULATION_START } from '../../../simulator/simulated-clock';

const ENABLED = { scene: (organizations: any) => organizations.createOrganization().enablePolicyType('AISERVICES_OPT_OUT_POLICY') };

test('a stack is created in the order of its dependencies', async () => {
  const aws = await startAws();
  const outcome = await aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: {
      Resources: {
        Thing: custom(),
        ...withFunction(SUCCEED, { LoggingConfig: { LogGroup: { Ref: 'Logs' } } }),
        Logs: logGroup({ RetentionInDays: 30 }),
      },
      Outputs: { Thing: { Value: { Ref: 'Thing' } }, Arn: { Value: { 'Fn::GetAtt': ['Logs', 'Arn'] } } },
    },
  });

  expect(outcome.status).toBe('CREATE_COMPLETE');
  expect(outcome.reason).toBeUndefined();
  expect(lines(outcome.events)).toEqual([
    'Stack CREATE_IN_PROGRESS',
    'Role CREATE_IN_PROGRESS',
    'Logs CREATE_IN_PROGRESS',
    'Role CREATE_COMPLETE',
    'Logs CREATE_COMPLETE',
    'Function CREATE_IN_PROGRESS',
    'Function CREATE_COMPLETE',
    'Thing CREATE_IN_PROGRESS',
    'Thing CREATE_COMPLETE',
    'Stack CREATE_COMPLETE',
  ]);
  expect(aws.cloudFormation.describeStack('Stack').outputs).toEqual({
    Thing: 'physical-id',
    Arn: expect.stringMatching(/^arn:aws:logs:us-east-1:111122223333:log-group:Stack-Logs-[A-Z0-9]{12}:\*$/),
  });
});

test('what does not depend on each other is created at the same time', async () => {
  const aws = await startAws();
  await aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: {
      Resources: {
        ...withFunction(handler('await sleep(Number(event.ResourceProperties.Wait)); await answer(event);')),
        Slow: custom({ Wait: 50_000 }),
        Quick: custom({ Wait: 10_000 }),
        After: custom({ Wait: 5000 }, { DependsOn: ['Quick'] }),
      },
    },
  });
  const began = (name: string) => aws.cloudFormation.invocations.find(({ event }) => event.LogicalResourceId === name)!.startedAt - SIMULATION_START;

  expect(began('Slow')).toBe(2200);
  expect(began('Quick')).toBe(2200);
  expect(began('After')).toBe(12_205);
  expect(aws.clock.now() - SIMULATION_START).toBe(52_200);
});

test('two runs have the same history, event by event', async () => {
  const history = async () => {
    const aws = await startAws();
    await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: {
        Resources: {
          ...withFunction(handler('for (let i = 0; i < 5; i++) await sleep(Math.random() * 1000); console.log(event.LogicalResourceId); await answer(event);')),
          A: custom(),
          B: custom(),
          C: custom(),
        },
      },
    });
    // All but the events, which name a port.
    return [aws.cloudFormation.events, aws.cloudFormation.invocations.map(({ event, ...rest }) => rest)];
  };

  expect(await history()).toEqual(await history());
});

describe('when a resource can not be created', () => {
  test('the rest is cancelled and what exists is deleted in reverse order', async () => {
    const aws = await startAws();
    const outcome = await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: {
        Resources: {
          ...withFunction(SUCCEED),
          Thing: custom(),
          Never: logGroup({}, { DependsOn: 'Broken' }),
          Broken: failing('Thing'),
        },
      },
    });

    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(outcome.reason).toBe('The following resource(s) failed to create: [Broken].');
    expect(lines(outcome.events).slice(-11)).toEqual([
      'Thing CREATE_COMPLETE',
      'Broken CREATE_IN_PROGRESS',
      'Broken CREATE_FAILED',
      'Stack ROLLBACK_IN_PROGRESS',
      'Thing DELETE_IN_PROGRESS',
      'Thing DELETE_COMPLETE',
      'Function DELETE_IN_PROGRESS',
      'Function DELETE_COMPLETE',
      'Role DELETE_IN_PROGRESS',
      'Role DELETE_COMPLETE',
      'Stack ROLLBACK_COMPLETE',
    ]);
    expect(outcome.failures.map(({ reason }) => reason)).toEqual([expect.stringContaining('role/Unknown is not in the simulated account')]);
    expect(requests(aws)).toEqual(['Create', 'Delete physical-id']);
    expect(aws.cloudFormation.describeStack('Stack').resources).toEqual([]);
  });

  test('resources in progress are cancelled, and a custom resource gets its Delete while its Create still runs', async () => {
    const aws = await startAws();
    const outcome = await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: {
        Resources: {
          ...withFunction(handler('if (event.RequestType === "Create") await sleep(30_000); await answer(event);')),
          Waits: custom(),
          Step: logGroup({}, { DependsOn: 'Function' }),
          Broken: failing('Step'),
        },
      },
    });
    await aws.clock.sleep(60_000);

    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(outcome.failures.map(({ logicalId, reason }) => [logicalId, reason])).toEqual([
      ['Broken', expect.any(String)],
      ['Waits', 'Resource creation cancelled'],
    ]);
    expect(requests(aws)).toEqual(['Create', expect.stringMatching(/^Delete Stack-Waits-[A-Z0-9]{12}$/)]);
    // The late answer to the Create arrived, and nobody cared.
    expect(aws.cloudFormation.responses.map(({ status }) => status)).toEqual([200, 200]);
    expect(aws.cloudFormation.describeStack('Stack').status).toBe('ROLLBACK_COMPLETE');
  });

  test('a failed deletion makes it ROLLBACK_FAILED, and what it depends on is kept', async () => {
    const aws = await startAws();
    const outcome = await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: {
        Resources: {
          ...withFunction(handler('await answer(event, event.RequestType === "Delete" ? { Status: "FAILED", Reason: "no" } : {});')),
          Thing: custom(),
          Broken: failing('Thing'),
        },
      },
    });

    expect(outcome.status).toBe('ROLLBACK_FAILED');
    expect(outcome.reason).toBe('The following resource(s) failed to delete: [Thing].');
    expect(aws.cloudFormation.describeStack('Stack').resources.map(({ logicalId }) => logicalId)).toEqual(['Role', 'Function', 'Thing']);
  });

  test.each([
    [undefined, 'DELETE_COMPLETE', 0],
    ['Delete', 'DELETE_COMPLETE', 0],
    ['RetainExceptOnCreate', 'DELETE_COMPLETE', 0],
    ['Retain', 'DELETE_SKIPPED', 1],
  ])('DeletionPolicy %s: %s', async (DeletionPolicy, status, left) => {
    const aws = await startAws(ENABLED);
    const outcome = await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: { Resources: { Policy: policy({}, { DeletionPolicy }), Broken: failing('Policy') } },
    });
    const { Policies } = await aws.organizations.call('ListPolicies', { Filter: 'AISERVICES_OPT_OUT_POLICY' }, { accountId: '111122223333', arn: 'x' }) as any;

    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(lines(outcome.events)).toContain(`Policy ${status}`);
    expect(Policies).toHaveLength(left);
  });

  test('the stack can only be deleted', async () => {
    const aws = await startAws();
    const input = { stackName: 'Stack', template: { Resources: { Broken: failing() } } };
    await aws.cloudFormation.createStack(input);

    await expect(aws.cloudFormation.updateStack(input)).rejects.toThrow('is in ROLLBACK_COMPLETE state and can not be updated');
    await expect(aws.cloudFormation.createStack(input)).rejects.toThrow('Stack [Stack] already exists');
    expect((await aws.cloudFormation.deleteStack('Stack')).status).toBe('DELETE_COMPLETE');
    await expect(aws.cloudFormation.deleteStack('Stack')).rejects.toThrow('Stack with id Stack does not exist');
  });
});

test('an output that can not be resolved rolls the stack back', async () => {
  const aws = await startAws();
  const outcome = await aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: { Resources: { Logs: logGroup() }, Outputs: { Out: { Value: { 'Fn::GetAtt': ['Logs', 'Color'] } } } },
  });

  expect(outcome.status).toBe('ROLLBACK_COMPLETE');
  expect(outcome.reason).toBe('Requested attribute Color does not exist in schema for AWS::Logs::LogGroup');
});

test('a role that does not trust Lambda can not be a function\'s', async () => {
  const aws = await startAws();
  const resources = withFunction(SUCCEED);
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }] };
  const { failures } = await aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: { Resources: { ...resources, Role: { ...role(), Properties: { AssumeRolePolicyDocument: trust } } } },
  });

  expect(failures[0].reason).toContain('The role defined for the function cannot be assumed by Lambda.');
});

test('simple resources have ids and attributes', async () => {
  const aws = await startAws();
  await aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: {
      Resources: {
        Metadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'x' } },
        Key: { Type: 'AWS::KMS::Key', Properties: {} },
        Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Name: '/name', Value: 5 } },
      },
      Outputs: {
        Key: { Value: { 'Fn::GetAtt': 'Key.Arn' } },
        Parameter: { Value: { 'Fn::Join': ['=', [{ Ref: 'Parameter' }, { 'Fn::GetAtt': 'Parameter.Value' }]] } },
      },
    },
  });

  expect(aws.cloudFormation.describeStack('Stack').outputs).toEqual({
    Key: expect.stringMatching(/^arn:aws:kms:us-east-1:111122223333:key\/[0-9a-f-]{36}$/),
    Parameter: '/name=5',
  });
  expect((await aws.cloudFormation.deleteStack('Stack')).status).toBe('DELETE_COMPLETE');
});
