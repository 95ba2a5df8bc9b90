import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AI, MANAGEMENT, OPT_IN, OPT_OUT, refusal, Simulated } from './simulated';

const OPTED_OUT = { services: { default: { opt_out_policy: 'optOut' } } };
const OPTED_IN = { services: { default: { opt_out_policy: 'optIn' } } };

let simulated: Simulated;
beforeEach(async () => { simulated = await Simulated.organization(); });
afterEach(async () => { await simulated.stop(); });

/** Lets a change come through. */
const settle = () => simulated.clock.pass(2_500);

describe('the effective policy', () => {
  test('is {} when the type is enabled and nothing is attached', async () => {
    await simulated.enable();
    const { EffectivePolicy } = await simulated.client.describeEffectivePolicy({ PolicyType: AI });
    expect(EffectivePolicy).toEqual({ PolicyContent: '{}', LastUpdatedTimestamp: expect.any(Date), TargetId: MANAGEMENT, PolicyType: AI });
  });

  test('is compact JSON without operators, and covers the management account', async () => {
    await simulated.enable();
    await simulated.attach(await simulated.policy('ours', JSON.stringify(JSON.parse(OPT_OUT), undefined, 2)));
    settle();
    const { EffectivePolicy } = await simulated.client.describeEffectivePolicy({ PolicyType: AI });
    expect(EffectivePolicy!.PolicyContent).toBe(JSON.stringify(OPTED_OUT));
  });

  test('shows a change only some seconds later', async () => {
    await simulated.enable();
    settle();
    const PolicyId = await simulated.policy('ours');
    await simulated.attach(PolicyId);
    simulated.clock.pass(2_499);
    expect(await simulated.effective()).toEqual({});
    simulated.clock.pass(1);
    expect(await simulated.effective()).toEqual(OPTED_OUT);

    await simulated.client.updatePolicy({ PolicyId, Content: OPT_IN });
    simulated.clock.pass(2_499);
    expect(await simulated.effective()).toEqual(OPTED_OUT);
    simulated.clock.pass(1);
    expect(await simulated.effective()).toEqual(OPTED_IN);

    await simulated.client.detachPolicy({ PolicyId, TargetId: simulated.rootId });
    expect(await simulated.effective()).toEqual(OPTED_IN);
    settle();
    expect(await simulated.effective()).toEqual({});
  });

  test('never shows the first of two quick updates', async () => {
    await simulated.enable();
    const PolicyId = await simulated.policy('ours');
    await simulated.attach(PolicyId);
    settle();
    await simulated.client.updatePolicy({ PolicyId, Content: '{"services":{}}' });
    simulated.clock.pass(700);
    await simulated.client.updatePolicy({ PolicyId, Content: OPT_IN });
    simulated.clock.pass(2_400);
    expect(await simulated.effective()).toEqual(OPTED_OUT);
    simulated.clock.pass(100);
    expect(await simulated.effective()).toEqual(OPTED_IN);
  });

  test('follows an account that moves, after the same delay', async () => {
    const [inside, outside] = ['Inside', 'Outside'].map((name) => simulated.organizations.createOrganizationalUnit(name));
    const account = simulated.organizations.createAccount({ name: 'Wanderer', parentId: outside });
    await simulated.enable();
    await simulated.attach(await simulated.policy('ours'), inside);
    settle();
    await simulated.client.moveAccount({ AccountId: account, SourceParentId: outside, DestinationParentId: inside });
    expect(await simulated.effective(account)).toEqual({});
    settle();
    expect(await simulated.effective(account)).toEqual(OPTED_OUT);
  });

  test('carries a timestamp that moves with every regeneration, also of identical content, and only for the accounts concerned', async () => {
    const other = simulated.organizations.createAccount({ name: 'Other' });
    await simulated.enable();
    const PolicyId = await simulated.policy('ours');
    await simulated.attach(PolicyId, MANAGEMENT);
    settle();
    const updated = async (TargetId: string) => (
      (await simulated.client.describeEffectivePolicy({ PolicyType: AI, TargetId })).EffectivePolicy!.LastUpdatedTimestamp!.getTime()
    );
    const [before, otherBefore] = [await updated(MANAGEMENT), await updated(other)];
    await simulated.client.updatePolicy({ PolicyId, Content: OPT_OUT });
    settle();
    expect(await updated(MANAGEMENT)).toBe(before + 2_500);
    expect(await updated(other)).toBe(otherBefore);
  });

  test('is {} for other types that are enabled', async () => {
    await simulated.enable('TAG_POLICY');
    const { EffectivePolicy } = await simulated.client.describeEffectivePolicy({ PolicyType: 'TAG_POLICY' });
    expect(EffectivePolicy!.PolicyContent).toBe('{}');
  });

  const recorded: { name: string; levels: object[][]; effective: object; compare: string }[] = JSON.parse(
    readFileSync(join(__dirname, '../../data/inheritance.json'), 'utf8'));

  test.each(recorded)('follows the recorded inheritance: $name', async ({ levels, effective, compare }) => {
    simulated.organizations.settings.effectivePolicyDelayMs = 0;
    await simulated.enable();
    // One unit for every level between the root and the account.
    let parentId = simulated.rootId;
    const between = levels.slice(1, -1).map((_, index) => parentId = simulated.organizations.createOrganizationalUnit(`Level ${index}`, parentId));
    const account = simulated.organizations.createAccount({ name: 'Account', parentId });
    const targets = [simulated.rootId, ...between, account];
    for (const [index, policies] of levels.entries()) {
      for (const document of policies) {
        const name = `policy ${simulated.organizations.calls.length}`;
        await simulated.attach(await simulated.policy(name, JSON.stringify(document)), levels.length === 1 ? simulated.rootId : targets[index]);
      }
    }
    const answer = await simulated.effective(account);
    expect(compare === 'settings' ? settingsOf(answer) : answer).toEqual(effective);
  });
});

