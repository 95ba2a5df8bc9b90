import { Tree } from '../../organization/tree';
import type { AccountFacts, InactiveAccount, Verification } from '../../organization/verification';

/** A root or OU with the accounts directly in it. */
export interface UnitGroup {
  readonly id: string;
  readonly name: string;
  /** From the root down: `Root / Workloads / Production`. */
  readonly path: string;
  /** 0 for the root, and for the group of all that has no known place. */
  readonly depth: number;
  readonly accounts: AccountFacts[];
  readonly inactive: InactiveAccount[];
}

/** The organization as groups of accounts in the order of the tree, parents first. */
export function groupByUnit({ organization, units, accounts, inactiveAccounts }: Verification): UnitGroup[] {
  const tree = new Tree({ rootId: organization.rootId, units });
  const everywhere = [organization.rootId, ...units.map(({ id }) => id)].filter((id) => id !== '');
  const parents = [...accounts, ...inactiveAccounts].map(({ parentId }) => parentId);
  const groups = new Map(tree.inOrder([...everywhere, ...new Set(parents)]).map((id) => [id, {
    id,
    name: tree.name(id),
    path: tree.pathText(id),
    depth: tree.path(id).length - 1,
    accounts: [] as AccountFacts[],
    inactive: [] as InactiveAccount[],
  }]));
  for (const account of accounts) groups.get(account.parentId)!.accounts.push(account);
  for (const account of inactiveAccounts) groups.get(account.parentId)!.inactive.push(account);
  return [...groups.values()];
}
