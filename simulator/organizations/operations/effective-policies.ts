import type {
  DescribeEffectivePolicyRequest, DescribeEffectivePolicyResponse, ListAccountsWithInvalidEffectivePolicyRequest,
  ListAccountsWithInvalidEffectivePolicyResponse, ListEffectivePolicyValidationErrorsRequest, ListEffectivePolicyValidationErrorsResponse,
} from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { accountId, choice, paging, required, rule, targetId } from '../input';
import { page } from '../paging';
import { EFFECTIVE_POLICY_TYPES } from '../policy-type-rules';
import { accountAnswer } from './accounts';
import { operation } from './operation';

/** As recorded: service control policies have a refusal of their own, other wrong words share one. */
const effectivePolicyType = rule((value, member) => {
  if (value === 'SERVICE_CONTROL_POLICY') throw refusals.policyTypeNotEffective();
  choice(EFFECTIVE_POLICY_TYPES).check(value, member);
});

/** As recorded for ListEffectivePolicyValidationErrors, where all wrong words share one refusal. */
const validatedPolicyType = rule((value) => {
  if (!EFFECTIVE_POLICY_TYPES.includes(value as string)) throw refusals.policyTypeNotEffective();
});

/** What holds for an account, and for which accounts it could not be worked out. */
export const effectivePolicyOperations = {
  DescribeEffectivePolicy: operation<DescribeEffectivePolicyRequest, DescribeEffectivePolicyResponse>({
    callers: ({ TargetId }, { accountId: own }) => TargetId === undefined || TargetId === own ? 'anyone' : 'administrators',
    input: { PolicyType: required(effectivePolicyType), TargetId: targetId },
    asks: ({ PolicyType, TargetId }, { organization, caller }) => [{
      resources: [organization.arnOfId(TargetId ?? caller.accountId)],
      context: { 'organizations:PolicyType': PolicyType! },
    }],
    run: ({ PolicyType, TargetId }, { organization, caller, now, settings }) => {
      const id = TargetId ?? caller.accountId;
      const target = organization.tree.target(id);
      if (!target) throw refusals.targetNotFound();
      if (target.kind !== 'ACCOUNT') throw refusals.targetNotSupported();
      if (!organization.policyTypes.isEnabled(PolicyType!, now)) throw refusals.effectivePolicyNotFound();

      const { content, updatedAt } = organization.published.effective(PolicyType!, target, now, settings);
      return { EffectivePolicy: { PolicyContent: content, LastUpdatedTimestamp: new Date(updatedAt), TargetId: id, PolicyType } };
    },
  }),

  ListAccountsWithInvalidEffectivePolicy: operation<
    ListAccountsWithInvalidEffectivePolicyRequest, ListAccountsWithInvalidEffectivePolicyResponse
  >({
    callers: 'administrators',
    input: { PolicyType: required(validatedPolicyType), ...paging },
    asks: ({ PolicyType }) => [{ context: { 'organizations:PolicyType': PolicyType! } }],
    run: (input, context) => {
      const { organization, now } = context;
      if (!organization.policyTypes.isEnabled(input.PolicyType!, now)) throw refusals.effectivePolicyNotFound();
      const { items, ...next } = page([...organization.published.invalidOf(input.PolicyType!).keys()], input, context);
      return { Accounts: items.map((account) => accountAnswer(organization, account)), PolicyType: input.PolicyType, ...next };
    },
  }),

  ListEffectivePolicyValidationErrors: operation<
    ListEffectivePolicyValidationErrorsRequest, ListEffectivePolicyValidationErrorsResponse
  >({
    callers: 'administrators',
    input: { AccountId: accountId, PolicyType: required(validatedPolicyType), ...paging },
    asks: ({ AccountId, PolicyType }, { organization }) => [
      { resources: [organization.arnOfId(named(AccountId))], context: { 'organizations:PolicyType': PolicyType! } },
    ],
    run: (input, context) => {
      const { organization, now } = context;
      const account = organization.tree.account(named(input.AccountId));
      if (!account) throw refusals.accountNotFound();
      if (!organization.policyTypes.isEnabled(input.PolicyType!, now)) throw refusals.effectivePolicyNotFound();
      const invalid = organization.published.invalidOf(input.PolicyType!).get(account);
      const { items, ...next } = page(invalid?.errors ?? [], input, context);
      return {
        AccountId: account.id,
        PolicyType: input.PolicyType,
        // As recorded: both are only there while there are errors.
        ...(invalid && { Path: organization.pathOf(account), EvaluationTimestamp: new Date(invalid.evaluatedAt) }),
        EffectivePolicyValidationErrors: items.map(({ code, message, path, contributingPolicies = [] }) => ({
          ErrorCode: code, ErrorMessage: message, ...(path !== undefined && { PathToError: path }), ContributingPolicies: [...contributingPolicies],
        })),
        ...next,
      };
    },
  }),
};

/** As recorded: ListEffectivePolicyValidationErrors does not call a missing account missing input. */
function named(id: string | undefined): string {
  if (id === undefined) throw refusals.targetNotSupported();
  return id;
}
