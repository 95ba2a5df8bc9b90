import { awsError, byStatus, effectivePolicy, scene, start, startOptedOut, type SceneOptions } from './scene';
import { POLICY_TYPE } from '../../src/policy';
import { effective, FULL_LOCK, OPTED_OUT, unlocked } from '../support/documents';

/** Has AWS answer something else than the simulator would, for some accounts. */
function answering(document: (accountId: string, asked: number) => object | undefined): void {
  const asked = new Map<string, number>();
  scene.on('DescribeEffectivePolicy', ({ TargetId }) => {
    asked.set(TargetId, (asked.get(TargetId) ?? 0) + 1);
    const content = document(TargetId, asked.get(TargetId)!);
    return content && effectivePolicy(content);
  });
}

const LEX_IN = effective({ default: 'optOut', lex: 'optIn' });
const LEX_OUT = effective({ default: 'optOut', lex: 'optOut' });

describe('a stale answer', () => {
  test('after re-enabling the type is not taken for an opt-out: nothing is attached any more', async () => {
    const { zone } = startOptedOut({ effectivePolicyDelayMs: 8_000 });
    await scene.administrator('DisablePolicyType', { RootId: zone.rootId, PolicyType: POLICY_TYPE });
    await scene.administrator('EnablePolicyType', { RootId: zone.rootId, PolicyType: POLICY_TYPE });
    const stale = await scene.administrator('DescribeEffectivePolicy', { PolicyType: POLICY_TYPE, TargetId: zone.auditAccountId });
    expect(JSON.parse(stale.EffectivePolicy.PolicyContent)).toEqual(OPTED_OUT);

    const verification = await scene.verify({ evidence: 'effective' });

    expect(verification).toMatchObject({ status: 'notOptedOut', summary: { notOptedOut: 6 } });
    expect(verification.findings.map(({ code }) => code)).toEqual(['notCovered', 'policyAttachedNowhere', 'unstable']);
    expect(verification.accounts[0]).toMatchObject({ reason: 'no policy reaches it', effective: {} });
  });

  test('that never changes is a disagreement, and the account is not opted out', async () => {
    const { zone } = start();
    answering((id) => (id === zone.auditAccountId ? OPTED_OUT : undefined));

    const verification = await scene.verify();

    const account = verification.accounts.find(({ id }) => id === zone.auditAccountId)!;
    expect(account).toMatchObject({ status: 'notOptedOut', reason: 'no policy reaches it, although its effective policy opts out' });
    expect(verification.findings).toContainEqual(expect.objectContaining({
      code: 'evidenceDisagrees', severity: 'error', ids: [zone.auditAccountId], computed: {}, effective: OPTED_OUT,
    }));
    expect(verification.calls.DescribeEffectivePolicy).toBe(6 + 6);
  });

  test('right after the policy was attached is asked for again until it has come through', async () => {
    const { zone } = start({ effectivePolicyDelayMs: 12_000 });
    const PolicyId = scene.policy('OptOut', FULL_LOCK);
    await scene.administrator('AttachPolicy', { PolicyId, TargetId: zone.rootId });

    const verification = await scene.verify();

    expect(verification).toMatchObject({ status: 'optedOut', findings: [{ code: 'unstable', severity: 'info' }] });
    expect(verification.checklist.find(({ id }) => id === 'evidence')!.passed).toBe(true);
  });

  test('from a member account has to stay the same for ten seconds', async () => {
    const { zone } = start();
    const askedBy = { accountId: zone.auditAccountId, arn: 'arn' };
    answering((_, asked) => (asked === 1 ? OPTED_OUT : {}));

    expect(await scene.verify({ askedBy }, scene.client({}, askedBy))).toMatchObject({ status: 'notOptedOut', accounts: [{ status: 'notOptedOut' }] });
  });

  test('that keeps changing is unknown', async () => {
    const { zone } = start();
    const askedBy = { accountId: zone.auditAccountId, arn: 'arn' };
    answering((_, asked) => (asked % 2 === 1 ? OPTED_OUT : LEX_OUT));

    expect(await scene.verify({ askedBy }, scene.client({}, askedBy))).toMatchObject({
      accounts: [{ status: 'unknown', reason: 'unknown: its effective policy changed between calls' }],
    });
  });
});

