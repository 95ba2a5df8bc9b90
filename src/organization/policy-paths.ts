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
   * Where this is the same, AWS's answer for one account holds for the other. Where policies meet on one target, the order is AWS's secret, so
   * it is only the same if the target is.
   */
  readonly likeness: string;
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
    // What could not be computed is like nothing else.
    const key = missing ? `${account.id} ${missing}` : levels.map((level) => level.id).join('/');
    const known = this.byTargets.get(key);
    if (known) return known;

    const path: PolicyPath = {
      levels,
      likeness: missing ? key : levels.map(({ id, policies }) => (policies.length > 1 ? `${id}:` : '') + policies.map((policy) => policy.id).join()).join('/'),
      ...(missing ? { missing } : { decisions: evaluate(levels as PolicyLevel[]) }),
    };
    this.byTargets.set(key, path);
    return path;
  }
}
