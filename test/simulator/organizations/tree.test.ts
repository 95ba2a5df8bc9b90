import { AI, MANAGEMENT, OPT_OUT, refusal, Simulated } from './simulated';

let simulated: Simulated;
afterEach(async () => { await simulated.stop(); });

describe('an organization', () => {
  test('does not exist before it is created, for any operation', async () => {
    simulated = await Simulated.empty();
    const { client } = simulated;
    const notInUse = { name: 'AWSOrganizationsNotInUseException', status: 400 };
    expect(await refusal(client.describeOrganization())).toMatchObject(notInUse);
    expect(await refusal(client.listRoots())).toMatchObject(notInUse);
    expect(await refusal(client.listAccounts())).toMatchObject(notInUse);
    expect(await refusal(client.describeEffectivePolicy({ PolicyType: 'AISERVICES_OPT_OUT_POLICY' }))).toMatchObject(notInUse);
  });

  test('is created by an account that becomes its management account', async () => {
    simulated = await Simulated.empty();
    const { Organization } = await simulated.clientOf('444455556666').createOrganization({ FeatureSet: 'ALL' });
    expect(Organization).toEqual({
      Id: 'o-a1b2c3d4e5',
      Arn: 'arn:aws:organizations::444455556666:organization/o-a1b2c3d4e5',
      FeatureSet: 'ALL',
      MasterAccountArn: 'arn:aws:organizations::444455556666:account/o-a1b2c3d4e5/444455556666',
      MasterAccountId: '444455556666',
      MasterAccountEmail: 'management@example.com',
      AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
    });
    expect((await simulated.client.listRoots()).Roots).toEqual([
      { Id: 'r-a1b2', Arn: 'arn:aws:organizations::444455556666:root/o-a1b2c3d4e5/r-a1b2', Name: 'Root', PolicyTypes: [] },
    ]);
  });

  test('fails to be created a second time', async () => {
    simulated = await Simulated.organization();
    expect(await refusal(simulated.client.createOrganization({}))).toMatchObject({ name: 'AlreadyInOrganizationException' });
  });
});

describe('organizational units', () => {
  test('are created, described and listed with their paths', async () => {
    simulated = await Simulated.organization();
    const { client, rootId } = simulated;
    const outer = (await client.createOrganizationalUnit({ ParentId: rootId, Name: 'Workloads' })).OrganizationalUnit!;
    const inner = (await client.createOrganizationalUnit({ ParentId: outer.Id, Name: 'Production' })).OrganizationalUnit!;
    expect(inner).toEqual({
      Id: expect.stringMatching(/^ou-a1b2-[0-9a-z]{8}$/),
      Arn: `arn:aws:organizations::${MANAGEMENT}:ou/o-a1b2c3d4e5/${inner.Id}`,
      Name: 'Production',
      Path: `o-a1b2c3d4e5/r-a1b2/${outer.Id}/${inner.Id}/`,
    });
    expect((await client.describeOrganizationalUnit({ OrganizationalUnitId: inner.Id })).OrganizationalUnit).toEqual(inner);
    expect((await client.listOrganizationalUnitsForParent({ ParentId: outer.Id })).OrganizationalUnits).toEqual([inner]);
    expect((await client.listParents({ ChildId: inner.Id })).Parents).toEqual([{ Id: outer.Id, Type: 'ORGANIZATIONAL_UNIT' }]);
    expect((await client.listParents({ ChildId: outer.Id })).Parents).toEqual([{ Id: rootId, Type: 'ROOT' }]);
  });

  test('fail for a name their parent has already, for unknown parents and unknown units', async () => {
    simulated = await Simulated.organization();
    const { client, rootId } = simulated;
    await client.createOrganizationalUnit({ ParentId: rootId, Name: 'Workloads' });
    expect(await refusal(client.createOrganizationalUnit({ ParentId: rootId, Name: 'Workloads' }))).toMatchObject(
      { name: 'DuplicateOrganizationalUnitException' });
    const ParentId = 'ou-a1b2-12345678';
    expect(await refusal(client.createOrganizationalUnit({ ParentId, Name: 'any' }))).toMatchObject({ name: 'ParentNotFoundException' });
    expect(await refusal(client.listAccountsForParent({ ParentId }))).toMatchObject({ name: 'ParentNotFoundException' });
    expect(await refusal(client.describeOrganizationalUnit({ OrganizationalUnitId: ParentId }))).toMatchObject(
      { name: 'OrganizationalUnitNotFoundException' });
    expect(await refusal(client.listParents({ ChildId: ParentId }))).toMatchObject({ name: 'ChildNotFoundException' });
    expect(await refusal(client.listChildren({ ParentId, ChildType: 'NONSENSE' as never }))).toMatchObject({ reason: 'INVALID_ENUM:CHILD_TYPE' });
  });
});

