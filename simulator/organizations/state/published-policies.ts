import type { Policies } from './policies';
import { Timeline } from './timeline';
import { lineage, type Account, type Target } from './tree';
import type { PolicyObject } from '../effective-policy/combine-peers';
import { effectivePolicy } from '../effective-policy/effective-policy';
import type { InheritanceOptions } from '../effective-policy/options';

/** Why an account's effective policy is invalid, as in ListEffectivePolicyValidationErrors. */
export interface EffectivePolicyError {
  /** For example `KEY_REQUIRED`. */
  readonly code: string;
  readonly message: string;

  /** @default - no path */
  readonly path?: string;

  /** Ids of the policies that cause the error. */
  readonly contributingPolicies?: readonly string[];
}

/** An invalid effective policy: its errors and the last valid content. */
export interface InvalidPolicy {
  readonly errors: readonly EffectivePolicyError[];
  readonly evaluatedAt: number;

  /** The last valid effective policy, which the account keeps. */
  readonly kept: EffectiveAnswer;
}

/** An effective policy as DescribeEffectivePolicy returns it. */
export interface EffectiveAnswer {
  readonly content: string;
  readonly updatedAt: number;
}

/**
 * The attached policies as DescribeEffectivePolicy sees them, which is some seconds late.
 *
 * A disabled policy type keeps its last view. After the type is enabled again, AWS returns that view until the new one is published.
 * This was recorded from AWS: a tool that trusts the first result can report an opt-out although no policy is attached.
 */
export class PublishedPolicies {
  private readonly views = new Map<string, Map<Target, Timeline<PolicyObject[]>>>();
  private readonly invalid = new Map<string, Map<Account, InvalidPolicy>>();

  public constructor(private readonly policies: Policies) {}

  /** Publishes the policies on a target after a change at `now`. DescribeEffectivePolicy returns them from `since` on. */
  public publish(type: string, target: Target, now: number, since: number): void {
    const view = this.viewOf(type);
    const timeline = view.get(target) ?? new Timeline();
    view.set(target, timeline);
    timeline.set(this.policies.on(target, type).map(({ content }) => JSON.parse(content) as PolicyObject), now, since);
  }

  /** Publishes the policies on every target, as after the type is enabled. */
  public publishAll(type: string, root: Target, now: number, since: number): void {
    for (const target of new Set([root, ...this.viewOf(type).keys()])) this.publish(type, target, now, since);
  }

  /** Drops what is not visible at `now`, as after the type is disabled. */
  public freeze(type: string, now: number): void {
    for (const timeline of this.viewOf(type).values()) timeline.freeze(now);
  }

  /** Returns an account's effective policy and when it was last computed. */
  public effective(type: string, account: Account, now: number, inheritance: InheritanceOptions): EffectiveAnswer {
    const invalid = this.invalidOf(type).get(account);
    return invalid ? invalid.kept : this.computed(type, account, now, inheritance);
  }

  /** Makes an account's effective policy invalid, or valid again if there are no errors. */
  public setErrors(
    type: string, account: Account, errors: readonly EffectivePolicyError[], now: number, inheritance: InheritanceOptions,
  ): void {
    const invalid = new Map(this.invalidOf(type));
    if (errors.length === 0) invalid.delete(account);
    else invalid.set(account, { errors, evaluatedAt: now, kept: this.effective(type, account, now, inheritance) });
    this.invalid.set(type, invalid);
  }

  /** The accounts whose effective policy is invalid, in the order in which they became invalid. */
  public invalidOf(type: string): ReadonlyMap<Account, InvalidPolicy> {
    return this.invalid.get(type) ?? new Map();
  }

  /** Removes a target that no longer exists. */
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
    // No test or demo reads effective policies of other types.
    return { content: JSON.stringify(type === 'AISERVICES_OPT_OUT_POLICY' ? effectivePolicy(levels, inheritance) : {}), updatedAt };
  }

  private viewOf(type: string): Map<Target, Timeline<PolicyObject[]>> {
    const view = this.views.get(type) ?? new Map<Target, Timeline<PolicyObject[]>>();
    this.views.set(type, view);
    return view;
  }
}
