import type { Tree } from '../../organization/tree';
import { conflictsOf, type PolicyDocument } from '../../policy';

export interface OwnPolicy {
  readonly id: string;
  readonly name: string;
  readonly document: PolicyDocument;
}

/** Returns why a policy that is about to be attached would not take effect on a target: it comes after all its peers. */
export function overruledWhereAttachedLast(after: Tree, target: string, own: OwnPolicy): string[] {
  return conflictText(after, target, own, after.on(target).filter(({ id }) => id !== own.id).map(({ id }) => id),
    'Earlier policies and controls from above win; change them first.');
}

/** Returns why an attached policy does not take effect on its target, as far as the order in which AWS lists the peers tells. */
export function overruledOn(tree: Tree, target: string, own: OwnPolicy): string[] {
  const ids = tree.on(target).map(({ id }) => id);
  return conflictText(tree, target, own, ids.slice(0, ids.indexOf(own.id)), '"ai-opt-out verify" reports what that means for each account.');
}

function conflictText(tree: Tree, target: string, { id, name, document }: OwnPolicy, earlier: string[], advice: string): string[] {
  const above = tree.path(target).slice(0, -1).map((parent) => tree.level(parent, [id]));
  const later = tree.on(target).map((policy) => policy.id).filter((peer) => !earlier.includes(peer));
  const [conflict] = conflictsOf(above, tree.level(target, later), { name: `"${name}"`, document });
  if (!conflict) return [];
  const { key, wanted, winner } = conflict;
  return [`On ${tree.label(target)}, ${key} would not be ${wanted}: `
    + `${winner ? `the policy ${winner.policy} on ${winner.level} sets it to ${winner.setting}` : 'a control above forbids it'}. ${advice}`];
}