describe('limits of organizational units', () => {
  const tooDeep = { name: 'ConstraintViolationException', reason: 'OU_DEPTH_LIMIT_EXCEEDED' };
  const tooMany = { name: 'ConstraintViolationException', reason: 'OU_NUMBER_LIMIT_EXCEEDED' };

  test('five levels below the root, for the API and for a scene', async () => {
    simulated = await Simulated.organization();
    const { client, organizations } = simulated;
    let ParentId = simulated.rootId;
    for (let level = 1; level <= 5; level++) {
      ParentId = (await client.createOrganizationalUnit({ ParentId, Name: `Level ${level}` })).OrganizationalUnit!.Id!;
    }
    expect(await refusal(client.createOrganizationalUnit({ ParentId, Name: 'Level 6' }))).toMatchObject({ ...tooDeep, status: 400 });
    expect(() => organizations.createOrganizationalUnit('Level 6', ParentId)).toThrow(expect.objectContaining({ reason: tooDeep.reason }));
    expect((await client.listOrganizationalUnitsForParent({ ParentId })).OrganizationalUnits).toEqual([]);
  });

  test('2,000 in an organization, for the API and for a scene, and a deleted one makes room', async () => {
    simulated = await Simulated.organization();
    const { client, organizations, rootId: ParentId } = simulated;
    const ids = Array.from({ length: 2000 }, (_, index) => organizations.createOrganizationalUnit(`Unit ${index}`));
    expect(await refusal(client.createOrganizationalUnit({ ParentId, Name: 'One more' }))).toMatchObject(tooMany);
    expect(() => organizations.createOrganizationalUnit('One more')).toThrow(expect.objectContaining({ reason: tooMany.reason }));
    await client.deleteOrganizationalUnit({ OrganizationalUnitId: ids[0] });
    await client.createOrganizationalUnit({ ParentId, Name: 'One more' });
  });
});

