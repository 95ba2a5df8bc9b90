import { Duration } from 'aws-cdk-lib';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Deployment, documentOf, MANAGEMENT, MEMBER, synthesize, templateOf, unlocked } from './deployment';
import { AiService, AiServicesOptOut, OptOutScope, type AiServicesOptOutProps } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';

const OPTED_OUT = { services: { default: { opt_out_policy: 'optOut' } } };
const TYPE = { RootId: 'r-a1b2', PolicyType: POLICY_TYPE };

let deployment: Deployment;
const start = async (...args: Parameters<typeof Deployment.start>) => { deployment = await Deployment.start(...args); };
afterEach(() => deployment.close());

describe('the policy type', () => {
  test('already enabled: nothing is enabled again, and four calls are enough', async () => {
    await start();
    deployment.organizations.enablePolicyType(POLICY_TYPE);

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });

    expect(deployment.callNames()).toEqual(['DescribeOrganization', 'ListRoots', 'ListPolicies', 'ListPoliciesForTarget']);
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: OPTED_OUT });
  });

  test('enabled by the function: two reads in a row return ENABLED before the policy is created', async () => {
    await start();

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });

    const calls = deployment.calls();
    const enabled = calls.findIndex(({ operation }) => operation === 'EnablePolicyType');
    const polls = calls.slice(enabled).filter(({ operation }) => operation === 'ListRoots');
    expect(polls).toHaveLength(2);
    expect(polls[1].time - polls[0].time).toBe(2000);
    const created = deployment.organizations.calls.find(({ operation }) => operation === 'CreatePolicy')!;
    expect(created.time).toBeGreaterThanOrEqual(polls[1].time);
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: OPTED_OUT });
  });

  test('a deployment with the policy type disabled takes at most nine seconds', async () => {
    await start();
    const { events } = await deployment.create();
    expect(events.at(-1)!.time - events[0].time).toBeLessThanOrEqual(9_000);
  });

  test('PENDING_ENABLE for 30 seconds after our enabling is waited out: ListRoots is called after 1 s, 2 s, then every 5 s', async () => {
    await start({ organizations: { enableDelayMs: 30_000 } });

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });

    const polls = deployment.calls().filter(({ operation }) => operation === 'ListRoots').map(({ time }) => time);
    expect(polls.slice(1).map((time, index) => time - polls[index])).toEqual([1000, 2000, 5000, 5000, 5000, 5000, 5000, 5000, 5000]);
    expect(deployment.callNames().filter((name) => name === 'EnablePolicyType')).toHaveLength(1);
  });

  test('PENDING_DISABLE is waited out, then enabled', async () => {
    await start({ organizations: { disableDelayMs: 20_000 } });
    deployment.organizations.enablePolicyType(POLICY_TYPE);
    await deployment.administrator('DisablePolicyType', TYPE);

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });

    const enable = deployment.calls().filter(({ operation }) => operation === 'EnablePolicyType');
    expect(enable.map(({ outcome }) => outcome)).toEqual(['ok']);
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: OPTED_OUT });
  });

  test('a concurrent enabler that is faster is tolerated', async () => {
    await start({ organizations: { enableDelayMs: 8_000 } });
    // Ours is held back on its way; meanwhile somebody else's goes through.
    deployment.organizations.faults.add({ operation: 'EnablePolicyType', calls: [1], delayMs: 3_000 });
    const creation = deployment.create();
    while (!deployment.callNames().includes('EnablePolicyType')) await deployment.aws.clock.sleep(100);
    await deployment.administrator('EnablePolicyType', TYPE);

    expect(await creation).toMatchObject({ status: 'CREATE_COMPLETE' });

    const enable = deployment.calls().filter(({ operation }) => operation === 'EnablePolicyType');
    expect(enable.map(({ outcome }) => outcome)).toEqual(['PolicyTypeAlreadyEnabledException']);
  });

  test('pending already when we come: somebody else enables it, and we only wait', async () => {
    await start({ organizations: { enableDelayMs: 30_000 } });
    await deployment.administrator('EnablePolicyType', TYPE);

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(deployment.callNames()).not.toContain('EnablePolicyType');
  });

  test('the first page of ListRoots is empty and has a successor', async () => {
    await start({ organizations: { emptyPages: ['ListRoots', 'ListPolicies', 'ListPoliciesForTarget'] } });

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: OPTED_OUT });
  });

  test('fails in time and with the reason when the type does not become enabled before the deadline', async () => {
    await start({ organizations: { enableDelayMs: 3_600_000 } });

    const outcome = await deployment.create(templateOf({ enablementTimeout: Duration.minutes(14) }));

    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(outcome.failures[0].reason).toContain('Gave up after 840 s: the policy type was PENDING_ENABLE. Deploy again or raise enablementTimeout.');
    expect(deployment.invocation().durationMs).toBeLessThanOrEqual(840_000);
    expect(deployment.invocation().error).toBeUndefined();
  });
});

