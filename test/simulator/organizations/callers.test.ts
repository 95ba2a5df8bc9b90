import type { Organizations as OrganizationsClient } from '@aws-sdk/client-organizations';
import { AI, MANAGEMENT, OPT_OUT, refusal, Simulated } from './simulated';
import type { AuthorizationRequest } from '../../../simulator/caller';

const MEMBER = '444455556666';
const ROLE = 'arn:aws:sts::111122223333:assumed-role/Enabler/session';
const arn = (resource: string) => `arn:aws:organizations::${MANAGEMENT}:${resource}`;

let simulated: Simulated;
let PolicyId: string;
let unit: string;

beforeEach(async () => {
  simulated = await Simulated.organization();
  simulated.organizations.createAccount({ name: 'Member', id: MEMBER });
  unit = simulated.organizations.createOrganizationalUnit('Workloads');
  simulated.organizations.enablePolicyType(AI);
  PolicyId = simulated.organizations.addPolicy({ name: 'ours', content: OPT_OUT });
});
afterEach(async () => { await simulated.stop(); });

/** One call of each operation: what is called, with what, and what IAM is asked. `R`, `U`, `P` stand for root, unit and policy. */
type Calls = Record<string, { input: object; resources?: string[]; context?: object; also?: string }>;

function calls(): Calls {
  const policyType = { 'organizations:PolicyType': AI };
  const [root, ou, member] = [arn('root/o-a1b2c3d4e5/r-a1b2'), arn(`ou/o-a1b2c3d4e5/${unit}`), arn(`account/o-a1b2c3d4e5/${MEMBER}`)];
  const policy = arn(`policy/o-a1b2c3d4e5/aiservices_opt_out_policy/${PolicyId}`);
  const resourcePolicy = arn('resourcepolicy/o-a1b2c3d4e5/rp-c019dedz5h');
  const service = { ServicePrincipal: 'config.amazonaws.com' };
  const servicePrincipal = { 'organizations:ServicePrincipal': 'config.amazonaws.com' };
  const RootId = simulated.rootId;
  const Tags = [{ Key: 'owner', Value: 'security' }];
  const tags = { 'aws:TagKeys': ['owner'], 'aws:RequestTag/owner': 'security' };
  return {
    DescribeOrganization: { input: {} },
    ListRoots: { input: {} },
    ListAccounts: { input: {} },
    ListPolicies: { input: { Filter: AI }, context: policyType },
    ListDelegatedAdministrators: {
      input: { ServicePrincipal: 'config.amazonaws.com' },
      context: { 'organizations:ServicePrincipal': 'config.amazonaws.com' },
    },
    DescribeCreateAccountStatus: { input: { CreateAccountRequestId: 'car-12345678' } },
    DescribeAccount: { input: { AccountId: MEMBER }, resources: [member] },
    DescribeOrganizationalUnit: { input: { OrganizationalUnitId: unit }, resources: [ou] },
    ListOrganizationalUnitsForParent: { input: { ParentId: RootId }, resources: [root] },
    ListAccountsForParent: { input: { ParentId: unit }, resources: [ou] },
    ListChildren: { input: { ParentId: RootId, ChildType: 'ACCOUNT' }, resources: [root] },
    ListParents: { input: { ChildId: MEMBER }, resources: [member] },
    MoveAccount: { input: { AccountId: MEMBER, SourceParentId: RootId, DestinationParentId: unit }, resources: [member, root, ou] },
    CreateAccount: { input: { AccountName: 'New', Email: 'new@example.com', Tags }, context: tags, also: 'TagResource' },
    CreateOrganizationalUnit: { input: { ParentId: RootId, Name: 'New', Tags }, resources: [root], context: tags, also: 'TagResource' },
    EnablePolicyType: { input: { RootId, PolicyType: AI }, resources: [root], context: policyType },
    DescribePolicy: { input: { PolicyId }, resources: [policy], context: policyType },
    ListTargetsForPolicy: { input: { PolicyId }, resources: [policy], context: policyType },
    AttachPolicy: { input: { PolicyId, TargetId: unit }, resources: [policy, ou], context: policyType },
    ListPoliciesForTarget: { input: { TargetId: unit, Filter: AI }, resources: [ou], context: policyType },
    DescribeEffectivePolicy: { input: { PolicyType: AI, TargetId: MEMBER }, resources: [member], context: policyType },
    DetachPolicy: { input: { PolicyId, TargetId: unit }, resources: [policy, ou], context: policyType },
    UpdatePolicy: { input: { PolicyId, Description: 'new' }, resources: [policy], context: policyType },
    TagResource: { input: { ResourceId: PolicyId, Tags }, resources: [policy], context: { ...policyType, ...tags } },
    ListTagsForResource: { input: { ResourceId: MEMBER }, resources: [member] },
    UntagResource: { input: { ResourceId: unit, TagKeys: ['owner'] }, resources: [ou], context: { 'aws:TagKeys': ['owner'] } },
    DeletePolicy: { input: { PolicyId }, resources: [policy], context: policyType },
    ListAccountsWithInvalidEffectivePolicy: { input: { PolicyType: AI }, context: policyType },
    ListEffectivePolicyValidationErrors: { input: { AccountId: MEMBER, PolicyType: AI }, resources: [member], context: policyType },
    DisablePolicyType: { input: { RootId, PolicyType: AI }, resources: [root], context: policyType },
    PutResourcePolicy: { input: { Content: '{}', Tags }, resources: [resourcePolicy], context: tags, also: 'TagResource' },
    DescribeResourcePolicy: { input: {} },
    DeleteResourcePolicy: { input: {} },
    RegisterDelegatedAdministrator: { input: { AccountId: MEMBER, ...service }, resources: [member], context: servicePrincipal },
    ListDelegatedServicesForAccount: { input: { AccountId: MEMBER }, resources: [member] },
    DeregisterDelegatedAdministrator: { input: { AccountId: MEMBER, ...service }, resources: [member], context: servicePrincipal },
    UpdateOrganizationalUnit: { input: { OrganizationalUnitId: unit, Name: 'Renamed' }, resources: [ou] },
    DeleteOrganizationalUnit: { input: { OrganizationalUnitId: unit }, resources: [ou] },
    CloseAccount: { input: { AccountId: MEMBER }, resources: [member] },
    RemoveAccountFromOrganization: { input: { AccountId: MEMBER }, resources: [member] },
    LeaveOrganization: { input: {} },
  };
}

