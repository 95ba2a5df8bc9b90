import { ALL_OPERATORS, allowedBy, APPEND, ASSIGN, CHILD_CONTROL, intersection, REMOVE, type AllowedOperators } from './operators';

/** A policy document, or an object in one. */
export interface PolicyObject {
  readonly [key: string]: unknown;
}

/** What the policies on one target together contain for one node; each list in the order of attachment. */
export interface CombinedNode {
  readonly assigned: unknown[];
  readonly appended: unknown[];
  readonly removed: unknown[];

  /** The operators that lower levels may use: those that every policy allows. */
  allowed: AllowedOperators;

  /** For each member, what the policies that have it contain there. */
  readonly members: Map<string, PolicyObject[]>;
}

/** Combines what the policies on one target contain for one node, given in the order of attachment. */
export function combinePeers(peers: readonly PolicyObject[]): CombinedNode {
  const node: CombinedNode = { assigned: [], appended: [], removed: [], allowed: ALL_OPERATORS, members: new Map() };
  for (const peer of peers) {
    for (const [key, value] of Object.entries(peer)) {
      switch (key) {
        case ASSIGN: node.assigned.push(value); break;
        case APPEND: node.appended.push(...[value].flat()); break;
        case REMOVE: node.removed.push(...[value].flat()); break;
        case CHILD_CONTROL: node.allowed = intersection(node.allowed, allowedBy(value as string[])); break;
        default: addTo(node.members, key, value as PolicyObject);
      }
    }
  }
  return node;
}

function addTo(members: Map<string, PolicyObject[]>, key: string, member: PolicyObject): void {
  const nodes = members.get(key);
  if (nodes) nodes.push(member);
  else members.set(key, [member]);
}
