import { accountOperations } from './accounts';
import { attachmentOperations } from './attachments';
import { delegationOperations } from './delegation';
import { effectivePolicyOperations } from './effective-policies';
import { membershipOperations } from './membership';
import type { Operation } from './operation';
import { organizationOperations } from './organization';
import { policyOperations } from './policies';
import { policyTypeOperations } from './policy-types';
import { resourcePolicyOperations } from './resource-policy';
import { tagOperations } from './tags';
import { treeOperations } from './tree';

/** Every operation by its name. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(Object.entries<Operation>({
  ...organizationOperations,
  ...treeOperations,
  ...accountOperations,
  ...membershipOperations,
  ...delegationOperations,
  ...resourcePolicyOperations,
  ...policyOperations,
  ...attachmentOperations,
  ...policyTypeOperations,
  ...effectivePolicyOperations,
  ...tagOperations,
}));
