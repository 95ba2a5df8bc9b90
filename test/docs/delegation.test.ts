import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Stack } from 'aws-cdk-lib';
import { marked, read } from './markdown';
import type { AuthorizationRequest } from '../../simulator/caller';
import { SimulatedAws } from '../../simulator/cloudformation/simulated-aws';
import { authorizerFor, type EvaluatedRequest, type PolicyDocument } from '../../simulator/iam';
import { AiServicesOptOut, AiServicesOptOutMonitor } from '../../src';
import { isolateAwsEnvironment } from '../cli/aws-environment';
import { serveLandingZone } from '../cli/endpoint';
import { run } from '../cli/run';
import { synthesize } from '../handlers/policy-type/deployment';

/*
 * docs/delegated-administrator.md: the delegation policy is put into a simulated organization as it stands there, and the simulator
 * applies it. Every call that was made is also evaluated here, by another implementation of IAM.
 */

const DOCUMENT = 'docs/delegated-administrator.md';
const DELEGATION = JSON.parse(marked(DOCUMENT, 'delegation').text);
const MANAGEMENT = '111122223333';
const MEMBER = '444455556666';
const VERIFIER: PolicyDocument = JSON.parse(marked('docs/permissions.md', 'verify-role').text);
const APPLIER: PolicyDocument = JSON.parse(marked('docs/permissions.md', 'apply-role').text);

const EVERYTHING: PolicyDocument = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

/** What AWS lets a delegation policy allow: https://docs.aws.amazon.com/organizations/latest/userguide/orgs-policy-delegate.html */
const DELEGABLE = [
  'AttachPolicy', 'CreatePolicy', 'DeletePolicy', 'DescribeAccount', 'DescribeCreateAccountStatus', 'DescribeEffectivePolicy', 'DescribeHandshake', 'DescribeOrganization',
  'DescribeOrganizationalUnit', 'DescribePolicy', 'DescribeResourcePolicy', 'DetachPolicy', 'DisablePolicyType', 'EnablePolicyType', 'ListAccounts', 'ListAccountsForParent',
  'ListAWSServiceAccessForOrganization', 'ListChildren', 'ListCreateAccountStatus', 'ListDelegatedAdministrators', 'ListDelegatedServicesForAccount', 'ListHandshakesForAccount',
  'ListHandshakesForOrganization', 'ListOrganizationalUnitsForParent', 'ListParents', 'ListPolicies', 'ListPoliciesForTarget', 'ListRoots', 'ListTagsForResource',
  'ListTargetsForPolicy', 'TagResource', 'UntagResource', 'UpdatePolicy',
].map((name) => `organizations:${name}`);

/** Calls that AWS's list has not, so that no delegation policy can allow them. */
const NOT_DELEGABLE = 'organizations:ListAccountsWithInvalidEffectivePolicy';

const actions: string[] = DELEGATION.Statement.flatMap(({ Action }: any) => Action);

/** Calls of the member account that the delegation policy does not allow by its resources and conditions. */
async function refused(requests: AuthorizationRequest[]): Promise<string[]> {
  const names: string[] = [];
  for (const { action, resources, context } of requests.filter((request) => request.action.startsWith('organizations:'))) {
    for (const resource of resources) {
      const answer = await runSimulation({
        request: { principal: `arn:aws:sts::${MEMBER}:assumed-role/Role/session`, action, resource: { resource, accountId: MANAGEMENT }, contextVariables: context },
        // What the account lets its role do is not the question.
        identityPolicies: [{ name: 'everything', policy: EVERYTHING }],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy: DELEGATION,
      }, {});
      if (answer.resultType === 'error') throw new Error(`${action} on ${resource}: ${JSON.stringify(answer.errors)}`);
      if (answer.overallResult !== 'Allowed') names.push(`${action} on ${resource}`);
    }
  }
  return [...new Set(names)];
}

describe('the delegation policy', () => {
  test('has what AWS lets be delegated, and no more', () => {
    expect(actions.filter((action) => !DELEGABLE.includes(action))).toEqual([]);
    expect(actions).not.toContain('organizations:DisablePolicyType');
    expect(DELEGABLE).not.toContain(NOT_DELEGABLE);
    expect(read(DOCUMENT)).toContain(`\`${NOT_DELEGABLE.split(':')[1]}\``);
  });

  test('is for one account, and changes of one policy type', async () => {
    expect(new Set(DELEGATION.Statement.map(({ Principal }: any) => Principal.AWS))).toEqual(new Set([`arn:aws:iam::${MEMBER}:root`]));
    const scp = { 'organizations:PolicyType': 'SERVICE_CONTROL_POLICY' };
    const arn = (path: string) => `arn:aws:organizations::${MANAGEMENT}:${path}`;
    const requests = [
      { action: 'organizations:EnablePolicyType', resources: [arn('root/o-a1b2c3d4e5/r-a1b2')], context: scp },
      { action: 'organizations:AttachPolicy', resources: [arn('policy/o-a1b2c3d4e5/service_control_policy/p-12345678')], context: scp },
      { action: 'organizations:UpdatePolicy', resources: [arn('policy/o-a1b2c3d4e5/service_control_policy/p-12345678')], context: scp },
      { action: 'organizations:DescribePolicy', resources: [arn('policy/o-a1b2c3d4e5/service_control_policy/p-12345678')], context: scp },
    ];
    expect(await refused(requests)).toHaveLength(requests.length);
  });
});

