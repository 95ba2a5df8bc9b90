import { AUDITOR, awsError, byStatus, effectivePolicy, scene, start, startOptedOut } from './scene';
import { OrganizationsError } from '../../src/organization';
import { POLICY_TYPE } from '../../src/policy';
import { FULL_LOCK, ONLY_SERVICES_LOCKED, OPEN_SERVICES, unlocked } from '../support/documents';
import { MANAGEMENT } from '../support/ids';

describe('an organization that is opted out', () => {
  test('is told so, account by account, by AWS\'s own answers', async () => {
    const { zone } = start();
    const policyId = scene.policy('OptOut', FULL_LOCK, zone.rootId);

    const verification = await scene.verify();

    expect(verification).toMatchObject({
      schemaVersion: 1,
      status: 'optedOut',
      summary: { accounts: 6, optedOut: 6, notOptedOut: 0, unknown: 0, inactive: 0 },
      organization: { rootId: zone.rootId, managementAccountId: MANAGEMENT, policyType: 'ENABLED', complete: true },
      askedBy: { arn: AUDITOR, accountId: MANAGEMENT },
      evidence: 'auto',
      findings: [],
      inactiveAccounts: [],
      policies: [{ id: policyId, name: 'OptOut', targetIds: [zone.rootId], characters: 221, lock: { services: true, default: true, value: true } }],
    });
    expect(verification.accounts[0]).toMatchObject({
      id: MANAGEMENT,
      parentId: zone.rootId,
      status: 'optedOut',
      reason: 'opted out by policy "OptOut" on the root, locked',
      evidence: 'effective',
      effective: { services: { default: { opt_out_policy: 'optOut' } } },
      decisions: [{ key: 'default', certain: true }],
    });
    expect(verification.units.map(({ name }) => name).sort()).toEqual(['Production', 'Sandbox', 'Security', 'Test', 'Workloads']);
    expect(verification.checklist.map(({ id, passed }) => [id, passed])).toEqual([
      ['policyTypeEnabled', true],
      ['defaultCovered', true],
      ['attachedToRoot', true],
      ['locked', true],
      ['everyAccountEffective', true],
      ['evidence', true],
    ]);
    expect(verification.calls).toMatchObject({ ListRoots: 1, ListAccounts: 1, DescribeEffectivePolicy: 6 });
    expect(Date.parse(verification.finishedAt)).toBeGreaterThan(Date.parse(verification.startedAt));
  });

  test('is told so by the policies alone, with no call for any account', async () => {
    startOptedOut();

    const verification = await scene.verify({ evidence: 'computed' });

    expect(verification).toMatchObject({ status: 'optedOut', findings: [] });
    expect(verification.accounts.map(({ evidence }) => evidence)).toEqual(Array(6).fill('computed'));
    expect(verification.calls.DescribeEffectivePolicy).toBeUndefined();
  });

  test('does not count suspended and closed accounts, but lists them', async () => {
    const { zone } = startOptedOut();
    scene.organizations.setAccountState(zone.auditAccountId, 'CLOSED');
    scene.organizations.setAccountState(zone.logArchiveAccountId, 'SUSPENDED');

    const verification = await scene.verify();

    expect(verification).toMatchObject({ status: 'optedOut', summary: { accounts: 4, inactive: 2 } });
    expect(verification.inactiveAccounts).toEqual([
      { id: zone.logArchiveAccountId, name: 'Log Archive', parentId: zone.securityUnitId, state: 'SUSPENDED' },
      { id: zone.auditAccountId, name: 'Audit', parentId: zone.securityUnitId, state: 'CLOSED' },
    ]);
  });

  test('is told so to a delegated administrator', async () => {
    const { zone } = startOptedOut();
    scene.organizations.delegateAdministrator(zone.auditAccountId);
    const askedBy = { accountId: zone.auditAccountId, arn: `arn:aws:iam::${zone.auditAccountId}:role/Auditor` };

    const verification = await scene.verify({ askedBy }, scene.client({}, askedBy));

    expect(verification).toMatchObject({ status: 'optedOut', summary: { optedOut: 6 }, organization: { complete: true }, askedBy });
  });

  test('warns of a policy that is not locked, and says what is open', async () => {
    const { zone } = start();
    scene.policy('Open', unlocked({ default: 'optOut' }), zone.rootId);

    const verification = await scene.verify();

    expect(verification.status).toBe('optedOut');
    expect(verification.accounts[0].reason).toBe('opted out by policy "Open" on the root, not locked');
    expect(verification.findings).toEqual([expect.objectContaining({ code: 'policyUnlocked', severity: 'warning' })]);
    expect(verification.findings[0].message).toContain('change it for default (no control beside "@@assign"), and add entries that opt single services in');
    expect(verification.checklist.find(({ id }) => id === 'locked')).toMatchObject({
      passed: false, detail: '"Open": adding services open, the default entry open, the values open',
    });
  });
});

