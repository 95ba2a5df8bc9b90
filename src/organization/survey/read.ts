import { POLICY_TYPE } from '../../policy/grammar';
import { evaluate, type Decision, type PolicyLevel } from '../../policy/inheritance';
import { inParallel } from '../concurrency';
import { documentIn } from '../content';
import type { OrganizationsClient } from '../organizations-client';
import { policyTypeOn, readRoot } from '../policy-type';
import { isActive } from '../read-tree';
import type { PolicyTypeStatus } from '../snapshot';

/** How many calls are under way at once. Their pace is the client's matter. */
export const PARALLEL = 8;

/** The organization as far as a survey needs it. */
export interface Organization {
  readonly id: string;
  readonly rootId: string;

  readonly policyType: PolicyTypeStatus;

  /** The active ones, in order of their ids. */
  readonly accounts: Account[];
}

export interface Account {
  readonly id: string;
  readonly name: string;

  /** The name of the OU that it is in. */
  readonly unit: string;
  readonly path: Path;
}

/** The policies on the way to an account. Accounts for which they are the same share the object. */
export interface Path {
  readonly levels: PolicyLevel[];

  /** What they come to; absent where a policy or the account's place is not known. */
  readonly decisions?: Decision[];
}

/** Reads everything, or throws what AWS answered: with half of it, nothing would be certain. */
export async function readOrganization(client: OrganizationsClient, signal: AbortSignal): Promise<Organization> {
  const names = new Map<string, string>();
  const parents = new Map<string, string>();
  const [root, policies, listed] = await Promise.all([readTree(), readPolicies(), client.list('ListAccounts', {}, signal)]);

  const all = listed.filter(({ State, Status }) => isActive(State ?? Status!)).sort((a, b) => (a.Id! < b.Id! ? -1 : 1));
  // An SDK from before 2026-03-30 does not know the paths of accounts.
  const walk = all.some(({ Paths }) => Paths?.length !== 1);
  for (const { Id, Paths } of all) parents.set(Id!, walk ? '' : Paths![0].split('/').at(-3)!);
  if (walk) await inParallel([...names.keys()], PARALLEL, readMembers);

  const paths = new Map<string, Path>();
  return {
    id: root.Arn!.split('/')[1],
    rootId: root.Id!,
    policyType: policyTypeOn(root),
    accounts: all.map(({ Id, Name }) => ({
      id: Id!, name: Name ?? Id!, unit: names.get(parents.get(Id!)!) ?? 'an unknown place', path: pathOf(Id!),
    })),
  };

  async function readTree() {
    const found = (await readRoot(client, signal))!;
    names.set(found.Id!, 'the root');
    await readUnits(found.Id!);
    return found;
  }

  async function readPolicies() {
    const targets = new Set<string>();
    const documents = new Map(await inParallel(await client.list('ListPolicies', { Filter: POLICY_TYPE }, signal), PARALLEL, async ({ Id }) => {
      for (const { TargetId } of await client.list('ListTargetsForPolicy', { PolicyId: Id }, signal)) targets.add(TargetId!);
      const { Policy } = await client.call('DescribePolicy', { PolicyId: Id }, signal);
      return [Id, documentIn(Policy?.Content ?? '')] as const;
    }));
    return new Map(await inParallel([...targets], PARALLEL, async (TargetId) => {
      const onTarget = await client.list('ListPoliciesForTarget', { TargetId, Filter: POLICY_TYPE }, signal);
      return [TargetId, onTarget.map(({ Id, Name }) => ({ name: Name!, document: documents.get(Id)! }))] as const;
    }));
  }

  async function readUnits(ParentId: string): Promise<void> {
    const units = await client.list('ListOrganizationalUnitsForParent', { ParentId }, signal);
    for (const { Id, Name } of units) {
      names.set(Id!, `OU ${Name}`);
      parents.set(Id!, ParentId);
    }
    await inParallel(units, PARALLEL, async ({ Id }) => readUnits(Id!));
  }

  /** An account that is met in two places is moving, and has no place. */
  async function readMembers(ParentId: string): Promise<void> {
    for (const { Id } of await client.list('ListAccountsForParent', { ParentId }, signal)) parents.set(Id!, parents.get(Id!) ? 'moving' : ParentId);
  }

  function pathOf(accountId: string): Path {
    const ids = [];
    let id: string | undefined = accountId;
    for (; id && id !== root.Id; id = parents.get(id)) ids.unshift(id);
    const levels = [root.Id!, ...ids].filter((target) => policies.has(target))
      .map((target) => ({ id: target, name: names.get(target) ?? `account ${target}`, policies: policies.get(target)! }));
    const key = `${id} ${levels.map((level) => level.id).join()}`;
    const known = id && levels.every((level) => level.policies.every(({ document }) => document));
    if (!paths.has(key)) paths.set(key, { levels, ...(known && { decisions: evaluate(levels) }) });
    return paths.get(key)!;
  }
}
