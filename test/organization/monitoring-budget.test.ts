import * as fc from 'fast-check';
import { attached, effectiveBySimulator, isOptedOut, otherAws, sceneWith, truthBy } from './arbitraries';
import { awsError, effectivePolicy, Scene, scene, start, startOptedOut } from './scene';
import { assessOrganization, retryTime, type AssessmentOptions } from '../../src/organization';
import { effective, FULL_LOCK, ONLY_SERVICES_LOCKED, unlocked } from '../support/documents';

type Account = { id: string; name: string; unit: string; reason: string };

/** Verifies as the monitoring function does: in turn, and with few calls of DescribeEffectivePolicy. */
async function survey(options: AssessmentOptions = {}, of = scene) {
  const client = of.client({ retryFor: (error) => Math.min(retryTime(error), 60_000) });
  const { snapshot, assessments, next } = await assessOrganization(client, { spotChecks: 0, queryAllUpTo: 0, ...options, from: options.from ?? '' });
  const units = new Map(snapshot.units.map(({ id, name }) => [id, `OU ${name}`]));
  const having = (wanted: string): Account[] => assessments.filter(({ status }) => status === wanted)
    .map(({ account, reason }) => ({ id: account.id, name: account.name, unit: units.get(account.parentId)!, reason }));
  return {
    rootId: snapshot.rootId,
    policyType: snapshot.policyType,
    id: snapshot.organizationId,
    next,
    accounts: assessments.map(({ account }) => account),
    notOptedOut: having('notOptedOut'),
    unknown: having('unknown'),
  };
}

function asked(): string[] {
  return scene.calls('DescribeEffectivePolicy').map(({ input }) => (input as any).TargetId);
}

describe('an organization that is opted out', () => {
  test('is told so by its policies', async () => {
    const { zone } = startOptedOut();

    const result = await survey();

    expect(result).toMatchObject({ rootId: zone.rootId, policyType: 'ENABLED', notOptedOut: [], unknown: [] });
    expect(result.id).toMatch(/^o-/);
    expect(result.accounts.map(({ id }) => id)).toEqual([...zone.accountIds].sort());
    expect(asked()).toEqual([]);
  });

  test('leaves out accounts that are not active', async () => {
    const { zone } = startOptedOut();
    scene.organizations.setAccountState(zone.auditAccountId, 'SUSPENDED');

    expect((await survey()).accounts).toHaveLength(5);
  });

  test('asks AWS about other accounts in turn, and about all of them in the end', async () => {
    const { zone } = startOptedOut();

    let next: string | undefined;
    for (let run = 0; run < 3; run++) ({ next } = await survey({ spotChecks: 2, from: next }));

    expect(asked().sort()).toEqual([...zone.accountIds].sort());
    const before = asked().length;
    await survey({ spotChecks: 2, from: next });
    expect(asked()).toHaveLength(before + 2);
  });

  test('is read the same where AWS does not tell the paths of accounts', async () => {
    const { zone } = start();
    scene.policy('OptOut', FULL_LOCK, zone.workloadsUnitId);
    const told = await survey();
    const calls = scene.calls('ListAccountsForParent').length;
    scene.on('ListAccounts', async (input) => {
      const page = await scene.administrator('ListAccounts', input);
      return { ...page, Accounts: page.Accounts.map(({ Paths, State, ...account }: any) => ({ ...account, Status: State })) };
    });

    expect(await survey()).toEqual(told);
    expect(calls).toBe(0);
    expect(scene.calls('ListAccountsForParent')).toHaveLength(6);
  });
});

