import type {
  AttachPolicyRequest, DetachPolicyRequest, ListPoliciesForTargetRequest, ListPoliciesForTargetResponse, ListTargetsForPolicyRequest,
  ListTargetsForPolicyResponse,
} from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { choice, paging, policyId, required, targetId } from '../input';
import { page } from '../paging';
import { maxAttachments, POLICY_TYPES } from '../policy-type-rules';
import { operation, type Context, type Question } from './operation';
import { askAboutPolicy, policyWith, summaryAnswer } from './policies';
import type { Organization } from '../state/organization';
import type { Target } from '../state/tree';

/** Which policy is attached to what. */
export const attachmentOperations = {
  AttachPolicy: operation<AttachPolicyRequest, object>({
    callers: 'administrators',
    input: { PolicyId: required(policyId), TargetId: required(targetId) },
    asks: askAboutBoth,
    run: ({ PolicyId, TargetId }, { organization, now, settings }) => {
      const { policies, policyTypes, published } = organization;
      const policy = policyWith(organization, PolicyId!);
      const target = targetWith(organization, TargetId!);
      if (!policyTypes.isEnabled(policy.type, now)) throw refusals.policyTypeNotEnabled();
      if (policies.isAttached(policy, target)) throw refusals.duplicateAttachment();
      if (policies.on(target, policy.type).length >= maxAttachments(policy.type)) throw refusals.tooManyAttachments();
      policies.attach(policy, target);
      published.publish(policy.type, target, now, now + settings.effectivePolicyDelayMs);
      return {};
    },
  }),

  DetachPolicy: operation<DetachPolicyRequest, object>({
    callers: 'administrators',
    input: { PolicyId: required(policyId), TargetId: required(targetId) },
    asks: askAboutBoth,
    run: ({ PolicyId, TargetId }, { organization, now, settings }) => {
      const policy = policyWith(organization, PolicyId!);
      const target = targetWith(organization, TargetId!);
      if (!organization.policies.isAttached(policy, target)) throw refusals.policyNotAttached();
      organization.policies.detach(policy, target);
      organization.published.publish(policy.type, target, now, now + settings.effectivePolicyDelayMs);
      return {};
    },
  }),

  ListPoliciesForTarget: operation<ListPoliciesForTargetRequest, ListPoliciesForTargetResponse>({
    callers: 'administrators',
    input: { TargetId: required(targetId), Filter: required(choice(POLICY_TYPES)), ...paging },
    asks: ({ TargetId, Filter }, { organization }) => [
      { resources: [organization.arnOfId(TargetId!)], context: { 'organizations:PolicyType': Filter! } },
    ],
    run: (input, context) => {
      const { organization } = context;
      const attached = organization.policies.on(targetWith(organization, input.TargetId!), input.Filter!);
      const { items, ...next } = page(attached, input, context);
      return { Policies: items.map((policy) => summaryAnswer(organization, policy)), ...next };
    },
  }),

  ListTargetsForPolicy: operation<ListTargetsForPolicyRequest, ListTargetsForPolicyResponse>({
    callers: 'administrators',
    input: { PolicyId: required(policyId), ...paging },
    asks: askAboutPolicy,
    run: (input, context) => {
      const { organization } = context;
      const { items, ...next } = page(policyWith(organization, input.PolicyId!).targets, input, context);
      return {
        Targets: items.map((target) => ({ TargetId: target.id, Arn: organization.arnOf(target), Name: target.name, Type: target.kind })),
        ...next,
      };
    },
  }),
};

function targetWith(organization: Organization, id: string): Target {
  const target = organization.tree.target(id);
  if (!target) throw refusals.targetNotFound();
  return target;
}

/** A caller needs the permission on the policy and on the target. */
function askAboutBoth(input: { PolicyId?: string; TargetId?: string }, context: Context): Question[] {
  return askAboutPolicy(input, context).map((question) => (
    { ...question, resources: [...question.resources!, context.organization.arnOfId(input.TargetId!)] }
  ));
}
