import type { Account as ListedByAws } from '@aws-sdk/client-organizations';
import { inParallel } from './concurrency';
import { isDenied, nameOf } from './errors';
import { isActive } from './policy-type';
import { orGap, PARALLEL, type Reading } from './reading';
import type { Account, Unit } from './snapshot';

/** What is kept of an account in `ListAccounts`. AWS returns `Paths` since 2026-03-30 and `State` since 2025-09-09, and may stop returning `Status`. */
type ListedAccount = Pick<ListedByAws, 'Name' | 'State' | 'Status' | 'Paths'> & { readonly Id: string };

export interface TreeRead {
  readonly rootId: string | undefined;
  readonly units: Unit[];
  readonly accounts: Account[];
}

/** Returns all accounts; undefined if the caller may not list them. Without the accounts there is nothing to assess, so other errors are thrown. */
export async function listAccounts(reading: Reading): Promise<ListedAccount[] | undefined> {
  const { client, signal, onProgress } = reading;
  const read = async () => {
    const accounts: ListedAccount[] = [];
    for await (const page of client.pages('ListAccounts', {}, signal)) {
      for (const { Id, Name, State, Status, Paths } of page) accounts.push({ Id: Id!, Name, State, Status, Paths });
      onProgress?.({ kind: 'step', phase: 'accounts', done: accounts.length });
    }
    return accounts;
  };
  return orGap(reading, 'ListAccounts', undefined, read(), isDenied);
}

/**
 * Puts the accounts into the tree.
 *
 * Where AWS tells the paths of all active accounts, the tree is known, and only the names of the units are asked for: one call for each unit that
 * has others below it. Else everything is walked. An account whose place is not known for sure gets no parent.
 */
export async function readTree(reading: Reading, listed: ListedAccount[], root: string | undefined, attachedTo: string[]): Promise<TreeRead> {
  const paths = new Map(listed.flatMap((account) => {
    const path = pathOf(account);
    return path ? [[account.Id, path] as const] : [];
  }));
  const rootId = root ?? [...paths.values()][0]?.[0];
  const told = new Map<string, string>();
  for (const path of paths.values()) {
    for (let depth = 1; depth < path.length; depth++) told.set(path[depth], path[depth - 1]);
  }
  const allTold = listed.every((account) => paths.has(account.Id) || !isActive(stateOf(account)));
  // A unit without accounts is in no path, but may carry a policy.
  const walk = !allTold || attachedTo.some((id) => id.startsWith('ou-') && !told.has(id));

  const parents = new Set(told.values());
  const units = rootId !== undefined && (walk || told.size > 0)
    ? await readUnits(reading, rootId, (id) => walk || parents.has(id), told)
    : [];
  const places = allTold || rootId === undefined
    ? new Map([...paths].map(([id, path]) => [id, path[path.length - 1]]))
    : await readPlaces(reading, [rootId, ...units.map(({ id }) => id)]);

  return {
    rootId,
    units,
    accounts: listed.map((account) => ({
      id: account.Id,
      name: account.Name ?? account.Id,
      parentId: places.get(account.Id) ?? '',
      state: stateOf(account),
    })),
  };
}

function stateOf({ State, Status }: ListedAccount): string {
  return State ?? Status ?? 'UNKNOWN';
}

/** Root and units above an account, out of `o-…/r-…/ou-…/<account>/`. */
function pathOf({ Id, Paths }: ListedAccount): string[] | undefined {
  if (Paths?.length !== 1) return undefined;
  const [organization, ...rest] = Paths[0].replace(/\/$/, '').split('/');
  const well = organization.startsWith('o-') && rest.pop() === Id && rest[0]?.startsWith('r-') && rest.slice(1).every((id) => id.startsWith('ou-'));
  return well ? rest : undefined;
}

/** The units from the top. One that vanished is left out with a gap, so that nothing is concluded about accounts that seem to be in it. */
async function readUnits(reading: Reading, rootId: string, descend: (id: string) => boolean, told: Map<string, string>): Promise<Unit[]> {
  const { client, signal, gaps, onProgress } = reading;
  const units = new Map<string, Unit>();
  const vanished = new Set<string>();
  for (let level = [rootId]; level.length > 0;) {
    const children = await inParallel(level, PARALLEL, async (ParentId) => {
      try {
        const listed = await orGap(reading, 'ListOrganizationalUnitsForParent', ParentId,
          client.list('ListOrganizationalUnitsForParent', { ParentId }, signal));
        // Without their names, the units are still known from the paths of accounts.
        return listed
          ? listed.map(({ Id, Name }): Unit => ({ id: Id!, name: Name ?? Id!, parentId: ParentId }))
          : [...told].filter(([, parent]) => parent === ParentId).map(([id]): Unit => ({ id, name: id, parentId: ParentId }));
      } catch (error) {
        if (nameOf(error) !== 'ParentNotFoundException') throw error;
        vanished.add(ParentId);
        return [];
      }
    });
    const found = children.flat();
    for (const unit of found) units.set(unit.id, unit);
    onProgress?.({ kind: 'step', phase: 'units', done: units.size });
    level = found.map(({ id }) => id).filter(descend);
  }
  for (const id of told.keys()) {
    if (!units.has(id)) vanished.add(id);
  }
  for (const id of vanished) {
    units.delete(id);
    gaps.push({ operation: 'ListOrganizationalUnitsForParent', id, error: 'the organizational unit vanished while the organization was read' });
  }
  return [...units.values()];
}

/** The parent of each account, by asking every parent. One that was met in two places is moving, and is left out. */
async function readPlaces(reading: Reading, parents: string[]): Promise<Map<string, string>> {
  const { client, signal } = reading;
  const places = new Map<string, string>();
  const moving = new Set<string>();
  await inParallel(parents, PARALLEL, async (ParentId) => {
    try {
      const accounts = await orGap(reading, 'ListAccountsForParent', ParentId,
        client.list('ListAccountsForParent', { ParentId }, signal));
      for (const { Id } of accounts ?? []) {
        if (places.has(Id!)) moving.add(Id!);
        places.set(Id!, ParentId);
      }
    } catch (error) {
      // Whoever was in it is in no list, and stays without a place.
      if (nameOf(error) !== 'ParentNotFoundException') throw error;
    }
  });
  for (const id of moving) places.delete(id);
  return places;
}
