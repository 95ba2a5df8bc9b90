import type { Account, OrganizationSnapshot, Policy } from '../../organization/snapshot';
import type { PolicyLevel } from '../../policy';

/** The levels above and at an account, and whether every policy on them could be read. */
export interface Lineage {
  readonly levels: PolicyLevel[];
  readonly complete: boolean;
}

/** Finds its way in a snapshot. */
export class Tree {
  private readonly names = new Map<string, string>();
  private readonly parents = new Map<string, string>();
  private readonly policies = new Map<string, Policy>();

  public constructor(private readonly snapshot: OrganizationSnapshot) {
    this.names.set(snapshot.rootId, 'Root');
    for (const { id, name, parentId } of [...snapshot.units, ...snapshot.accounts]) {
      this.names.set(id, name);
      this.parents.set(id, parentId);
    }
    for (const policy of snapshot.policies) this.policies.set(policy.id, policy);
  }

  public has(id: string): boolean {
    return this.names.has(id);
  }

  /** For people: what kind of thing it is, its name and its id. */
  public label(id: string): string {
    if (id === this.snapshot.rootId) return `the root ${id}`;
    const kind = id.startsWith('ou-') ? 'OU' : 'account';
    const name = this.names.get(id);
    return name === undefined ? `${kind} ${id}` : `${kind} ${name} (${id})`;
  }

  /** From the root down to the root, OU or account itself. */
  public path(id: string): string[] {
    const path = [id];
    for (let parent = this.parents.get(id); parent && !path.includes(parent); parent = this.parents.get(parent)) path.unshift(parent);
    return path;
  }

  /** OU names from the top, as people write them: `Workloads/Production`. */
  public unitPath(id: string): string {
    const units = this.path(id).filter((part) => part.startsWith('ou-'));
    return units.length === 0 ? 'Root' : units.map((unit) => this.names.get(unit)).join('/');
  }

  /** The policies on one target in the order of attachment. */
  public on(id: string, except: readonly string[] = []): Policy[] {
    const ids = (this.snapshot.attachments.get(id) ?? []).filter((policyId) => !except.includes(policyId));
    return ids.flatMap((policyId) => this.policies.get(policyId) ?? []);
  }

  /** The level of one target. A policy that could not be read says nothing here. */
  public level(id: string, except: readonly string[] = []): PolicyLevel {
    const policies = this.on(id, except).flatMap(({ id: policyId, name, document }) => (
      document ? [{ name: `"${name}" (${policyId})`, document }] : []
    ));
    return { name: this.label(id), policies };
  }

  public lineage(account: Account): Lineage {
    const path = this.path(account.id);
    return {
      levels: path.map((id) => this.level(id)),
      complete: path[0] === this.snapshot.rootId && path.every((id) => this.on(id).every(({ document }) => document !== undefined)),
    };
  }
}
