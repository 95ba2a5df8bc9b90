import type { CloseAccountRequest, RemoveAccountFromOrganizationRequest } from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { accountId, required } from '../input';
import { operation } from './operation';
import type { Organization } from '../state/organization';

/**
 * Accounts that go.
 *
 * An account that has left is unknown at once, in every operation: nobody recorded how long AWS takes. Each is taken to have all that a standalone
 * account needs, so none is refused for a missing payment method.
 */
export const membershipOperations = {
  RemoveAccountFromOrganization: operation<RemoveAccountFromOrganizationRequest, object>({
    callers: 'management',
    input: { AccountId: required(accountId) },
    asks: ({ AccountId }, { organization }) => [{ resources: [organization.arnOfId(AccountId!)] }],
    run: ({ AccountId }, { organization }) => {
      leave(organization, AccountId!);
      return {};
    },
  }),

  LeaveOrganization: operation<object, object>({
    callers: 'anyone',
    input: {},
    run: (_, { organization, caller }) => {
      leave(organization, caller.accountId);
      return {};
    },
  }),

  CloseAccount: operation<CloseAccountRequest, object>({
    callers: 'management',
    input: { AccountId: required(accountId) },
    asks: ({ AccountId }, { organization }) => [{ resources: [organization.arnOfId(AccountId!)] }],
    run: ({ AccountId }, { organization, now, settings }) => {
      const account = organization.tree.account(AccountId!);
      if (organization.featureSet !== 'ALL') throw refusals.needsAllFeatures();
      if (!account) throw refusals.accountNotFound();
      if (account.id === organization.managementAccountId) throw refusals.managementCannotClose();
      if (account.state === 'PENDING_CLOSURE') throw refusals.closingAlready();
      if (account.state === 'CLOSED' || account.state === 'SUSPENDED') throw refusals.alreadyClosed();
      organization.close(account, now + settings.closeDelayMs);
      return {};
    },
  }),
};

function leave(organization: Organization, id: string): void {
  const account = organization.tree.account(id);
  if (!account) throw refusals.accountNotFound();
  if (id === organization.managementAccountId) throw refusals.managementCannotLeave();
  if (organization.delegations.servicesOf(id).size > 0) throw refusals.delegatedCannotLeave();
  organization.removeAccount(account);
}
