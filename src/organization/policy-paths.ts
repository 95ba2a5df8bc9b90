import type { Account, OrganizationSnapshot, Policy } from './snapshot';
import { evaluate, type Decision, type PolicyLevel } from '../policy/inheritance';

/** A root, OU or account that carries policies. */
export interface Level {
  readonly id: string;

  /** As it reads after "on". */
  readonly name: string;
  readonly policies: Policy[];
}

/** What lies between the root and an account. Accounts that share the targets share the object. */
export interface PolicyPath {
  /** Levels without policies are left out: they change nothing. */
  readonly levels: Level[];

  /** What the policies come to. Absent where that could not be computed. */
  readonly decisions?: Decision[];

  /** Why it could not. */
  readonly missing?: string;

  /**
   * Accounts with the same key have the same effective policy. The order of several policies on one target is not known for sure, so the key
   * contains such targets.
   */
  readonly equivalenceKey: string;
}

/** The paths of a snapshot. However many accounts there are, few paths are different. */
export class PolicyPaths {
  private readonly policies: Map<string, Policy>;
  private readonly units: Map<string, { name: string; parentId: string }>;
  private readonly byParent = new Map<string, PolicyPath>();
  private readonly byTargets = new Map<string, PolicyPath>();

  /** Why nothing can be computed at all. */
  private readonly unreadable?: string;
  private readonly unordered: Map<string, string>;

  public constructor(private readonly snapshot: OrganizationSnapshot) {
    this.policies = new Map(snapshot.policies.map((policy) => [policy.id, policy]));
    this.units = new Map(snapshot.units.map((unit) => [unit.id, unit]));
    const everywhere = snapshot.gaps.find(({ operation }) => operation === 'ListPolicies' || operation === 'ListTargetsForPolicy');
    this.unreadable = everywhere && `which policies are attached could not be read (${everywhere.operation}: ${everywhere.error})`;
    this.unordered = new Map(snapshot.gaps.filter(({ operation }) => operation === 'ListPoliciesForTarget').map(({ id, error }) => [id!, error]));
  }

  public of(account: Account): PolicyPath {
    if (this.snapshot.attachments.has(account.id)) return this.make([...this.idsAbove(account) ?? [''], account.id], account);
    let path = this.byParent.get(account.parentId);
    if (!path) {
      path = this.make(this.idsAbove(account) ?? [''], account);
      this.byParent.set(account.parentId, path);
    }
    return path;
  }

  /** Root and units above an account; undefined where the way does not end at the root. */
  private idsAbove({ parentId }: Account): string[] | undefined {
    const ids: string[] = [];
    let id = parentId;
    for (; this.units.has(id) && !ids.includes(id); id = this.units.get(id)!.parentId) ids.unshift(id);
    return id === this.snapshot.rootId && id !== '' ? [id, ...ids] : undefined;
  }

  private make(ids: string[], account: Account): PolicyPath {
    const { attachments } = this.snapshot;
    // Where nothing is attached anywhere, it does not matter where the account is.
    const lost = ids[0] === '' && attachments.size > 0;
    const levels = ids.filter((id) => attachments.has(id)).map((id): Level => ({
      id,
      name: this.nameOf(id, account),
      policies: attachments.get(id)!.flatMap((policyId) => this.policies.get(policyId) ?? []),
    }));
    const missing = lost ? 'its place in the organization could not be read' : this.missingOn(levels);
    // What could not be computed is equivalent to nothing else.
    const key = missing ? `${account.id} ${missing}` : levels.map((level) => level.id).join('/');
    const known = this.byTargets.get(key);
    if (known) return known;

    const path: PolicyPath = {
      levels,
      equivalenceKey: missing ? key : levels.map(({ id, policies }) => (policies.length > 1 ? `${id}:` : '') + policies.map((policy) => policy.id).join()).join('/'),
      ...(missing ? { missing } : { decisions: evaluate(levels as PolicyLevel[]) }),
    };
    this.byTargets.set(key, path);
    return path;
  }

  private missingOn(levels: Level[]): string | undefined {
    if (this.unreadable) return this.unreadable;
    for (const { id, name, policies } of levels) {
      const error = this.unordered.get(id);
      if (error) return `the order of the policies on ${name} could not be read (${error})`;
      const unread = policies.find(({ document }) => !document);
      if (unread) return `policy "${unread.name}" on ${name} could not be read${this.errorFor(unread.id)}`;
    }
    return undefined;
  }

  private errorFor(policyId: string): string {
    const gap = this.snapshot.gaps.find(({ operation, id }) => operation === 'DescribePolicy' && id === policyId);
    return gap ? ` (${gap.operation}: ${gap.error})` : '';
  }

  private nameOf(id: string, account: Account): string {
    if (id === this.snapshot.rootId) return 'the root';
    if (id === account.id) return `account ${account.id}`;
    return `OU ${this.units.get(id)!.name}`;
  }
}
