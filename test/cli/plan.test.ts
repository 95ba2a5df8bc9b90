import { Scene } from './changes/scene';
import { POLICY_TYPE } from '../../src/policy';
import { unlockedContent } from '../support/documents';

const OUT = unlockedContent({ default: 'optOut' });

test('shows the calls and what becomes of the accounts, and makes none of the calls', async () => {
  const scene = Scene.landingZone();
  const { exitCode, stdout, stderr } = await scene.plan();
  expect([exitCode, stderr, scene.changes]).toEqual([0, '', []]);
  expect(stdout).toBe(`Organization ${scene.organizations.organizationId}, 9 active accounts

Calls to be made, in this order:
  1. EnablePolicyType  enable AI services opt-out policies on the root r-a1b2,
                       and wait until they are
  2. CreatePolicy      create the policy "AiServicesOptOut" (221 of 2,500
                       characters), tagged ai-opt-out
  3. AttachPolicy      attach it to the root r-a1b2

What becomes of the accounts:
  9 accounts: not opted out -> opted out of everything
    111122223333  Management
${scene.organizations.accountIds.slice(1).map((id, index) => `    ${id}  ${
  ['Log Archive', 'Audit', 'Production 1', 'Test 1', 'Sandbox 1', 'Production 2', 'Test 2', 'Sandbox 2'][index]}`).join('\n')}
`);
});

test('counts more than 20 accounts by OU', async () => {
  const scene = Scene.landingZone({ accounts: 300 });
  const { stdout } = await scene.plan();
  expect(stdout).toContain(`
  300 accounts: not opted out -> opted out of everything
     1 in Root
     2 in Root / Security
    99 in Root / Workloads / Production
    99 in Root / Workloads / Test
    99 in Root / Sandbox
`);
});

test('lists every account that would be opted in again, however many there are, first and as a warning', async () => {
  const scene = Scene.landingZone({ accounts: 30 });
  scene.organizations.enablePolicyType(POLICY_TYPE);
  scene.organizations.addPolicy({ name: 'Other', content: OUT, targetIds: [scene.zone.rootId] });
  const { exitCode, stdout } = await scene.plan({ target: [scene.zone.workloadsUnitId, scene.zone.sandboxUnitId], optIn: ['lex'] });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/What becomes of the accounts:\n  WARNING, opted in again: 27 accounts: opted out of everything -> opted out of\n  everything but lex\n/);
  expect(stdout.match(/^    \d{12}  /gm)).toHaveLength(27);
  expect(stdout).toContain('  3 accounts without a change: opted out of everything\n');
});

test('leaves suspended and closed accounts out and says so', async () => {
  const scene = Scene.landingZone();
  scene.organizations.setAccountState(scene.zone.auditAccountId, 'SUSPENDED');
  expect((await scene.plan()).stdout).toMatch(/, 8 active accounts, 1 not active and left out below\n/);
});

test('keeps to 80 columns', async () => {
  const scene = Scene.landingZone({ accounts: 30 });
  const { stdout } = await scene.plan({ service: ['brandnew', 'lex'], allowService: ['brandnew'], allowChildOverrides: ['lex'], target: [scene.zone.productionUnitId] });
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(stdout.replace(/\s+/g, ' ')).toContain('did not document the service key brandnew');
});

test('answers JSON to programs', async () => {
  const scene = Scene.landingZone();
  const { exitCode, stdout } = await scene.plan({ output: 'json', target: [scene.zone.auditAccountId] });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    schemaVersion: 1,
    organization: { id: scene.organizations.organizationId, rootId: scene.zone.rootId, policyType: 'DISABLED', activeAccounts: 9 },
    changes: [
      expect.objectContaining({ operation: 'EnablePolicyType', input: { RootId: scene.zone.rootId, PolicyType: POLICY_TYPE } }),
      expect.objectContaining({ operation: 'CreatePolicy' }),
      { operation: 'AttachPolicy', input: { PolicyId: '(new)', TargetId: scene.zone.auditAccountId }, sentence: expect.stringContaining('Audit') },
    ],
    blockers: [],
    warnings: [],
    summary: { changes: 3, affectedAccounts: 1, optedInAgain: 0 },
    affectedAccounts: [{
      id: scene.zone.auditAccountId,
      name: 'Audit',
      parentId: scene.zone.securityUnitId,
      before: {},
      after: { default: 'optOut' },
      optedIn: [],
      certain: true,
    }],
  });
});

test('with --detailed-exitcode tells whether there is something to do', async () => {
  const scene = Scene.landingZone();
  expect(await scene.plan({ detailedExitcode: true })).toMatchObject({ exitCode: 4 });
  await scene.apply();
  const { exitCode, stdout } = await scene.plan({ detailedExitcode: true });
  expect(exitCode).toBe(0);
  expect(stdout).toContain('\nNothing to do.\n');
});

test('finds a target that holds no accounts and lies deep down', async () => {
  const scene = Scene.landingZone();
  const empty = scene.organizations.createOrganizationalUnit('Empty', scene.organizations.createOrganizationalUnit('Deep', scene.zone.testUnitId));
  const { exitCode, stdout } = await scene.plan({ target: [empty] });
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`attach it to OU Empty (${empty})`);
});

test('fails with 1 where it cannot be applied, and shows why instead of what would come of it', async () => {
  const scene = Scene.landingZone();
  scene.organizations.addPolicy({ name: 'AiServicesOptOut', content: OUT });
  const { exitCode, stdout } = await scene.plan({ detailedExitcode: true });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/This cannot be done:\n  - The policy p-\w+ is named "AiServicesOptOut" already/);
  expect(stdout).not.toContain('What becomes');
  expect(JSON.parse((await scene.plan({ output: 'json' })).stdout).blockers).toHaveLength(1);
});

test('fails with 3 for wrong choices, all of them at once, before anything is asked of AWS', async () => {
  const scene = Scene.landingZone();
  const { exitCode, stderr } = await scene.plan({ service: ['LEX'], target: ['nowhere'] });
  expect(exitCode).toBe(3);
  expect(stderr.split('\n')).toHaveLength(2);
  expect(scene.organizations.calls).toEqual([]);
});

test('reads on where something may not be read, and says so', async () => {
  const scene = Scene.landingZone();
  scene.organizations.faults.accessDenied('ListAccounts');
  const { exitCode, stdout } = await scene.plan();
  expect(exitCode).toBe(0);
  expect(stdout).toContain('is unknown: the accounts could not be listed');
  expect(stdout).toMatch(/Warnings:\n  - Not everything could be read/);
});