describe('renaming and deleting organizational units', () => {
  test('works, and a deleted one takes its attachments along', async () => {
    simulated = await Simulated.organization();
    const { client, organizations, rootId } = simulated;
    organizations.enablePolicyType(AI);
    const OrganizationalUnitId = organizations.createOrganizationalUnit('Old');
    const PolicyId = organizations.addPolicy({ name: 'ours', content: OPT_OUT, targetIds: [OrganizationalUnitId, rootId] });
    const { OrganizationalUnit } = await client.updateOrganizationalUnit({ OrganizationalUnitId, Name: 'New' });
    expect(OrganizationalUnit).toMatchObject({ Id: OrganizationalUnitId, Name: 'New' });
    expect((await client.updateOrganizationalUnit({ OrganizationalUnitId })).OrganizationalUnit).toEqual(OrganizationalUnit);

    await client.deleteOrganizationalUnit({ OrganizationalUnitId });

    expect((await client.listOrganizationalUnitsForParent({ ParentId: rootId })).OrganizationalUnits).toEqual([]);
    expect((await client.listTargetsForPolicy({ PolicyId })).Targets!.map(({ TargetId }) => TargetId)).toEqual([rootId]);
    expect(await refusal(client.describeOrganizationalUnit({ OrganizationalUnitId }))).toMatchObject(
      { name: 'OrganizationalUnitNotFoundException' });
  });

  test.each([
    ['a blank', ' ', 'Old', undefined],
    ['an empty name', '', undefined, 'MIN_LENGTH_EXCEEDED:NAME'],
    ['128 characters of two bytes', 'é'.repeat(128), 'é'.repeat(128), undefined],
    ['129 characters of two bytes', 'é'.repeat(129), undefined, 'MAX_LENGTH_EXCEEDED:NAME'],
  ])('answers %s as recorded', async (_, Name, renamed, reason) => {
    simulated = await Simulated.organization();
    const { client, organizations } = simulated;
    const OrganizationalUnitId = organizations.createOrganizationalUnit('Old');
    const update = client.updateOrganizationalUnit({ OrganizationalUnitId, Name });
    if (reason) expect(await refusal(update)).toMatchObject({ name: 'InvalidInputException', reason, status: 400 });
    else expect((await update).OrganizationalUnit!.Name).toBe(renamed);
    expect((await client.describeOrganizationalUnit({ OrganizationalUnitId })).OrganizationalUnit!.Name).toBe(renamed ?? 'Old');
  });

  test("fails for a sibling's name, for what is not there, and for a unit that holds an account or a unit", async () => {
    simulated = await Simulated.organization();
    const { client, organizations } = simulated;
    const [full, outer] = ['Full', 'Outer'].map((name) => organizations.createOrganizationalUnit(name));
    organizations.createAccount({ name: 'Member', parentId: full, state: 'SUSPENDED' });
    organizations.createOrganizationalUnit('Inner', outer);
    expect(await refusal(client.updateOrganizationalUnit({ OrganizationalUnitId: full, Name: 'Outer' }))).toMatchObject(
      { name: 'DuplicateOrganizationalUnitException' });
    for (const OrganizationalUnitId of [full, outer]) {
      expect(await refusal(client.deleteOrganizationalUnit({ OrganizationalUnitId }))).toMatchObject({ name: 'OrganizationalUnitNotEmptyException' });
    }
    const unknown = { OrganizationalUnitId: 'ou-a1b2-12345678' };
    const notFound = { name: 'OrganizationalUnitNotFoundException' };
    expect(await refusal(client.updateOrganizationalUnit(unknown))).toMatchObject(notFound);
    expect(await refusal(client.deleteOrganizationalUnit(unknown))).toMatchObject(notFound);
  });
});

