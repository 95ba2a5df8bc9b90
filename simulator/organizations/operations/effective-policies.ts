import type { DescribeEffectivePolicyRequest, DescribeEffectivePolicyResponse } from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { choice, required, rule, targetId } from '../input';
import { EFFECTIVE_POLICY_TYPES } from '../policy-type-rules';
import { operation } from './operation';

/** As recorded: service control policies have a refusal of their own, other wrong words share one. */
const effectivePolicyType = rule((value, member) => {
  if (value === 'SERVICE_CONTROL_POLICY') throw refusals.policyTypeNotEffective();
  choice(EFFECTIVE_POLICY_TYPES).check(value, member);
});

/** What holds for an account. */
export const effectivePolicyOperations = {
  DescribeEffectivePolicy: operation<DescribeEffectivePolicyRequest, DescribeEffectivePolicyResponse>({
    callers: 'anyone',
    input: { PolicyType: required(effectivePolicyType), TargetId: targetId },
    asks: ({ PolicyType, TargetId }, { organization, caller }) => [{
      resources: [organization.arnOfId(TargetId ?? caller.accountId)],
      context: { 'organizations:PolicyType': PolicyType! },
    }],
    run: ({ PolicyType, TargetId }, { organization, caller, now }) => {
      const id = TargetId ?? caller.accountId;
      if (id !== caller.accountId && !organization.isAdministrator(caller.accountId)) throw refusals.accessDenied();
      const target = organization.tree.target(id);
      if (!target) throw refusals.targetNotFound();
      if (target.kind !== 'ACCOUNT') throw refusals.targetNotSupported();
      if (!organization.policyTypes.isEnabled(PolicyType!, now)) throw refusals.effectivePolicyNotFound();

      const { content, updatedAt } = organization.published.effective(PolicyType!, target, now);
      return { EffectivePolicy: { PolicyContent: content, LastUpdatedTimestamp: new Date(updatedAt), TargetId: id, PolicyType } };
    },
  }),
};
