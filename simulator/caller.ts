/** One call as IAM sees it. */
export interface AuthorizationRequest {
  /** For example `organizations:EnablePolicyType`. */
  readonly action: string;

  /** ARNs of the resources the call touches; `['*']` where the action has no resource type. */
  readonly resources: string[];

  /** Condition keys of the request, for example `organizations:PolicyType`. */
  readonly context: Record<string, string | string[]>;
}

/** Who makes a call. */
export interface Caller {
  readonly accountId: string;

  /** ARN of the user or role session, as GetCallerIdentity would print it. */
  readonly arn: string;

  /** The AWS service that calls on the caller's behalf, for example `cloudformation.amazonaws.com`. */
  readonly invokedBy?: string;

  /** Decides whether the caller's identity policies allow a call. Absent: an administrator, everything is allowed. */
  readonly authorize?: (request: AuthorizationRequest) => Promise<boolean>;
}