/** Calls an operation by its API name. */
async function call(client: OrganizationsClient, operation: string, input: object): Promise<unknown> {
  const method = operation[0].toLowerCase() + operation.slice(1) as 'listRoots';
  return client[method](input);
}

const ANYONE = ['DescribeOrganization', 'DescribeEffectivePolicy', 'LeaveOrganization'];
const MANAGEMENT_ONLY = [
  'CreateAccount', 'CreateOrganizationalUnit', 'MoveAccount', 'PutResourcePolicy', 'DeleteResourcePolicy', 'RegisterDelegatedAdministrator',
  'DeregisterDelegatedAdministrator', 'UpdateOrganizationalUnit', 'DeleteOrganizationalUnit', 'CloseAccount', 'RemoveAccountFromOrganization',
];
const denied = { name: 'AccessDeniedException', message: "You don't have permissions to access this resource.", status: 400 };

describe('an ordinary member', () => {
  test('may only describe the organization and its own effective policy, and leave', async () => {
    const client = simulated.clientOf(MEMBER);
    for (const [operation, { input }] of Object.entries(calls())) {
      if (ANYONE.includes(operation)) {
        await call(client, operation, input);
      } else {
        expect([operation, await refusal(call(client, operation, input))]).toEqual([operation, expect.objectContaining(denied)]);
      }
    }
  });
});