describe('an account that is not opted out', () => {
  test.each([
    ['a policy on its OU opts a service in', 'lex is opted in by policy "Back" on OU Sandbox', (zone: Scene['zone']) => {
      scene.policy('OptOut', unlocked({ default: 'optOut' }), zone.rootId);
      scene.policy('Back', unlocked({ lex: 'optIn' }), zone.sandboxUnitId);
    }],
    ['a policy on the account opts everything in', /everything without an entry of its own is opted in by policy "Back" on account \d{12}/, (zone: Scene['zone']) => {
      scene.policy('OptOut', unlocked({ default: 'optOut' }), zone.rootId);
      scene.policy('Back', unlocked({ default: 'optIn' }), zone.accountIds[5]);
    }],
    ['no policy reaches it', 'no policy reaches it', (zone: Scene['zone']) => {
      scene.policy('OptOut', FULL_LOCK, zone.securityUnitId, zone.workloadsUnitId, zone.accountIds[0]);
    }],
    ['only some services are covered', 'no policy covers services without an entry of their own', (zone: Scene['zone']) => {
      scene.policy('OptOut', unlocked({ default: 'optOut' }), zone.securityUnitId, zone.workloadsUnitId, zone.accountIds[0]);
      scene.policy('Lex', unlocked({ lex: 'optOut' }), zone.sandboxUnitId);
    }],
  ] as const)('because %s', async (_, reason, arrange) => {
    const { zone } = start();
    arrange(zone);

    const { notOptedOut, unknown } = await survey();

    expect(unknown).toEqual([]);
    expect(notOptedOut).toEqual([{ id: zone.accountIds[5], name: 'Sandbox 1', unit: 'OU Sandbox', reason: expect.stringMatching(reason) }]);
  });

  test('is every one where the policy type is disabled, and AWS is not asked', async () => {
    const { zone } = start({ enabled: false });
    scene.policy('OptOut', FULL_LOCK);

    const { notOptedOut, policyType } = await survey({ spotChecks: 25 });

    expect(policyType).toBe('DISABLED');
    expect(notOptedOut).toHaveLength(zone.accountIds.length);
    expect(notOptedOut[0].reason).toBe('the policy type is not enabled in this organization');
    expect(asked()).toEqual([]);
  });

  test('is found by asking, whatever the policies come to', async () => {
    const { zone } = startOptedOut();
    const optedIn = zone.accountIds[3];
    scene.on('DescribeEffectivePolicy', ({ TargetId }) => TargetId === optedIn && effectivePolicy(effective({ default: 'optIn' })));

    const { notOptedOut, unknown } = await survey({ spotChecks: 6 });

    expect(notOptedOut).toEqual([expect.objectContaining({ id: optedIn, reason: 'by its effective policy, everything without an entry of its own is opted in' })]);
    // Those who were asked about themselves are fine.
    expect(unknown).toEqual([]);
  });
});

describe('what is required', () => {
  test.each([
    [{ services: ['lex'] }, 0],
    [{ services: ['lex', 'polly'] }, 6],
    [{ except: ['polly'] }, 6],
    [{}, 6],
  ])('%j: %d accounts are not opted out where only lex is', async (required, count) => {
    const { zone } = start();
    scene.policy('Lex', unlocked({ lex: 'optOut' }), zone.rootId);

    expect((await survey({ required })).notOptedOut).toHaveLength(count);
  });

  test.each([[['polly'], 0], [['lex'], 6], [[], 6]])('everything except %j: %d accounts are not where polly is opted in', async (except, count) => {
    const { zone } = start();
    scene.policy('OptOut', unlocked({ default: 'optOut', polly: 'optIn' }), zone.rootId);

    expect((await survey({ required: { except } })).notOptedOut).toHaveLength(count);
  });
});

