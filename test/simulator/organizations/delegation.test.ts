import { AI, MANAGEMENT, OPT_OUT, refusal, Simulated } from './simulated';
import { OPERATIONS } from '../../../simulator/organizations/operations';

const MEMBER = '444455556666';
const OTHER = '777788889999';
const CONFIG = { AccountId: MEMBER, ServicePrincipal: 'config.amazonaws.com' };
const denied = { name: 'AccessDeniedException' };

let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.organization();
  for (const id of [MEMBER, OTHER]) simulated.organizations.createAccount({ name: `Member ${id}`, id });
  simulated.organizations.enablePolicyType(AI);
});
afterEach(async () => { await simulated.stop(); });

describe('a delegated administrator of a service', () => {
  test('is listed with its services and since when, until it is deregistered from the last', async () => {
    const { client, clock } = simulated;
    const since = new Date(clock.now());
    await client.registerDelegatedAdministrator(CONFIG);
    clock.pass(1_000);
    const ram = { ...CONFIG, ServicePrincipal: 'ram.amazonaws.com' };
    await client.registerDelegatedAdministrator(ram);

    const { DelegatedAdministrators } = await client.listDelegatedAdministrators();
    expect(DelegatedAdministrators).toMatchObject([{ Id: MEMBER, DelegationEnabledDate: since }]);
    expect((await client.listDelegatedAdministrators({ ServicePrincipal: 'sso.amazonaws.com' })).DelegatedAdministrators).toEqual([]);
    expect((await client.listDelegatedServicesForAccount({ AccountId: MEMBER })).DelegatedServices).toEqual([
      { ServicePrincipal: 'config.amazonaws.com', DelegationEnabledDate: since },
      { ServicePrincipal: 'ram.amazonaws.com', DelegationEnabledDate: new Date(clock.now()) },
    ]);

    await client.deregisterDelegatedAdministrator(CONFIG);
    await client.deregisterDelegatedAdministrator(ram);
    expect((await client.listDelegatedAdministrators()).DelegatedAdministrators).toEqual([]);
    expect(await refusal(client.listDelegatedServicesForAccount({ AccountId: MEMBER }))).toMatchObject({ name: 'AccountNotRegisteredException' });
  });

  test('may read everything and change nothing', async () => {
    const member = simulated.clientOf(MEMBER);
    const PolicyId = simulated.organizations.addPolicy({ name: 'ours', content: OPT_OUT });
    expect(await refusal(member.listRoots())).toMatchObject(denied);
    await simulated.client.registerDelegatedAdministrator(CONFIG);
    await member.listRoots();
    await member.listAccounts();
    await member.describePolicy({ PolicyId });
    await member.describeEffectivePolicy({ PolicyType: AI, TargetId: MANAGEMENT });
    expect(await refusal(member.attachPolicy({ PolicyId, TargetId: simulated.rootId }))).toMatchObject(denied);
    expect(await refusal(member.registerDelegatedAdministrator({ ...CONFIG, AccountId: OTHER }))).toMatchObject(denied);
    await simulated.client.deregisterDelegatedAdministrator(CONFIG);
    expect(await refusal(member.listRoots())).toMatchObject(denied);
  });

  test('fails to be registered twice, or when it is the management account, suspended or a stranger', async () => {
    const { client } = simulated;
    await client.registerDelegatedAdministrator(CONFIG);
    simulated.organizations.setAccountState(OTHER, 'SUSPENDED');
    const register = async (AccountId: string) => refusal(client.registerDelegatedAdministrator({ ...CONFIG, AccountId }));
    expect(await register(MEMBER)).toMatchObject({ name: 'AccountAlreadyRegisteredException' });
    expect(await register(MANAGEMENT)).toMatchObject({ reason: 'CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR' });
    expect(await register(OTHER)).toMatchObject({ reason: 'CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR' });
    expect(await register('999999999999')).toMatchObject({ name: 'AccountNotFoundException' });
    expect(await refusal(client.deregisterDelegatedAdministrator({ ...CONFIG, ServicePrincipal: 'ram.amazonaws.com' }))).toMatchObject(
      { name: 'AccountNotRegisteredException' });
    expect(await refusal(client.deregisterDelegatedAdministrator({ ...CONFIG, AccountId: OTHER }))).toMatchObject(
      { name: 'AccountNotRegisteredException' });
  });
});