describe('what passes is retried', () => {
  test.each([
    ['three ConcurrentModification', (d: Deployment) => d.organizations.faults.concurrentModification('EnablePolicyType', { calls: [1, 2, 3] }), 4],
    ['PolicyChangesInProgress', (d: Deployment) => d.organizations.faults.policyChangesInProgress('EnablePolicyType', { forMs: 20_000 }), undefined],
    ['throttling', (d: Deployment) => d.organizations.faults.throttle('EnablePolicyType', { calls: [1, 2] }), 3],
    ['5xx', (d: Deployment) => d.organizations.faults.internalError('EnablePolicyType', { calls: [1, 2] }), 3],
  ])('%s while enabling', async (_name, fault, attempts) => {
    await start();
    fault(deployment);

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });

    const enable = deployment.calls().filter(({ operation }) => operation === 'EnablePolicyType');
    expect(enable.at(-1)!.outcome).toBe('ok');
    if (attempts) expect(enable).toHaveLength(attempts);
    // No thundering: the first pause is at least a quarter of a second.
    expect(enable[1].time - enable[0].time).toBeGreaterThanOrEqual(250);
  });

  test('every operation throttled twice', async () => {
    await start();
    for (const operation of ['DescribeOrganization', 'ListRoots', 'ListPolicies', 'EnablePolicyType', 'ListPoliciesForTarget']) {
      deployment.organizations.faults.throttle(operation, { calls: [1, 2] });
    }
    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });
  });

  test('AccessDenied for 20 seconds, as a new role may get', async () => {
    await start({ iamDelayMs: 20_000 });

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(deployment.calls().filter(({ outcome }) => outcome === 'AccessDeniedException').length).toBeGreaterThan(2);
  });

  test('a connection that breaks, and an answer that does not come', async () => {
    await start();
    deployment.organizations.faults.add({ operation: 'DescribeOrganization', calls: [1], dropConnection: true });
    deployment.organizations.faults.add({ operation: 'ListRoots', calls: [1], delayMs: 120_000 });

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });
    // The slow answer was not waited for: ten seconds, then again.
    const [slow, again] = deployment.calls().filter(({ operation }) => operation === 'ListRoots');
    expect(again.time - slow.time).toBeGreaterThanOrEqual(10_000);
    expect(again.time - slow.time).toBeLessThan(15_000);
  });

  test('the answer to our enabling gets lost: it is found enabled', async () => {
    await start();
    deployment.organizations.faults.add({ operation: 'EnablePolicyType', calls: [1], dropConnection: true, effect: 'after' });

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });
    const enable = deployment.calls().filter(({ operation }) => operation === 'EnablePolicyType');
    expect(enable.map(({ outcome }) => outcome)).toEqual(['ConnectionDropped', 'PolicyTypeAlreadyEnabledException']);
  });

  test.each([
    ['ConcurrentModificationException', (d: Deployment) => d.organizations.faults.concurrentModification('EnablePolicyType')],
    ['TooManyRequestsException', (d: Deployment) => d.organizations.faults.throttle('ListRoots')],
  ])('fails before the deadline with the last error when %s does not pass', async (code, fault) => {
    await start();
    fault(deployment);

    const outcome = await deployment.create(templateOf({ enablementTimeout: Duration.minutes(1) }));

    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(outcome.failures[0].reason).toMatch(new RegExp(`Gave up after 60 s: \\w+ kept failing: ${code}`));
    expect(deployment.invocation().durationMs).toBeLessThanOrEqual(60_000);
  });

  test.each([
    ['EnablePolicyType', 'EnablePolicyType failed: AccessDeniedException: You don\'t have permissions to access this resource.'],
    ['ListRoots', 'ListRoots failed: AccessDeniedException'],
  ])('fails within 20 seconds if %s stays denied after another call succeeded', async (operation, reason) => {
    await start();
    deployment.organizations.faults.accessDenied(operation);

    const { status, failures, events } = await deployment.create();

    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(failures[0].reason).toContain(reason);
    expect(failures[0].time - events[0].time).toBeLessThanOrEqual(20_000);
    expect(deployment.invocation().durationMs).toBeGreaterThanOrEqual(5_000);
    expect(deployment.invocation().logLines.join('\n')).toContain(`"name":"${operation}","error":"AccessDeniedException`);
  });

  test('fails after a minute if every call stays denied', async () => {
    await start();
    deployment.organizations.faults.accessDenied();

    const outcome = await deployment.create();

    expect(outcome.failures[0].reason).toContain('DescribeOrganization failed: AccessDeniedException');
    expect(deployment.invocation().durationMs).toBeGreaterThanOrEqual(45_000);
    expect(deployment.invocation().durationMs).toBeLessThan(75_000);
  });

  test('fails at once on an error that will not pass', async () => {
    await start();
    deployment.organizations.faults.add({ operation: 'EnablePolicyType', error: { code: 'ConstraintViolationException', message: 'no' } });

    const outcome = await deployment.create();

    expect(outcome.failures[0].reason).toContain('ConstraintViolationException: no');
    expect(deployment.callNames().filter((name) => name === 'EnablePolicyType')).toHaveLength(1);
  });
});

