import type { Account, OrganizationSnapshot } from './snapshot';
import { Tree, type Level } from './tree';
import { evaluate, type Decision, type PolicyLevel } from '../policy/inheritance';

export type { Level } from './tree';

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
  private readonly tree: Tree;
  private readonly byParent = new Map<string, PolicyPath>();
  private readonly byTargets = new Map<string, PolicyPath>();

  public constructor(private readonly snapshot: OrganizationSnapshot) {
    this.tree = new Tree(snapshot);
  }

  public of(account: Account): PolicyPath {
    if (this.snapshot.attachments.has(account.id)) return this.make(account);
    let path = this.byParent.get(account.parentId);
    if (!path) {
      path = this.make(account);
      this.byParent.set(account.parentId, path);
    }
    return path;
  }

  private make(account: Account): PolicyPath {
    const { levels, missing } = this.tree.levelsOf(account.id);
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
}
