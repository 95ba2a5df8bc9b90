import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scene } from './changes/scene';
import { desired } from './changes/snapshots';
import { POLICY_TYPE } from '../../src/policy';
import { unlockedContent } from '../support/documents';

const TAGS = [{ Key: 'ai-opt-out', Value: 'managed' }];
const LOCKED = desired().content;

test('enables the type, waits for two ENABLED answers five seconds apart, creates, attaches, and says what is there', async () => {
  const scene = Scene.landingZone();
  const { exitCode, stdout, stderr } = await scene.apply();
  expect(exitCode).toBe(0);
  expect(scene.changes).toEqual(['EnablePolicyType', 'CreatePolicy', 'AttachPolicy']);
  expect(await scene.state()).toEqual({
    enabled: [{ Type: POLICY_TYPE, Status: 'ENABLED' }],
    policies: [{ Name: 'AiServicesOptOut', Content: LOCKED, targets: [scene.zone.rootId], Tags: TAGS }],
  });
  expect(stderr).toMatch(/^1\/3 EnablePolicyType\n    waiting .*\n    waiting .*\n2\/3 CreatePolicy\n3\/3 AttachPolicy\n$/);
  expect(stdout.replace(/\s+/g, ' ')).toMatch(/AWS says: the policy "AiServicesOptOut" \(p-\w+\) is attached to the root r-a1b2\. .* ai-opt-out verify $/);

  const asked = scene.organizations.calls.filter(({ operation }) => operation === 'ListRoots').map(({ time }) => time);
  const created = scene.organizations.calls.find(({ operation }) => operation === 'CreatePolicy')!.time;
  const polls = asked.filter((time) => time < created).slice(-2);
  expect(polls[1] - polls[0]).toBeGreaterThanOrEqual(5_000);
  for (const id of scene.organizations.accountIds) expect(await scene.effective(id)).toEqual({ services: { default: { opt_out_policy: 'optOut' } } });
});

test('makes no change the second time', async () => {
  const scene = Scene.landingZone();
  await scene.apply();
  const before = await scene.state();
  scene.organizations.calls.length = 0;
  const { exitCode, stdout, stderr } = await scene.apply();
  expect([exitCode, stderr, scene.changes]).toEqual([0, '', []]);
  expect(stdout).toContain('\nNothing to do.\n');
  expect(await scene.state()).toEqual(before);
});

test('attaches to OUs and accounts, and makes no change the second time', async () => {
  const scene = Scene.landingZone();
  const target = [scene.zone.workloadsUnitId, scene.zone.auditAccountId];
  await scene.apply({ target });
  expect((await scene.state()).policies[0].targets).toEqual(target);
  scene.organizations.calls.length = 0;
  await scene.apply({ target: [...target].reverse() });
  expect(scene.changes).toEqual([]);
});

test('updates its policy where the choices have changed, and never makes a second one', async () => {
  const scene = Scene.landingZone();
  await scene.apply();
  scene.organizations.calls.length = 0;
  await scene.apply({ optIn: ['lex'] });
  expect(scene.changes).toEqual(['UpdatePolicy']);
  expect((await scene.state()).policies).toEqual([
    { Name: 'AiServicesOptOut', Content: desired({ optIn: ['lex'] }).content, targets: [scene.zone.rootId], Tags: TAGS },
  ]);
});