describe('a delegated administrator', () => {
  test('may do what the management account may, but for accounts, units and delegation itself', async () => {
    simulated.organizations.delegateAdministrator(MEMBER);
    const client = simulated.clientOf(MEMBER);
    for (const [operation, { input }] of Object.entries(calls())) {
      const outcome = await call(client, operation, input).then(() => 'ok', (error: Error) => error.name);
      expect([operation, outcome === 'AccessDeniedException']).toEqual([operation, MANAGEMENT_ONLY.includes(operation)]);
    }
  });

  test('may ask for the effective policy of other accounts', async () => {
    simulated.organizations.delegateAdministrator(MEMBER);
    await simulated.clientOf(MEMBER).describeEffectivePolicy({ PolicyType: AI, TargetId: MANAGEMENT });
  });
});

describe('an account outside', () => {
  test('is told that it is in no organization', async () => {
    expect(await refusal(simulated.clientOf('999999999999').describeOrganization())).toMatchObject({ name: 'AWSOrganizationsNotInUseException' });
  });
});

describe('identity policies', () => {
  test('are asked once for every call, with the resources and condition keys of the service authorization reference', async () => {
    const asked: AuthorizationRequest[] = [];
    const client = simulated.clientAs({
      accountId: MANAGEMENT,
      arn: ROLE,
      authorize: async (request) => {
        asked.push(request);
        return true;
      },
    });
    for (const [operation, { input, resources = ['*'], context = {}, also }] of Object.entries(calls())) {
      asked.length = 0;
      await call(client, operation, input).catch(() => undefined);
      const actions = also ? [operation, also] : [operation];
      expect(asked).toEqual(actions.map((action) => ({ action: `organizations:${action}`, resources, context })));
    }
  });

  test('are asked about a new policy under the id that it then gets, and about tagging it', async () => {
    const asked: AuthorizationRequest[] = [];
    const client = simulated.clientAs({
      accountId: MANAGEMENT,
      arn: ROLE,
      authorize: async (request) => {
        asked.push(request);
        return true;
      },
    });
    const { Policy } = await client.createPolicy(
      { Name: 'new', Description: '', Type: AI, Content: OPT_OUT, Tags: [{ Key: 'owner', Value: 'security' }] });
    const question = {
      resources: [Policy!.PolicySummary!.Arn],
      context: { 'organizations:PolicyType': AI, 'aws:TagKeys': ['owner'], 'aws:RequestTag/owner': 'security' },
    };
    expect(asked).toEqual([{ action: 'organizations:CreatePolicy', ...question }, { action: 'organizations:TagResource', ...question }]);
  });

  test('refuse with who, what and which resource, and nothing happens', async () => {
    const client = simulated.clientAs({ accountId: MANAGEMENT, arn: ROLE, authorize: async () => false });
    expect(await refusal(client.disablePolicyType({ RootId: simulated.rootId, PolicyType: AI }))).toMatchObject({
      name: 'AccessDeniedException',
      message: `User: ${ROLE} is not authorized to perform: organizations:DisablePolicyType on resource: ${arn('root/o-a1b2c3d4e5/r-a1b2')} `
        + 'because no identity-based policy allows the organizations:DisablePolicyType action',
      status: 400,
    });
    expect((await simulated.client.listRoots()).Roots![0].PolicyTypes).toEqual([{ Type: AI, Status: 'ENABLED' }]);
  });

  test('refuse an attachment naming the target when only the policy is allowed', async () => {
    const client = simulated.clientAs({
      accountId: MANAGEMENT,
      arn: ROLE,
      authorize: async ({ resources }) => resources.every((resource) => resource.includes(':policy/')),
    });
    expect((await refusal(client.attachPolicy({ PolicyId, TargetId: unit }))).message).toContain(`on resource: ${arn(`ou/o-a1b2c3d4e5/${unit}`)}`);
  });

  test('cannot give a member what only administrators may do', async () => {
    const client = simulated.clientAs({ accountId: MEMBER, arn: ROLE, authorize: async () => true });
    expect(await refusal(client.listRoots())).toMatchObject(denied);
  });
});
