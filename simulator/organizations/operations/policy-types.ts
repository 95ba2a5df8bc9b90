import type {
  DisablePolicyTypeRequest, DisablePolicyTypeResponse, EnablePolicyTypeRequest, EnablePolicyTypeResponse,
} from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { choice, required, rootId } from '../input';
import { POLICY_TYPES } from '../policy-type-rules';
import { operation, type Context, type Question } from './operation';
import { rootAnswer } from './organization';

const input = { RootId: required(rootId), PolicyType: required(choice(POLICY_TYPES)) };

/** Enabling and disabling policy types on the root. */
export const policyTypeOperations = {
  EnablePolicyType: operation<EnablePolicyTypeRequest, EnablePolicyTypeResponse>({
    callers: 'administrators',
    input,
    asks,
    run: ({ RootId, PolicyType }, { organization, now, settings }) => {
      const { policyTypes, published, tree } = organization;
      if (RootId !== tree.root.id) throw refusals.rootNotFound();
      if (organization.featureSet !== 'ALL') throw refusals.policyTypeNotAvailable();
      const status = policyTypes.status(PolicyType!, now);
      if (status === 'PENDING_DISABLE') throw refusals.policyChangesInProgress();
      if (status) throw refusals.policyTypeAlreadyEnabled();

      const enabledAt = now + settings.enableDelayMs;
      policyTypes.switch(PolicyType!, true, enabledAt);
      published.publishAll(PolicyType!, tree.root, now, enabledAt + settings.effectivePolicyDelayMs);
      return { Root: rootAnswer(organization, now) };
    },
  }),

  DisablePolicyType: operation<DisablePolicyTypeRequest, DisablePolicyTypeResponse>({
    callers: 'administrators',
    input,
    asks,
    run: ({ RootId, PolicyType }, { organization, now, settings }) => {
      const { policies, policyTypes, published, tree } = organization;
      if (RootId !== tree.root.id) throw refusals.rootNotFound();
      const status = policyTypes.status(PolicyType!, now);
      if (status === 'PENDING_ENABLE') throw refusals.policyChangesInProgress();
      if (status !== 'ENABLED') throw refusals.policyTypeNotEnabled();

      policyTypes.switch(PolicyType!, false, now + settings.disableDelayMs);
      for (const policy of policies.ofType(PolicyType!)) {
        for (const target of [...policy.targets]) policies.detach(policy, target);
      }
      published.freeze(PolicyType!, now);
      return { Root: rootAnswer(organization, now) };
    },
  }),
};

function asks({ RootId, PolicyType }: EnablePolicyTypeRequest, { organization }: Context): Question[] {
  return [{ resources: [organization.arnOfId(RootId!)], context: { 'organizations:PolicyType': PolicyType! } }];
}
