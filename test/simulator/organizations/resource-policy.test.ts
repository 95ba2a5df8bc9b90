import type { Organizations as OrganizationsClient } from '@aws-sdk/client-organizations';
import { AI, MANAGEMENT, OPT_OUT, refusal, Simulated } from './simulated';
import { DELEGABLE_ACTIONS, OTHER_ACTIONS } from '../../../simulator/organizations/delegation-policy';
import { OPERATIONS } from '../../../simulator/organizations/operations';

const MEMBER = '444455556666';
const OTHER = '777788889999';
const ROLE = `arn:aws:iam::${MEMBER}:role/Auditor`;
const denied = { name: 'AccessDeniedException', message: "You don't have permissions to access this resource.", status: 400 };
const root = (id: string) => `arn:aws:iam::${id}:root`;

let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.organization();
  for (const id of [MEMBER, OTHER]) simulated.organizations.createAccount({ name: `Member ${id}`, id });
  simulated.organizations.enablePolicyType(AI);
});
afterEach(async () => { await simulated.stop(); });

/** A statement, by default for the member account and every resource. */
const statement = (Action: unknown, over: object = {}) => (
  { Sid: 'Delegation', Effect: 'Allow', Principal: { AWS: root(MEMBER) }, Action, Resource: '*', ...over }
);
const deny = (Action: unknown, over: object = {}) => statement(Action, { Effect: 'Deny', ...over });
const put = async (...Statement: object[]) => simulated.client.putResourcePolicy({ Content: JSON.stringify({ Version: '2012-10-17', Statement }) });

/** A role of the member account whose own permissions allow everything. */
function roleNamed(name: string): OrganizationsClient {
  const arn = `arn:aws:sts::${MEMBER}:assumed-role/${name}/session`;
  return simulated.clientAs({ accountId: MEMBER, arn });
}

const outcome = (call: Promise<unknown>) => call.then(() => 'ok', ({ name }: Error) => name);