describe('the resource policy', () => {
  const statement = (Action: unknown, AWS: unknown = `arn:aws:iam::${MEMBER}:root`, Effect = 'Allow') => (
    { Sid: 'Delegation', Effect, Principal: { AWS }, Action, Resource: '*' }
  );
  const put = async (...Statement: object[]) => simulated.client.putResourcePolicy({ Content: JSON.stringify({ Version: '2012-10-17', Statement }) });

  test('is stored as sent, keeps its id when it is replaced, and goes when it is deleted', async () => {
    const { client } = simulated;
    const first = (await put(statement('organizations:ListRoots'))).ResourcePolicy!;
    const Id = expect.stringMatching(/^rp-[0-9a-z]{10}$/);
    expect(first.ResourcePolicySummary).toEqual(
      { Id, Arn: `arn:aws:organizations::${MANAGEMENT}:resourcepolicy/o-a1b2c3d4e5/${first.ResourcePolicySummary!.Id}` });
    const second = (await put(statement('organizations:ListAccounts'))).ResourcePolicy!;
    expect(second.ResourcePolicySummary).toEqual(first.ResourcePolicySummary);
    expect((await client.describeResourcePolicy({})).ResourcePolicy).toEqual(second);
    await client.deleteResourcePolicy({});
    const notFound = { name: 'ResourcePolicyNotFoundException' };
    expect(await refusal(client.describeResourcePolicy({}))).toMatchObject(notFound);
    expect(await refusal(client.deleteResourcePolicy({}))).toMatchObject(notFound);
  });

  test('lets the account that it names make the calls that it names, and does not register it', async () => {
    await put(statement(['organizations:List*', 'organizations:describeeffectivepolicy', 'organizations:AttachPolicy']));
    const member = simulated.clientOf(MEMBER);
    await member.listRoots();
    await member.describeEffectivePolicy({ PolicyType: AI, TargetId: OTHER });
    const PolicyId = simulated.organizations.addPolicy({ name: 'ours', content: OPT_OUT });
    await member.attachPolicy({ PolicyId, TargetId: simulated.rootId });
    expect(await refusal(member.detachPolicy({ PolicyId, TargetId: simulated.rootId }))).toMatchObject(denied);
    expect(await refusal(member.describeResourcePolicy({}))).toMatchObject(denied);
    expect(await refusal(simulated.clientOf(OTHER).listRoots())).toMatchObject(denied);
    expect((await simulated.client.listDelegatedAdministrators()).DelegatedAdministrators).toEqual([]);
  });

  test('takes account ids, roles and lists as principals, and a Deny wins', async () => {
    await put(statement('organizations:*', [MEMBER, `arn:aws:iam::${OTHER}:role/Reader`]), statement('organizations:ListAccounts', OTHER, 'Deny'));
    await simulated.clientOf(MEMBER).listAccounts();
    await simulated.clientOf(OTHER).listRoots();
    expect(await refusal(simulated.clientOf(OTHER).listAccounts())).toMatchObject(denied);
  });

  test('never reaches what only the management account may do', async () => {
    await put(statement('organizations:*'));
    const member = simulated.clientOf(MEMBER);
    expect(await refusal(member.putResourcePolicy({ Content: '{}' }))).toMatchObject(denied);
    expect(await refusal(member.createOrganizationalUnit({ ParentId: simulated.rootId, Name: 'Mine' }))).toMatchObject(denied);
  });

  const kept = [...OPERATIONS].flatMap(([name, { callers }]) => callers === 'management' ? [name] : []);

  test.each(kept)('fails to delegate %s, which stays with the management account', async (operation) => {
    expect(await refusal(put(statement(`organizations:${operation}`)))).toMatchObject({ reason: 'UNSUPPORTED_ACTION_IN_RESOURCE_POLICY' });
  });

  test('carries tags', async () => {
    const { client } = simulated;
    const Tags = [{ Key: 'owner', Value: 'security' }];
    const Content = JSON.stringify({ Statement: statement('organizations:ListRoots') });
    const ResourceId = (await client.putResourcePolicy({ Content, Tags })).ResourcePolicy!.ResourcePolicySummary!.Id;
    expect((await client.listTagsForResource({ ResourceId })).Tags).toEqual(Tags);
  });

  test.each([
    ['no JSON', '{', 'INVALID_RESOURCE_POLICY_JSON'],
    ['no object', '[]', 'INVALID_RESOURCE_POLICY_JSON'],
    ['no statement', '{"Version":"2012-10-17"}', 'INVALID_RESOURCE_POLICY_JSON'],
    ['a statement without effect', JSON.stringify({ Statement: [{}] }), 'INVALID_RESOURCE_POLICY_JSON'],
    ['a statement without action', JSON.stringify({ Statement: statement(undefined) }), 'INVALID_RESOURCE_POLICY_JSON'],
    ['a service as principal', JSON.stringify({ Statement: statement('organizations:ListRoots', 'config.amazonaws.com') }), 'INVALID_PRINCIPAL'],
    ['an action of another service', JSON.stringify({ Statement: statement('s3:GetObject') }), 'UNSUPPORTED_ACTION_IN_RESOURCE_POLICY'],
  ])('fails with %s', async (_, Content, reason) => {
    expect(await refusal(simulated.client.putResourcePolicy({ Content }))).toMatchObject({ name: 'InvalidInputException', reason });
    expect(await refusal(simulated.client.describeResourcePolicy({}))).toMatchObject({ name: 'ResourcePolicyNotFoundException' });
  });
});
