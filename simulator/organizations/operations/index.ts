import { accountOperations } from './accounts';
import { attachmentOperations } from './attachments';
import { effectivePolicyOperations } from './effective-policies';
import type { Operation } from './operation';
import { organizationOperations } from './organization';
import { policyOperations } from './policies';
import { policyTypeOperations } from './policy-types';
import { tagOperations } from './tags';
import { treeOperations } from './tree';

/** Every operation by its name. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(Object.entries<Operation>({
  ...organizationOperations,
  ...treeOperations,
  ...accountOperations,
  ...policyOperations,
  ...attachmentOperations,
  ...policyTypeOperations,
  ...effectivePolicyOperations,
  ...tagOperations,
}));