describe('fails an organization in which', () => {
  test('an older policy on the root opts in', async () => {
    const { zone } = start();
    const older = scene.policy('Older', unlocked({ default: 'optIn' }), zone.rootId);
    const ours = scene.policy('Ours', FULL_LOCK, zone.rootId);

    const verification = await scene.verify();

    expect(verification).toMatchObject({ status: 'notOptedOut', summary: { notOptedOut: 6 } });
    expect(verification.accounts[0].reason).toBe('everything without an entry of its own is opted in by policy "Older" on the root');
    expect(verification.findings).toContainEqual({
      code: 'policyOverruled',
      severity: 'error',
      message: 'policy "Ours" on the root sets everything without an entry of its own to optOut without effect: it is overruled by policy "Older" on the root, '
        + 'which was attached to the same target before it (6 active accounts)',
      ids: [ours, zone.rootId, older],
    });
  });

  test('an unlocked policy is undone in an OU', async () => {
    const { zone } = start();
    const open = scene.policy('Open', unlocked({ default: 'optOut' }), zone.rootId);
    const undo = scene.policy('Undo', unlocked({ default: 'optIn' }), zone.sandboxUnitId);

    const verification = await scene.verify();

    expect(byStatus(verification).notOptedOut).toEqual(scene.accountsIn(zone.sandboxUnitId));
    expect(verification.accounts.find(({ status }) => status === 'notOptedOut')!.reason)
      .toBe('everything without an entry of its own is opted in by policy "Undo" on OU Sandbox');
    expect(verification.findings).toContainEqual({
      code: 'overriddenBelow',
      severity: 'error',
      message: 'policy "Undo" on OU Sandbox opts everything without an entry of its own in again, which policy "Open" on the root opts out: '
        + 'remove that entry, or lock "Open" (1 active account)',
      ids: [undo, zone.sandboxUnitId, open, zone.rootId],
    });
  });

  test('the policy is locked at default but not at services, and a child opts lex in', async () => {
    const { zone } = start();
    scene.policy('Half', OPEN_SERVICES, zone.rootId);
    scene.policy('Lex', unlocked({ lex: 'optIn' }), zone.workloadsUnitId);

    const verification = await scene.verify();

    const workloads = [...scene.accountsIn(zone.productionUnitId), ...scene.accountsIn(zone.testUnitId)];
    expect(byStatus(verification).notOptedOut.sort()).toEqual(workloads.sort());
    expect(verification.accounts.find(({ status }) => status === 'notOptedOut')!.reason).toBe('lex is opted in by policy "Lex" on OU Workloads');
    expect(verification.findings.map(({ code }) => code)).toEqual(['overriddenBelow', 'policyUnlocked']);
    expect(verification.checklist.find(({ id }) => id === 'defaultCovered')!.passed).toBe(true);
  });

  test('the policy is attached nowhere', async () => {
    start();
    const id = scene.policy('Lonely', FULL_LOCK);

    const verification = await scene.verify();

    expect(verification).toMatchObject({ status: 'notOptedOut', summary: { notOptedOut: 6 } });
    expect(verification.accounts[0].reason).toBe('no policy reaches it');
    expect(verification.findings.map(({ code, ids }) => [code, ids.length])).toEqual([['notCovered', 6], ['policyAttachedNowhere', 1]]);
    expect(verification.findings[1].ids).toEqual([id]);
    expect(verification.checklist.find(({ id: check }) => check === 'attachedToRoot')!.passed).toBe(false);
  });

  test('there is no policy at all', async () => {
    start();
    const verification = await scene.verify();
    expect(verification).toMatchObject({ status: 'notOptedOut', findings: [{ code: 'noPolicy', severity: 'error' }] });
  });

  test.each(['auto', 'computed'] as const)('the policy type is disabled (%s)', async (evidence) => {
    const { zone } = startOptedOut();
    await scene.administrator('DisablePolicyType', { RootId: zone.rootId, PolicyType: POLICY_TYPE });

    const verification = await scene.verify({ evidence });

    expect(verification).toMatchObject({ status: 'notOptedOut', organization: { policyType: 'DISABLED' }, summary: { notOptedOut: 6 } });
    expect(verification.accounts[0].reason).toBe('the policy type is not enabled in this organization');
    expect(verification.findings.map(({ code }) => code)).toEqual(['policyTypeNotEnabled', 'policyAttachedNowhere']);
    expect(verification.findings[0].message).toContain(`aws organizations enable-policy-type --root-id ${zone.rootId} --policy-type ${POLICY_TYPE}`);
    expect(verification.checklist[0]).toMatchObject({ id: 'policyTypeEnabled', passed: false });
    expect(verification.calls.DescribeEffectivePolicy).toBeUndefined();
  });

  test('the policy type is still being enabled', async () => {
    const { zone } = start({ enabled: false, enableDelayMs: 600_000 });
    await scene.administrator('EnablePolicyType', { RootId: zone.rootId, PolicyType: POLICY_TYPE });
    scene.policy('OptOut', FULL_LOCK, zone.rootId);

    expect(await scene.verify()).toMatchObject({ status: 'notOptedOut', organization: { policyType: 'PENDING_ENABLE' } });
  });

  test('an account was moved out of the targeted OU', async () => {
    const { zone } = start();
    scene.policy('OptOut', FULL_LOCK, zone.securityUnitId, zone.workloadsUnitId, zone.sandboxUnitId, MANAGEMENT);
    expect(await scene.verify()).toMatchObject({ status: 'optedOut' });
    await scene.administrator('MoveAccount', { AccountId: zone.auditAccountId, SourceParentId: zone.securityUnitId, DestinationParentId: zone.rootId });

    const verification = await scene.verify();

    expect(byStatus(verification).notOptedOut).toEqual([zone.auditAccountId]);
    expect(verification.accounts.find(({ id }) => id === zone.auditAccountId)!.reason).toBe('no policy reaches it');
    expect(verification.findings.map(({ code }) => code)).toContain('notCovered');
  });

  test('only single services are opted out', async () => {
    const { zone } = start();
    scene.policy('Some', unlocked({ lex: 'optOut', polly: 'optOut' }), zone.rootId);

    const verification = await scene.verify({ evidence: 'computed' });

    expect(verification.accounts[0]).toMatchObject({
      status: 'notOptedOut', reason: 'no policy covers services without an entry of their own (only lex and polly)',
    });
  });

  test('the root policy itself opts a service in', async () => {
    const { zone } = start();
    scene.policy('ButLex', unlocked({ default: 'optOut', lex: 'optIn' }), zone.rootId);

    const verification = await scene.verify();

    expect(verification).toMatchObject({ status: 'notOptedOut', summary: { notOptedOut: 6 } });
    expect(verification.findings[0]).toMatchObject({ code: 'notCovered', severity: 'error', message: expect.stringContaining('opts lex in') });
  });
});

