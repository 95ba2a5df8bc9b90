import { NEW_POLICY, type Change } from './change';
import type { OrganizationSnapshot, Policy } from '../../organization/snapshot';
import { parsePolicy } from '../../policy';

/** The organization as it will be once the changes are made. */
export function afterwards(before: OrganizationSnapshot, changes: Change[]): OrganizationSnapshot {
  let { policyType } = before;
  const policies = new Map(before.policies.map((policy) => [policy.id, policy]));
  const attachments = new Map(before.attachments);
  const edit = (id: string, how: (policy: Policy) => Policy) => {
    const policy = policies.get(id);
    if (policy) policies.set(id, how(policy));
  };

  for (const { operation, input } of changes) {
    switch (operation) {
      case 'EnablePolicyType':
        // Disabling detaches everything, and enabling attaches nothing again.
        policyType = 'ENABLED';
        attachments.clear();
        for (const id of policies.keys()) edit(id, (policy) => ({ ...policy, targetIds: [] }));
        break;
      case 'CreatePolicy': {
        const { Name: name, Content: content } = input;
        policies.set(NEW_POLICY, { id: NEW_POLICY, name, content, document: parsePolicy(content), targetIds: [] });
        break;
      }
      case 'UpdatePolicy': {
        const { Content: content } = input;
        edit(input.PolicyId, (policy) => ({ ...policy, content, document: parsePolicy(content) }));
        break;
      }
      case 'AttachPolicy':
        attachments.set(input.TargetId, [...attachments.get(input.TargetId) ?? [], input.PolicyId]);
        edit(input.PolicyId, (policy) => ({ ...policy, targetIds: [...policy.targetIds, input.TargetId] }));
        break;
      case 'DetachPolicy':
        attachments.set(input.TargetId, (attachments.get(input.TargetId) ?? []).filter((id) => id !== input.PolicyId));
        edit(input.PolicyId, (policy) => ({ ...policy, targetIds: policy.targetIds.filter((id) => id !== input.TargetId) }));
        break;
      case 'DeletePolicy':
        policies.delete(input.PolicyId);
        break;
      case 'TagResource':
        break;
    }
  }
  // Whatever is attached needs the type, so a plan that attaches waits for it.
  if (policyType === 'PENDING_ENABLE' && changes.length > 0) policyType = 'ENABLED';
  return { ...before, policyType, policies: [...policies.values()], attachments };
}
