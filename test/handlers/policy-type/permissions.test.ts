import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RemovalPolicy, Tags } from 'aws-cdk-lib';
import { Deployment, MANAGEMENT, MEMBER, synthesize, templateOf, unlocked } from './deployment';
import { authorizerFor, type EvaluatedRequest, type PolicyDocument } from '../../../simulator/iam';
import { AiService, AiServicesOptOut, OptOutScope } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';

const README = readFileSync(join(__dirname, '../../../README.md'), 'utf8');
const deployingRole: PolicyDocument = JSON.parse(/<!-- deploying-role -->\n```json\n([^`]+)```/.exec(README)![1]);

let deployment: Deployment;
afterEach(() => deployment?.close());

const WITHOUT_LEX = { services: OptOutScope.allServices({ optIn: [AiService.LEX] }) };

/** Makes the function call everything that it ever calls. */
async function exercise(): Promise<EvaluatedRequest[]> {
  const { organizations } = deployment;
  const unit = organizations.createOrganizationalUnit('Workloads');
  organizations.createAccount({ name: 'Workload', id: '333344445555', parentId: unit });
  organizations.addPolicy({ name: 'Peer', content: unlocked({ default: 'optOut' }), targetIds: [unit] });
  const targetIds = [organizations.rootId, unit, '333344445555'];
  await deployment.create(templateOf({ targetIds }));
  const invocations = deployment.aws.cloudFormation.invocations.length;
  await deployment.administrator('DisablePolicyType', { RootId: organizations.rootId, PolicyType: POLICY_TYPE });
  await deployment.update(templateOf({ targetIds, ...WITHOUT_LEX }));
  expect(deployment.aws.cloudFormation.invocations.length).toBeGreaterThan(invocations);
  return deployment.aws.cloudFormation.evaluatedRequests.filter(({ principal }) => principal.includes('AiServicesOptOutPolicyType'));
}

describe.each([
  ['the management account', MANAGEMENT],
  ['a delegated administrator account', MEMBER],
])('the role of the function in %s', (_name, accountId) => {
  beforeEach(async () => {
    deployment = await Deployment.start({
      accountId,
      scene: (organizations) => {
        organizations.createOrganization().createAccount({ name: 'Member', id: MEMBER });
        organizations.delegateAdministrator(MEMBER);
      },
    });
  });

  test('allows every call that the function makes', async () => {
    const requests = await exercise();
    expect(requests.filter(({ allowed }) => !allowed)).toEqual([]);
    expect(requests.length).toBeGreaterThan(10);
  });

  test('grants no action that the function does not call', async () => {
    const called = new Set((await exercise()).map(({ action }) => action));
    const role: any = Object.values(templateOf().Resources).find(({ Type }: any) => Type === 'AWS::IAM::Role');
    const granted = role.Properties.Policies.flatMap(({ PolicyDocument: { Statement } }: any) => Statement.flatMap(({ Action }: any) => Action));
    expect([...called].sort()).toEqual([...new Set(granted)].sort());
  });
});

describe('the role of the function refuses', () => {
  const ARN = `arn:aws:organizations::${MANAGEMENT}:`;
  const ask = async (action: string, resource: string, policyType?: string) => {
    deployment = await Deployment.start();
    await deployment.create();
    const { Properties: properties } = Object.values<any>(templateOf().Resources).find(({ Type }) => Type === 'AWS::IAM::Role');
    const resolved = JSON.parse(JSON.stringify(properties).replace(/\{"Fn::Join":\["",\["arn:",\{"Ref":"AWS::Partition"\},"([^"]+)"\]\]\}/g, '"arn:aws$1"')
      .replace(/\{"Fn::GetAtt":\["\w+","Arn"\]\}/g, '"arn:aws:logs:us-east-1:111122223333:log-group:own:*"')
      .replace(/\{"Ref":"AWS::StackId"\}/g, '"arn:aws:cloudformation:us-east-1:111122223333:stack/own/1"'));
    const authorize = authorizerFor(resolved, { accountId: MANAGEMENT, principal: `arn:aws:sts::${MANAGEMENT}:assumed-role/r/s` });
    const context: Record<string, string> = policyType ? { 'organizations:PolicyType': policyType } : {};
    return authorize({ action, resources: [resource], context });
  };

  test.each([
    ['organizations:EnablePolicyType', 'root/o-a1b2c3d4e5/r-a1b2', POLICY_TYPE, true],
    ['organizations:EnablePolicyType', 'root/o-a1b2c3d4e5/r-a1b2', 'SERVICE_CONTROL_POLICY', false],
    ['organizations:EnablePolicyType', 'root/o-a1b2c3d4e5/r-a1b2', undefined, false],
    ['organizations:DisablePolicyType', 'root/o-a1b2c3d4e5/r-a1b2', POLICY_TYPE, false],
    ['organizations:DescribePolicy', 'policy/o-a1b2c3d4e5/aiservices_opt_out_policy/p-12345678', POLICY_TYPE, true],
    ['organizations:DescribePolicy', 'policy/o-a1b2c3d4e5/service_control_policy/p-12345678', 'SERVICE_CONTROL_POLICY', false],
    ['organizations:ListPoliciesForTarget', 'account/o-a1b2c3d4e5/222233334444', POLICY_TYPE, true],
    ['organizations:ListPoliciesForTarget', 'account/o-a1b2c3d4e5/222233334444', 'SERVICE_CONTROL_POLICY', false],
    ['organizations:CreatePolicy', 'policy/o-a1b2c3d4e5/aiservices_opt_out_policy/*', POLICY_TYPE, false],
    ['organizations:UpdatePolicy', 'policy/o-a1b2c3d4e5/aiservices_opt_out_policy/p-12345678', POLICY_TYPE, false],
    ['organizations:DeletePolicy', 'policy/o-a1b2c3d4e5/aiservices_opt_out_policy/p-12345678', POLICY_TYPE, false],
    ['organizations:AttachPolicy', 'root/o-a1b2c3d4e5/r-a1b2', POLICY_TYPE, false],
    ['organizations:DetachPolicy', 'root/o-a1b2c3d4e5/r-a1b2', POLICY_TYPE, false],
    ['organizations:DeletePolicy', 'policy/o-a1b2c3d4e5/aiservices_opt_out_policy/p-12345678', POLICY_TYPE, false],
  ])('%s on %s of %s: allowed is %s', async (action, resource, policyType, allowed) => {
    expect(await ask(action, ARN + resource, policyType)).toBe(allowed);
  });

  test.each([
    ['cloudformation:DescribeStacks', 'arn:aws:cloudformation:us-east-1:111122223333:stack/own/1', true],
    ['cloudformation:DescribeStacks', 'arn:aws:cloudformation:us-east-1:111122223333:stack/other/1', false],
    ['cloudformation:DeleteStack', 'arn:aws:cloudformation:us-east-1:111122223333:stack/own/1', false],
    ['logs:PutLogEvents', 'arn:aws:logs:us-east-1:111122223333:log-group:own:log-stream:x', true],
    ['logs:PutLogEvents', 'arn:aws:logs:us-east-1:111122223333:log-group:other:log-stream:x', false],
    ['logs:CreateLogGroup', 'arn:aws:logs:us-east-1:111122223333:log-group:own:*', false],
  ])('%s on %s: allowed is %s', async (action, resource, allowed) => {
    expect(await ask(action, resource)).toBe(allowed);
  });
});

describe('the permissions that the README lists for the deploying role', () => {
  const stackResources: PolicyDocument = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: ['iam:*', 'lambda:*', 'logs:*', 'cloudformation:*', 'ssm:*'], Resource: '*' },
  };
  const start = async (policy: PolicyDocument) => {
    const record: EvaluatedRequest[] = [];
    const arn = `arn:aws:sts::${MANAGEMENT}:assumed-role/deployer/session`;
    const authorize = authorizerFor([policy, stackResources], { accountId: MANAGEMENT, principal: arn, record });
    deployment = await Deployment.start({ deployer: { accountId: MANAGEMENT, arn, authorize } });
    return record;
  };
  const tagged = (props = {}, tag = 'platform') => synthesize((stack) => {
    Tags.of(new AiServicesOptOut(stack, 'OptOut', { policyName: 'P', ...props })).add('owner', tag);
  });

  test('are enough to deploy, change, tag, untag and destroy', async () => {
    const record = await start(deployingRole);
    const destroy = { removalPolicy: RemovalPolicy.DESTROY };

    expect(await deployment.create(tagged(destroy))).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(await deployment.update(tagged({ ...destroy, ...WITHOUT_LEX, targetIds: [MANAGEMENT] }, 'other'))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await deployment.update(templateOf({ ...destroy, policyName: 'P' }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await deployment.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });

    expect(record.filter(({ allowed }) => !allowed)).toEqual([]);
    const called = new Set(record.map(({ action }) => action).filter((action) => action.startsWith('organizations:')));
    const listed = deployingRole.Statement.flatMap(({ Action }: any) => Action);
    expect([...called].sort()).toEqual([...listed].sort());
  });

  test.each(['organizations:CreatePolicy', 'organizations:AttachPolicy', 'organizations:ListPolicies'])('fails without %s', async (missing) => {
    const Statement = deployingRole.Statement.map((statement: any) => ({
      ...statement, Action: [statement.Action].flat().filter((action: string) => action !== missing),
    })).filter(({ Action }: any) => Action.length > 0);
    await start({ ...deployingRole, Statement });
    const outcome = await deployment.create();
    expect(outcome.status).toMatch(/^ROLLBACK_/);
    expect(outcome.failures[0].reason).toContain('not authorized');
  });
});
