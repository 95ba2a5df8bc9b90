/** A token bucket: what may be asked every second, and at once after a rest. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** The buckets of one operation. A call has to find a token in each. */
export interface OperationRates {
  /** For every calling account by itself. */
  readonly account: Rate;

  /**
   * For all accounts of an organization together.
   *
   * @default - the organization has no limit of its own
   */
  readonly organization?: Rate;
}

const policyWrites: OperationRates = { account: rate(2, 3) };
const policyTypeSwitches: OperationRates = { account: rate(1, 1) };
const policyLists: OperationRates = { account: rate(5, 8), organization: rate(6, 10) };
const treeLists: OperationRates = { account: rate(5, 8), organization: rate(6, 10) };

/**
 * AWS's throttling limits, as documented in the AWS Organizations User Guide. Every operation has buckets of its own: the guide lists them by
 * operation and mentions none that are shared.
 *
 * Operations that are missing here are not limited in the simulator, except for those in `UNDOCUMENTED`.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html#throttling-limits
 */
export const DOCUMENTED_RATES: Readonly<Record<string, OperationRates>> = {
  EnablePolicyType: policyTypeSwitches,
  DisablePolicyType: policyTypeSwitches,
  ListRoots: { account: rate(1, 2), organization: rate(1, 3) },
  DescribeOrganization: { account: rate(1, 2) },
  CreatePolicy: policyWrites,
  UpdatePolicy: policyWrites,
  DeletePolicy: policyWrites,
  AttachPolicy: policyWrites,
  DetachPolicy: policyWrites,
  DescribePolicy: { account: rate(2, 2), organization: rate(2, 3) },
  ListPolicies: policyLists,
  ListPoliciesForTarget: policyLists,
  ListTargetsForPolicy: policyLists,
  ListAccounts: { account: rate(8, 12), organization: rate(9, 15) },
  ListParents: treeLists,
  ListAccountsForParent: treeLists,
  ListOrganizationalUnitsForParent: treeLists,
  ListChildren: { account: rate(6, 10), organization: rate(7, 12) },
  MoveAccount: { account: rate(2, 3) },
  DescribeAccount: { account: rate(20, 30), organization: rate(24, 36) },
};

/** Operations that AWS must limit somehow, but documents no rate for. They get the `undocumentedRate` of the settings, per account. */
export const UNDOCUMENTED: readonly string[] = [
  'DescribeEffectivePolicy', 'ListAccountsWithInvalidEffectivePolicy', 'ListEffectivePolicyValidationErrors',
];

/** A guess on the cautious side, not AWS's number: as much as the lists of policies get. */
export const DEFAULT_UNDOCUMENTED_RATE: Rate = rate(5, 8);

function rate(perSecond: number, burst: number): Rate {
  return { perSecond, burst };
}