describe('preflight', () => {
  const failsWith = async (reason: string, template = templateOf()) => {
    const outcome = await deployment.create(template);
    expect(outcome.failures[0]?.reason).toContain(reason);
    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    // Nothing of the organization was changed.
    const changes = deployment.organizations.calls.filter(({ operation, outcome: result }) => result === 'ok' && !/^(List|Describe)/.test(operation));
    expect(changes).toEqual([]);
  };

  test('fails outside an organization', async () => {
    await start({ scene: () => {}, accountId: MANAGEMENT });
    await failsWith(`Account ${MANAGEMENT} is in no organization`);
  });

  test('fails with consolidated billing only', async () => {
    await start({ scene: (organizations) => organizations.createOrganization({ featureSet: 'CONSOLIDATED_BILLING' }) });
    await failsWith('has consolidated billing only; enable all features first');
  });

  test('fails in a member account, naming it and the management account', async () => {
    await start({ scene: (o) => o.createOrganization().createAccount({ name: 'Member', id: MEMBER }), accountId: MEMBER });
    await failsWith(`Account ${MEMBER} is neither the management account (${MANAGEMENT}) nor a delegated administrator for ${POLICY_TYPE}`);
  });

  test('succeeds in a delegated administrator account', async () => {
    await start({
      scene: (organizations) => {
        organizations.createOrganization().createAccount({ name: 'Member', id: MEMBER });
        organizations.delegateAdministrator(MEMBER);
      },
      accountId: MEMBER,
    });

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: OPTED_OUT, [MEMBER]: OPTED_OUT });
    expect(deployment.answer().Data).toEqual({
      OrganizationId: deployment.organizations.organizationId, ManagementAccountId: MANAGEMENT, RootId: 'r-a1b2',
    });
  });

  describe('reads that only the preflight needs and that stay denied', () => {
    const ARN = `arn:aws:iam::${MANAGEMENT}:role/Lean`;
    const withLeanRole = (props: AiServicesOptOutProps = {}) => synthesize((stack) => {
      new AiServicesOptOut(stack, 'OptOut', { ...props, role: Role.fromRoleArn(stack, 'Lean', ARN) });
    });
    beforeEach(async () => {
      await start();
      deployment.organizations.enablePolicyType(POLICY_TYPE);
      deployment.organizations.addPolicy({ name: 'Peer', content: unlocked({ default: 'optOut' }), targetIds: ['r-a1b2'] });
      deployment.aws.cloudFormation.registerRole(ARN, {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: ['organizations:DescribeOrganization', 'organizations:ListRoots', 'logs:*'], Resource: '*' },
      });
    });

    test('are skipped for a single peer policy too, and the log names it', async () => {
      const [peer] = await deployment.policies();
      deployment.aws.cloudFormation.registerRole(ARN, {
        Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }, { Effect: 'Deny', Action: 'organizations:DescribePolicy', Resource: '*' }],
      });

      expect(await deployment.create(withLeanRole())).toMatchObject({ status: 'CREATE_COMPLETE' });

      expect(deployment.log().filter(({ step }) => step === 'skipped')).toEqual([expect.objectContaining({
        what: `policy ${peer.Id}`, error: expect.stringContaining('AccessDeniedException'),
      })]);
    });

    test('are skipped, and the log names each check that was skipped', async () => {
      expect(await deployment.create(withLeanRole())).toMatchObject({ status: 'CREATE_COMPLETE' });
      const skipped = deployment.log().filter(({ step }) => step === 'skipped');
      expect(skipped.map(({ what, error }) => [what, error.split(':')[0]])).toEqual([
        ['policies', 'AccessDeniedException'],
        ['policies on r-a1b2', 'AccessDeniedException'],
      ]);
      expect(deployment.invocation().durationMs).toBeLessThan(15_000);
    });

    test('are passed over with the shortest timeout too', async () => {
      expect(await deployment.create(withLeanRole({ enablementTimeout: Duration.minutes(1) }))).toMatchObject({ status: 'CREATE_COMPLETE' });
      expect(deployment.invocation().durationMs).toBeLessThanOrEqual(60_000);
    });
  });

  test('fails when the name is taken, naming the policy', async () => {
    await start();
    const id = deployment.organizations.addPolicy({ name: 'Mine', content: unlocked({ lex: 'optOut' }) });
    await failsWith(`Policy ${id} is named "Mine" already`, templateOf({ policyName: 'Mine' }));
  });

  test('fails when the target carries five policies already', async () => {
    await start();
    deployment.organizations.enablePolicyType(POLICY_TYPE);
    for (const name of ['1', '2', '3', '4', '5']) {
      deployment.organizations.addPolicy({ name, content: unlocked({ default: 'optOut' }), targetIds: ['r-a1b2'] });
    }
    await failsWith('r-a1b2 carries 5 opt-out policies, the most AWS allows. Detach one of them first.');
  });

  test('fails when an older policy on the root says the opposite', async () => {
    await start();
    deployment.organizations.enablePolicyType(POLICY_TYPE);
    deployment.organizations.addPolicy({ name: 'Older', content: unlocked({ default: 'optIn' }), targetIds: ['r-a1b2'] });
    await failsWith('On r-a1b2, default would not be optOut: policy "Older" on r-a1b2 says optIn');
  });

  test('fails when an older policy has only an extra optIn beside our default', async () => {
    await start();
    deployment.organizations.enablePolicyType(POLICY_TYPE);
    deployment.organizations.addPolicy({ name: 'Older', content: unlocked({ default: 'optOut', lex: 'optIn' }), targetIds: ['r-a1b2'] });
    await failsWith('On r-a1b2, lex would not be optOut: policy "Older" on r-a1b2 says optIn');
  });

  test('a peer policy that is deleted between ListPoliciesForTarget and DescribePolicy does no harm', async () => {
    await start();
    deployment.organizations.enablePolicyType(POLICY_TYPE);
    deployment.organizations.addPolicy({ name: 'Older', content: unlocked({ default: 'optIn' }), targetIds: ['r-a1b2'] });
    const error = { code: 'PolicyNotFoundException', message: "You specified a policy that doesn't exist." };
    deployment.organizations.faults.add({ operation: 'DescribePolicy', calls: [1], error });

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(deployment.callNames()).toContain('DescribePolicy');
  });

  test('fails when one of several older policies would win, in whatever order AWS lists them', async () => {
    await start();
    deployment.organizations.enablePolicyType(POLICY_TYPE);
    deployment.organizations.addPolicy({ name: 'Good', content: unlocked({ lex: 'optOut' }), targetIds: ['r-a1b2'] });
    deployment.organizations.addPolicy({ name: 'Bad', content: unlocked({ lex: 'optIn' }), targetIds: ['r-a1b2'] });
    await failsWith('policy "Bad" on r-a1b2 says optIn');
  });

  test('an older policy that agrees does no harm', async () => {
    await start();
    deployment.organizations.enablePolicyType(POLICY_TYPE);
    deployment.organizations.addPolicy({ name: 'Older', content: unlocked({ default: 'optOut' }), targetIds: ['r-a1b2'] });
    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });
  });

  test('an older optIn of a service that ours opts in too does no harm', async () => {
    await start();
    deployment.organizations.enablePolicyType(POLICY_TYPE);
    deployment.organizations.addPolicy({ name: 'Older', content: unlocked({ lex: 'optIn' }), targetIds: ['r-a1b2'] });
    const services = OptOutScope.allServices({ optIn: [AiService.LEX] });
    expect(await deployment.create(templateOf({ services }))).toMatchObject({ status: 'CREATE_COMPLETE' });
  });

  describe('with explicit targets', () => {
    const unit = 'ou-a1b2-';
    let targetId: string;
    const below = async (rootPolicy?: string) => {
      await start({
        scene: (organizations) => {
          organizations.createOrganization();
          const parent = organizations.createOrganizationalUnit('Workloads');
          targetId = organizations.createOrganizationalUnit('Production', parent);
          organizations.createAccount({ name: 'Member', id: MEMBER, parentId: targetId });
          organizations.enablePolicyType(POLICY_TYPE);
          if (rootPolicy) organizations.addPolicy({ name: 'Above', content: rootPolicy, targetIds: [organizations.rootId] });
        },
      });
      expect(targetId).toContain(unit);
    };

    test('an OU is opted out, and the rest is not', async () => {
      await below();
      expect(await deployment.create(templateOf({ targetIds: [targetId] }))).toMatchObject({ status: 'CREATE_COMPLETE' });
      expect(await deployment.effective()).toEqual({ [MANAGEMENT]: {}, [MEMBER]: OPTED_OUT });
    });

    test('the type is enabled first also where nothing refers to it', async () => {
      await start({ scene: (o) => o.createOrganization().createAccount({ name: 'Member', id: MEMBER }) });
      expect(await deployment.create(templateOf({ targetIds: [MEMBER] }))).toMatchObject({ status: 'CREATE_COMPLETE' });
      expect(await deployment.effective()).toEqual({ [MANAGEMENT]: {}, [MEMBER]: OPTED_OUT });
    });

    test('fails when a control above forbids the entry', async () => {
      await below(JSON.stringify({ services: { '@@operators_allowed_for_child_policies': ['@@none'] } }));
      await failsWith(`On ${targetId}, default would not be optOut: a control above forbids it`, templateOf({ targetIds: [targetId] }));
    });

    test('fails when a locked value above is the opposite', async () => {
      await below(JSON.stringify({
        services: { default: { opt_out_policy: { '@@assign': 'optIn', '@@operators_allowed_for_child_policies': ['@@none'] } } },
      }));
      await failsWith('policy "Above" on r-a1b2 says optIn', templateOf({ targetIds: [targetId] }));
    });

    test('fails when an ancestor opts a service in that our default would opt out', async () => {
      await below(unlocked({ lex: 'optIn' }));
      await failsWith(`On ${targetId}, lex would not be optOut: policy "Above" on r-a1b2 says optIn`, templateOf({ targetIds: [targetId] }));
    });

    test('an ancestor without controls is overruled', async () => {
      await below(unlocked({ default: 'optIn' }));
      expect(await deployment.create(templateOf({ targetIds: [targetId] }))).toMatchObject({ status: 'CREATE_COMPLETE' });
    });

    test('ListParents denied: the target itself is still looked at', async () => {
      await below(unlocked({ default: 'optOut' }));
      deployment.organizations.addPolicy({ name: 'Older', content: unlocked({ default: 'optIn' }), targetIds: [targetId] });
      deployment.organizations.faults.accessDenied('ListParents');
      await failsWith(`On ${targetId}, default would not be optOut: policy "Older"`, templateOf({ targetIds: [targetId] }));
    });

    test('fails when a target does not exist', async () => {
      await below();
      await failsWith('Target ou-a1b2-zzzzzzzz does not exist', templateOf({ targetIds: ['ou-a1b2-zzzzzzzz'] }));
    });
  });

  test('an explicit document is deployed as it is written', async () => {
    await start();
    expect(await deployment.create(templateOf({ document: documentOf({ polly: 'optOut' }) }))).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: { services: { polly: { opt_out_policy: 'optOut' } } } });
  });
});

test('a failed first deployment removes the policy again and leaves the type enabled', async () => {
  await start();
  deployment.organizations.faults.add({ operation: 'AttachPolicy', error: { code: 'ConstraintViolationException' } });

  expect(await deployment.create()).toMatchObject({ status: 'ROLLBACK_COMPLETE' });

  expect(await deployment.policies()).toEqual([]);
  const { Roots: [root] } = await deployment.administrator('ListRoots', {});
  expect(root.PolicyTypes).toContainEqual({ Type: POLICY_TYPE, Status: 'ENABLED' });
});