describe('a disagreement', () => {
  test('makes the worse of both the status, and shows both documents', async () => {
    const { zone } = startOptedOut();
    answering((id) => (id === zone.auditAccountId ? LEX_IN : undefined));
    const before = scene.clock.now();

    const verification = await scene.verify();

    expect(byStatus(verification).notOptedOut).toEqual([zone.auditAccountId]);
    expect(verification.accounts.find(({ id }) => id === zone.auditAccountId)!.reason).toBe('by its effective policy, lex is opted in');
    expect(verification.findings).toEqual([expect.objectContaining({
      code: 'evidenceDisagrees', severity: 'error', ids: [zone.auditAccountId], computed: OPTED_OUT, effective: LEX_IN,
    })]);
    expect(verification.checklist.find(({ id }) => id === 'evidence')!.passed).toBe(false);
    // Only after half a minute.
    expect(scene.clock.now() - before).toBeGreaterThanOrEqual(30_000);
  });

  test('about entries that say the same in more words is none', async () => {
    startOptedOut();
    answering(() => ({ services: { ...OPTED_OUT.services, lex: { opt_out_policy: 'optOut' }, polly: {} } }));
    expect(await scene.verify()).toMatchObject({ status: 'optedOut', findings: [] });
  });

  test('of many accounts with the same policies is settled by one of them', async () => {
    startOptedOut({ accounts: 60 });
    answering(() => ({}));

    const verification = await scene.verify();

    expect(verification).toMatchObject({ status: 'notOptedOut', summary: { notOptedOut: 60 } });
    // Everybody once, one of them six times more, and in the end the others once more.
    expect(verification.calls.DescribeEffectivePolicy).toBe(60 + 6 + 59);
  });
});

describe('an unrecorded rule', () => {
  function lockedAbove(options?: SceneOptions) {
    const { zone } = startOptedOut(options);
    scene.policy('Lex', unlocked({ lex: 'optIn' }), zone.sandboxUnitId);
    return { zone, sandbox: scene.accountsIn(zone.sandboxUnitId) };
  }

  test('is confirmed by AWS\'s answer for one account of the path', async () => {
    const { sandbox } = lockedAbove({ accounts: 30 });

    const verification = await scene.verify({ evidence: 'computed' });

    expect(verification.status).toBe('optedOut');
    expect(verification.calls.DescribeEffectivePolicy).toBe(1);
    const evidence = verification.accounts.filter(({ id }) => sandbox.includes(id)).map((account) => account.evidence);
    expect(evidence).toEqual(['effective', ...Array(sandbox.length - 1).fill('path')]);
    expect(verification.findings).toEqual([expect.objectContaining({ code: 'policyOverruled', severity: 'warning' })]);
  });

  test('is asked about once for a policy that hangs on two OUs', async () => {
    const { zone } = startOptedOut({ accounts: 30 });
    scene.policy('Lex', unlocked({ lex: 'optIn' }), zone.sandboxUnitId, zone.testUnitId);
    expect((await scene.verify({ evidence: 'computed' })).calls.DescribeEffectivePolicy).toBe(1);
  });

  test('that AWS turns out to handle otherwise is what AWS says, for all accounts with the same policies', async () => {
    const { sandbox } = lockedAbove({ accounts: 30 });
    answering((id) => (sandbox.includes(id) ? LEX_IN : undefined));

    const verification = await scene.verify({ evidence: 'computed' });

    expect(byStatus(verification).notOptedOut).toEqual(sandbox);
    const [first, second] = verification.accounts.filter(({ id }) => sandbox.includes(id));
    expect(first).toMatchObject({ evidence: 'effective', reason: 'by its effective policy, lex is opted in by policy "Lex" on OU Sandbox' });
    expect(second).toMatchObject({ evidence: 'path' });
    expect(second.reason).toBe(`by its effective policy, lex is opted in by policy "Lex" on OU Sandbox; read for account ${first.id}, which has the same policies`);
    expect(verification.findings).toContainEqual(expect.objectContaining({ code: 'evidenceDisagrees', severity: 'warning' }));
  });

  test('is asked about another account where one has left', async () => {
    const { sandbox } = lockedAbove({ accounts: 30 });
    scene.on('DescribeEffectivePolicy', ({ TargetId }) => TargetId === sandbox[0] && awsError('TargetNotFoundException'));
    scene.on('DescribeAccount', ({ AccountId }) => AccountId === sandbox[0] && awsError('AccountNotFoundException'));

    const verification = await scene.verify({ evidence: 'computed' });

    expect(verification).toMatchObject({ status: 'optedOut', summary: { accounts: 29, inactive: 1 }, inactiveAccounts: [{ id: sandbox[0], state: 'LEFT' }] });
  });

  test('about the order of peers is decided by AWS', async () => {
    const { zone } = start();
    scene.policy('Older', unlocked({ default: 'optIn' }), zone.rootId);
    scene.policy('Ours', FULL_LOCK, zone.rootId);
    answering(() => OPTED_OUT);

    const verification = await scene.verify();

    expect(verification).toMatchObject({ status: 'optedOut' });
    expect(verification.accounts[0].reason).toBe('opted out by its effective policy');
    // The siblings of an account that was asked about are not taken for opted out on the word of an order that proved wrong.
    answering(() => OPTED_OUT);
    expect((await scene.verify({ evidence: 'computed' })).summary).toEqual({ accounts: 6, optedOut: 1, notOptedOut: 0, unknown: 5, inactive: 0 });
  });
});

