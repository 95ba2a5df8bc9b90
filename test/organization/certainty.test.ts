import * as fc from 'fast-check';
import { awsError, FULL_LOCK, ONLY_SERVICES_LOCKED, OPEN_SERVICES, Scene, unlocked } from './scene';
import type { EvidenceMode, Verification } from '../../src/organization';
import { ASSIGN, CONTROL, effectiveDocument, type EffectiveDocument, type PolicyDocument, type PolicyLevel } from '../../src/policy';
import { policyDocument } from '../policy/arbitraries';

interface Attached {
  readonly document: PolicyDocument;
  /** Indexes into the targets. */
  readonly targets: number[];
}

/** Few targets, so that policies meet on the same ones. */
const TARGETS = 9;
const ACCOUNTS = 9;

const anywhere = fc.record({ document: policyDocument(), targets: fc.uniqueArray(fc.nat(TARGETS - 1), { minLength: 1, maxLength: 3 }) });

/** Among them often one that opts out of everything from the root, before or after the others: else hardly any account would be opted out. */
const attached: fc.Arbitrary<Attached[]> = fc
  .record({
    others: fc.array(anywhere, { maxLength: 4 }),
    ours: fc.constantFrom(FULL_LOCK, OPEN_SERVICES, ONLY_SERVICES_LOCKED, unlocked({ default: 'optOut' }), undefined),
    last: fc.boolean(),
  })
  .map(({ others, ours, last }) => {
    const policies = ours ? [{ document: ours, targets: [0] }] : [];
    return last ? [...others, ...policies] : [...policies, ...others];
  });

/** A scene with these policies; the targets are the root, the units and three accounts. */
function sceneWith(policies: Attached[]): Scene {
  const scene = new Scene({ accounts: ACCOUNTS });
  const { rootId, securityUnitId, workloadsUnitId, productionUnitId, testUnitId, sandboxUnitId, accountIds } = scene.zone;
  const targets = [rootId, securityUnitId, workloadsUnitId, productionUnitId, testUnitId, sandboxUnitId, ...accountIds.slice(2, 5)];
  policies.forEach(({ document, targets: indexes }, index) => scene.policy(`Policy ${index}`, document, ...indexes.map((target) => targets[target])));
  return scene;
}

function isOptedOut({ services = {} }: EffectiveDocument): boolean {
  return services.default?.opt_out_policy === 'optOut' && Object.values(services).every((entry) => entry.opt_out_policy === 'optOut');
}

async function effectiveBySimulator(scene: Scene, id: string): Promise<EffectiveDocument> {
  const { EffectivePolicy } = await scene.administrator('DescribeEffectivePolicy', { PolicyType: 'AISERVICES_OPT_OUT_POLICY', TargetId: id });
  return JSON.parse(EffectivePolicy.PolicyContent);
}

test('a computed verdict is what AWS\'s answer comes to', async () => {
  await fc.assert(fc.asyncProperty(attached, async (policies) => {
    const scene = sceneWith(policies);
    try {
      scene.organizations.faults.accessDenied('DescribeEffectivePolicy');
      const verification = await scene.verify({ evidence: 'computed' });
      scene.organizations.faults.clear();
      for (const { id, verdict, decisions } of verification.accounts) {
        const truth = isOptedOut(await effectiveBySimulator(scene, id));
        if (verdict === 'couldNotTell') expect(decisions!.some(({ certain }) => !certain)).toBe(true);
        else expect(verdict).toBe(truth ? 'optedOut' : 'notOptedOut');
      }
    } finally {
      scene.close();
    }
  }), { numRuns: 150 });
});

/** An AWS that handles what nobody has recorded in another way than it documents. */
interface OtherAws {
  /** Controls on containers have no effect. */
  readonly openContainers: boolean;
  /** On these targets the order of attachment is not that of the lists. */
  readonly reversed: number[];
}

const otherAws: fc.Arbitrary<OtherAws> = fc.record({ openContainers: fc.boolean(), reversed: fc.uniqueArray(fc.nat(TARGETS - 1)) });

function withoutContainerControls({ services = {} }: PolicyDocument): PolicyDocument {
  const entries = Object.entries(services).filter(([key]) => key !== CONTROL).map(([key, { opt_out_policy: node }]) => {
    // A control without a value stands for an entry that is not there yet.
    const setting = node?.[ASSIGN] || node?.[CONTROL] ? { opt_out_policy: node } : {};
    return [key, setting];
  });
  return { services: Object.fromEntries(entries) } as PolicyDocument;
}

describe('an AWS that handles what is not certain in another way', () => {
  const cases: [EvidenceMode, boolean][] = [['computed', true], ['computed', false], ['effective', true], ['auto', false]];

  test.each(cases)('never gets an account called opted out that is not (%s, answers: %p)', async (evidence, answers) => {
    await fc.assert(fc.asyncProperty(attached, otherAws, async (policies, { openContainers, reversed }) => {
      const scene = sceneWith(policies);
      try {
        const { organization } = scene.organizations as any;
        const ids: string[] = [scene.zone.rootId, ...['securityUnitId', 'workloadsUnitId', 'productionUnitId', 'testUnitId', 'sandboxUnitId']
          .map((unit) => (scene.zone as any)[unit]), ...scene.zone.accountIds.slice(2, 5)];
        const truthFor = (accountId: string): EffectiveDocument => {
          const levels: PolicyLevel[] = [];
          for (let target = organization.tree.account(accountId); target; target = target.parent) {
            const documents: PolicyDocument[] = organization.policies.on(target, 'AISERVICES_OPT_OUT_POLICY').map(({ content }: any) => JSON.parse(content));
            if (reversed.includes(ids.indexOf(target.id))) documents.reverse();
            levels.unshift({
              name: target.id,
              policies: documents.map((document, index) => ({ name: `${index}`, document: openContainers ? withoutContainerControls(document) : document })),
            });
          }
          return effectiveDocument(levels);
        };
        scene.intercept = (operation, { TargetId }) => {
          if (operation !== 'DescribeEffectivePolicy') return undefined;
          if (!answers) throw awsError('AccessDeniedException');
          return { EffectivePolicy: { PolicyContent: JSON.stringify(truthFor(TargetId)) } };
        };

        const verification: Verification = await scene.verify({ evidence });

        for (const { id, verdict } of verification.accounts) {
          if (verdict === 'optedOut') expect(isOptedOut(truthFor(id))).toBe(true);
          if (answers && verdict === 'notOptedOut') expect(isOptedOut(truthFor(id))).toBe(false);
        }
        if (evidence === 'effective') expect(verification.summary.couldNotTell).toBe(0);
      } finally {
        scene.close();
      }
    }), { numRuns: 150 });
  });
});