describe('what is unknown', () => {
  test('is not asked about: one account of a path that the rules do not decide for sure stands for the others', async () => {
    const { zone } = start();
    scene.policy('OptOut', ONLY_SERVICES_LOCKED, zone.rootId);
    scene.policy('Back', unlocked({ lex: 'optIn' }), zone.workloadsUnitId);

    const { notOptedOut, unknown } = await survey();

    expect([...notOptedOut, ...unknown]).toEqual([]);
    expect(asked()).toHaveLength(1);
  });

  test('are the others of the path when AWS gives no answer', async () => {
    const { zone } = start({ accounts: 9 });
    scene.policy('OptOut', ONLY_SERVICES_LOCKED, zone.rootId);
    scene.policy('Back', unlocked({ lex: 'optIn' }), zone.sandboxUnitId);
    scene.organizations.faults.accessDenied('DescribeEffectivePolicy');

    const { notOptedOut, unknown } = await survey();

    expect(notOptedOut).toEqual([]);
    expect(unknown.map(({ unit }) => unit)).toEqual(['OU Sandbox', 'OU Sandbox']);
    expect(unknown[0].reason).toContain('and DescribeEffectivePolicy was denied');
  });

  test('is every account on a path whose effective policy differs from what the rules say for sure', async () => {
    startOptedOut();
    scene.on('DescribeEffectivePolicy', () => effectivePolicy(effective({ default: 'optIn' })));

    const { notOptedOut, unknown } = await survey({ spotChecks: 1 });

    expect(notOptedOut).toHaveLength(1);
    expect(unknown).toHaveLength(5);
    expect(unknown[0].reason).toMatch(/the effective policy of account \d+, which has the same policies, differs from them/);
  });

  test('is an account that AWS calls invalid and gives no answer about', async () => {
    const { zone } = startOptedOut();
    scene.on('ListAccountsWithInvalidEffectivePolicy', () => ({ Accounts: [{ Id: zone.accountIds[2] }] }));
    scene.on('DescribeEffectivePolicy', () => awsError('ConstraintViolationException'));

    const { unknown } = await survey();

    expect(unknown.map(({ id }) => id)).toEqual([zone.accountIds[2]]);
  });

  test.each([
    ['denied', 'AccessDeniedException', 6], ['unknown to the SDK', 'UnknownOperationException', 6], ['not there', 'EffectivePolicyNotFoundException', 6],
  ])('is nothing where the list of invalid effective policies is %s: %s, AWS is asked about %d accounts', async (_, name, count) => {
    startOptedOut();
    scene.on('ListAccountsWithInvalidEffectivePolicy', () => awsError(name));

    const { notOptedOut, unknown } = await survey();

    expect([...notOptedOut, ...unknown]).toEqual([]);
    expect(asked()).toHaveLength(count);
  });

  test('is everyone for whom there is no time where the list of invalid effective policies cannot be had', async () => {
    startOptedOut();
    const deadline = new AbortController();
    scene.on('ListAccountsWithInvalidEffectivePolicy', () => awsError('AccessDeniedException'));
    scene.on('DescribeEffectivePolicy', () => deadline.abort(new Error('the time is up')));

    const { notOptedOut, unknown } = await survey({ deadline: deadline.signal });

    expect(notOptedOut).toEqual([]);
    expect(unknown.length).toBeGreaterThanOrEqual(5);
  });

  test('is not every account of the path of one that AWS calls invalid', async () => {
    const { zone } = startOptedOut();
    const [, , invalid] = zone.accountIds;
    scene.on('ListAccountsWithInvalidEffectivePolicy', () => ({ Accounts: [{ Id: invalid }] }));
    // Its last valid policy is from before.
    scene.on('DescribeEffectivePolicy', ({ TargetId }) => TargetId === invalid && effectivePolicy({}));

    const { notOptedOut, unknown } = await survey();

    expect(notOptedOut).toEqual([expect.objectContaining({ id: invalid, reason: 'no policy is in effect for it' })]);
    expect(unknown).toEqual([]);
  });

  test('is not a path whose first account AWS calls invalid: another one stands for it', async () => {
    const { zone } = start({ accounts: 9 });
    scene.policy('OptOut', ONLY_SERVICES_LOCKED, zone.rootId);
    scene.policy('Back', unlocked({ lex: 'optIn' }), zone.sandboxUnitId);
    const [first] = scene.accountsIn(zone.sandboxUnitId).sort();
    scene.on('ListAccountsWithInvalidEffectivePolicy', () => ({ Accounts: [{ Id: first }] }));
    scene.on('DescribeEffectivePolicy', ({ TargetId }) => TargetId === first && awsError('ConstraintViolationException'));

    const { notOptedOut, unknown } = await survey();

    expect(notOptedOut).toEqual([]);
    expect(unknown.map(({ id }) => id)).toEqual([first]);
  });

  test('is an account with a policy above it that is not understood', async () => {
    const { zone } = startOptedOut();
    const id = scene.policy('New', unlocked({ lex: 'optOut' }), zone.sandboxUnitId);
    const Content = '{"services":{"lex":{"opt_out_policy":{"@@assign":"optOutMore"}}}}';
    scene.on('DescribePolicy', ({ PolicyId }) => PolicyId === id && { Policy: { Content } });

    const { unknown, notOptedOut } = await survey();

    expect([notOptedOut, unknown]).toEqual([[], []]);
    expect(asked()[0]).toBe(zone.accountIds[5]);
    scene.organizations.faults.accessDenied('DescribeEffectivePolicy');
    expect((await survey()).unknown).toEqual([expect.objectContaining({ unit: 'OU Sandbox', reason: expect.stringContaining('DescribeEffectivePolicy was denied') })]);
  });

  test.each(['ListRoots', 'ListPolicies', 'DescribePolicy', 'ListTargetsForPolicy', 'ListPoliciesForTarget'])(
    'is everything where %s is denied, unless AWS returns the effective policy of each account', async (operation) => {
      const { zone } = startOptedOut();
      scene.policy('Second', FULL_LOCK, zone.rootId);
      scene.organizations.faults.accessDenied(operation);
      expect(await survey()).toMatchObject({ notOptedOut: [], unknown: [] });

      scene.organizations.faults.accessDenied('DescribeEffectivePolicy');
      expect(await survey()).toMatchObject({ notOptedOut: [], unknown: { length: 6 } });
    },
  );

  test('is everything where ListAccounts is denied: it throws', async () => {
    startOptedOut();
    scene.organizations.faults.accessDenied('ListAccounts');
    await expect(survey()).rejects.toMatchObject({ code: 'denied', message: expect.stringContaining('AccessDeniedException') });
  });
});

