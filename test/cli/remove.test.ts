import { KILLED, Scene } from './changes/scene';
import { POLICY_TYPE } from '../../src/policy';
import { unlockedContent } from '../support/documents';

async function applied(targets: (scene: ReturnType<typeof Scene.landingZone>) => string[] = ({ zone }) => [zone.rootId]) {
  const scene = Scene.landingZone();
  await scene.apply({ target: targets(scene) });
  scene.organizations.calls.length = 0;
  return { scene, id: await scene.policyId() };
}

test('says which accounts are opted in again, asks, detaches everywhere, deletes, and leaves the policy type enabled', async () => {
  const { scene, id } = await applied(({ zone }) => [zone.workloadsUnitId, zone.auditAccountId]);
  const { exitCode, stdout, stderr } = await scene.remove(id, { answers: 'yes\n' });
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/WARNING, opted in again: 5 accounts: opted out of everything -> not opted out\n(    \d{12}  .*\n){5}/);
  expect(stdout).toContain('  4 accounts without a change: not opted out\n');
  expect(stderr).toMatch(/^5 accounts are opted in again by this\. Remove the policy "AiServicesOptOut"\? \[y\/N\] /);
  expect(scene.changes).toEqual(['DetachPolicy', 'DetachPolicy', 'DeletePolicy']);
  expect(await scene.state()).toEqual({ enabled: [{ Type: POLICY_TYPE, Status: 'ENABLED' }], policies: [] });
});

test('says so where another policy goes on opting everybody out', async () => {
  const { scene, id } = await applied();
  scene.organizations.addPolicy({ name: 'Other', content: unlockedContent({ default: 'optOut' }), targetIds: [scene.zone.rootId] });
  const { stderr } = await scene.remove(id, { answers: 'y\n' });
  expect(stderr).toMatch(/^No account is opted in again by this\. Remove/);
});

test('does nothing where the policy is gone already', async () => {
  const { scene, id } = await applied();
  await scene.remove(id);
  scene.organizations.calls.length = 0;
  const { exitCode, stdout } = await scene.remove(id);
  expect([exitCode, scene.changes]).toEqual([0, []]);
  expect(stdout).toBe(`There is no policy ${id} (any more). Nothing to do.\n`);
});

test('warns of a policy that ai-opt-out did not make, and removes it', async () => {
  const scene = Scene.landingZone();
  const id = scene.organizations.addPolicy({ name: 'Foreign', content: unlockedContent({ default: 'optOut' }) });
  const { exitCode, stdout } = await scene.remove(id);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('does not know this policy as its own');
  expect(scene.changes).toEqual(['DeletePolicy']);
});

test('fails for a policy of another type and leaves it alone', async () => {
  const scene = Scene.landingZone();
  const id = scene.organizations.addPolicy({ name: 'Tags', type: 'TAG_POLICY', content: '{"tags":{}}' });
  const { exitCode, stderr } = await scene.remove(id);
  expect([exitCode, scene.changes]).toEqual([1, []]);
  expect(stderr.replace(/\s+/g, ' ')).toContain('is of type TAG_POLICY and not an AI services opt-out policy');
});

test('fails for what is no policy id, and where nobody can be asked, before anything is asked of AWS', async () => {
  const { scene, id } = await applied();
  expect(await scene.remove('AiServicesOptOut')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('got "AiServicesOptOut"') });
  expect(await scene.remove(id, undefined, false)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('--yes') });
  expect(scene.organizations.calls).toEqual([]);
});

test('fails with 1 when it is declined, and changes nothing', async () => {
  const { scene, id } = await applied();
  const { exitCode, stderr } = await scene.remove(id, { answers: 'n\n' });
  expect([exitCode, scene.changes]).toEqual([1, []]);
  expect(stderr).toMatch(/Nothing was changed\.\n$/);
});

test('fails in an account without organization and in a member account', async () => {
  expect(await Scene.withoutOrganization().remove('p-12345678')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('create-organization') });
  const { scene, id } = await applied();
  scene.accountId = scene.zone.auditAccountId;
  expect(await scene.remove(id)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is a member') });
});

test.each(['before', 'after'] as const)('killed %s AWS hears of each call in turn and run again, always ends without the policy', async (effect) => {
  const targets = ({ zone }: ReturnType<typeof Scene.landingZone>) => [zone.rootId, zone.sandboxUnitId, zone.auditAccountId];
  const uninterrupted = await applied(targets);
  await uninterrupted.scene.remove(uninterrupted.id);
  const calls = uninterrupted.scene.organizations.calls.length;
  const expected = await uninterrupted.scene.state();
  expect(calls).toBeGreaterThan(8);
  for (let atCall = 1; atCall <= calls; atCall++) {
    const { scene, id } = await applied(targets);
    scene.death = { atCall, effect };
    expect((await scene.remove(id)).exitCode).toBe(KILLED);
    scene.death = undefined;
    expect(await scene.remove(id)).toMatchObject({ exitCode: 0 });
    expect(await scene.state()).toEqual(expected);
  }
});

test.each(['before', 'after'] as const)('carries on by itself where the connection drops once, %s each call in turn has its effect', async (effect) => {
  for (let call = 1; call <= 12; call++) {
    const { scene, id } = await applied();
    scene.organizations.faults.add({ dropConnection: true, effect, calls: [call] });
    expect(await scene.remove(id)).toMatchObject({ exitCode: 0 });
    scene.organizations.faults.clear();
    expect((await scene.state()).policies).toEqual([]);
  }
});