describe('putting a resource policy', () => {
  test('keeps its id when it is replaced, until it is deleted', async () => {
    const { client } = simulated;
    const first = (await put(statement('organizations:ListRoots'))).ResourcePolicy!;
    const Id = expect.stringMatching(/^rp-[0-9a-z]{10}$/);
    expect(first.ResourcePolicySummary).toEqual(
      { Id, Arn: `arn:aws:organizations::${MANAGEMENT}:resourcepolicy/o-a1b2c3d4e5/${first.ResourcePolicySummary!.Id}` });
    const second = (await put(statement('organizations:ListAccounts'))).ResourcePolicy!;
    expect(second.ResourcePolicySummary).toEqual(first.ResourcePolicySummary);
    expect((await client.describeResourcePolicy({})).ResourcePolicy).toEqual(second);
    await client.deleteResourcePolicy({});
    const notFound = { name: 'ResourcePolicyNotFoundException', message: 'No resource-based policy found.', status: 400 };
    expect(await refusal(client.describeResourcePolicy({}))).toMatchObject(notFound);
    expect(await refusal(client.deleteResourcePolicy({}))).toMatchObject(notFound);
  });

  test.each([
    ['adds the version', { Statement: [statement('organizations:ListRoots')] }, { Version: '2008-10-17', Statement: [statement('organizations:ListRoots')] }],
    ['keeps the version', { Statement: [statement('organizations:ListRoots')], Version: '2012-10-17' }, undefined],
    ['keeps a statement outside a list', { Version: '2012-10-17', Statement: statement('organizations:ListRoots') }, undefined],
    [
      'writes an account id as the ARN of the account',
      { Version: '2012-10-17', Statement: [statement('organizations:ListRoots', { Principal: { AWS: MEMBER } })] },
      { Version: '2012-10-17', Statement: [statement('organizations:ListRoots')] },
    ],
    [
      'writes account ids in a list as ARNs',
      { Version: '2012-10-17', Statement: [statement('organizations:ListRoots', { Principal: { AWS: [MEMBER, root(OTHER)] } })] },
      { Version: '2012-10-17', Statement: [statement('organizations:ListRoots', { Principal: { AWS: [root(MEMBER), root(OTHER)] } })] },
    ],
    ...['*', { AWS: '*' }, { Service: 'kms.amazonaws.com' }].map((Principal): [string, object, undefined] => (
      [`keeps the principal ${JSON.stringify(Principal)}`, { Version: '2012-10-17', Statement: [statement('organizations:ListRoots', { Principal })] }, undefined]
    )),
  ])('%s, as recorded, and removes white space', async (_, document: object, stored: object | undefined) => {
    const { Content } = (await simulated.client.putResourcePolicy({ Content: JSON.stringify(document, undefined, 2) })).ResourcePolicy!;
    expect(Content).toBe(JSON.stringify(stored ?? document));
    expect((await simulated.client.describeResourcePolicy({})).ResourcePolicy!.Content).toBe(Content);
  });

  test('stores tags at creation only, as recorded', async () => {
    const { client } = simulated;
    const Tags = [{ Key: 'owner', Value: 'security' }];
    const Content = JSON.stringify({ Statement: statement('organizations:ListRoots') });
    const ResourceId = (await client.putResourcePolicy({ Content, Tags })).ResourcePolicy!.ResourcePolicySummary!.Id;
    await client.putResourcePolicy({ Content, Tags: [] });
    expect(await refusal(client.putResourcePolicy({ Content, Tags: [{ Key: 'another', Value: '' }] }))).toMatchObject({
      name: 'ConstraintViolationException',
      reason: 'UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED',
      message: 'Adding tags on updating an existing resource-based policy is not supported.',
    });
    expect((await client.listTagsForResource({ ResourceId })).Tags).toEqual(Tags);
  });

  const json = { name: 'InvalidInputException', reason: 'INVALID_RESOURCE_POLICY_JSON', message: 'This resource-based policy contains invalid JSON.', status: 400 };
  const { Principal, Action, Resource, ...rest } = statement('organizations:ListRoots');

  test.each<[string, string]>([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no statement', '{"Version":"2012-10-17"}'],
    ['a statement without effect', JSON.stringify({ Statement: [{}] })],
    ['a statement without action', JSON.stringify({ Statement: { ...rest, Principal, Resource } })],
    ['NotAction', JSON.stringify({ Statement: { ...rest, Principal, NotAction: Action, Resource } })],
    ['NotResource', JSON.stringify({ Statement: { ...rest, Principal, Action, NotResource: Resource } })],
    ['NotPrincipal', JSON.stringify({ Statement: { ...rest, NotPrincipal: Principal, Action, Resource } })],
    ['a role as principal', JSON.stringify({ Statement: statement('organizations:ListRoots', { Principal: { AWS: ROLE } }) })],
  ])('fails for %s', async (_, Content) => {
    expect(await refusal(simulated.client.putResourcePolicy({ Content }))).toEqual(json);
    expect(await refusal(simulated.client.describeResourcePolicy({}))).toMatchObject({ name: 'ResourcePolicyNotFoundException' });
  });

  test.each(['organizations:*', 'organizations:CreateAccount', 'organizations:Create*', 'organizations:Nonsense', 's3:GetObject', '*'])(
    'fails for the action %s', async (name) => {
      expect(await refusal(put(statement(name)))).toEqual({
        name: 'InvalidInputException',
        reason: 'UNSUPPORTED_ACTION_IN_RESOURCE_POLICY',
        message: `${name} is not a supported action for this resource-based policy.`,
        status: 400,
      });
    });

  test('accepts every action of the list alone, as a pattern, and whatever its case', async () => {
    await put(statement(DELEGABLE_ACTIONS.map((name) => `organizations:${name}`)));
    await put(statement(['organizations:Describe*', 'organizations:list*', 'Organizations:ATTACHPOLICY']));
  });

  test('the two lists of actions are those of the service, and nothing that is left to the management account can be delegated', () => {
    const management = [...OPERATIONS].flatMap(([name, { callers }]) => callers === 'management' ? [name] : []);
    expect(management.filter((name) => !OTHER_ACTIONS.includes(name))).toEqual([]);
    expect([...OPERATIONS.keys()].filter((name) => !DELEGABLE_ACTIONS.includes(name) && !OTHER_ACTIONS.includes(name))).toEqual([]);
    expect(DELEGABLE_ACTIONS.filter((name) => OTHER_ACTIONS.includes(name))).toEqual([]);
  });
});