test('takes the document from a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'apply-'));
  try {
    const policy = join(folder, 'policy.json');
    writeFileSync(policy, JSON.stringify(JSON.parse(unlockedContent({ lex: 'optOut' })), undefined, 2));
    const scene = Scene.landingZone();
    expect(await scene.apply({ policy })).toMatchObject({ exitCode: 0 });
    expect((await scene.state()).policies[0].Content).toBe(unlockedContent({ lex: 'optOut' }));

    writeFileSync(policy, '{"services": {\n  "lex": {"opt_out_policy": {"@@assign": "optout"}}}}');
    expect(await scene.apply({ policy })).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`${policy}:2:42: services.lex`) });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each<[string, string | Buffer | undefined, string]>([
  ['is missing', undefined, 'there is no such file'],
  ['is empty', ' \n', 'is empty'],
  ['has 10 MB', ' '.repeat(10_000_000), 'has more than 1 MB'],
  ['is UTF-16', Buffer.from('\ufeff{}', 'utf16le'), 'is UTF-16 text: save it as UTF-8'],
  ['is not text', Buffer.from([0xc3, 0x28]), 'is not UTF-8 text'],
  ['starts with a byte order mark', '\ufeff{"services": {}}', ':1:1: starts with a byte order mark'],
])('plan and apply fail for a file that %s, as validate does', async (_, content, expected) => {
  const folder = mkdtempSync(join(tmpdir(), 'apply-'));
  try {
    const policy = join(folder, 'policy.json');
    if (content !== undefined) writeFileSync(policy, content);
    const failed = { exitCode: 3, stderr: expect.stringContaining(expected) };
    expect(await Scene.landingZone().apply({ policy })).toMatchObject(failed);
    expect(await Scene.landingZone().plan({ policy })).toMatchObject(failed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('--policy - reads standard input', async () => {
  const scene = Scene.landingZone();
  scene.stdin = unlockedContent({ lex: 'optOut' });
  expect(await scene.plan({ policy: '-' })).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('opted out of lex only') });
  expect(await scene.apply({ policy: '-' })).toMatchObject({ exitCode: 0 });
  expect((await scene.state()).policies[0].Content).toBe(scene.stdin);
});

test('--policy - needs --yes: standard input cannot hold the policy and the answer', async () => {
  const scene = Scene.landingZone();
  expect(await scene.apply({ policy: '-' }, { answers: 'y\n' })).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('Pass --yes to apply the plan') });
  expect(scene.organizations.calls).toEqual([]);
});

describe('a policy of that name that somebody else made', () => {
  const taken = () => {
    const scene = Scene.landingZone();
    scene.organizations.enablePolicyType(POLICY_TYPE);
    scene.organizations.addPolicy({ name: 'AiServicesOptOut', content: unlockedContent({ default: 'optOut' }), targetIds: [scene.zone.rootId] });
    return scene;
  };

  test('fails without --adopt, and is left as it is', async () => {
    const scene = taken();
    const { exitCode, stdout } = await scene.apply();
    expect([exitCode, scene.changes]).toEqual([1, []]);
    expect(stdout).toContain('--adopt');
  });

  test('is tagged and updated with --adopt, and is its own from then on', async () => {
    const scene = taken();
    expect(await scene.apply({ adopt: true })).toMatchObject({ exitCode: 0 });
    expect(scene.changes).toEqual(['TagResource', 'UpdatePolicy']);
    expect((await scene.state()).policies).toEqual([{ Name: 'AiServicesOptOut', Content: LOCKED, targets: [scene.zone.rootId], Tags: TAGS }]);
    scene.organizations.calls.length = 0;
    await scene.apply();
    expect(scene.changes).toEqual([]);
  });
});

test('fails where an older policy on the same target would overrule it', async () => {
  const scene = Scene.landingZone();
  scene.organizations.enablePolicyType(POLICY_TYPE);
  scene.organizations.addPolicy({ name: 'Older', content: unlockedContent({ lex: 'optIn' }), targetIds: [scene.zone.rootId] });
  const { exitCode, stdout } = await scene.apply();
  expect([exitCode, scene.changes]).toEqual([1, []]);
  expect(stdout.replace(/\s+/g, ' ')).toContain('lex would not be optOut: the policy "Older"');
});

