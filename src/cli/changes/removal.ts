import type { ChangePlan } from './change';
import type { OrganizationSnapshot, Policy } from '../../organization';
import { Tree } from '../../organization/tree';

/**
 * What has to be done so that a policy is gone: taken off everything it is attached to, then deleted. The policy type stays enabled, because
 * disabling it would detach every other policy too.
 *
 * @param foreign why this tool does not know the policy as its own
 */
export function planRemoval(snapshot: OrganizationSnapshot, { id, name, targetIds }: Policy, foreign?: string): ChangePlan {
  const tree = new Tree(snapshot);
  return {
    changes: [
      ...targetIds.map((target) => ({
        operation: 'DetachPolicy' as const,
        input: { PolicyId: id, TargetId: target },
        sentence: `take the policy "${name}" (${id}) off ${tree.label(target)}`,
      })),
      { operation: 'DeletePolicy', input: { PolicyId: id }, sentence: `delete the policy "${name}" (${id})` },
    ],
    warnings: [
      ...(foreign === undefined ? []
        : [`ai-opt-out does not know this policy as its own (${foreign}). Where a stack made it, delete it there, or the stack will miss it.`]),
      ...snapshot.gaps.slice(0, 1).map(({ operation, error }) => `Not everything could be read, so the look ahead may be wrong: ${operation}: ${error}`),
    ],
    blockers: [],
  };
}
