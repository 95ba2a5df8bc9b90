import type { Tree } from './tree';
import { governing, merge, type PolicyDocument, type PolicyLevel } from '../../policy';

/*
 * Whether a policy has its way on a target. The same rules as in the construct's preflight: whatever is attached to the same target earlier wins,
 * and so do controls from above. Neither is an error for AWS, so nobody would hear of it.
 */

export interface OwnPolicy {
  readonly id: string;
  readonly name: string;
  readonly document: PolicyDocument;
}

/** For a policy that is about to be attached: it comes last, and loses to every single peer, in whatever order AWS lists them. */
export function overruledWhereAttachedLast(after: Tree, target: string, own: OwnPolicy): string[] {
  const peers = after.level(target, own.id).policies;
  for (const earlier of [[], ...peers.map((peer) => [peer])]) {
    const found = firstOverruled(after, target, own, earlier);
    if (found) return [`${found} Earlier policies and controls from above win; change them first.`];
  }
  return [];
}

/** For a policy that is attached already: it loses to those listed before it. */
export function overruledOn(tree: Tree, target: string, own: OwnPolicy): string[] {
  const ids = tree.on(target).map(({ id }) => id);
  const earlier = tree.level(target).policies.slice(0, ids.indexOf(own.id));
  const found = firstOverruled(tree, target, own, earlier);
  return found ? [`${found} "ai-opt-out verify" tells what that means for each account.`] : [];
}

function firstOverruled(tree: Tree, target: string, { id, name, document }: OwnPolicy, earlier: PolicyLevel['policies']): string | undefined {
  const policy = { name: `"${name}"`, document };
  const above = tree.path(target).slice(0, -1).map((parent) => tree.level(parent, id));
  const level = tree.label(target);
  const wanted = merge([{ name: level, policies: [policy] }]);
  const expected = merge([...above, { name: level, policies: [...earlier, policy] }]);
  for (const key of [...wanted.keys(), ...expected.keys()]) {
    const want = governing(wanted, key)?.setting;
    const got = governing(expected, key);
    if (!want || want === got?.setting) continue;
    return `On ${level}, ${key} would not be ${want}: `
      + `${got ? `the policy ${got.policy} on ${got.level} says ${got.setting}` : 'a control above forbids it'}.`;
  }
  return undefined;
}
