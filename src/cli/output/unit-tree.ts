import type { AccountFacts, InactiveAccount, UnitFacts, Verification } from '../../organization/verification';

/** A root or OU and its place in the tree. */
export interface PlacedUnit {
  readonly id: string;
  readonly name: string;
  /** From the root down: `Root / Workloads / Production`. */
  readonly path: string;
  /** 0 for the root. */
  readonly depth: number;
}

/** A root or OU with the accounts directly in it. */
export interface UnitGroup extends PlacedUnit {
  readonly accounts: AccountFacts[];
  readonly inactive: InactiveAccount[];
}

export const ROOT_NAME = 'Root';

/** The organization as groups of accounts, in the order of the tree, parents first. Units that nobody could place come last, as if they were roots. */
export function groupByUnit({ organization, units, accounts, inactiveAccounts }: Verification): UnitGroup[] {
  const groups = new Map<string, UnitGroup>();
  for (const unit of inTreeOrder(organization.rootId, units)) groups.set(unit.id, { ...unit, accounts: [], inactive: [] });
  const groupOf = (parentId: string) => {
    const name = parentId || 'Unknown place';
    const group = groups.get(parentId) ?? { id: parentId, name, path: name, depth: 0, accounts: [], inactive: [] };
    groups.set(parentId, group);
    return group;
  };
  for (const account of accounts) groupOf(account.parentId).accounts.push(account);
  for (const account of inactiveAccounts) groupOf(account.parentId).inactive.push(account);
  return [...groups.values()];
}

function inTreeOrder(rootId: string, units: readonly UnitFacts[]): PlacedUnit[] {
  const children = new Map<string, UnitFacts[]>();
  for (const unit of units) {
    if (unit.id === rootId) continue;
    const siblings = children.get(unit.parentId);
    if (siblings) siblings.push(unit); else children.set(unit.parentId, [unit]);
  }
  const ordered: PlacedUnit[] = [];
  const seen = new Set<string>();
  const walk = (id: string, name: string, above: string, depth: number) => {
    // A tree that was read while it changed might lead back to itself.
    if (seen.has(id)) return;
    seen.add(id);
    const path = above === '' ? name : `${above} / ${name}`;
    ordered.push({ id, name, path, depth });
    for (const child of (children.get(id) ?? []).sort((a, b) => compareNames(a.name, b.name))) walk(child.id, child.name, path, depth + 1);
  };
  if (rootId !== '') walk(rootId, ROOT_NAME, '', 0);
  for (const unit of units) walk(unit.id, unit.name, '', 0);
  return ordered;
}

/** As people sort: Test 2 before Test 10. */
const { compare: compareNames } = new Intl.Collator('en', { numeric: true });
