import { ASSIGN, CONTROL, DEFAULT, type EffectiveDocument, type PolicyDocument, type Setting } from './grammar';

/**
 * How AWS merges the policies on the way from the root to an account.
 *
 * - Levels are walked from the root down. A lower level's `@@assign` replaces what it inherits.
 * - Within a level the first attached policy that assigns a value wins, and controls intersect.
 * - A control binds the levels below, never its own policy and never a peer, and cannot be lifted below.
 * - A control beside an `@@assign` protects that value. A control on a container (document, `services`, a service) keeps lower levels from
 *   adding members and freezes nothing that is already there.
 * - Only the forbidden part of a document is dropped; the rest of it applies.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
 */
export interface PolicyLevel {
  /** How people know this root, OU or account. */
  readonly name: string;
  /** In the order in which they were attached. */
  readonly policies: LevelPolicy[];
}

export interface LevelPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/** A value that some policy assigned. */
export interface Assignment {
  readonly setting: Setting;
  readonly level: string;
  readonly policy: string;
}

/**
 * Why an assignment has no effect:
 * - `replaced`: a lower level assigned another one;
 * - `peer`: a policy attached earlier to the same target assigned one;
 * - `locked`: a level above does not allow this value to be changed;
 * - `container`: a level above does not allow this entry to be added.
 */
export type Overruling = 'replaced' | 'peer' | 'locked' | 'container';

export interface OverruledAssignment extends Assignment {
  readonly why: Overruling;
}

/** What becomes of one entry. */
export interface Decision {
  readonly key: string;
  /** The assignment that holds, absent when every one was dropped. */
  readonly winner?: Assignment;
  readonly overruled: OverruledAssignment[];
}

/** Operators that lower levels may use on a node; absent means all. */
type Allowed = Set<string> | undefined;

/** One node as the levels so far have left it. */
interface Node {
  readonly allowed: Allowed;
  winner?: Assignment;
}

const join = (...path: string[]) => path.join('\n');

/** Walks the levels and says for every entry that some policy names which assignment holds and which do not, sorted by key. */
export function evaluate(levels: PolicyLevel[]): Decision[] {
  let above = new Map<string, Node>();
  const overruled = new Map<string, OverruledAssignment[]>();

  for (const level of levels) {
    const here = new Map(above);

    /** Whether the levels above let this one write `path`; where they do, the node exists for the levels below. */
    const enter = (path: string, parent: string, control: string[] | undefined): boolean => {
      if (!above.has(path) && !permits(above.get(parent)?.allowed)) return false;
      const node = here.get(path);
      here.set(path, { winner: node?.winner, allowed: intersect(node?.allowed, control) });
      return true;
    };

    for (const { name: policy, document } of level.policies) {
      enter('', '', document[CONTROL]);
      const { services } = document;
      const servicesOpen = services && enter('services', '', services[CONTROL]);
      for (const [key, service] of Object.entries(services ?? {})) {
        if (key === CONTROL) continue;
        const node = service.opt_out_policy;
        const path = join('services', key, 'opt_out_policy');
        const open = servicesOpen && enter(join('services', key), 'services', service[CONTROL]) && node
          && enter(path, join('services', key), node[CONTROL]);
        const setting = node?.[ASSIGN];
        if (!setting) continue;

        const assignment = { setting, level: level.name, policy };
        const losers = overruled.get(key) ?? [];
        overruled.set(key, losers);
        const inherited = above.get(path)?.winner;
        const present = here.get(path)?.winner;
        if (!open) {
          losers.push({ ...assignment, why: 'container' });
        } else if (!permits(above.get(path)?.allowed)) {
          losers.push({ ...assignment, why: 'locked' });
        } else if (present !== inherited) {
          losers.push({ ...assignment, why: 'peer' });
        } else {
          if (inherited) losers.push({ ...inherited, why: 'replaced' });
          here.get(path)!.winner = assignment;
        }
      }
    }
    above = here;
  }

  return [...overruled].sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, losers]) => ({ key, winner: above.get(join('services', key, 'opt_out_policy'))?.winner, overruled: losers }));
}

/** The decision that governs a service: its own entry, or else the one for `default`. */
export function governing(decisions: Decision[], key: string): Decision | undefined {
  const own = decisions.find((decision) => decision.key === key);
  return own?.winner ? own : decisions.find((decision) => decision.key === DEFAULT);
}

/** The setting that a service gets; undefined where no policy says anything, which is AWS's own default. */
export function settingOf(decisions: Decision[], key: string): Setting | undefined {
  return governing(decisions, key)?.winner?.setting;
}

/**
 * Whether the setting of a service rests on recorded behaviour of AWS alone. It does not where another value
 * was dropped by a container's control (documented, never recorded) or by the order of peers (which no API promises to tell).
 */
export function isCertain(decisions: Decision[], key: string): boolean {
  const setting = settingOf(decisions, key);
  return decisions
    .filter((decision) => decision.key === key || decision === governing(decisions, key))
    .every(({ winner, overruled }) => overruled.every((loser) => loser.setting === setting
      || loser.why === 'locked' || loser.why === 'replaced'
      || (loser.why === 'peer' && loser.level !== winner?.level)));
}

/** What DescribeEffectivePolicy answers for the account at the end of these levels. */
export function effectiveDocument(levels: PolicyLevel[]): EffectiveDocument {
  const set = evaluate(levels).filter((decision) => decision.winner);
  return set.length === 0 ? {} : { services: Object.fromEntries(set.map(({ key, winner }) => [key, { opt_out_policy: winner!.setting }])) };
}

function permits(allowed: Allowed): boolean {
  return !allowed || allowed.has(ASSIGN);
}

function intersect(allowed: Allowed, control: string[] | undefined): Allowed {
  if (!control || control.includes('@@all')) return allowed;
  return new Set(control.filter((operator) => !allowed || allowed.has(operator)));
}
