/** Calls a second that are allowed in the long run, and how many may come at once after a rest. */
export type Rate = readonly [perSecond: number, burst: number];

/**
 * What AWS documents per account.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
 */
export const RATES: Readonly<Record<string, Rate>> = {
  DescribeOrganization: [1, 2],
  ListRoots: [1, 2],
  ListPolicies: [5, 8],
  ListTargetsForPolicy: [5, 8],
  ListPoliciesForTarget: [5, 8],
  DescribePolicy: [2, 2],
  ListAccounts: [8, 12],
  ListAccountsForParent: [5, 8],
  ListOrganizationalUnitsForParent: [5, 8],
  ListParents: [5, 8],
  DescribeAccount: [20, 30],
  EnablePolicyType: [1, 1],
  CreatePolicy: [2, 3],
  UpdatePolicy: [2, 3],
  DeletePolicy: [2, 3],
  AttachPolicy: [2, 3],
  DetachPolicy: [2, 3],
};

/** For operations without a documented rate, DescribeEffectivePolicy above all. */
export const CAUTIOUS: Rate = [2, 2];

/**
 * Paces the calls to one operation. One token is held back: calls travel, and may arrive closer together than they were sent.
 *
 * - `take` takes a token and returns the milliseconds after which the call may be made.
 * - `empty` drops the tokens after AWS throttled a call: there is no burst before a rest.
 *
 * Members have no comments of their own, because bundles keep those.
 */
export class TokenBucket {
  private readonly perSecond: number;
  private readonly burst: number;
  private tokens: number;
  private countedAt = -Infinity;

  public constructor([perSecond, burst]: Rate) {
    this.perSecond = perSecond;
    this.burst = Math.max(1, burst - 1);
    this.tokens = this.burst;
  }

  public take(now: number): number {
    const earned = (Math.max(0, now - this.countedAt) * this.perSecond) / 1000;
    this.tokens = Math.min(this.burst, this.tokens + earned) - 1;
    this.countedAt = now;
    return Math.ceil((Math.max(0, -this.tokens) * 1000) / this.perSecond);
  }

  public empty(): void {
    this.tokens = Math.min(0, this.tokens);
  }
}