describe('time', () => {
  test.each([[1, 0, 0], [2, 0, 0], [7, 6, 0]])('is given to a change that is on its way: after %d old answers, %d are not opted out', async (old, bad, doubtful) => {
    startOptedOut();
    const answers = new Map<string, number>();
    scene.on('DescribeEffectivePolicy', ({ TargetId }) => {
      answers.set(TargetId, (answers.get(TargetId) ?? 0) + 1);
      return answers.get(TargetId)! <= old && effectivePolicy({});
    });

    const { notOptedOut, unknown } = await survey({ spotChecks: 6 });

    expect([notOptedOut.length, unknown.length]).toEqual([bad, doubtful]);
  });

  test('that is up leaves to be told what AWS would have to be asked about, and the next survey begins there', async () => {
    const { zone } = start({ accounts: 12 });
    scene.policy('OptOut', ONLY_SERVICES_LOCKED, zone.rootId);
    // Each of these accounts has a path of its own.
    for (const id of zone.accountIds.slice(3)) scene.policy(`Back ${id}`, unlocked({ lex: 'optIn' }), id);
    const deadline = new AbortController();
    let answers = 0;
    scene.on('DescribeEffectivePolicy', () => ++answers > 4 && deadline.abort(new Error('the time is up')));

    const first = await survey({ deadline: deadline.signal });

    expect(first.notOptedOut).toEqual([]);
    expect(first.unknown.length).toBeGreaterThanOrEqual(4);
    expect(first.unknown.every(({ reason }) => reason.endsWith('and there was no time to call DescribeEffectivePolicy'))).toBe(true);
    expect(first.next).toBe(first.unknown[0].id);

    const before = asked().length;
    const second = await survey({ from: first.next });
    expect(second.unknown).toEqual([]);
    expect(asked()[before]).toBe(first.next);
  });
});

test('paces its calls and asks once for each path at any size', async () => {
  startOptedOut({ accounts: 2_000 });

  const result = await survey({ spotChecks: 25 });

  expect(result.accounts).toHaveLength(2_000);
  expect(scene.calls('ListAccounts')).toHaveLength(100);
  expect(scene.calls('DescribeEffectivePolicy')).toHaveLength(25);
  expect(scene.calls('ListOrganizationalUnitsForParent')).toHaveLength(2);
  expect(scene.calls('ListRoots')).toHaveLength(1);
});

describe('beside the truth and the other verification', () => {
  test('calls no account opted out that is not, and none not opted out that is', async () => {
    await fc.assert(fc.asyncProperty(attached, fc.nat(9), async (policies, spotChecks) => {
      const of = sceneWith(policies);
      try {
        const { accounts, notOptedOut, unknown } = await survey({ spotChecks }, of);
        expect(unknown).toEqual([]);
        const bad = new Set(notOptedOut.map(({ id }) => id));
        for (const { id } of accounts) expect([id, bad.has(id)]).toEqual([id, !isOptedOut(await effectiveBySimulator(of, id))]);
      } finally {
        of.close();
      }
    }), { numRuns: 150 });
  });

  test.each([true, false])('is never the kinder one under an AWS that handles what is not certain in another way (answers: %p)', async (answers) => {
    await fc.assert(fc.asyncProperty(attached, otherAws, fc.nat(9), async (policies, other, spotChecks) => {
      const of = sceneWith(policies);
      try {
        const truthFor = truthBy(other, of);
        of.on('DescribeEffectivePolicy', ({ TargetId }) => (answers ? effectivePolicy(truthFor(TargetId)) : awsError('AccessDeniedException')));

        const { accounts, notOptedOut, unknown } = await survey({ spotChecks }, of);

        const others = new Set([...notOptedOut, ...unknown].map(({ id }) => id));
        const verification = await of.verify({ evidence: answers ? 'effective' : 'computed' });
        for (const { id } of accounts) {
          if (!others.has(id)) {
            expect(isOptedOut(truthFor(id))).toBe(true);
            expect(verification.accounts.find((account) => account.id === id)!.status).toBe('optedOut');
          }
        }
        if (answers) for (const { id } of notOptedOut) expect([id, isOptedOut(truthFor(id))]).toEqual([id, false]);
      } finally {
        of.close();
      }
    }), { numRuns: 150 });
  });
});
