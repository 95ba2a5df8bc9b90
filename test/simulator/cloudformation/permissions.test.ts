import { allow, custom, handler, logGroup, policy, role, startAws, SUCCEED, withFunction } from './scene';
import { authorizerFor, type EvaluatedRequest } from '../../../simulator/iam';

const ENABLED = { scene: (organizations: any) => organizations.createOrganization().enablePolicyType('AISERVICES_OPT_OUT_POLICY') };

const LIST_ROOTS = handler(`
  const { OrganizationsClient, ListRootsCommand, EnablePolicyTypeCommand } = require('@aws-sdk/client-organizations');
  const client = new OrganizationsClient();
  try {
    const { Roots: [{ Id: RootId }] } = await client.send(new ListRootsCommand());
    if (event.ResourceProperties.Enable) await client.send(new EnablePolicyTypeCommand({ RootId, PolicyType: event.ResourceProperties.Enable }));
    await answer(event, { Data: { RootId } });
  } catch (error) {
    await answer(event, event.RequestType === 'Delete' ? {} : { Status: 'FAILED', Reason: error.name + ': ' + error.message });
  }
`);
const MAY_LIST = allow('organizations:ListRoots');
const MAY_ENABLE = allow('organizations:EnablePolicyType', { 'Fn::Sub': 'arn:${AWS::Partition}:organizations::*:root/o-*/r-*' }, {
  StringEquals: { 'organizations:PolicyType': 'AISERVICES_OPT_OUT_POLICY' },
});

describe('a function', () => {
  test('may do what its role\'s synthesized policy allows', async () => {
    const aws = await startAws();
    const { status } = await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: { Resources: { ...withFunction(LIST_ROOTS, {}, MAY_LIST, MAY_ENABLE), Thing: custom({ Enable: 'AISERVICES_OPT_OUT_POLICY' }) } },
    });

    expect(status).toBe('CREATE_COMPLETE');
    expect(aws.cloudFormation.evaluatedRequests.filter(({ action }) => action.startsWith('organizations:'))).toMatchObject([
      { action: 'organizations:ListRoots', resources: ['*'], allowed: true },
      {
        action: 'organizations:EnablePolicyType',
        resources: [expect.stringMatching(/^arn:aws:organizations::111122223333:root\/o-/)],
        context: { 'organizations:PolicyType': 'AISERVICES_OPT_OUT_POLICY' },
        allowed: true,
      },
    ]);
    expect(aws.organizations.calls[0].callerArn).toMatch(/^arn:aws:sts::111122223333:assumed-role\/Stack-Role-\w+\/Stack-Function-\w+$/);
  });

  test.each([
    ['another policy type', [MAY_LIST, MAY_ENABLE], 'TAG_POLICY'],
    ['an action that is not granted', [MAY_LIST], 'AISERVICES_OPT_OUT_POLICY'],
    ['anything without a policy', [], 'AISERVICES_OPT_OUT_POLICY'],
  ])('may not do %s', async (_, statements, Enable) => {
    const aws = await startAws();
    const { failures } = await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: { Resources: { ...withFunction(LIST_ROOTS, {}, ...statements), Thing: custom({ Enable }) } },
    });

    expect(failures[0].reason).toMatch(/Message returned: AccessDeniedException: /);
    expect(aws.cloudFormation.evaluatedRequests.at(0)).toBeDefined();
    expect(aws.cloudFormation.evaluatedRequests.some(({ allowed }) => !allowed)).toBe(true);
  });

  test('may do what a separate policy resource allows', async () => {
    const aws = await startAws();
    const { status } = await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: {
        Resources: {
          ...withFunction(LIST_ROOTS),
          Permissions: {
            Type: 'AWS::IAM::Policy',
            Properties: {
              PolicyName: 'More', Roles: [{ Ref: 'Role' }], PolicyDocument: { Version: '2012-10-17', Statement: [MAY_LIST] },
            },
          },
          Thing: custom({}, { DependsOn: 'Permissions' }),
        },
      },
    });

    expect(status).toBe('CREATE_COMPLETE');
  });

  test('gets the new permissions of an updated role', async () => {
    const aws = await startAws();
    const resources = { ...withFunction(LIST_ROOTS, {}, MAY_LIST), Thing: custom() };
    await aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: resources } });
    const { status } = await aws.cloudFormation.updateStack({
      stackName: 'Stack',
      template: { Resources: { ...resources, Role: role(MAY_LIST, MAY_ENABLE), Thing: custom({ Enable: 'AISERVICES_OPT_OUT_POLICY' }) } },
    });

    expect(status).toBe('UPDATE_COMPLETE');
  });

  test('may do nothing until a new role has reached every part of IAM', async () => {
    const aws = await startAws({ iamDelayMs: 10_000 });
    const { failures } = await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: {
        Resources: {
          ...withFunction(`${LIST_ROOTS}\nconst now = exports.handler; exports.handler = async (event) => {
          await sleep(Number(event.ResourceProperties.Wait || 0)); return now(event); };`, {}, MAY_LIST),
          Late: custom({ Wait: 10_000 }),
          Soon: custom({ Wait: 5000 }),
        },
      },
    });

    expect(failures.map(({ logicalId }) => logicalId)).toEqual(['Soon', 'Late']);
    expect(failures[0].reason).toContain('AccessDeniedException');
    await aws.clock.sleep(20_000);
    expect(aws.cloudFormation.evaluatedRequests.filter(({ action }) => action === 'organizations:ListRoots').map(({ allowed }) => allowed)).toContain(true);
  });

  test('can have a role from outside the stack', async () => {
    const aws = await startAws();
    const Role = 'arn:aws:iam::111122223333:role/path/External';
    const resources = { ...withFunction(LIST_ROOTS, { Role }), Thing: custom() };
    delete (resources as any).Role;
    aws.cloudFormation.registerRole(Role, { Version: '2012-10-17', Statement: [MAY_LIST] });
    const { status } = await aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: resources } });

    expect(status).toBe('CREATE_COMPLETE');
    expect(aws.organizations.calls[0].callerArn).toMatch(/:assumed-role\/External\//);
  });

  test('can not have an unknown role', async () => {
    const aws = await startAws();
    const resources = withFunction(SUCCEED, { Role: 'arn:aws:iam::111122223333:role/Nobody' });
    const { failures } = await aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: resources } });

    expect(failures[0].reason).toContain('registerRole() makes one from outside the stack known');
  });
});