describe('a resource policy that allows', () => {
  test('lets the account call what it names, and does not register it', async () => {
    await put(statement(['organizations:List*', 'organizations:describeeffectivepolicy', 'organizations:AttachPolicy']));
    const member = simulated.clientOf(MEMBER);
    await member.listRoots();
    await member.describeEffectivePolicy({ PolicyType: AI, TargetId: OTHER });
    const PolicyId = simulated.organizations.addPolicy({ name: 'ours', content: OPT_OUT });
    await member.attachPolicy({ PolicyId, TargetId: simulated.rootId });
    expect(await refusal(member.detachPolicy({ PolicyId, TargetId: simulated.rootId }))).toEqual({ ...denied, reason: undefined });
    expect(await refusal(member.describeResourcePolicy({}))).toMatchObject(denied);
    expect(await refusal(simulated.clientOf(OTHER).listRoots())).toMatchObject(denied);
    expect((await simulated.client.listDelegatedAdministrators()).DelegatedAdministrators).toEqual([]);
  });

  test.each([
    ['ListAccountsWithInvalidEffectivePolicy', async (member: OrganizationsClient) => member.listAccountsWithInvalidEffectivePolicy({ PolicyType: AI })],
    ['ListEffectivePolicyValidationErrors', async (member: OrganizationsClient) => (
      member.listEffectivePolicyValidationErrors({ PolicyType: AI, AccountId: OTHER })
    )],
  ])('can name %s, as recorded', async (name, call) => {
    expect(await outcome(call(simulated.clientOf(MEMBER)))).toBe('AccessDeniedException');
    await put(statement(`organizations:${name}`));
    expect(await outcome(call(simulated.clientOf(MEMBER)))).toBe('ok');
  });

  test('never reaches what only the management account may call', async () => {
    await put(statement(DELEGABLE_ACTIONS.map((name) => `organizations:${name}`), { Principal: '*' }));
    const member = simulated.clientOf(MEMBER);
    expect(await refusal(member.putResourcePolicy({ Content: '{}' }))).toMatchObject(denied);
    expect(await refusal(member.createOrganizationalUnit({ ParentId: simulated.rootId, Name: 'Mine' }))).toMatchObject(denied);
  });

  test('has to allow the policy and the target of an attachment, and TagResource for tags, as recorded', async () => {
    const PolicyId = simulated.organizations.addPolicy({ name: 'ours', content: OPT_OUT });
    const unit = simulated.organizations.createOrganizationalUnit('Workloads');
    const policies = `arn:aws:organizations::${MANAGEMENT}:policy/o-a1b2c3d4e5/aiservices_opt_out_policy/*`;
    const units = `arn:aws:organizations::${MANAGEMENT}:ou/o-a1b2c3d4e5/*`;
    const member = simulated.clientOf(MEMBER);
    const attach = async () => outcome(member.attachPolicy({ PolicyId, TargetId: unit }));
    const create = async (Name: string) => outcome(member.createPolicy(
      { Name, Content: OPT_OUT, Description: '', Type: AI, Tags: [{ Key: 'owner', Value: 'security' }] }));
    await put(statement(['organizations:AttachPolicy', 'organizations:CreatePolicy'], { Resource: policies }));
    expect([await attach(), await create('new')]).toEqual(['AccessDeniedException', 'AccessDeniedException']);
    await put(statement(['organizations:AttachPolicy', 'organizations:CreatePolicy', 'organizations:TagResource'], { Resource: [policies, units] }));
    expect([await attach(), await create('new')]).toEqual(['ok', 'ok']);
  });

  test('does not tell a delegate that a policy does not exist, as recorded', async () => {
    await put(statement('organizations:DescribePolicy'));
    expect(await outcome(simulated.clientOf(MEMBER).describePolicy({ PolicyId: 'p-12345678' }))).toBe('AccessDeniedException');
    expect(await outcome(simulated.client.describePolicy({ PolicyId: 'p-12345678' }))).toBe('PolicyNotFoundException');
  });
});