describe('consent', () => {
  test('is asked for after the plan was shown, and given with y', async () => {
    const scene = Scene.landingZone();
    const { exitCode, stdout, stderr } = await scene.apply({}, { answers: 'y\n' });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Calls to be made');
    expect(stderr).toMatch(/^Apply these 3 changes\? \[y\/N\] /);
    expect(scene.changes).toHaveLength(3);
  });

  test.each([['no', 'n\n'], ['just Enter', '\n'], ['the end of the input', '']])('is refused with %s, which changes nothing', async (_, answers) => {
    const scene = Scene.landingZone();
    const { exitCode, stderr } = await scene.apply({}, { answers });
    expect([exitCode, scene.changes]).toEqual([1, []]);
    expect(stderr).toMatch(/Nothing was changed\.\n$/);
  });

  test('fails where nobody can be asked, naming --yes, before anything is asked of AWS', async () => {
    const scene = Scene.landingZone();
    const { exitCode, stderr } = await scene.apply({ yes: false });
    expect([exitCode, scene.organizations.calls]).toEqual([3, []]);
    expect(stderr).toContain('Pass --yes');
  });

  test('is not asked for where there is nothing to do', async () => {
    const scene = Scene.landingZone();
    await scene.apply();
    expect((await scene.apply({}, { answers: '' })).exitCode).toBe(0);
  });
});

describe('who asks', () => {
  test('fails in an account without organization, printing the command that creates one and what that means', async () => {
    const scene = Scene.withoutOrganization();
    const { exitCode, stderr } = await scene.apply();
    expect(exitCode).toBe(1);
    expect(stderr).toContain('\n  aws organizations create-organization --feature-set ALL\n');
    expect(stderr).toContain('becomes the management account');
    expect(scene.changes).toEqual([]);
  });

  test('fails where the organization has consolidated billing only', async () => {
    const scene = Scene.withoutOrganization();
    scene.organizations.createOrganization({ featureSet: 'CONSOLIDATED_BILLING' });
    const { exitCode, stderr } = await scene.apply();
    expect([exitCode, scene.changes]).toEqual([1, []]);
    expect(stderr).toContain('\n  aws organizations enable-all-features');
  });

  test('fails in a member account, naming the management account', async () => {
    const scene = Scene.landingZone();
    scene.accountId = scene.zone.auditAccountId;
    const { exitCode, stderr } = await scene.apply();
    expect([exitCode, scene.changes]).toEqual([1, []]);
    expect(stderr).toContain('is a member of the organization');
    expect(stderr).toContain('111122223333');
  });

  test('may be a delegated administrator', async () => {
    const scene = Scene.landingZone();
    scene.organizations.delegateAdministrator(scene.zone.auditAccountId);
    scene.accountId = scene.zone.auditAccountId;
    expect(await scene.apply()).toMatchObject({ exitCode: 0 });
    scene.organizations.calls.length = 0;
    await scene.apply();
    expect(scene.changes).toEqual([]);
  });
});

describe('the policy type', () => {
  test('is waited for as long as it takes', async () => {
    const scene = Scene.landingZone({ enableDelayMs: 60_000 });
    expect(await scene.apply()).toMatchObject({ exitCode: 0 });
    expect((await scene.state()).policies[0].targets).toEqual([scene.zone.rootId]);
  });

  test('fails where it takes longer than --timeout, and the same command goes on', async () => {
    const scene = Scene.landingZone({ enableDelayMs: 90_000 });
    const { exitCode, stderr } = await scene.apply({ timeout: 1 });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('gave up after 1 min: AI services opt-out policies are PENDING_ENABLE, not ENABLED');
    expect(scene.changes).toEqual(['EnablePolicyType']);
    expect(await scene.apply({ timeout: 1 })).toMatchObject({ exitCode: 0 });
    expect(scene.changes).toEqual(['EnablePolicyType', 'CreatePolicy', 'AttachPolicy']);
  });

  test('that is being disabled is waited for, enabled again, and the policy attached again', async () => {
    const scene = Scene.landingZone({ disableDelayMs: 30_000 });
    await scene.apply();
    await scene.administrator('DisablePolicyType', { RootId: scene.zone.rootId, PolicyType: POLICY_TYPE });
    scene.organizations.calls.length = 0;
    expect(await scene.apply()).toMatchObject({ exitCode: 0 });
    expect(scene.changes).toEqual(['EnablePolicyType', 'AttachPolicy']);
  });

  test('is enabled once more where somebody disables it meanwhile', async () => {
    const scene = Scene.landingZone();
    scene.organizations.enablePolicyType(POLICY_TYPE);
    scene.organizations.faults.add({ operation: 'AttachPolicy', calls: [1], error: { code: 'PolicyTypeNotEnabledException' } });
    expect(await scene.apply()).toMatchObject({ exitCode: 0 });
    expect(scene.changes).toEqual(['CreatePolicy', 'AttachPolicy', 'AttachPolicy']);
  });
});