describe('with services to require', () => {
  test('an account is opted out if each of them is, by its own entry or by default', async () => {
    const { zone } = start();
    scene.policy('Some', unlocked({ lex: 'optOut', polly: 'optIn' }), zone.rootId);

    expect(await scene.verify({ services: ['lex'] })).toMatchObject({ status: 'optedOut' });
    const verification = await scene.verify({ services: ['lex', 'polly', 'textract'] });
    expect(verification.accounts[0]).toMatchObject({
      status: 'notOptedOut', reason: 'polly is opted in by policy "Some" on the root and no policy covers textract',
    });
  });

  test('an empty list requires everything', async () => {
    const { zone } = start();
    scene.policy('Some', unlocked({ lex: 'optOut' }), zone.rootId);
    expect(await scene.verify({ services: [] })).toMatchObject({ status: 'notOptedOut' });
  });
});

describe('is unknown', () => {
  test('where DescribeEffectivePolicy is denied, and AWS is not asked hundreds of times', async () => {
    startOptedOut({ accounts: 60 });
    scene.organizations.faults.accessDenied('DescribeEffectivePolicy');

    const verification = await scene.verify();

    expect(verification).toMatchObject({ status: 'unknown', summary: { unknown: 60 } });
    expect(verification.accounts[0]).toMatchObject({
      reason: "unknown: DescribeEffectivePolicy was denied (You don't have permissions to access this resource.)", evidence: undefined,
    });
    expect(verification.calls.DescribeEffectivePolicy).toBeLessThanOrEqual(12);
    expect(verification.findings).toEqual([expect.objectContaining({ code: 'notRead' })]);
    expect(verification.checklist.find(({ id }) => id === 'evidence')!.passed).toBeUndefined();
  });

  test.each([
    ['ListPolicies', 'which policies are attached could not be read (ListPolicies: AccessDeniedException'],
    ['ListTargetsForPolicy', 'which policies are attached could not be read (ListTargetsForPolicy: AccessDeniedException'],
    ['DescribePolicy', 'policy "OptOut" on the root could not be read (DescribePolicy: AccessDeniedException'],
    ['ListRoots', 'whether the policy type is enabled could not be read'],
  ])('where %s is denied and AWS\'s answers were not asked for', async (operation, reason) => {
    startOptedOut();
    scene.organizations.faults.accessDenied(operation);

    const verification = await scene.verify({ evidence: 'computed' });

    expect(verification).toMatchObject({ status: 'unknown', summary: { unknown: 6 } });
    expect(verification.accounts[0].reason).toContain(`unknown: ${reason}`);
    expect(verification.findings).toContainEqual(expect.objectContaining({ code: 'notRead', message: expect.stringContaining(operation) }));
  });

  test.each(['ListPolicies', 'ListTargetsForPolicy', 'DescribePolicy', 'ListRoots'])('not where %s is denied, but the effective policy of each account was read', async (operation) => {
    startOptedOut();
    scene.organizations.faults.accessDenied(operation);

    const verification = await scene.verify();

    expect(verification).toMatchObject({ status: 'optedOut', summary: { optedOut: 6 } });
    expect(verification.findings.map(({ code }) => code)).toContain('notRead');
    expect(verification.findings.map(({ code }) => code)).not.toContain('noPolicy');
  });

  test('where the order of peers could not be read', async () => {
    const { zone } = start();
    scene.policy('A', FULL_LOCK, zone.rootId);
    scene.policy('B', unlocked({ default: 'optOut' }), zone.rootId);
    scene.organizations.faults.accessDenied('ListPoliciesForTarget');

    const verification = await scene.verify({ evidence: 'computed' });

    expect(verification.accounts[0].reason).toContain('unknown: the order of the policies on the root could not be read');
  });

  test('where only an unrecorded rule would make it opted out, and AWS does not answer', async () => {
    const { zone } = startOptedOut();
    scene.policy('Lex', unlocked({ lex: 'optIn' }), zone.sandboxUnitId);
    scene.organizations.faults.accessDenied('DescribeEffectivePolicy');

    const verification = await scene.verify({ evidence: 'computed' });

    expect(verification.status).toBe('unknown');
    expect(byStatus(verification).unknown).toEqual(scene.accountsIn(zone.sandboxUnitId));
    expect(verification.accounts.find(({ status }) => status === 'unknown')!.reason).toBe(
      'unknown: whether policy "Lex" on OU Sandbox can set lex although a control above keeps entries from being added is documented by AWS, '
      + "but was never recorded, and DescribeEffectivePolicy was denied (You don't have permissions to access this resource.)");
  });

  test('where it rests on the order of peers, and AWS does not answer', async () => {
    const { zone } = start();
    scene.policy('Ours', FULL_LOCK, zone.rootId);
    scene.policy('Younger', unlocked({ default: 'optIn' }), zone.rootId);
    scene.organizations.faults.accessDenied('DescribeEffectivePolicy');

    expect(await scene.verify({ evidence: 'computed' })).toMatchObject({ status: 'unknown', summary: { unknown: 6 } });
  });

  test('where there is no active account', async () => {
    const { zone } = startOptedOut();
    for (const id of zone.accountIds) scene.organizations.setAccountState(id, 'SUSPENDED');

    expect(await scene.verify()).toMatchObject({ status: 'unknown', summary: { accounts: 0, inactive: 6 } });
  });

  test.each(['InvalidInputException', 'ConstraintViolationException', 'TargetNotFoundException'])('where AWS refuses to answer: %s', async (name) => {
    const { zone } = startOptedOut();
    scene.on('DescribeEffectivePolicy', ({ TargetId }) => TargetId === zone.auditAccountId && awsError(name));
    scene.on('DescribeAccount', () => awsError('AccessDeniedException'));
    const { accounts, status } = await scene.verify();
    expect(status).toBe('unknown');
    expect(accounts.find(({ id }) => id === zone.auditAccountId)!.reason).toContain(`unknown: DescribeEffectivePolicy failed (${name}`);
  });

  test('if this version does not understand the effective policy', async () => {
    startOptedOut();
    scene.on('DescribeEffectivePolicy', () => effectivePolicy({ services: { default: { opt_out_policy: 'optedOut' } } }));

    expect(await scene.verify()).toMatchObject({ status: 'unknown', summary: { unknown: 6 } });
  });
});

