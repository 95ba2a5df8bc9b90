import { KILLED, Scene } from './changes/scene';
import type { ApplyOptions } from '../../src/cli/changes/run-apply';
import { POLICY_TYPE } from '../../src/policy';
import { unlockedContent } from '../support/documents';

interface Case {
  readonly start: () => Scene & { zone: { rootId: string; sandboxUnitId: string } };
  readonly options: (scene: ReturnType<Case['start']>) => Partial<ApplyOptions>;
}

const CASES: [string, Case][] = [
  ['from nothing', { start: () => Scene.landingZone(), options: () => ({}) }],
  ['from nothing, slowly enabled, on two targets', {
    start: () => Scene.landingZone({ enableDelayMs: 20_000 }),
    options: ({ zone }) => ({ target: [zone.rootId, zone.sandboxUnitId] }),
  }],
  ['adopting and changing a policy that hangs elsewhere', {
    start: () => {
      const scene = Scene.landingZone();
      scene.organizations.enablePolicyType(POLICY_TYPE);
      scene.organizations.addPolicy({ name: 'AiServicesOptOut', content: unlockedContent({ lex: 'optOut' }), targetIds: [scene.zone.sandboxUnitId] });
      return scene;
    },
    options: () => ({ adopt: true }),
  }],
];

describe.each(CASES)('apply %s', (_, { start, options }) => {
  let expected: any;
  let calls: number;

  beforeAll(async () => {
    const scene = start();
    expect(await scene.apply(options(scene))).toMatchObject({ exitCode: 0 });
    calls = scene.organizations.calls.length;
    expected = await scene.state();
    expect(expected.policies).toHaveLength(1);
  });

  test.each(['before', 'after'] as const)('killed %s AWS hears of each call in turn and run again, always ends in the same organization', async (effect) => {
    expect(calls).toBeGreaterThan(10);
    for (let atCall = 1; atCall <= calls; atCall++) {
      const scene = start();
      scene.death = { atCall, effect };
      expect((await scene.apply(options(scene))).exitCode).toBe(KILLED);
      scene.death = undefined;
      expect(await scene.apply(options(scene))).toMatchObject({ exitCode: 0 });
      expect(await scene.state()).toEqual(expected);

      scene.organizations.calls.length = 0;
      await scene.apply(options(scene));
      expect(scene.changes).toEqual([]);
    }
  });

  test('killed twice in a row, at any two calls, ends in the same organization', async () => {
    for (let first = 1; first <= calls; first += 3) {
      for (let second = 1; second <= calls; second += 3) {
        const scene = start();
        for (const atCall of [first, second]) {
          scene.death = { atCall, effect: 'after' };
          await scene.apply(options(scene));
        }
        scene.death = undefined;
        expect(await scene.apply(options(scene))).toMatchObject({ exitCode: 0 });
        expect(await scene.state()).toEqual(expected);
      }
    }
  });

  test.each(['before', 'after'] as const)('carries on by itself where the connection drops once, %s each call in turn has its effect', async (effect) => {
    for (let call = 1; call <= calls; call++) {
      const scene = start();
      scene.organizations.faults.add({ dropConnection: true, effect, calls: [call] });
      expect(await scene.apply(options(scene))).toMatchObject({ exitCode: 0 });
      expect(await scene.state()).toEqual(expected);
    }
  });

  test('carries on where AWS fails with 500 after each call has had its effect', async () => {
    for (let call = 1; call <= calls; call++) {
      const scene = start();
      scene.organizations.faults.internalError(undefined, { effect: 'after', calls: [call] });
      expect(await scene.apply(options(scene))).toMatchObject({ exitCode: 0 });
      expect(await scene.state()).toEqual(expected);
    }
  });
});
