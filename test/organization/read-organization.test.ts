import { AUDITOR, awsError, byStatus, scene, start, startOptedOut } from './scene';
import { readOrganization, type Progress } from '../../src/organization';
import { FULL_LOCK, unlocked } from '../support/documents';
import { MANAGEMENT } from '../support/ids';

/** AWS before 2026-03-30. */
async function withoutPaths(operation: string, input: object): Promise<object | undefined> {
  if (!/^ListAccounts/.test(operation)) return undefined;
  const answer: any = await scene.organizations.call(operation, input, { accountId: MANAGEMENT, arn: AUDITOR });
  return { ...answer, Accounts: answer.Accounts?.map(({ Paths: _, ...account }: any) => account) };
}

describe('reading an organization', () => {
  test('finds tree, accounts, policies and attachments in order', async () => {
    const { zone } = start();
    const second = scene.policy('Second', unlocked({ lex: 'optOut' }), zone.sandboxUnitId);
    const first = scene.policy('First', FULL_LOCK, zone.rootId, zone.auditAccountId);
    scene.policy('Third', unlocked({}), zone.rootId);
    const lonely = scene.policy('Lonely', unlocked({ default: 'optOut' }));

    const snapshot = await readOrganization(scene.client());

    expect(snapshot).toMatchObject({
      organizationId: scene.organizations.organizationId,
      managementAccountId: zone.managementAccountId,
      rootId: zone.rootId,
      policyType: 'ENABLED',
      gaps: [],
    });
    expect(Object.fromEntries(snapshot.units.map(({ name, id, parentId }) => [name, [id, parentId]]))).toEqual({
      Security: [zone.securityUnitId, zone.rootId],
      Workloads: [zone.workloadsUnitId, zone.rootId],
      Sandbox: [zone.sandboxUnitId, zone.rootId],
      Production: [zone.productionUnitId, zone.workloadsUnitId],
      Test: [zone.testUnitId, zone.workloadsUnitId],
    });
    expect(snapshot.accounts[2]).toEqual({ id: zone.auditAccountId, name: 'Audit', parentId: zone.securityUnitId, state: 'ACTIVE' });
    expect(snapshot.attachments.get(zone.rootId)).toHaveLength(2);
    expect(snapshot.attachments.get(zone.rootId)![0]).toBe(first);
    expect(snapshot.attachments.get(zone.sandboxUnitId)).toEqual([second]);
    expect(snapshot.attachments.get(zone.auditAccountId)).toEqual([first]);
    expect(snapshot.policies.find(({ id }) => id === first)).toMatchObject({ name: 'First', document: FULL_LOCK, targetIds: [zone.rootId, zone.auditAccountId] });
    expect(snapshot.policies.find(({ id }) => id === lonely)!.targetIds).toEqual([]);
    // Root, Workloads; the order matters on the root alone.
    expect(scene.calls('ListOrganizationalUnitsForParent')).toHaveLength(2);
    expect(scene.calls('ListPoliciesForTarget')).toHaveLength(1);
    expect(scene.calls('ListAccountsForParent')).toHaveLength(0);
  });

  test('keeps the order of attachment, not of creation', async () => {
    const { zone } = start();
    const older = scene.policy('Older', unlocked({ default: 'optIn' }));
    const newer = scene.policy('Newer', FULL_LOCK, zone.rootId);
    await scene.administrator('AttachPolicy', { PolicyId: older, TargetId: zone.rootId });
    const { attachments } = await readOrganization(scene.client());
    expect(attachments.get(zone.rootId)).toEqual([newer, older]);
  });

  test.each([1, 3, 20])('reads pages of %d, empty ones included, to the end', async (pageSize) => {
    const emptyPages = ['ListRoots', 'ListAccounts', 'ListPolicies', 'ListTargetsForPolicy', 'ListPoliciesForTarget', 'ListOrganizationalUnitsForParent'];
    const { zone } = start({ accounts: 45, pageSize, emptyPages });
    for (let index = 0; index < 4; index++) scene.policy(`Policy ${index}`, FULL_LOCK, zone.rootId, zone.sandboxUnitId);

    const snapshot = await readOrganization(scene.client());

    expect(snapshot.accounts.map(({ id }) => id)).toEqual(zone.accountIds);
    expect(snapshot.units).toHaveLength(5);
    expect(snapshot.attachments.get(zone.rootId)).toHaveLength(4);
  });

  test('walks the tree where AWS does not tell the paths', async () => {
    startOptedOut({ accounts: 30 });
    const told = await readOrganization(scene.client());
    scene.intercept = withoutPaths;

    const walked = await readOrganization(scene.client());

    expect(walked.accounts).toEqual(told.accounts);
    expect(walked.units.map(({ id }) => id).sort()).toEqual(told.units.map(({ id }) => id).sort());
    expect(walked.gaps).toEqual([]);
  });

  test('takes Status where there is no State', async () => {
    const { zone } = start();
    scene.organizations.setAccountState(zone.auditAccountId, 'SUSPENDED');
    scene.intercept = async (operation, input) => {
      const answer: any = await withoutPaths(operation, input);
      return answer && { ...answer, Accounts: answer.Accounts.map(({ State: _, ...account }: any) => account) };
    };
    const { accounts } = await readOrganization(scene.client());
    expect(accounts.map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE', 'SUSPENDED', 'ACTIVE', 'ACTIVE', 'ACTIVE']);
  });

  test('finds a unit without accounts that carries a policy', async () => {
    const { zone } = start();
    const empty = scene.organizations.createOrganizationalUnit('Empty', zone.sandboxUnitId);
    scene.policy('OptOut', FULL_LOCK, zone.rootId, empty);
    const { units } = await readOrganization(scene.client());
    expect(units).toContainEqual({ id: empty, name: 'Empty', parentId: zone.sandboxUnitId });
  });

  test('tells how far it is', async () => {
    startOptedOut({ accounts: 45 });
    const heard: Progress[] = [];
    await scene.verify({ evidence: 'effective', onProgress: (progress) => heard.push(progress) });
    expect(heard).toContainEqual({ kind: 'step', phase: 'accounts', done: 40 });
    expect(heard).toContainEqual({ kind: 'step', phase: 'policies', done: 1, total: 1 });
    expect(heard).toContainEqual({ kind: 'step', phase: 'units', done: 5 });
    expect(heard.at(-1)).toEqual({ kind: 'step', phase: 'effective', done: 45, total: 45 });
  });
});

describe('the number of calls', () => {
  test('is that of listing the accounts and a few more, where only the root carries policies', async () => {
    startOptedOut({ accounts: 10_000, throttling: true });
    const before = scene.clock.now();

    const verification = await scene.verify({ evidence: 'computed' });

    expect(verification).toMatchObject({ status: 'optedOut', summary: { optedOut: 10_000 } });
    expect(verification.calls).toEqual({
      ListRoots: 1,
      ListPolicies: 1,
      DescribePolicy: 1,
      ListTargetsForPolicy: 1,
      ListAccounts: 500,
      ListOrganizationalUnitsForParent: 2,
      ListAccountsWithInvalidEffectivePolicy: 1,
    });
    expect(scene.calls().length).toBeLessThanOrEqual(500 * 1.1);
    // As fast as the accounts can be listed at all: 8 a second after a burst of 12.
    expect(scene.clock.now() - before).toBeLessThanOrEqual((500 - 12) / 8 * 1000 * 1.2);
  });

  test('stays below 1.1 times listing the accounts with spot-checks, too', async () => {
    startOptedOut({ accounts: 10_000 });
    await scene.verify();
    expect(scene.calls().length).toBeLessThanOrEqual(500 * 1.1);
  });
});

describe('what changes while it is read', () => {
  test('an OU that vanishes leaves nothing concluded about the accounts that seemed to be in it', async () => {
    const { zone } = start();
    scene.policy('OptOut', FULL_LOCK, zone.securityUnitId, zone.workloadsUnitId, zone.sandboxUnitId, zone.managementAccountId);
    scene.on('ListOrganizationalUnitsForParent', ({ ParentId }) => ParentId === zone.workloadsUnitId && awsError('ParentNotFoundException'));

    const verification = await scene.verify({ evidence: 'computed' });

    const workloads = [...scene.accountsIn(zone.productionUnitId), ...scene.accountsIn(zone.testUnitId)];
    expect(byStatus(verification).unknown.sort()).toEqual(workloads.sort());
    expect(verification.findings).toContainEqual(expect.objectContaining({
      code: 'notRead', message: expect.stringContaining('vanished'), ids: expect.arrayContaining([zone.workloadsUnitId]),
    }));
    expect(await scene.verify({ evidence: 'effective' })).toMatchObject({ status: 'optedOut' });
  });

  test('an OU that is no longer in its parent\'s list counts as vanished', async () => {
    const { zone } = start();
    scene.policy('OptOut', FULL_LOCK, zone.sandboxUnitId);
    const OrganizationalUnits = [{ Id: zone.securityUnitId, Name: 'Security' }];
    scene.on('ListOrganizationalUnitsForParent', ({ ParentId }) => ParentId === zone.rootId && { OrganizationalUnits });
    expect(byStatus(await scene.verify({ evidence: 'computed' })).unknown).toEqual(expect.arrayContaining(scene.accountsIn(zone.sandboxUnitId)));
  });

  test('an OU whose list is denied keeps its accounts: the paths tell where they are', async () => {
    const { zone } = startOptedOut();
    scene.organizations.faults.accessDenied('ListOrganizationalUnitsForParent');
    const verification = await scene.verify({ evidence: 'computed' });
    expect(verification).toMatchObject({ status: 'optedOut', findings: [{ code: 'notRead' }] });
    expect(verification.units.map(({ name }) => name)).toContain(zone.sandboxUnitId);
  });

  test('an account that leaves is listed apart', async () => {
    const { zone } = startOptedOut();
    scene.on('DescribeEffectivePolicy', ({ TargetId }) => TargetId === zone.auditAccountId && awsError('TargetNotFoundException'));
    scene.on('DescribeAccount', ({ AccountId }) => AccountId === zone.auditAccountId && awsError('AccountNotFoundException'));
    expect(await scene.verify()).toMatchObject({
      status: 'optedOut', summary: { accounts: 5, inactive: 1 }, inactiveAccounts: [{ id: zone.auditAccountId, state: 'LEFT' }],
    });
  });

  test('an account that AWS does not find, but that is there, is unknown', async () => {
    const { zone } = startOptedOut();
    scene.on('DescribeEffectivePolicy', ({ TargetId }) => TargetId === zone.auditAccountId && awsError('TargetNotFoundException'));
    expect(await scene.verify()).toMatchObject({ status: 'unknown', summary: { optedOut: 5, unknown: 1 } });
  });

  test('an account that moves while the tree is walked has no place, and is asked about', async () => {
    const { zone } = start();
    scene.policy('OptOut', FULL_LOCK, zone.securityUnitId);
    scene.intercept = withoutPaths;
    scene.on('ListAccountsForParent', async (input) => {
      const { Accounts }: any = await withoutPaths('ListAccountsForParent', input);
      return input.ParentId === zone.sandboxUnitId && { Accounts: [...Accounts, { Id: zone.auditAccountId }] };
    });
    const verification = await scene.verify({ evidence: 'computed' });
    expect(verification.accounts.find(({ id }) => id === zone.auditAccountId)).toMatchObject({
      status: 'unknown', reason: 'unknown: its place in the organization could not be read', parentId: '',
    });
  });

  test('an OU that vanishes while the tree is walked takes its accounts\' places with it', async () => {
    const { zone } = startOptedOut();
    scene.intercept = withoutPaths;
    for (const operation of ['ListAccountsForParent', 'ListOrganizationalUnitsForParent']) {
      scene.on(operation, ({ ParentId }) => ParentId === zone.sandboxUnitId && awsError('ParentNotFoundException'));
    }
    expect(byStatus(await scene.verify({ evidence: 'computed' })).unknown).toEqual(scene.accountsIn(zone.sandboxUnitId));
  });

  test('a policy that is deleted between listing and reading is left out', async () => {
    const { zone } = startOptedOut();
    const gone = scene.policy('Gone', unlocked({ lex: 'optIn' }), zone.rootId);
    scene.on('DescribePolicy', async ({ PolicyId }) => {
      if (PolicyId !== gone) return;
      await scene.administrator('DetachPolicy', { PolicyId, TargetId: zone.rootId });
      await scene.administrator('DeletePolicy', { PolicyId });
    });
    const verification = await scene.verify();
    expect(verification).toMatchObject({ status: 'optedOut', policies: [{ name: 'OptOut' }] });
  });

  test('policies that change on a target while it is read make its accounts depend on AWS\'s answer', async () => {
    const { zone } = start();
    scene.policy('A', FULL_LOCK, zone.rootId);
    const other = scene.policy('B', unlocked({ default: 'optOut' }), zone.rootId);
    scene.on('ListPoliciesForTarget', async () => { await scene.administrator('DetachPolicy', { PolicyId: other, TargetId: zone.rootId }); });
    const snapshot = await readOrganization(scene.client());
    expect(snapshot.gaps).toEqual([expect.objectContaining({ operation: 'ListPoliciesForTarget', id: zone.rootId })]);
  });

  test('a target that vanishes has no policies any more', async () => {
    const { zone } = start();
    scene.policy('A', FULL_LOCK, zone.rootId, zone.sandboxUnitId);
    scene.policy('B', FULL_LOCK, zone.sandboxUnitId);
    scene.on('ListPoliciesForTarget', () => awsError('TargetNotFoundException'));
    const { attachments, policies } = await readOrganization(scene.client());
    expect([...attachments.keys()]).toEqual([zone.rootId]);
    expect(policies.map(({ targetIds }) => targetIds)).toEqual([[zone.rootId], []]);
  });
});

describe('what may not be read', () => {
  test('the organization itself is read from the root\'s ARN', async () => {
    const { zone } = startOptedOut();
    scene.organizations.faults.accessDenied('DescribeOrganization');
    expect(await scene.verify()).toMatchObject({
      status: 'optedOut', organization: { id: scene.organizations.organizationId, managementAccountId: zone.managementAccountId },
    });
  });

  test('fails where not even that can be read', async () => {
    start();
    scene.organizations.faults.accessDenied();
    await expect(scene.verify()).rejects.toMatchObject({ code: 'denied', message: expect.stringContaining('the organization may not be read') });
  });

  test('content that nobody understands is a gap', async () => {
    const { zone } = start();
    const id = scene.policy('Odd', { services: { default: { opt_out_policy: { '@@assign': 'optout' } } } } as any, zone.rootId);
    const snapshot = await readOrganization(scene.client());
    expect(snapshot.gaps).toEqual([{ operation: 'DescribePolicy', id, error: 'the content is not what this version understands' }]);
    expect(snapshot.policies[0]).toMatchObject({ content: expect.any(String) });
    expect(snapshot.policies[0].document).toBeUndefined();
  });
});