describe('from a member account', () => {
  test.each([
    ['optedOut', FULL_LOCK, 'unknown'],
    ['notOptedOut', unlocked({ default: 'optIn' }), 'notOptedOut'],
  ])('only its own status (%s) can be seen, and the organization is never opted out', async (status, document, overall) => {
    const { zone } = start();
    scene.policy('Policy', document, zone.rootId);
    const askedBy = { accountId: zone.auditAccountId, arn: `arn:aws:iam::${zone.auditAccountId}:user/Somebody` };

    const verification = await scene.verify({ askedBy }, scene.client({}, askedBy));

    expect(verification).toMatchObject({
      status: overall,
      organization: { complete: false, managementAccountId: MANAGEMENT, policyType: 'UNKNOWN', id: scene.organizations.organizationId },
      summary: { accounts: 1 },
      accounts: [{ id: zone.auditAccountId, status, evidence: 'effective' }],
    });
    expect(verification.findings[0].message).toContain('which takes the management account or a delegated administrator: this account alone was looked at');
    expect(verification.findings.map(({ code }) => code)).not.toContain('noPolicy');
    expect(verification.checklist.find(({ id }) => id === 'everyAccountEffective')!.passed).not.toBe(true);
    expect(new Set(scene.organizations.calls.map(({ operation }) => operation))).toEqual(
      new Set(['DescribeOrganization', 'ListRoots', 'ListAccounts', 'ListPolicies', 'DescribeEffectivePolicy']));
  });
});