describe('the left-over view', () => {
  test('of before disabling comes back when the type is enabled again, until the new one is through', async () => {
    await simulated.enable();
    await simulated.attach(await simulated.policy('ours'));
    settle();
    const answer = async () => (await simulated.client.describeEffectivePolicy({ PolicyType: AI })).EffectivePolicy!;
    const before = await answer();
    await simulated.disable();
    expect(await refusal(simulated.effective())).toMatchObject({ name: 'EffectivePolicyNotFoundException' });
    simulated.clock.pass(140_000);

    await simulated.enable();

    expect(await answer()).toEqual(before);
    settle();
    expect((await answer()).PolicyContent).toBe('{}');
    expect((await answer()).LastUpdatedTimestamp!.getTime()).toBeGreaterThan(before.LastUpdatedTimestamp!.getTime());
  });

  test('does not show what was still on its way when the type was disabled', async () => {
    await simulated.enable();
    await simulated.attach(await simulated.policy('ours'));
    await simulated.disable();
    settle();
    await simulated.enable();
    expect(await simulated.effective()).toEqual({});
  });
});

describe('asking for the effective policy', () => {
  const notEnabled = {
    name: 'EffectivePolicyNotFoundException',
    message: 'The specified policy type is not enabled. Enable that policy type on your organization root and then retry.',
    status: 400,
  };

  test('fails while the type is not enabled, for everybody', async () => {
    const member = simulated.organizations.createAccount({ name: 'Member' });
    expect(await refusal(simulated.effective())).toMatchObject(notEnabled);
    expect(await refusal(simulated.effective(member))).toMatchObject(notEnabled);
    expect(await refusal(simulated.clientOf(member).describeEffectivePolicy({ PolicyType: AI }))).toMatchObject(notEnabled);
    simulated.organizations.settings.enableDelayMs = 1_000;
    await simulated.enable();
    expect(await refusal(simulated.effective())).toMatchObject(notEnabled);
  });

  test.each([false, true])('fails for the root and for units, enabled or not (%s)', async (enabled) => {
    const unit = simulated.organizations.createOrganizationalUnit('Workloads');
    if (enabled) await simulated.enable();
    for (const target of [simulated.rootId, unit]) {
      expect(await refusal(simulated.effective(target))).toMatchObject({
        name: 'InvalidInputException', reason: 'TARGET_NOT_SUPPORTED', message: 'You specified a target that is not currently supported.',
      });
    }
  });

  test('fails for an account outside the organization', async () => {
    await simulated.enable();
    expect(await refusal(simulated.effective('999999999999'))).toMatchObject(
      { name: 'TargetNotFoundException', message: "You specified a target that doesn't exist." });
  });

  test.each([
    ['SERVICE_CONTROL_POLICY', 'INVALID_ENUM_POLICY_TYPE', 'You specified an invalid policy type.'],
    ['RESOURCE_CONTROL_POLICY', 'INVALID_ENUM:POLICY_TYPE', 'You specified an invalid value.'],
    ['NONSENSE', 'INVALID_ENUM:POLICY_TYPE', 'You specified an invalid value.'],
    [undefined, 'INPUT_REQUIRED:POLICY_TYPE', 'You must provide a value for the parameter.'],
  ])('fails for type %s with Reason %s', async (PolicyType, reason, message) => {
    expect(await refusal(simulated.client.describeEffectivePolicy({ PolicyType } as never))).toMatchObject(
      { name: 'InvalidInputException', reason, message, status: 400 });
  });

  test('works for a member about itself, with or without its id, and is what the management account sees', async () => {
    const member = simulated.organizations.createAccount({ name: 'Member' });
    await simulated.enable();
    await simulated.attach(await simulated.policy('ours'));
    settle();
    const client = simulated.clientOf(member);
    const seen = (await simulated.client.describeEffectivePolicy({ PolicyType: AI, TargetId: member })).EffectivePolicy;
    expect((await client.describeEffectivePolicy({ PolicyType: AI })).EffectivePolicy).toEqual(seen);
    expect((await client.describeEffectivePolicy({ PolicyType: AI, TargetId: member })).EffectivePolicy).toEqual(seen);
  });

  test('fails for a member about another account', async () => {
    const member = simulated.organizations.createAccount({ name: 'Member' });
    await simulated.enable();
    const client = simulated.clientOf(member);
    expect(await refusal(client.describeEffectivePolicy({ PolicyType: AI, TargetId: MANAGEMENT }))).toMatchObject(
      { name: 'AccessDeniedException', message: "You don't have permissions to access this resource.", status: 400 });
  });
});

/** Service to value, whatever the form of the document. */
function settingsOf(document: unknown): Record<string, string> {
  const { services = {} } = document as { services?: Record<string, { opt_out_policy?: string }> };
  return Object.fromEntries(Object.entries(services).flatMap(([key, entry]) => entry.opt_out_policy ? [[key, entry.opt_out_policy]] : []));
}
