import * as fc from 'fast-check';
import { attached, effectiveBySimulator, isOptedOut, otherAws, sceneWith, truthBy } from './arbitraries';
import { awsError, effectivePolicy } from './scene';
import type { EvidenceMode, Verification } from '../../src/organization';

test('a computed status is what AWS\'s answer comes to', async () => {
  await fc.assert(fc.asyncProperty(attached, async (policies) => {
    const scene = sceneWith(policies);
    try {
      scene.organizations.faults.accessDenied('DescribeEffectivePolicy');
      const verification = await scene.verify({ evidence: 'computed' });
      scene.organizations.faults.clear();
      for (const { id, status, decisions } of verification.accounts) {
        const truth = isOptedOut(await effectiveBySimulator(scene, id));
        if (status === 'unknown') expect(decisions!.some(({ certain }) => !certain)).toBe(true);
        else expect(status).toBe(truth ? 'optedOut' : 'notOptedOut');
      }
    } finally {
      scene.close();
    }
  }), { numRuns: 150 });
});

describe('an AWS that handles what is not certain in another way', () => {
  const cases: [EvidenceMode, boolean][] = [['computed', true], ['computed', false], ['effective', true], ['auto', false]];

  test.each(cases)('never gets an account called opted out that is not (%s, answers: %p)', async (evidence, answers) => {
    await fc.assert(fc.asyncProperty(attached, otherAws, async (policies, other) => {
      const scene = sceneWith(policies);
      try {
        const truthFor = truthBy(other, scene);
        scene.on('DescribeEffectivePolicy', ({ TargetId }) => (answers ? effectivePolicy(truthFor(TargetId)) : awsError('AccessDeniedException')));

        const verification: Verification = await scene.verify({ evidence });

        for (const { id, status } of verification.accounts) {
          if (status === 'optedOut') expect(isOptedOut(truthFor(id))).toBe(true);
          if (answers && status === 'notOptedOut') expect(isOptedOut(truthFor(id))).toBe(false);
        }
        if (evidence === 'effective') expect(verification.summary.unknown).toBe(0);
      } finally {
        scene.close();
      }
    }), { numRuns: 150 });
  });
});
