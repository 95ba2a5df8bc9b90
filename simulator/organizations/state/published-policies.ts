import type { Policies } from './policies';
import { Timeline } from './timeline';
import { lineage, type Account, type Target } from './tree';
import type { PolicyObject } from '../effective-policy/combine-peers';
import { effectivePolicy } from '../effective-policy/effective-policy';
import type { InheritanceOptions } from '../effective-policy/options';

/** Why an account's effective policy is not valid, as ListEffectivePolicyValidationErrors tells it. */
export interface EffectivePolicyError {
  /** For example `KEY_REQUIRED`. */
  readonly code: string;
  readonly message: string;

  /** @default - no path */
  readonly path?: string;

  /** Ids of the policies that led to it. */
  readonly contributingPolicies?: readonly string[];
}

/** What an account's effective policy was when it became invalid, and why it did. */
export interface InvalidPolicy {
  readonly errors: readonly EffectivePolicyError[];
  readonly evaluatedAt: number;

  /** The last valid one, which the account keeps. */
  readonly kept: EffectiveAnswer;
}

/** An effective policy as it is answered. */
export interface EffectiveAnswer {
  readonly content: string;
  readonly updatedAt: number;
}

/**
 * What effective policies are computed from: the attached policies as they were some seconds ago.
 *
 * A disabled type keeps its last view, and shows it again when it is enabled until the new one is through. So a tool that enables the type and
 * believes the first answer can report an opt-out that no policy stands behind; recorded from AWS, and repeated here.
 */
export class PublishedPolicies {
  private readonly views = new Map<string, Map<Target, Timeline<PolicyObject[]>>>();
  private readonly invalid = new Map<string, Map<Account, InvalidPolicy>>();

  public constructor(private readonly policies: Policies) {}

  /** The policies on a target have changed at `now`; DescribeEffectivePolicy shows it from `since` on. */
  public publish(type: string, target: Target, now: number, since: number): void {
    const view = this.viewOf(type);
    const timeline = view.get(target) ?? new Timeline();
    view.set(target, timeline);
    timeline.set(this.policies.on(target, type).map(({ content }) => JSON.parse(content) as PolicyObject), now, since);
  }

  /** Everything is worked out anew, as after enabling the type. */
  public publishAll(type: string, root: Target, now: number, since: number): void {
    for (const target of new Set([root, ...this.viewOf(type).keys()])) this.publish(type, target, now, since);
  }

  /** The type was disabled: what has not been shown by now never will be. */
  public freeze(type: string, now: number): void {
    for (const timeline of this.viewOf(type).values()) timeline.freeze(now);
  }

  /** An account's effective policy and when it was last worked out. */
  public effective(type: string, account: Account, now: number, inheritance: InheritanceOptions): EffectiveAnswer {
    const invalid = this.invalidOf(type).get(account);
    return invalid ? invalid.kept : this.computed(type, account, now, inheritance);
  }

  /** Makes an account's effective policy invalid, or valid again when there are no errors. */
  public setErrors(
    type: string, account: Account, errors: readonly EffectivePolicyError[], now: number, inheritance: InheritanceOptions,
  ): void {
    const invalid = new Map(this.invalidOf(type));
    if (errors.length === 0) invalid.delete(account);
    else invalid.set(account, { errors, evaluatedAt: now, kept: this.effective(type, account, now, inheritance) });
    this.invalid.set(type, invalid);
  }

  /** The accounts whose effective policy is invalid, in the order in which that came about. */
  public invalidOf(type: string): ReadonlyMap<Account, InvalidPolicy> {
    return this.invalid.get(type) ?? new Map();
  }

  /** A target has vanished. */
  public forget(target: Target): void {
    for (const view of this.views.values()) view.delete(target);
    for (const invalid of this.invalid.values()) invalid.delete(target as Account);
  }

  private computed(type: string, account: Account, now: number, inheritance: InheritanceOptions): EffectiveAnswer {
    const parent = account.publishedParent(now);
    let updatedAt = parent.since;
    const levels = [...lineage(parent.value), account].map((target) => {
      const published = this.viewOf(type).get(target)?.at(now);
      updatedAt = Math.max(updatedAt, published?.since ?? 0);
      return published?.value ?? [];
    });
    // Other types have other grammars, which nothing here needs.
    return { content: JSON.stringify(type === 'AISERVICES_OPT_OUT_POLICY' ? effectivePolicy(levels, inheritance) : {}), updatedAt };
  }

  private viewOf(type: string): Map<Target, Timeline<PolicyObject[]>> {
    const view = this.views.get(type) ?? new Map<Target, Timeline<PolicyObject[]>>();
    this.views.set(type, view);
    return view;
  }
}
