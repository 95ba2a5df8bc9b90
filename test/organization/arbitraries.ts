import * as fc from 'fast-check';
import { Scene } from './scene';
import { ASSIGN, CONTROL, effectiveDocument, type EffectiveDocument, type PolicyDocument, type PolicyLevel } from '../../src/policy';
import { policyDocument } from '../policy/arbitraries';
import { FULL_LOCK, ONLY_SERVICES_LOCKED, OPEN_SERVICES, unlocked } from '../support/documents';

/** A policy somewhere in a landing zone. */
export interface Attached {
  readonly document: PolicyDocument;
  /** Indexes into the targets. */
  readonly targets: number[];
}

/** Few targets, so that policies meet on the same ones. */
const TARGETS = 9;
const ACCOUNTS = 9;

const anywhere = fc.record({ document: policyDocument(), targets: fc.uniqueArray(fc.nat(TARGETS - 1), { minLength: 1, maxLength: 3 }) });

/** Among them often one that opts out of everything from the root, before or after the others: else hardly any account would be opted out. */
export const attached: fc.Arbitrary<Attached[]> = fc
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
export function sceneWith(policies: Attached[]): Scene {
  const scene = new Scene({ accounts: ACCOUNTS });
  const { rootId, securityUnitId, workloadsUnitId, productionUnitId, testUnitId, sandboxUnitId, accountIds } = scene.zone;
  const targets = [rootId, securityUnitId, workloadsUnitId, productionUnitId, testUnitId, sandboxUnitId, ...accountIds.slice(2, 5)];
  policies.forEach(({ document, targets: indexes }, index) => scene.policy(`Policy ${index}`, document, ...indexes.map((target) => targets[target])));
  return scene;
}

export function isOptedOut({ services = {} }: EffectiveDocument): boolean {
  return services.default?.opt_out_policy === 'optOut' && Object.values(services).every((entry) => entry.opt_out_policy === 'optOut');
}

export async function effectiveBySimulator(scene: Scene, id: string): Promise<EffectiveDocument> {
  const { EffectivePolicy } = await scene.administrator('DescribeEffectivePolicy', { PolicyType: 'AISERVICES_OPT_OUT_POLICY', TargetId: id });
  return JSON.parse(EffectivePolicy.PolicyContent);
}

/** An AWS that handles what nobody has recorded in another way than it documents. */
export interface OtherAws {
  /** Controls on containers have no effect. */
  readonly openContainers: boolean;
  /** On these targets the order of attachment is not that of the lists. */
  readonly reversed: number[];
}

export const otherAws: fc.Arbitrary<OtherAws> = fc.record({ openContainers: fc.boolean(), reversed: fc.uniqueArray(fc.nat(TARGETS - 1)) });

function withoutContainerControls({ services = {} }: PolicyDocument): PolicyDocument {
  const entries = Object.entries(services).filter(([key]) => key !== CONTROL).map(([key, { opt_out_policy: node }]) => {
    // A control without a value stands for an entry that is not there yet.
    const setting = node?.[ASSIGN] || node?.[CONTROL] ? { opt_out_policy: node } : {};
    return [key, setting];
  });
  return { services: Object.fromEntries(entries) } as PolicyDocument;
}

/** What that other AWS answers about an account. */
export function truthBy({ openContainers, reversed }: OtherAws, scene: Scene): (accountId: string) => EffectiveDocument {
  const { organization } = scene.organizations as any;
  const ids: string[] = [scene.zone.rootId, ...['securityUnitId', 'workloadsUnitId', 'productionUnitId', 'testUnitId', 'sandboxUnitId']
    .map((unit) => (scene.zone as any)[unit]), ...scene.zone.accountIds.slice(2, 5)];
  return (accountId) => {
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
}