describe('on the command line', () => {
  const aws = isolateAwsEnvironment();

  async function delegated(delegation = DELEGATION) {
    const record: EvaluatedRequest[] = [];
    const served = await serveLandingZone(({ organizations }) => {
      organizations.settings.effectivePolicyDelayMs = 0;
      organizations.createAccount({ name: 'Security Tooling', id: MEMBER });
    });
    const management = { accountId: MANAGEMENT, arn: 'somebody' };
    await served.organizations.call('DisablePolicyType', { RootId: served.zone.rootId, PolicyType: 'AISERVICES_OPT_OUT_POLICY' }, management);
    await served.organizations.call('PutResourcePolicy', { Content: JSON.stringify(delegation) }, management);
    const arn = `arn:aws:sts::${MEMBER}:assumed-role/Role/session`;
    served.endpoint.registerCaller('AKIADELEGATE', { accountId: MEMBER, arn, authorize: authorizerFor([VERIFIER, APPLIER], { accountId: MEMBER, principal: arn, record }) });
    aws.set({ AWS_ACCESS_KEY_ID: 'AKIADELEGATE' });
    return { ...served, record, type: async (...args: string[]) => run([...args, '--endpoint-url', served.url]) };
  }

  test('plan, apply and verify work in the member account', async () => {
    const { type, record } = await delegated();
    expect((await type('plan')).code).toBe(0);
    expect((await type('apply', '--yes')).code).toBe(0);
    const { code, stdout } = await type('verify');
    expect(stdout).toContain('Opted out: all 6 active accounts are.');
    expect(code).toBe(0);
    // Said, and without consequence for the status.
    expect(stdout.replace(/\s+/g, ' ')).toContain('could not be read: ListAccountsWithInvalidEffectivePolicy');
    expect(await refused(record)).toEqual([`${NOT_DELEGABLE} on *`]);
  });

  test('to verify, the first two statements are enough', async () => {
    const { type } = await delegated({ ...DELEGATION, Statement: DELEGATION.Statement.slice(0, 2) });
    expect((await type('verify')).stdout).toContain('Not opted out: 6 of 6 active accounts are not.');
    expect((await type('apply', '--yes')).code).not.toBe(0);
  });

  test.each(DELEGATION.Statement.map(({ Sid }: any): [string] => [Sid]) as [string][])('not without %s', async (sid) => {
    const { type } = await delegated({ ...DELEGATION, Statement: DELEGATION.Statement.filter(({ Sid }: any) => Sid !== sid) });
    expect((await type('apply', '--yes')).code).not.toBe(0);
  });
});

describe('with CloudFormation', () => {
  let running: SimulatedAws | undefined;
  afterEach(async () => { await running?.close(); running = undefined; });

  /** Deploys a stack in the member account and waits for the first verification. */
  async function deploy(define: (stack: Stack) => void) {
    const record: EvaluatedRequest[] = [];
    const arn = `arn:aws:sts::${MEMBER}:assumed-role/Deployer/session`;
    running = await SimulatedAws.start({
      accountId: MEMBER,
      deployer: { accountId: MEMBER, arn, authorize: authorizerFor(EVERYTHING, { accountId: MEMBER, principal: arn, record }) },
      scene: (organizations) => organizations.createOrganization().createAccount({ name: 'Security Tooling', id: MEMBER }),
    });
    const { organizations, cloudFormation, clock } = running;
    await organizations.call('PutResourcePolicy', { Content: JSON.stringify(DELEGATION) }, { accountId: MANAGEMENT, arn: 'somebody' });
    expect(await cloudFormation.createStack({ stackName: 'AiOptOut', template: synthesize(define) })).toMatchObject({ status: 'CREATE_COMPLETE' });
    await clock.sleep(5 * 60_000);
    return { organizations, cloudFormation, requests: [...record, ...cloudFormation.evaluatedRequests] };
  }

  test('an opt-out that is deployed in the member account reaches every account', async () => {
    const { organizations, requests } = await deploy((stack) => new AiServicesOptOut(stack, 'OptOut'));
    expect(await refused(requests)).toEqual([]);
    expect(requests.length).toBeGreaterThan(10);
    for (const TargetId of [MANAGEMENT, MEMBER]) {
      const { EffectivePolicy } = await organizations.call('DescribeEffectivePolicy', { PolicyType: 'AISERVICES_OPT_OUT_POLICY', TargetId }, { accountId: MANAGEMENT, arn: 'somebody' }) as any;
      expect(JSON.parse(EffectivePolicy.PolicyContent)).toEqual({ services: { default: { opt_out_policy: 'optOut' } } });
    }
  });

  test('a monitor there asks about every account where AWS denies what perhaps cannot be delegated', async () => {
    const { organizations, cloudFormation, requests } = await deploy((stack) => new AiServicesOptOutMonitor(stack, 'Monitor', { repair: new AiServicesOptOut(stack, 'OptOut') }));
    const metric = (name: string) => cloudFormation.cloudWatch.metric('AiServicesOptOut', name, { StackName: 'AiOptOut' }).map(({ value }) => value);
    expect(await refused(requests)).toEqual([`${NOT_DELEGABLE} on *`]);
    expect(new Set(organizations.calls.filter(({ outcome }) => outcome !== 'ok').map(({ operation }) => `organizations:${operation}`))).toEqual(new Set([NOT_DELEGABLE]));
    const asked = organizations.calls.filter(({ operation, callerArn }) => operation === 'DescribeEffectivePolicy' && callerArn.includes('Monitoring'));
    expect(new Set(asked.map(({ input }) => (input as any).TargetId)).size).toBe(organizations.accountIds.length);
    expect(Math.max(...metric('Unknown'))).toBe(0);
    expect(metric('OptedOut').at(-1)).toBe(organizations.accountIds.length);
  });
});