describe('a Deny in a resource policy', () => {
  const reads = ['DescribeOrganization', 'DescribeResourcePolicy', 'ListAccounts'].map((name) => `organizations:${name}`);
  const calls = async (client: OrganizationsClient) => [
    await outcome(client.describeOrganization()), await outcome(client.describeResourcePolicy({})), await outcome(client.listAccounts()),
  ];
  const all = (result: string) => [result, result, result];

  test.each<[string, () => void, string[]]>([
    ['the delegated administrator of a service', () => simulated.organizations.delegateAdministrator(MEMBER, 'config.amazonaws.com'), all('ok')],
    ['a delegate of the scene', () => simulated.organizations.delegateAdministrator(MEMBER), all('ok')],
    ['an ordinary member', () => undefined, ['ok', 'AccessDeniedException', 'AccessDeniedException']],
  ])('applies to %s and to DescribeOrganization, as recorded', async (_, prepare, before) => {
    prepare();
    await put(statement('organizations:ListRoots', { Principal: { AWS: OTHER } }));
    expect(await calls(simulated.clientOf(MEMBER))).toEqual(before);
    await put(deny(reads));
    expect(await calls(simulated.clientOf(MEMBER))).toEqual(all('AccessDeniedException'));
    await simulated.client.deleteResourcePolicy({});
    expect(await outcome(simulated.clientOf(MEMBER).describeOrganization())).toBe('ok');
  });

  test('takes precedence over an Allow, and applies to the own effective policy', async () => {
    await put(statement(['organizations:List*', 'organizations:Describe*'], { Principal: '*' }), deny(['organizations:ListRoots', 'organizations:DescribeEffectivePolicy']));
    const member = simulated.clientOf(MEMBER);
    await member.listAccounts();
    expect(await outcome(member.listRoots())).toBe('AccessDeniedException');
    expect(await outcome(member.describeEffectivePolicy({ PolicyType: AI }))).toBe('AccessDeniedException');
    expect(await outcome(simulated.clientOf(OTHER).describeEffectivePolicy({ PolicyType: AI }))).toBe('ok');
  });

  test('does not restrict the management account, as recorded', async () => {
    await put(deny(reads, { Principal: '*' }));
    expect(await calls(simulated.client)).toEqual(all('ok'));
  });
});

describe('conditions of a resource policy', () => {
  test.each([
    ['ArnEquals with the role', { ArnEquals: { 'aws:PrincipalArn': ROLE } }, 'ok'],
    ['ArnLike with a pattern', { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${MEMBER}:role/Audit*` } }, 'ok'],
    ['StringEquals with one of several roles', { StringEquals: { 'AWS:principalarn': ['arn:other', ROLE] } }, 'ok'],
    ['StringEquals with a pattern', { StringEquals: { 'aws:PrincipalArn': `arn:aws:iam::${MEMBER}:role/Audit*` } }, 'AccessDeniedException'],
    ['another role', { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${MEMBER}:role/Other` } }, 'AccessDeniedException'],
    ['ArnNotEquals with the role', { ArnNotEquals: { 'aws:PrincipalArn': ROLE } }, 'AccessDeniedException'],
    ['a key that the request lacks', { StringEquals: { 's3:prefix': 'x' } }, 'AccessDeniedException'],
    ['a key that the request may lack', { StringEqualsIfExists: { 's3:prefix': 'x' } }, 'ok'],
    ['Null for a key that the request lacks', { Null: { 's3:prefix': 'true', 'aws:PrincipalArn': 'false' } }, 'ok'],
    ['ForAnyValue with a value', { 'ForAnyValue:StringLike': { 'aws:PrincipalAccount': ['4444*'] } }, 'ok'],
    ['ForAnyValue with a key that the request lacks', { 'ForAnyValue:StringNotLike': { 's3:prefix': 'x' } }, 'AccessDeniedException'],
    ['ForAllValues with a key that the request lacks', { 'ForAllValues:StringLike': { 's3:prefix': 'x' } }, 'ok'],
    ['the policy type', { StringEqualsIgnoreCase: { 'organizations:PolicyType': AI.toLowerCase() } }, 'ok'],
    ['another policy type', { StringEquals: { 'organizations:PolicyType': 'TAG_POLICY' } }, 'AccessDeniedException'],
    ['two conditions of which one is met', { StringEquals: { 'aws:ResourceAccount': MANAGEMENT, 'aws:PrincipalOrgID': 'o-other' } }, 'AccessDeniedException'],
  ])('%s', async (_, Condition, expected) => {
    await put(statement('organizations:ListPolicies', { Condition }));
    expect(await outcome(roleNamed('Auditor').listPolicies({ Filter: AI }))).toBe(expected);
  });

  test('decide by the role: the others of its account are not delegated to', async () => {
    await put(statement('organizations:ListRoots', { Condition: { ArnEquals: { 'aws:PrincipalArn': ROLE } } }));
    expect(await outcome(roleNamed('Auditor').listRoots())).toBe('ok');
    expect(await outcome(roleNamed('Other').listRoots())).toBe('AccessDeniedException');
  });

  test('with an operator that is not simulated are an error of the scene', async () => {
    const content = JSON.stringify({ Statement: statement('organizations:ListRoots', { Condition: { NumericLessThan: { 'aws:MultiFactorAuthAge': '60' } } }) });
    const caller = { accountId: MANAGEMENT, arn: `arn:aws:iam::${MANAGEMENT}:user/Administrator` };
    await expect(simulated.organizations.call('PutResourcePolicy', { Content: content }, caller)).rejects.toThrow(
      'the condition operator NumericLessThan is not simulated');
  });
});
