import { combinePeers, type CombinedNode, type PolicyObject } from './combine-peers';
import { ALL_OPERATORS, APPEND, ASSIGN, intersection, REMOVE, type AllowedOperators } from './operators';
import { DEFAULT_INHERITANCE, type InheritanceOptions } from './options';

/** One node of the merged document: what the policies of all levels so far come to. */
interface MergedNode {
  value?: unknown;

  /** The operators that lower levels may use on this node. */
  allowed: AllowedOperators;
  readonly members: Map<string, MergedNode>;
}

/** How deep in a document a container is. The levels below are one service and its settings. */
const DOCUMENT = 0;
const SERVICES = 1;

/**
 * Returns the effective policy of an account, with all operators resolved.
 *
 * Merges the documents as JSON trees, one level after the other. It knows the operators but no keys, so it also merges tag policies,
 * whose inheritance was recorded.
 *
 * @param levels the policies attached to the root, to each OU on the path and to the account; each level in the order of attachment
 */
export function effectivePolicy(levels: readonly (readonly PolicyObject[])[], options: InheritanceOptions = DEFAULT_INHERITANCE): PolicyObject {
  const document = emptyNode();
  for (const policies of levels) mergeLevel(document, policies, DOCUMENT, ALL_OPERATORS, options);
  return (resolved(document) ?? {}) as PolicyObject;
}

/**
 * Merges what the policies of one level contain for a node into that node.
 *
 * @param restriction what controls further up in the document, set by higher levels, allow for this node
 */
function mergeLevel(
  node: MergedNode, peers: readonly PolicyObject[], depth: number, restriction: AllowedOperators, options: InheritanceOptions,
): void {
  const level = combinePeers(peers);
  const allowed = intersection(node.allowed, restriction);
  if (depth > DOCUMENT) {
    node.value = valueAfter(level, node.value, allowed, options);
  } else if (options.documentAssign === 'replacesInherited' && level.assigned.length > 0 && allowed.includes(ASSIGN)) {
    removeUnlockedValues(node);
  }

  const restrictionBelow = reachesDescendants(depth, options) ? allowed : restriction;
  for (const [key, members] of level.members) {
    const existing = node.members.get(key);
    if (!exists(existing, options) && blocksNewMembers(allowed, options)) continue;
    const member = existing ?? emptyNode();
    node.members.set(key, member);
    mergeLevel(member, members, depth + 1, restrictionBelow, options);
  }
  // Last, because a control restricts neither its own policy nor peers.
  node.allowed = intersection(node.allowed, level.allowed);
}

/** The value after a level's operators, except those that are not allowed: first one `@@assign`, then every `@@append`, then every `@@remove`. */
function valueAfter(level: CombinedNode, inherited: unknown, allowed: AllowedOperators, { peerPrecedence }: InheritanceOptions): unknown {
  let value = inherited;
  if (level.assigned.length > 0 && allowed.includes(ASSIGN)) value = level.assigned.at(peerPrecedence === 'firstAttached' ? 0 : -1);
  if (level.appended.length > 0 && allowed.includes(APPEND)) value = [...new Set([...list(value), ...level.appended])];
  if (level.removed.length > 0 && allowed.includes(REMOVE)) value = list(value).filter((item) => !level.removed.includes(item));
  return value;
}

function list(value: unknown): unknown[] {
  return value === undefined ? [] : [value].flat();
}

function reachesDescendants(depth: number, { documentControl, servicesControl }: InheritanceOptions): boolean {
  return (depth === DOCUMENT && documentControl === 'descendants') || (depth === SERVICES && servicesControl === 'descendants');
}

function exists(node: MergedNode | undefined, { membersWithoutValue }: InheritanceOptions): boolean {
  return node !== undefined && (membersWithoutValue === 'exist' || hasValue(node));
}

function blocksNewMembers(allowed: AllowedOperators, { membersBlockedBy }: InheritanceOptions): boolean {
  switch (membersBlockedBy) {
    case 'controlsWithoutAssign': return !allowed.includes(ASSIGN);
    case 'noneOnly': return allowed.length === 0;
    case 'nothing': return false;
  }
}

function removeUnlockedValues(node: MergedNode): void {
  if (node.allowed.includes(ASSIGN)) node.value = undefined;
  node.members.forEach(removeUnlockedValues);
}

function hasValue({ value, members }: MergedNode): boolean {
  return value !== undefined || [...members.values()].some(hasValue);
}

/** The node as DescribeEffectivePolicy returns it, or nothing for a node without a value. */
function resolved({ value, members }: MergedNode): unknown {
  if (value !== undefined) return value;
  const entries = [...members].map(([key, member]) => [key, resolved(member)]).filter(([, inner]) => inner !== undefined);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function emptyNode(): MergedNode {
  return { allowed: ALL_OPERATORS, members: new Map() };
}