describe('the state of effective policies', () => {
  test('is a finding where AWS could not work one out, and AWS\'s own answer counts', async () => {
    const { zone } = startOptedOut();
    scene.on('ListAccountsWithInvalidEffectivePolicy', () => ({ Accounts: [{ Id: zone.auditAccountId }] }));

    const verification = await scene.verify({ evidence: 'computed' });

    expect(verification.findings).toEqual([expect.objectContaining({ code: 'invalidEffectivePolicy', ids: [zone.auditAccountId] })]);
    expect(verification.accounts.filter(({ evidence }) => evidence === 'effective').map(({ id }) => id)).toEqual([zone.auditAccountId]);
  });

  test.each(['UnknownOperationException', 'AccessDeniedException', 'EffectivePolicyNotFoundException'])('may be unknown: %s', async (name) => {
    startOptedOut();
    scene.on('ListAccountsWithInvalidEffectivePolicy', () => awsError(name));
    expect(await scene.verify()).toMatchObject({ status: 'optedOut' });
  });
});

test('fails without an organization, saying so', async () => {
  start();
  scene.organizations.reset();
  const failure = scene.verify();
  await expect(failure).rejects.toThrow(OrganizationsError);
  await expect(failure).rejects.toMatchObject({ code: 'noOrganization', message: expect.stringContaining('not in an organization') });
});

test('an only-services lock is unlocked as far as values go', async () => {
  const { zone } = start();
  scene.policy('Outer', ONLY_SERVICES_LOCKED, zone.rootId);
  const { policies, findings } = await scene.verify();
  expect(policies[0].lock).toEqual({ services: true, default: false, value: false });
  expect(findings[0].message).toContain('change it for default');
  expect(findings[0].message).not.toContain('add entries');
});
