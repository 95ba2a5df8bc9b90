import { afterwards } from './afterwards';
import { NEW_POLICY, OWN_TAG, type Change, type ChangePlan } from './change';
import type { Desired } from './desired';
import { count } from './layout';
import { overruledOn, overruledWhereAttachedLast, type OwnPolicy } from './overruled';
import type { OrganizationSnapshot, Policy } from '../../organization/snapshot';
import { Tree } from '../../organization/tree';
import { coversAll, isOpen, MAX_POLICIES_PER_TARGET, MAX_POLICY_CHARACTERS, POLICY_TYPE } from '../../policy';
import { commandOf } from '../../text/shell';

/** Policies of the type that AWS allows in an organization. */
const MAX_POLICIES = 1000;

/** What is known of the tags of those policies that could be ours. */
export interface Ownership {
  /** Ids of policies that carry our tag. */
  readonly own: ReadonlySet<string>;
  /** Ids of policies whose tags could not be read, with what AWS answered. */
  readonly unknown: ReadonlyMap<string, string>;
}

export interface AdoptOptions {
  /** Take over a policy of that name that this tool did not make. */
  readonly adopt?: boolean;
}

/** What has to be done so that the organization has the desired policy where it is to be. */
export function planChanges(
  snapshot: OrganizationSnapshot, desired: Desired, ownership: Ownership, { adopt = false }: AdoptOptions = {},
): ChangePlan {
  const enabling = enable(snapshot);
  const tree = new Tree(afterwards(snapshot, enabling));
  const targetIds = desired.targetIds ?? [snapshot.rootId];
  const named = snapshot.policies.find(({ name }) => name === desired.name);
  const changes = [
    ...enabling,
    ...(named ? update(named, desired, ownership) : create(desired)),
    ...attach(tree, named?.id, targetIds),
  ];
  const attached = changes.flatMap((change) => (change.operation === 'AttachPolicy' ? change.input.TargetId : []));
  const blockers = [
    ...unreadable(snapshot),
    ...tooLarge(desired),
    ...(named ? taken(named, ownership, adopt) : tooManyPolicies(snapshot)),
    ...missing(tree, targetIds),
    ...full(tree, attached),
  ];
  // Who wins can only be told of targets that exist.
  const after = new Tree(afterwards(snapshot, changes));
  const own = { id: named?.id ?? NEW_POLICY, name: desired.name, document: desired.document };
  if (blockers.length === 0) blockers.push(...attached.flatMap((id) => overruledWhereAttachedLast(after, id, own)));
  const kept = targetIds.filter((id) => !attached.includes(id) && tree.has(id));
  const leftovers = unlockedDuplicates(tree, own, targetIds);

  return {
    changes,
    blockers,
    warnings: [
      ...desired.warnings,
      ...kept.flatMap((id) => overruledOn(after, id, own)),
      ...unplaced(tree, targetIds),
      ...elsewhere(tree, named, targetIds),
      ...leftovers.map((leftover) => leftoverText(tree, leftover, targetIds)),
      ...relatives(tree, named, targetIds, ownership).filter(({ id }) => !leftovers.some((leftover) => leftover.id === id)).map(relativeText),
      ...(adopt && !named ? [`There is no policy "${desired.name}" to adopt; a new one is created.`] : []),
      ...inTheDark(snapshot),
    ],
  };
}

function enable({ policyType, rootId }: OrganizationSnapshot): Change[] {
  // PENDING_DISABLE is waited out first; PENDING_ENABLE only has to be waited for.
  if (policyType === 'ENABLED' || policyType === 'PENDING_ENABLE') return [];
  return [{
    operation: 'EnablePolicyType',
    input: { RootId: rootId, PolicyType: POLICY_TYPE },
    sentence: `enable AI services opt-out policies on the root ${rootId}, and wait until they are`,
  }];
}

function create({ name, description, content }: Desired): Change[] {
  return [{
    operation: 'CreatePolicy',
    input: { Name: name, Description: description, Content: content, Type: POLICY_TYPE, Tags: [OWN_TAG] },
    sentence: `create the policy "${name}" (${sizeOf(content)} characters), tagged ${OWN_TAG.Key}`,
  }];
}

/** The tag comes first: interrupted between the two, the policy is ours already and the same command goes on. */
function update({ id, name, content }: Policy, desired: Desired, { own, unknown }: Ownership): Change[] {
  const changes: Change[] = [];
  if (!own.has(id)) {
    const why = unknown.has(id) ? '' : ': ai-opt-out did not make it';
    changes.push({ operation: 'TagResource', input: { ResourceId: id, Tags: [OWN_TAG] }, sentence: `adopt the policy "${name}" (${id}) by tagging it ${OWN_TAG.Key}${why}` });
  }
  if (compact(content) !== desired.content) {
    changes.push({
      operation: 'UpdatePolicy',
      input: { PolicyId: id, Content: desired.content },
      sentence: `give the policy "${name}" (${id}) its new content (${sizeOf(desired.content)} characters)`,
    });
  }
  return changes;
}

function attach(tree: Tree, policyId: string | undefined, targetIds: string[]): Change[] {
  return targetIds.filter((target) => !tree.on(target).some(({ id }) => id === policyId)).map((target) => ({
    operation: 'AttachPolicy',
    input: { PolicyId: policyId ?? NEW_POLICY, TargetId: target },
    sentence: `attach ${policyId ?? 'it'} to ${tree.label(target)}`,
  }));
}

