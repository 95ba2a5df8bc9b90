import { AI, MANAGEMENT, refusal, Simulated } from './simulated';

let simulated: Simulated;
beforeEach(async () => { simulated = await Simulated.organization(); });
afterEach(async () => { await simulated.stop(); });

describe('attaching a policy', () => {
  test('works right after enabling the type, to root, unit and account', async () => {
    const unit = simulated.organizations.createOrganizationalUnit('Workloads');
    await simulated.enable();
    const PolicyId = await simulated.policy('ours');
    for (const target of [simulated.rootId, unit, MANAGEMENT]) await simulated.attach(PolicyId, target);
    expect((await simulated.client.listTargetsForPolicy({ PolicyId })).Targets).toEqual([
      { TargetId: simulated.rootId, Arn: expect.stringContaining(':root/o-a1b2c3d4e5/r-a1b2'), Name: 'Root', Type: 'ROOT' },
      { TargetId: unit, Arn: expect.stringContaining(`:ou/o-a1b2c3d4e5/${unit}`), Name: 'Workloads', Type: 'ORGANIZATIONAL_UNIT' },
      { TargetId: MANAGEMENT, Arn: expect.stringContaining(`:account/o-a1b2c3d4e5/${MANAGEMENT}`), Name: 'Management', Type: 'ACCOUNT' },
    ]);
  });

  test('fails while the type is disabled, being enabled, or being disabled', async () => {
    Object.assign(simulated.organizations.settings, { enableDelayMs: 1_000, disableDelayMs: 1_000 });
    const PolicyId = await simulated.policy('ours');
    const notEnabled = { name: 'PolicyTypeNotEnabledException', status: 400 };
    expect(await refusal(simulated.attach(PolicyId))).toMatchObject(notEnabled);
    await simulated.enable();
    expect(await refusal(simulated.attach(PolicyId))).toMatchObject(notEnabled);
    simulated.clock.pass(1_000);
    await simulated.attach(PolicyId);
    await simulated.disable();
    expect(await refusal(simulated.attach(PolicyId))).toMatchObject(notEnabled);
  });

  test('fails the second time', async () => {
    await simulated.enable();
    const PolicyId = await simulated.policy('ours');
    await simulated.attach(PolicyId);
    expect(await refusal(simulated.attach(PolicyId))).toMatchObject({ name: 'DuplicatePolicyAttachmentException' });
  });

  test('fails for a sixth policy of the type on one target, while other types and targets have room', async () => {
    await simulated.enable();
    await simulated.enable('TAG_POLICY');
    for (let index = 1; index <= 5; index++) await simulated.attach(await simulated.policy(`policy ${index}`));
    const sixth = await simulated.policy('policy 6');
    expect(await refusal(simulated.attach(sixth))).toMatchObject(
      { name: 'ConstraintViolationException', reason: 'MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED' });
    await simulated.attach(sixth, MANAGEMENT);
    await simulated.attach(await simulated.policy('tags', '{}', 'TAG_POLICY'));
  });

  test.each(['r-none', 'ou-none-12345678', '999999999999'])('fails for target %s, which does not exist', async (target) => {
    await simulated.enable();
    const PolicyId = await simulated.policy('ours');
    expect(await refusal(simulated.attach(PolicyId, target))).toMatchObject(
      { name: 'TargetNotFoundException', message: "You specified a target that doesn't exist." });
  });

  test.each(['12345', 'xr-a1b2', '1111222233334', 'ou-a1b2-12345678/'])('fails for %s, which cannot be a target', async (target) => {
    const PolicyId = await simulated.policy('ours');
    expect(await refusal(simulated.attach(PolicyId, target))).toMatchObject({ name: 'InvalidInputException', reason: 'INVALID_PATTERN_TARGET_ID' });
  });

  test('fails for a policy that does not exist', async () => {
    expect(await refusal(simulated.attach('p-12345678'))).toMatchObject({ name: 'PolicyNotFoundException' });
  });
});

describe('detaching a policy', () => {
  test('fails when it is not attached', async () => {
    await simulated.enable();
    const PolicyId = await simulated.policy('ours');
    expect(await refusal(simulated.client.detachPolicy({ PolicyId, TargetId: simulated.rootId }))).toMatchObject(
      { name: 'PolicyNotAttachedException' });
  });

  test('and attaching again moves it behind its peers', async () => {
    await simulated.enable();
    const [first, second] = [await simulated.policy('first'), await simulated.policy('second')];
    const order = async () => {
      const { Policies } = await simulated.client.listPoliciesForTarget({ TargetId: simulated.rootId, Filter: AI });
      return Policies!.map(({ Id }) => Id);
    };
    await simulated.attach(first);
    await simulated.attach(second);
    expect(await order()).toEqual([first, second]);
    await simulated.client.detachPolicy({ PolicyId: first, TargetId: simulated.rootId });
    await simulated.attach(first);
    expect(await order()).toEqual([second, first]);
  });
});