describe('refusals of AWS', () => {
  test.each(['throttle', 'concurrentModification', 'policyChangesInProgress', 'internalError'] as const)('that pass are waited out: %s', async (fault) => {
    for (const operation of ['EnablePolicyType', 'CreatePolicy', 'AttachPolicy', 'ListRoots']) {
      const scene = Scene.landingZone();
      scene.organizations.faults[fault](operation, { calls: [1, 2] });
      expect(await scene.apply()).toMatchObject({ exitCode: 0 });
      expect((await scene.state()).policies).toHaveLength(1);
    }
  });

  test('fails for an allowed service key that AWS does not know, with the most likely reason', async () => {
    const scene = Scene.landingZone();
    const { exitCode, stdout, stderr } = await scene.apply({ service: ['brandnew'], allowService: ['brandnew'] });
    expect(exitCode).toBe(3);
    expect(stdout.replace(/\s+/g, ' ')).toContain('did not document the service key brandnew');
    expect(stderr).toContain('Most likely it does not know a service key');
  });

  test('fails for a call that is denied, naming it, and the same command goes on', async () => {
    const scene = Scene.landingZone();
    const fault = scene.organizations.faults.accessDenied('AttachPolicy');
    const { exitCode, stderr } = await scene.apply();
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/AWS does not allow AttachPolicy to these credentials .* the same command goes on from there\.$/);
    fault.remove();
    scene.organizations.calls.length = 0;
    expect(await scene.apply()).toMatchObject({ exitCode: 0 });
    expect(scene.changes).toEqual(['AttachPolicy']);
  });

  test('fails where somebody else created another policy of that name in the meantime', async () => {
    const scene = Scene.landingZone();
    scene.organizations.faults.add({ operation: 'CreatePolicy', calls: [1], error: { code: 'ServiceException', status: 500 } });
    scene.organizations.enablePolicyType(POLICY_TYPE);
    jest.spyOn(scene.clock, 'sleep').mockImplementation(async () => {
      if (!scene.changes.includes('CreatePolicy') || (await scene.state()).policies.length > 0) return;
      scene.organizations.addPolicy({ name: 'AiServicesOptOut', content: unlockedContent({ lex: 'optOut' }) });
    });
    const { exitCode, stderr } = await scene.apply();
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Somebody else created another policy "AiServicesOptOut"');
  });

  test('fails in the end where AWS says that the policy is not where it was attached', async () => {
    const scene = Scene.landingZone();
    scene.organizations.faults.add({ operation: 'AttachPolicy', error: { code: 'DuplicatePolicyAttachmentException' } });
    const { exitCode, stdout } = await scene.apply();
    expect(exitCode).toBe(1);
    expect(stdout.replace(/\s+/g, ' ')).toContain('is attached nowhere. It is missing on 1 target: the root r-a1b2.');
  });

  test('that only keep it from reading what is there afterwards do not make it fail', async () => {
    const scene = Scene.landingZone();
    scene.organizations.faults.accessDenied('ListTargetsForPolicy');
    const { exitCode, stdout } = await scene.apply();
    expect(exitCode).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toContain('Every call succeeded, but these credentials may not read where the policy');
  });

  test('Ctrl-C ends the work, and says that it can go on', async () => {
    const scene = Scene.landingZone({ enableDelayMs: 60_000 });
    jest.spyOn(scene.clock, 'sleep').mockImplementationOnce(async () => { scene.interruption.abort(); });
    await expect(scene.apply()).rejects.toMatchObject({ name: 'AbortError' });
  });
});