describe('accounts', () => {
  test('carry State, Status and Paths', async () => {
    const { zone } = simulated = await Simulated.landingZone();
    const id = zone.accountIds[3];
    expect((await simulated.client.describeAccount({ AccountId: id })).Account).toEqual({
      Id: id,
      Arn: `arn:aws:organizations::${MANAGEMENT}:account/o-a1b2c3d4e5/${id}`,
      Email: 'production-1@example.com',
      Name: 'Production 1',
      Status: 'ACTIVE',
      State: 'ACTIVE',
      Paths: [`o-a1b2c3d4e5/r-a1b2/${zone.workloadsUnitId}/${zone.productionUnitId}/${id}/`],
      JoinedMethod: 'CREATED',
      JoinedTimestamp: new Date(simulated.clock.now()),
    });
  });

  test.each([
    ['SUSPENDED', 'SUSPENDED'],
    ['PENDING_CLOSURE', 'PENDING_CLOSURE'],
    ['CLOSED', 'SUSPENDED'],
  ] as const)('in state %s report Status %s', async (State, Status) => {
    simulated = await Simulated.organization();
    const AccountId = simulated.organizations.createAccount({ name: 'Old' });
    simulated.organizations.setAccountState(AccountId, State);
    expect((await simulated.client.describeAccount({ AccountId })).Account).toMatchObject({ State, Status });
  });

  test('are created in the root, and the outcome is asked for afterwards', async () => {
    simulated = await Simulated.organization();
    const { client, rootId } = simulated;
    const { CreateAccountStatus } = await client.createAccount({ AccountName: 'New', Email: 'new@example.com' });
    expect(CreateAccountStatus).toEqual({
      Id: expect.stringMatching(/^car-[a-z0-9]{8,32}$/),
      AccountName: 'New',
      State: 'IN_PROGRESS',
      RequestedTimestamp: new Date(simulated.clock.now()),
    });
    const status = await client.describeCreateAccountStatus({ CreateAccountRequestId: CreateAccountStatus!.Id });
    expect(status.CreateAccountStatus).toMatchObject({ State: 'SUCCEEDED', AccountId: expect.stringMatching(/^\d{12}$/) });
    expect((await client.listParents({ ChildId: status.CreateAccountStatus!.AccountId })).Parents).toEqual([{ Id: rootId, Type: 'ROOT' }]);
  });

  test('fail to be created with an address that another one has', async () => {
    simulated = await Simulated.organization();
    const { CreateAccountStatus } = await simulated.client.createAccount({ AccountName: 'New', Email: 'management@example.com' });
    const { CreateAccountStatus: status } = await simulated.client.describeCreateAccountStatus({ CreateAccountRequestId: CreateAccountStatus!.Id });
    expect(status).toMatchObject({ State: 'FAILED', FailureReason: 'EMAIL_ALREADY_EXISTS' });
    expect(await refusal(simulated.client.describeCreateAccountStatus({ CreateAccountRequestId: 'car-12345678' }))).toMatchObject(
      { name: 'CreateAccountStatusNotFoundException' });
  });

  test('move from unit to unit', async () => {
    const { zone } = simulated = await Simulated.landingZone();
    const AccountId = zone.accountIds[3];
    const { client } = simulated;
    const move = { AccountId, SourceParentId: zone.productionUnitId, DestinationParentId: zone.sandboxUnitId };
    await client.moveAccount(move);
    expect((await client.listParents({ ChildId: AccountId })).Parents).toEqual([{ Id: zone.sandboxUnitId, Type: 'ORGANIZATIONAL_UNIT' }]);
    const accountsIn = async (ParentId: string) => (
      (await client.listChildren({ ParentId, ChildType: 'ACCOUNT' })).Children!.map(({ Id }) => Id)
    );
    expect(await accountsIn(zone.sandboxUnitId)).toContain(AccountId);
    expect(await accountsIn(zone.productionUnitId)).not.toContain(AccountId);

    expect(await refusal(client.moveAccount(move))).toMatchObject({ name: 'SourceParentNotFoundException' });
    const here = zone.sandboxUnitId;
    expect(await refusal(client.moveAccount({ AccountId, SourceParentId: here, DestinationParentId: here }))).toMatchObject(
      { name: 'DuplicateAccountException' });
    expect(await refusal(client.moveAccount({ AccountId, SourceParentId: here, DestinationParentId: 'ou-a1b2-12345678' }))).toMatchObject(
      { name: 'DestinationParentNotFoundException' });
    expect(await refusal(client.moveAccount({ ...move, AccountId: '999999999999' }))).toMatchObject({ name: 'AccountNotFoundException' });
  });

  test('fail to be described when they are not in the organization', async () => {
    simulated = await Simulated.organization();
    expect(await refusal(simulated.client.describeAccount({ AccountId: '999999999999' }))).toMatchObject(
      { name: 'AccountNotFoundException', message: "You specified an account that doesn't exist." });
    expect(await refusal(simulated.client.describeAccount({ AccountId: '1234' }))).toMatchObject({ reason: 'INVALID_PATTERN:ACCOUNT_ID' });
  });
});

describe('delegated administrators', () => {
  test('are listed when they are registered for a service, not when only policies are delegated', async () => {
    const { zone } = simulated = await Simulated.landingZone();
    simulated.organizations.delegateAdministrator(zone.auditAccountId, 'config.amazonaws.com');
    simulated.organizations.delegateAdministrator(zone.logArchiveAccountId);
    const ids = async (request = {}) => (
      (await simulated.client.listDelegatedAdministrators(request)).DelegatedAdministrators!.map(({ Id }) => Id)
    );
    expect(await ids()).toEqual([zone.auditAccountId]);
    expect(await ids({ ServicePrincipal: 'config.amazonaws.com' })).toEqual([zone.auditAccountId]);
    expect(await ids({ ServicePrincipal: 'ram.amazonaws.com' })).toEqual([]);
  });
});
