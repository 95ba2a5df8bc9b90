import { AI, MANAGEMENT, OPT_IN, OPT_OUT, refusal, Simulated } from './simulated';

const MEMBER = '444455556666';
const OPTED_OUT = { services: { default: { opt_out_policy: 'optOut' } } };

let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.organization();
  simulated.organizations.createAccount({ name: 'Member', id: MEMBER });
  simulated.organizations.enablePolicyType(AI);
});
afterEach(async () => { await simulated.stop(); });

describe.each([
  ['is removed by the management account', () => simulated.client.removeAccountFromOrganization({ AccountId: MEMBER })],
  ['leaves by itself', () => simulated.clientOf(MEMBER).leaveOrganization({})],
])('an account that %s', (_, leave) => {
  test('is gone from every list at once, with its attachments and delegations', async () => {
    const { client, organizations, rootId } = simulated;
    const PolicyId = organizations.addPolicy({ name: 'ours', content: OPT_OUT, targetIds: [MEMBER] });
    organizations.delegateAdministrator(MEMBER);

    await leave();

    expect((await client.listAccounts()).Accounts!.map(({ Id }) => Id)).toEqual([MANAGEMENT]);
    expect((await client.listChildren({ ParentId: rootId, ChildType: 'ACCOUNT' })).Children!.map(({ Id }) => Id)).toEqual([MANAGEMENT]);
    expect((await client.listTargetsForPolicy({ PolicyId })).Targets).toEqual([]);
    expect(await refusal(client.describeAccount({ AccountId: MEMBER }))).toMatchObject({ name: 'AccountNotFoundException' });
    expect(await refusal(simulated.effective(MEMBER))).toMatchObject({ name: 'TargetNotFoundException' });
    expect(await refusal(simulated.clientOf(MEMBER).describeOrganization())).toMatchObject({ name: 'AWSOrganizationsNotInUseException' });
  });

  test('comes back as a new one, without what it had', async () => {
    const { organizations } = simulated;
    organizations.addPolicy({ name: 'ours', content: OPT_OUT, targetIds: [MEMBER] });
    organizations.setInvalidEffectivePolicy(MEMBER, [{ code: 'KEY_REQUIRED', message: 'a key is missing' }]);
    organizations.delegateAdministrator(MEMBER);
    await leave();
    organizations.createAccount({ name: 'Member', id: MEMBER });
    expect(await simulated.effective(MEMBER)).toEqual({});
    expect(await refusal(simulated.clientOf(MEMBER).listRoots())).toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('leaving', () => {
  test('fails for the management account, for strangers, and for a delegated administrator until it is deregistered', async () => {
    const { client } = simulated;
    const member = simulated.clientOf(MEMBER);
    const cannot = { name: 'MasterCannotLeaveOrganizationException' };
    expect(await refusal(client.removeAccountFromOrganization({ AccountId: MANAGEMENT }))).toMatchObject(cannot);
    expect(await refusal(client.leaveOrganization({}))).toMatchObject(cannot);
    expect(await refusal(client.removeAccountFromOrganization({ AccountId: '999999999999' }))).toMatchObject({ name: 'AccountNotFoundException' });

    const registration = { AccountId: MEMBER, ServicePrincipal: 'config.amazonaws.com' };
    await client.registerDelegatedAdministrator(registration);
    const delegated = { name: 'ConstraintViolationException', reason: 'CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG' };
    expect(await refusal(client.removeAccountFromOrganization({ AccountId: MEMBER }))).toMatchObject(delegated);
    expect(await refusal(member.leaveOrganization({}))).toMatchObject(delegated);
    await client.deregisterDelegatedAdministrator(registration);
    await member.leaveOrganization({});
  });

  test('frees the address for a new account', async () => {
    const { client } = simulated;
    const outcome = async () => {
      const { CreateAccountStatus } = await client.createAccount({ AccountName: 'Next', Email: 'member@example.com' });
      return (await client.describeCreateAccountStatus({ CreateAccountRequestId: CreateAccountStatus!.Id })).CreateAccountStatus!.State;
    };
    expect(await outcome()).toBe('FAILED');
    await client.removeAccountFromOrganization({ AccountId: MEMBER });
    expect(await outcome()).toBe('SUCCEEDED');
  });
});

describe('moving out of a unit', () => {
  test('keeps the effective policy for some seconds, then takes it away', async () => {
    const { organizations, rootId } = simulated;
    const unit = organizations.createOrganizationalUnit('Workloads');
    const account = organizations.createAccount({ name: 'Mover', parentId: unit });
    organizations.addPolicy({ name: 'ours', content: OPT_OUT, targetIds: [unit] });
    await simulated.client.moveAccount({ AccountId: account, SourceParentId: unit, DestinationParentId: rootId });
    simulated.clock.pass(2_499);
    expect(await simulated.effective(account)).toEqual(OPTED_OUT);
    simulated.clock.pass(1);
    expect(await simulated.effective(account)).toEqual({});
  });

  test('leaves policies on the account itself where they are', async () => {
    const { organizations, rootId } = simulated;
    const unit = organizations.createOrganizationalUnit('Workloads');
    organizations.addPolicy({ name: 'own', content: OPT_IN, targetIds: [MEMBER] });
    await simulated.client.moveAccount({ AccountId: MEMBER, SourceParentId: rootId, DestinationParentId: unit });
    simulated.clock.pass(2_500);
    expect(await simulated.effective(MEMBER)).toEqual({ services: { default: { opt_out_policy: 'optIn' } } });
  });
});

describe('closing an account', () => {
  const state = async () => (await simulated.client.describeAccount({ AccountId: MEMBER })).Account;

  test('takes a few minutes', async () => {
    await simulated.client.closeAccount({ AccountId: MEMBER });
    expect(await state()).toMatchObject({ State: 'PENDING_CLOSURE', Status: 'PENDING_CLOSURE' });
    expect(await refusal(simulated.client.closeAccount({ AccountId: MEMBER }))).toMatchObject({ name: 'ConflictException' });
    simulated.clock.pass(180_000);
    expect(await state()).toMatchObject({ State: 'CLOSED', Status: 'SUSPENDED' });
    expect(await refusal(simulated.client.closeAccount({ AccountId: MEMBER }))).toMatchObject({ name: 'AccountAlreadyClosedException' });
  });

  test('fails for the management account and for strangers', async () => {
    expect(await refusal(simulated.client.closeAccount({ AccountId: MANAGEMENT }))).toMatchObject(
      { name: 'ConstraintViolationException', reason: 'CANNOT_CLOSE_MANAGEMENT_ACCOUNT' });
    expect(await refusal(simulated.client.closeAccount({ AccountId: '999999999999' }))).toMatchObject({ name: 'AccountNotFoundException' });
  });
});

test('closing and delegating fail without all features', async () => {
  simulated.organizations.createOrganization({ featureSet: 'CONSOLIDATED_BILLING' });
  simulated.organizations.createAccount({ name: 'Member', id: MEMBER });
  const { client } = simulated;
  for (const call of [
    client.closeAccount({ AccountId: MEMBER }),
    client.registerDelegatedAdministrator({ AccountId: MEMBER, ServicePrincipal: 'config.amazonaws.com' }),
    client.putResourcePolicy({ Content: '{}' }),
  ]) {
    expect(await refusal(call)).toMatchObject({ name: 'ConstraintViolationException', reason: 'ORGANIZATION_NOT_IN_ALL_FEATURES_MODE' });
  }
});