describe('the order of peers', () => {
  function quarrelling(...targetIds: string[]) {
    const older = scene.policy('Older', unlocked({ default: 'optOut' }), ...targetIds);
    const younger = scene.policy('Younger', unlocked({ default: 'optIn' }), ...targetIds);
    return { older, younger };
  }

  test('on one OU proves nothing about another OU with the same policies', async () => {
    const { zone } = start({ accounts: 30 });
    quarrelling(zone.sandboxUnitId, zone.testUnitId);
    const elsewhere = scene.accountsIn(zone.testUnitId);
    answering((id) => (elsewhere.includes(id) ? effective({ default: 'optIn' }) : undefined));

    const verification = await scene.verify({ evidence: 'computed' });

    expect(byStatus(verification).optedOut).toEqual(scene.accountsIn(zone.sandboxUnitId));
    expect(byStatus(verification).notOptedOut).toEqual(expect.arrayContaining(elsewhere));
  });

  test('is unknown if the effective policy keeps changing', async () => {
    const { zone } = start();
    const { older, younger } = quarrelling();
    for (const PolicyId of [younger, older]) await scene.administrator('AttachPolicy', { PolicyId, TargetId: zone.rootId });
    answering((_, asked) => (asked % 2 === 1 ? OPTED_OUT : LEX_OUT));

    expect((await scene.verify({ evidence: 'computed' })).summary).toMatchObject({ optedOut: 0, unknown: 6 });
  });
});

describe('with more than 500 accounts', () => {
  test('statuses are computed, and 25 random accounts are checked against AWS\'s answer', async () => {
    startOptedOut({ accounts: 1_000 });

    const first = await scene.verify({ seed: 42 });

    expect(first).toMatchObject({ status: 'optedOut', summary: { optedOut: 1_000 } });
    expect(first.calls.DescribeEffectivePolicy).toBe(25);
    const checked = (verification: typeof first) => verification.accounts.filter(({ evidence }) => evidence === 'effective').map(({ id }) => id);
    expect(checked(first)).toHaveLength(25);
    expect(first.checklist.find(({ id }) => id === 'evidence')!.detail).toContain('25 accounts chosen at random (seed 42)');
    expect(checked(await scene.verify({ seed: 42 }))).toEqual(checked(first));
    expect(checked(await scene.verify({ seed: 43 }))).not.toEqual(checked(first));
  });

  test('a spot-check that disagrees takes the certainty from all that have the same policies', async () => {
    startOptedOut({ accounts: 600 });
    answering(() => LEX_IN);

    const verification = await scene.verify({ spotChecks: 3 });

    expect(verification.summary).toEqual({ accounts: 600, optedOut: 0, notOptedOut: 3, unknown: 597, inactive: 0 });
    expect(verification.findings).toEqual([expect.objectContaining({ code: 'evidenceDisagrees', severity: 'error' })]);
    expect(verification.accounts.find(({ status }) => status === 'unknown')!.reason).toMatch(/the effective policy of account \d+, which has the same policies/);
  });

  test('a spot-check that is denied is unknown', async () => {
    startOptedOut({ accounts: 600 });
    scene.organizations.faults.accessDenied('DescribeEffectivePolicy');

    expect(await scene.verify({ spotChecks: 3 })).toMatchObject({ status: 'unknown', summary: { optedOut: 597, unknown: 3 } });
  });

  test('every account is asked about if a policy on its path could not be read', async () => {
    const { zone } = startOptedOut({ accounts: 600 });
    const hidden = scene.policy('Hidden', unlocked({ lex: 'optOut' }), zone.securityUnitId);
    scene.on('DescribePolicy', ({ PolicyId }) => PolicyId === hidden && awsError('AccessDeniedException'));

    const verification = await scene.verify({ spotChecks: 0 });

    expect(verification).toMatchObject({ status: 'optedOut' });
    expect(verification.accounts.filter(({ evidence }) => evidence === 'effective').map(({ parentId }) => parentId)).toEqual(Array(2).fill(zone.securityUnitId));
  });
});
