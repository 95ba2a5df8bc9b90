import { AI, MANAGEMENT, refusal, Simulated } from './simulated';

let simulated: Simulated;
afterEach(async () => { await simulated.stop(); });

async function typesOfRoot() {
  const { Roots } = await simulated.client.listRoots();
  return Roots![0].PolicyTypes;
}

describe('enabling a policy type', () => {
  test('answers ENABLED at once, as recorded', async () => {
    simulated = await Simulated.organization();
    const { Root } = await simulated.enable();
    expect(Root).toMatchObject({ Id: simulated.rootId, Name: 'Root', PolicyTypes: [{ Type: AI, Status: 'ENABLED' }] });
    expect(await typesOfRoot()).toEqual([{ Type: AI, Status: 'ENABLED' }]);
  });

  test('can be made to take its time', async () => {
    simulated = await Simulated.organization({ enableDelayMs: 30_000 });
    const { Root } = await simulated.enable();
    expect(Root!.PolicyTypes).toEqual([{ Type: AI, Status: 'PENDING_ENABLE' }]);
    simulated.clock.pass(29_999);
    expect(await typesOfRoot()).toEqual([{ Type: AI, Status: 'PENDING_ENABLE' }]);
    simulated.clock.pass(1);
    expect(await typesOfRoot()).toEqual([{ Type: AI, Status: 'ENABLED' }]);
  });

  test('keeps the types sorted by name, whatever the order of enabling', async () => {
    simulated = await Simulated.organization();
    await simulated.enable('TAG_POLICY');
    await simulated.enable();
    expect((await typesOfRoot())!.map(({ Type }) => Type)).toEqual([AI, 'TAG_POLICY']);
  });

  test.each([0, 30_000])('fails when done twice, also while the first time is pending (%d ms)', async (enableDelayMs) => {
    simulated = await Simulated.organization({ enableDelayMs });
    await simulated.enable();
    expect(await refusal(simulated.enable())).toMatchObject({ name: 'PolicyTypeAlreadyEnabledException', status: 400 });
  });

  test('fails while the type is still being disabled', async () => {
    simulated = await Simulated.organization({ disableDelayMs: 10_000 });
    await simulated.enable();
    await simulated.disable();
    expect(await refusal(simulated.enable())).toMatchObject({ name: 'PolicyChangesInProgressException' });
    simulated.clock.pass(10_000);
    await simulated.enable();
  });

  test('fails on a root that does not exist', async () => {
    simulated = await Simulated.organization();
    expect(await refusal(simulated.client.enablePolicyType({ RootId: 'r-none', PolicyType: AI }))).toMatchObject({ name: 'RootNotFoundException' });
  });

  test('fails with a Reason for an unknown type, a malformed root id and missing members', async () => {
    simulated = await Simulated.organization();
    const enable = (input: object) => refusal(simulated.client.enablePolicyType(input as never));
    expect(await enable({ RootId: simulated.rootId, PolicyType: 'NONSENSE' })).toMatchObject(
      { name: 'InvalidInputException', reason: 'INVALID_ENUM:POLICY_TYPE', message: 'You specified an invalid value.' });
    expect(await enable({ RootId: 'root', PolicyType: AI })).toMatchObject({ name: 'InvalidInputException', reason: 'INVALID_PATTERN:ROOT_ID' });
    expect(await enable({ PolicyType: AI })).toMatchObject(
      { name: 'InvalidInputException', reason: 'INPUT_REQUIRED:ROOT_ID', message: 'You must provide a value for the parameter.' });
  });

  test('fails in an organization for consolidated billing', async () => {
    simulated = await Simulated.empty();
    await simulated.client.createOrganization({ FeatureSet: 'CONSOLIDATED_BILLING' });
    expect(await refusal(simulated.enable())).toMatchObject({ name: 'PolicyTypeNotAvailableForOrganizationException' });
    expect(await refusal(simulated.policy('any'))).toMatchObject({ name: 'PolicyTypeNotAvailableForOrganizationException' });
  });

  test('leaves AvailablePolicyTypes as it is: that never lists anything but service control policies', async () => {
    simulated = await Simulated.organization();
    await simulated.enable();
    const { Organization } = await simulated.client.describeOrganization();
    expect(Organization).toMatchObject({
      FeatureSet: 'ALL',
      MasterAccountId: MANAGEMENT,
      AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
    });
  });
});

describe('disabling a policy type', () => {
  test('makes it disappear from the root', async () => {
    simulated = await Simulated.organization();
    await simulated.enable();
    expect((await simulated.disable()).Root!.PolicyTypes).toEqual([]);
    expect(await typesOfRoot()).toEqual([]);
  });

  test('can be made to take its time', async () => {
    simulated = await Simulated.organization({ disableDelayMs: 10_000 });
    await simulated.enable();
    expect((await simulated.disable()).Root!.PolicyTypes).toEqual([{ Type: AI, Status: 'PENDING_DISABLE' }]);
    simulated.clock.pass(10_000);
    expect(await typesOfRoot()).toEqual([]);
  });

  test('detaches every policy of that type and no other; policies survive, and enabling attaches nothing again', async () => {
    simulated = await Simulated.organization();
    await simulated.enable();
    await simulated.enable('TAG_POLICY');
    const [optOut, tags] = [await simulated.policy('opt-out'), await simulated.policy('tags', '{"tags":{}}', 'TAG_POLICY')];
    await simulated.attach(optOut);
    await simulated.attach(optOut, MANAGEMENT);
    await simulated.attach(tags);

    await simulated.disable();

    expect((await simulated.client.listTargetsForPolicy({ PolicyId: optOut })).Targets).toEqual([]);
    expect((await simulated.client.listTargetsForPolicy({ PolicyId: tags })).Targets).toHaveLength(1);
    await simulated.enable();
    expect((await simulated.client.listPoliciesForTarget({ TargetId: simulated.rootId, Filter: AI })).Policies).toEqual([]);
    await simulated.client.deletePolicy({ PolicyId: optOut });
  });

  test('fails when the type is not enabled, or no longer', async () => {
    simulated = await Simulated.organization();
    expect(await refusal(simulated.disable())).toMatchObject({ name: 'PolicyTypeNotEnabledException' });
    await simulated.enable();
    await simulated.disable();
    expect(await refusal(simulated.disable())).toMatchObject({ name: 'PolicyTypeNotEnabledException' });
  });

  test('fails while the type is still being enabled', async () => {
    simulated = await Simulated.organization({ enableDelayMs: 1_000 });
    await simulated.enable();
    expect(await refusal(simulated.disable())).toMatchObject({ name: 'PolicyChangesInProgressException' });
  });
});