test('a stack can be deployed by a delegated administrator, in its own account', async () => {
  const aws = await startAws({
    accountId: '444455556666',
    scene: (organizations) => {
      organizations.createOrganization().createAccount({ name: 'Security', id: '444455556666' });
      organizations.delegateAdministrator('444455556666');
    },
  });
  const { status } = await aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: {
      Resources: {
        ...withFunction(LIST_ROOTS, {}, MAY_LIST, MAY_ENABLE),
        Thing: custom({ Enable: 'AISERVICES_OPT_OUT_POLICY' }),
        Policy: policy({ TargetIds: [{ 'Fn::GetAtt': 'Thing.RootId' }] }),
      },
    },
  });

  expect(status).toBe('CREATE_COMPLETE');
  expect(new Set(aws.organizations.calls.map(({ accountId }) => accountId))).toEqual(new Set(['444455556666']));
  expect(aws.cloudFormation.evaluatedRequests.find(({ action }) => action === 'organizations:EnablePolicyType')!.resources[0])
    .toMatch(/^arn:aws:organizations::111122223333:root\//);
});

describe('a deploying role', () => {
  const ARN = 'arn:aws:sts::111122223333:assumed-role/Deployer/pipeline';
  const ALL = [
    ['iam', ['CreateRole', 'PutRolePolicy', 'GetRole', 'PassRole', 'DeleteRolePolicy', 'DeleteRole', 'TagRole'], 'arn:aws:iam::111122223333:role/Stack-Role-*'],
    ['lambda', ['CreateFunction', 'GetFunction', 'InvokeFunction', 'DeleteFunction', 'TagResource'], 'arn:aws:lambda:us-east-1:111122223333:function:Stack-Function-*'],
    ['logs', ['CreateLogGroup', 'PutRetentionPolicy', 'DeleteLogGroup', 'TagResource'], 'arn:aws:logs:us-east-1:111122223333:log-group:Stack-Logs-*'],
    ['logs', ['DescribeLogGroups'], '*'],
    ['organizations', [
      'CreatePolicy', 'DescribePolicy', 'AttachPolicy', 'DetachPolicy', 'DeletePolicy', 'ListPolicies', 'ListTagsForResource', 'ListTargetsForPolicy', 'TagResource',
    ], '*'],
  ] as const;
  const template = {
    Resources: {
      Logs: logGroup({ RetentionInDays: 30 }),
      ...withFunction(SUCCEED, {}, MAY_LIST),
      Thing: custom(),
      Policy: policy(),
    },
  };

  async function deployWithout(denied: string[]) {
    const record: EvaluatedRequest[] = [];
    const Statement = ALL.map(([service, actions, Resource]) => allow(actions.map((action) => `${service}:${action}`).filter((action) => !denied.includes(action)), Resource))
      .filter(({ Action }) => Action.length > 0);
    const authorize = authorizerFor({ Version: '2012-10-17', Statement }, { accountId: '111122223333', principal: ARN, record });
    const aws = await startAws({ ...ENABLED, deployer: { accountId: '111122223333', arn: ARN, authorize } });
    const created = await aws.cloudFormation.createStack({ stackName: 'Stack', template, tags: { team: 'security' } });
    return { aws, created, record };
  }

  test('is asked for everything that CloudFormation does, with real ARNs', async () => {
    const { aws, created, record } = await deployWithout([]);
    const deleted = await aws.cloudFormation.deleteStack('Stack');

    expect([created.failures, deleted.failures]).toEqual([[], []]);
    expect([...new Set(record.map(({ action }) => action))].sort())
      .toEqual([...new Set(ALL.flatMap(([service, actions]) => actions.map((action) => `${service}:${action}`)))].filter((action) => action !== 'organizations:DetachPolicy'
        && action !== 'organizations:AttachPolicy').sort());
    expect(record.find(({ action }) => action === 'iam:PassRole')!.context).toEqual({ 'iam:PassedToService': 'lambda.amazonaws.com' });
  });

  test.each([
    ['iam:CreateRole', 'Role'],
    ['iam:PutRolePolicy', 'Role'],
    ['iam:PassRole', 'Function'],
    ['lambda:CreateFunction', 'Function'],
    ['lambda:TagResource', 'Function'],
    ['lambda:InvokeFunction', 'Thing'],
    ['logs:CreateLogGroup', 'Logs'],
    ['logs:PutRetentionPolicy', 'Logs'],
    ['organizations:CreatePolicy', 'Policy'],
    ['organizations:TagResource', 'Policy'],
  ])('without %s can not create %s', async (denied, logicalId) => {
    const { created } = await deployWithout([denied]);
    const failure = created.failures.find((event) => event.logicalId === logicalId && event.status === 'CREATE_FAILED');

    expect(failure?.reason).toMatch(/AccessDenied/);
    expect(failure?.reason).toContain(denied);
  });

  test('is asked for the changes of an update', async () => {
    const record: EvaluatedRequest[] = [];
    const authorize = authorizerFor({ Version: '2012-10-17', Statement: [allow('*')] }, { accountId: '111122223333', principal: ARN, record });
    const aws = await startAws({ ...ENABLED, deployer: { accountId: '111122223333', arn: ARN, authorize } });
    await aws.cloudFormation.createStack({ stackName: 'Stack', template, tags: { team: 'security' } });
    record.length = 0;
    await aws.cloudFormation.updateStack({
      stackName: 'Stack',
      template: {
        Resources: {
          ...template.Resources, ...withFunction(`${SUCCEED}// changed`, { Timeout: 30 }, MAY_LIST, MAY_ENABLE), Logs: logGroup(), Policy: policy({ Description: 'x' }),
        },
      },
      tags: { owner: 'security' },
    });

    expect([...new Set(record.map(({ action }) => action))].sort()).toEqual([
      'iam:PutRolePolicy', 'iam:TagRole', 'iam:UntagRole',
      'lambda:GetFunction', 'lambda:TagResource', 'lambda:UntagResource', 'lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration',
      'logs:DeleteRetentionPolicy', 'logs:TagResource', 'logs:UntagResource',
      'organizations:ListTagsForResource', 'organizations:ListTargetsForPolicy', 'organizations:TagResource', 'organizations:UntagResource',
      'organizations:UpdatePolicy',
    ]);
  });

  test('without lambda:DeleteFunction leaves the function behind', async () => {
    const { aws } = await deployWithout(['lambda:DeleteFunction']);
    const { status, failures } = await aws.cloudFormation.deleteStack('Stack');

    expect(status).toBe('DELETE_FAILED');
    expect(failures.map(({ logicalId }) => logicalId)).toEqual(['Function']);
  });
});
