import type { POLICY_TYPE } from '../../policy';

/** The tag by which this tool knows its own policies. */
export const OWN_TAG = { Key: 'ai-opt-out', Value: 'managed' };

/** Stands for the id of a policy that does not exist yet. */
export const NEW_POLICY = '(new)';

/** One call that changes the organization, with its input, and what it does in words. */
export type Change = { readonly sentence: string } & (
  | { readonly operation: 'EnablePolicyType'; readonly input: { RootId: string; PolicyType: typeof POLICY_TYPE } }
  | { readonly operation: 'CreatePolicy'; readonly input: CreatePolicyInput }
  | { readonly operation: 'TagResource'; readonly input: { ResourceId: string; Tags: typeof OWN_TAG[] } }
  | { readonly operation: 'UpdatePolicy'; readonly input: { PolicyId: string; Content: string } }
  | { readonly operation: 'AttachPolicy' | 'DetachPolicy'; readonly input: { PolicyId: string; TargetId: string } }
  | { readonly operation: 'DeletePolicy'; readonly input: { PolicyId: string } }
);

export interface CreatePolicyInput {
  readonly Name: string;
  readonly Description: string;
  readonly Content: string;
  readonly Type: typeof POLICY_TYPE;
  readonly Tags: typeof OWN_TAG[];
}

/** What is to be done, and what somebody should know before. */
export interface ChangePlan {
  /** In the order in which they are made. Whatever is interrupted, making the plan again gives what is left. */
  readonly changes: Change[];
  readonly warnings: string[];
  /** Why this must not be done. */
  readonly blockers: string[];
}
