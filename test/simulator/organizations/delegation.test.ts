import { AI, MANAGEMENT, OPT_OUT, refusal, Simulated } from './simulated';

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