/** What no plan can do without. What is only missing for the look ahead is a warning. */
function unreadable({ policyType, gaps }: OrganizationSnapshot): string[] {
  const listing = gaps.find(({ operation, id }) => operation === 'ListPolicies' && id === undefined);
  return [
    ...(policyType === 'UNKNOWN' ? ['Whether AI services opt-out policies are enabled could not be read (ListRoots).'] : []),
    ...(listing ? [`The policies could not be listed, so there is no telling whether one of this name exists: ${listing.error}`] : []),
  ];
}

function tooLarge({ content }: Desired): string[] {
  const size = [...content].length;
  if (size <= MAX_POLICY_CHARACTERS) return [];
  return [`The policy has ${count(size)} characters, ${count(size - MAX_POLICY_CHARACTERS)} more than the ${count(MAX_POLICY_CHARACTERS)} that AWS allows. `
    + 'Name fewer services; leaving --service out covers all of them in 221 characters.'];
}

function taken({ id, name }: Policy, { own, unknown }: Ownership, adopt: boolean): string[] {
  if (own.has(id) || adopt) return [];
  const why = unknown.has(id)
    ? `whether ai-opt-out made it could not be read (ListTagsForResource: ${unknown.get(id)})`
    : `ai-opt-out did not make it: it has no tag ${OWN_TAG.Key}`;
  return [`The policy ${id} is named "${name}" already, and ${why}. Take it over with --adopt, or choose another --name.`];
}

function tooManyPolicies({ policies }: OrganizationSnapshot): string[] {
  if (policies.length < MAX_POLICIES) return [];
  return [`The organization has ${count(policies.length)} opt-out policies, the most AWS allows. Delete one that is attached nowhere.`];
}

function missing(tree: Tree, targetIds: string[]): string[] {
  return targetIds.filter((id) => !tree.has(id)).map((id) => `--target ${id} is not in this organization, or was not among what could be read.`);
}

function full(tree: Tree, targetIds: string[]): string[] {
  return targetIds.filter((id) => tree.on(id).length >= MAX_POLICIES_PER_TARGET).map((id) => {
    const names = tree.on(id).map(({ id: policyId, name }) => `"${name}" (${policyId})`).join(', ');
    return `On ${tree.label(id)} there are ${tree.on(id).length} opt-out policies, the most AWS allows: ${names}. Detach one first.`;
  });
}

function unplaced(tree: Tree, targetIds: string[]): string[] {
  return targetIds.filter((id) => tree.has(id) && !tree.isPlaced(id)).map((id) => (
    `The path from the root to ${tree.label(id)} could not be read, so policies above it that override this one are not found.`
  ));
}

/** Taking a policy away from a target would opt accounts in again, which nobody asked for. */
function elsewhere(tree: Tree, policy: Policy | undefined, targetIds: string[]): string[] {
  return (policy?.targetIds ?? []).filter((id) => !targetIds.includes(id)).map((id) => (
    `The policy is also attached to ${tree.label(id)} and stays there. To detach it: ${commandOf('aws', 'organizations', 'detach-policy', '--policy-id', policy!.id, '--target-id', id)}`
  ));
}

/** Policies on the targets that opt out of nothing else than the new one and are not locked: most likely its predecessors. */
function unlockedDuplicates(tree: Tree, { id: ownId, document }: OwnPolicy, targetIds: string[]): Policy[] {
  const others = new Map(targetIds.flatMap((id) => tree.on(id, [ownId])).map((other) => [other.id, other]));
  return [...others.values()].filter((other) => other.document && isOpen(other.document) && coversAll(document, other.document));
}

/** It may be needed where this policy is not attached: then it is only detached from the targets that both have. */
function leftoverText(tree: Tree, { id, name, targetIds: on }: Policy, targetIds: string[]): string {
  const shared = on.filter((target) => targetIds.includes(target));
  const commands = shared.length === on.length ? [commandOf('ai-opt-out', 'remove', '--policy-id', id)]
    : shared.map((target) => commandOf('aws', 'organizations', 'detach-policy', '--policy-id', id, '--target-id', target));
  return `The policy "${name}" (${id}) on ${shared.map((target) => tree.label(target)).join(', ')} opts out of nothing that this policy does not, `
    + `and is not locked. While both are attached to one target, AWS combines their locks. Remove it after this plan is applied: ${commands.join('; ')}`;
}

/** Policies of this tool on the targets. One that was renamed by hand is left alone, but there should be no doubt why there are two. */
function relatives(tree: Tree, policy: Policy | undefined, targetIds: string[], { own }: Ownership): Policy[] {
  const others = new Map(targetIds.flatMap((id) => tree.on(id)).map((other) => [other.id, other]));
  return [...others.values()].filter(({ id }) => id !== policy?.id && own.has(id));
}

function relativeText({ id, name }: Policy): string {
  return `The policy "${name}" (${id}) was made by ai-opt-out too and is left alone. To change it: ${commandOf('ai-opt-out', 'plan', '--name', name)}; `
    + `to remove it: ${commandOf('ai-opt-out', 'remove', '--policy-id', id)}`;
}

/** One line for each operation that failed, however often it did. */
function inTheDark({ gaps }: OrganizationSnapshot): string[] {
  return [...new Set(gaps.map(({ operation }) => operation))].map((operation) => {
    const [first, ...more] = gaps.filter((gap) => gap.operation === operation);
    return `Not everything could be read, so the look ahead may be wrong: ${operation}${first.id ? ` of ${first.id}` : ''}: ${first.error}`
      + (more.length > 0 ? ` (and ${count(more.length)} more)` : '');
  });
}

function compact(content: string | undefined): string | undefined {
  try {
    return JSON.stringify(JSON.parse(content!));
  } catch {
    return undefined;
  }
}

function sizeOf(content: string): string {
  return `${count([...content].length)} of ${count(MAX_POLICY_CHARACTERS)}`;
}
