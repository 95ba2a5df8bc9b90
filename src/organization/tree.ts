import type { Account, OrganizationSnapshot, Policy } from './snapshot';
import type { PolicyLevel } from '../policy/inheritance';

/** What a tree is made of. Only the levels of accounts need the policies. */
export type TreeFacts = Pick<OrganizationSnapshot, 'rootId'> & {
  readonly units: readonly Node[];
  readonly accounts?: readonly Node[];
} & Partial<Pick<OrganizationSnapshot, 'policies' | 'attachments' | 'gaps'>>;

type Node = Pick<Account, 'id' | 'name' | 'parentId'>;

/** A root, OU or account that has policies attached. */
export interface Level {
  readonly id: string;

  /** As it reads after "on". */
  readonly name: string;
  readonly policies: Policy[];
}

/** The policies on the path to an account. */
export interface AccountLevels {
  /** From the root down. Levels without policies are left out: they change nothing. */
  readonly levels: Level[];

  /** Why the levels are not all there is, or not in a known order. */
  readonly missing?: string;
}

/** Stands for the parent of what has no known parent. It is the first part of each path that does not start at the root. */
export const UNKNOWN_PLACE = '';

/** As people sort: Test 2 before Test 10. */
const { compare: compareNames } = new Intl.Collator('en', { numeric: true });

/** The organization tree: parents, paths, labels, and the policies on them. */
export class Tree {
  private readonly units: Map<string, Node>;
  private readonly accounts: Map<string, Node>;
  private readonly policies: Map<string, Policy>;
  private readonly paths = new Map<string, string[]>();

  public constructor(private readonly facts: TreeFacts) {
    const byId = <T extends { readonly id: string }>(items: readonly T[] = []) => new Map(items.map((item) => [item.id, item]));
    this.units = byId(facts.units);
    this.accounts = byId(facts.accounts);
    this.policies = byId(facts.policies);
  }

  public has(id: string): boolean {
    return id !== UNKNOWN_PLACE && (id === this.facts.rootId || this.units.has(id) || this.accounts.has(id));
  }

  /** Ids from the root down to the root, OU or account itself; from UNKNOWN_PLACE if a parent is not known. */
  public path(id: string): string[] {
    if (id === this.facts.rootId || id === UNKNOWN_PLACE) return [id];
    const known = this.paths.get(id);
    if (known) return known;
    const unit = this.units.get(id);
    // In a tree that was read while it changed, parents can lead back to the unit.
    if (unit) this.paths.set(id, [UNKNOWN_PLACE]);
    const path = [...this.path((unit ?? this.accounts.get(id))?.parentId ?? UNKNOWN_PLACE), id];
    if (unit) this.paths.set(id, path);
    return path;
  }

  public isPlaced(id: string): boolean {
    return this.path(id)[0] !== UNKNOWN_PLACE;
  }

  /** For people: "Root / Workloads / Test". */
  public pathText(id: string): string {
    return this.path(id).map((part) => this.name(part)).join(' / ');
  }

  public name(id: string): string {
    if (id === UNKNOWN_PLACE) return 'Unknown place';
    return id === this.facts.rootId ? 'Root' : (this.units.get(id) ?? this.accounts.get(id))?.name ?? id;
  }

  /** For people: its kind, name and id. */
  public label(id: string): string {
    if (id === this.facts.rootId) return `the root ${id}`;
    const kind = /^\d/.test(id) ? 'account' : 'OU';
    return this.has(id) ? `${kind} ${this.name(id)} (${id})` : `${kind} ${id}`;
  }

  /** These and all that is above them, parents first, siblings by name, what has no known place last. */
  public inOrder(ids: readonly string[]): string[] {
    return [...new Set(ids.flatMap((id) => this.path(id)))].map((id) => this.path(id)).sort((a, b) => this.compare(a, b)).map((path) => path.at(-1)!);
  }

  /** The policies on one target in the order in which AWS lists them. */
  public on(id: string, except: readonly string[] = []): Policy[] {
    const ids = (this.facts.attachments?.get(id) ?? []).filter((policyId) => !except.includes(policyId));
    return ids.flatMap((policyId) => this.policies.get(policyId) ?? []);
  }

  /** The level of one target with labels for people. A policy that could not be read is left out. */
  public level(id: string, except: readonly string[] = []): PolicyLevel {
    const policies = this.on(id, except).flatMap(({ id: policyId, name, document }) => (document ? [{ name: `"${name}" (${policyId})`, document }] : []));
    return { name: this.label(id), policies };
  }

  public levelsOf(accountId: string): AccountLevels {
    const attached = this.facts.attachments ?? new Map();
    const levels = this.path(accountId).filter((id) => attached.has(id)).map((id): Level => (
      { id, name: this.levelName(id), policies: this.on(id) }
    ));
    // If nothing is attached anywhere, the place of the account does not matter.
    const isLost = attached.size > 0 && !this.isPlaced(accountId);
    const missing = isLost ? 'its place in the organization could not be read' : this.missingOn(levels);
    return { levels, ...(missing && { missing }) };
  }

  private levelName(id: string): string {
    if (id === this.facts.rootId) return 'the root';
    return /^\d/.test(id) ? `account ${id}` : `OU ${this.name(id)}`;
  }

  private missingOn(levels: Level[]): string | undefined {
    const { gaps = [] } = this.facts;
    const gap = (operation: string, id?: string) => gaps.find((found) => found.operation === operation && (id === undefined || found.id === id));
    const lists = gap('ListPolicies') ?? gap('ListTargetsForPolicy');
    if (lists) return `which policies are attached could not be read (${lists.operation}: ${lists.error})`;
    for (const { id, name, policies } of levels) {
      const order = gap('ListPoliciesForTarget', id);
      if (order) return `the order of the policies on ${name} could not be read (${order.error})`;
      const unread = policies.find(({ document }) => !document);
      if (unread) {
        const why = gap('DescribePolicy', unread.id);
        return `policy "${unread.name}" on ${name} could not be read${why ? ` (${why.operation}: ${why.error})` : ''}`;
      }
    }
    return undefined;
  }

  private compare(a: string[], b: string[]): number {
    const i = a.findIndex((id, index) => id !== b[index]);
    if (i < 0 || b[i] === undefined) return a.length - b.length;
    if (i === 0) return Number(a[0] === UNKNOWN_PLACE) - Number(b[0] === UNKNOWN_PLACE);
    return compareNames(this.name(a[i]), this.name(b[i])) || (a[i] < b[i] ? -1 : 1);
  }
}
