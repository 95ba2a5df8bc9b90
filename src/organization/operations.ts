import type * as sdk from '@aws-sdk/client-organizations';

/** The operations of the Organizations API that are called: what each takes and returns. */
export interface Operations {
  AttachPolicy: [sdk.AttachPolicyRequest, object];
  CreatePolicy: [sdk.CreatePolicyRequest, sdk.CreatePolicyResponse];
  DeletePolicy: [sdk.DeletePolicyRequest, object];
  DescribeAccount: [sdk.DescribeAccountRequest, sdk.DescribeAccountResponse];
  DescribeEffectivePolicy: [sdk.DescribeEffectivePolicyRequest, sdk.DescribeEffectivePolicyResponse];
  DescribeOrganization: [object, sdk.DescribeOrganizationResponse];
  DescribeOrganizationalUnit: [sdk.DescribeOrganizationalUnitRequest, sdk.DescribeOrganizationalUnitResponse];
  DescribePolicy: [sdk.DescribePolicyRequest, sdk.DescribePolicyResponse];
  DetachPolicy: [sdk.DetachPolicyRequest, object];
  EnablePolicyType: [sdk.EnablePolicyTypeRequest, sdk.EnablePolicyTypeResponse];
  ListAccounts: [sdk.ListAccountsRequest, sdk.ListAccountsResponse];
  ListAccountsForParent: [sdk.ListAccountsForParentRequest, sdk.ListAccountsForParentResponse];
  ListAccountsWithInvalidEffectivePolicy: [
    sdk.ListAccountsWithInvalidEffectivePolicyRequest, sdk.ListAccountsWithInvalidEffectivePolicyResponse,
  ];
  ListOrganizationalUnitsForParent: [sdk.ListOrganizationalUnitsForParentRequest, sdk.ListOrganizationalUnitsForParentResponse];
  ListParents: [sdk.ListParentsRequest, sdk.ListParentsResponse];
  ListPolicies: [sdk.ListPoliciesRequest, sdk.ListPoliciesResponse];
  ListPoliciesForTarget: [sdk.ListPoliciesForTargetRequest, sdk.ListPoliciesForTargetResponse];
  ListRoots: [sdk.ListRootsRequest, sdk.ListRootsResponse];
  ListTagsForResource: [sdk.ListTagsForResourceRequest, sdk.ListTagsForResourceResponse];
  ListTargetsForPolicy: [sdk.ListTargetsForPolicyRequest, sdk.ListTargetsForPolicyResponse];
  TagResource: [sdk.TagResourceRequest, object];
  UpdatePolicy: [sdk.UpdatePolicyRequest, sdk.UpdatePolicyResponse];
}

export type Operation = keyof Operations;
export type Input<O extends Operation> = Operations[O][0];
export type Output<O extends Operation> = Operations[O][1];

/** The operations that return a list in pages. */
export type ListOperation = Extract<Operation, `List${string}`>;

/** What the list consists of. An answer holds exactly one list. */
export type Item<O extends ListOperation> = {
  [Member in keyof Output<O>]-?: NonNullable<Output<O>[Member]> extends readonly (infer T)[] ? T : never
}[keyof Output<O>];
