import { DEFAULT, type EffectiveDocument, type Setting } from '../policy/grammar';
import type { Decision } from '../policy/inheritance';

/** The setting of each entry of an account, `default` among them. */
export type Entries = ReadonlyMap<string, Setting>;

export function entriesOf({ services = {} }: EffectiveDocument): Entries {
  return new Map(Object.entries(services).flatMap(([key, entry]) => (entry.opt_out_policy ? [[key, entry.opt_out_policy] as const] : [])));
}

export function settingIn(entries: Entries, key: string): Setting | undefined {
  return entries.get(key) ?? entries.get(DEFAULT);
}

/** What the policies come to, and whether that is certain. */
export interface Computation {
  readonly met: boolean;
  readonly certain: boolean;
  readonly offending: string[];
}

/** What has to be opted out of. */
export interface Required {
  /** @default - everything, also what AWS adds later */
  readonly services?: readonly string[];

  /** Services that need not be, where everything else has to be. */
  readonly except?: readonly string[];
}

/**
 * What "opted out" is to mean.
 *
 * - `offending`: the keys that keep an account from being opted out; none when it is.
 * - `compute`: what the policies come to. One certain obstacle is enough for a certain "no"; a certain "yes" needs everything that counts to be.
 *   Thousands of accounts share the decisions of a path, so it remembers.
 *
 * (The members have no comments of their own: those of classes would travel in templates.)
 */
export class Requirement {
  public readonly services?: readonly string[];
  private readonly except: readonly string[];
  private readonly computations = new WeakMap<readonly Decision[], Computation>();

  public constructor({ services = [], except = [] }: Required = {}) {
    // No services is not "nothing is required".
    this.services = services.length > 0 ? services : undefined;
    this.except = except;
  }

  public offending(entries: Entries): string[] {
    if (this.services) return this.services.filter((key) => settingIn(entries, key) !== 'optOut');
    const optedIn = [...entries].filter(([key, setting]) => key !== DEFAULT && setting !== 'optOut' && !this.except.includes(key)).map(([key]) => key).sort();
    return entries.get(DEFAULT) === 'optOut' ? optedIn : [DEFAULT, ...optedIn];
  }

  public compute(decisions: readonly Decision[]): Computation {
    const known = this.computations.get(decisions);
    if (known) return known;
    const certain = (key: string) => decisionFor(decisions, key)?.certain ?? true;
    const offending = this.offending(entriesFrom(decisions));
    const counting = this.services ?? [DEFAULT, ...decisions.map(({ key }) => key).filter((key) => !this.except.includes(key))];
    const computation = {
      met: offending.length === 0,
      certain: offending.some(certain) || counting.every(certain),
      offending: offending.some(certain) ? offending.filter(certain) : offending,
    };
    this.computations.set(decisions, computation);
    return computation;
  }
}

/** What decides about a service: the decision for its own entry, or the one for `default`. */
export function decisionFor(decisions: readonly Decision[], key: string): Decision | undefined {
  return decisions.find((decision) => decision.key === key) ?? decisions.find((decision) => decision.key === DEFAULT);
}

const entriesOfDecisions = new WeakMap<readonly Decision[], Entries>();

export function entriesFrom(decisions: readonly Decision[]): Entries {
  const entries = entriesOfDecisions.get(decisions)
    ?? new Map(decisions.flatMap(({ key, winner }) => (winner ? [[key, winner.setting] as const] : [])));
  entriesOfDecisions.set(decisions, entries);
  return entries;
}

/** How an effective policy differs from the attached policies. */
export interface Conflict {
  /** Keys about which the computation was sure, and either it or the answer is wrong or out of date. */
  readonly certain: string[];

  /** Keys about which it was not: AWS knows better. */
  readonly uncertain: string[];
}

export function conflictBetween(decisions: readonly Decision[], answered: Entries): Conflict {
  const computed = entriesFrom(decisions);
  const differing = [...new Set([DEFAULT, ...computed.keys(), ...answered.keys()])]
    .filter((key) => settingIn(computed, key) !== settingIn(answered, key));
  const certain = (key: string) => decisionFor(decisions, key)?.certain ?? true;
  return { certain: differing.filter(certain), uncertain: differing.filter((key) => !certain(key)) };
}
