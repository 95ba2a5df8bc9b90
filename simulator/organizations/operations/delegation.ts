import type {
  DeregisterDelegatedAdministratorRequest, ListDelegatedAdministratorsRequest, ListDelegatedAdministratorsResponse,
  ListDelegatedServicesForAccountRequest, ListDelegatedServicesForAccountResponse, RegisterDelegatedAdministratorRequest,
} from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { accountId, paging, required, servicePrincipal } from '../input';
import { page } from '../paging';
import { accountAnswer } from './accounts';
import { operation, type Context, type Question } from './operation';
import type { Organization } from '../state/organization';
import type { Account } from '../state/tree';

/** Delegated administrators of services. Any service principal will do: AWS's list of them is none of this project's business. */
export const delegationOperations = {
  RegisterDelegatedAdministrator: operation<RegisterDelegatedAdministratorRequest, object>({
    callers: 'management',
    input: { AccountId: required(accountId), ServicePrincipal: required(servicePrincipal) },
    asks: askAboutAccount,
    run: ({ AccountId, ServicePrincipal }, { organization, now }) => {
      if (organization.featureSet !== 'ALL') throw refusals.needsAllFeatures();
      const account = accountWith(organization, AccountId!);
      if (account.id === organization.managementAccountId) throw refusals.managementCannotBeDelegated();
      if (account.state !== 'ACTIVE') throw refusals.suspendedCannotBeDelegated();
      if (organization.delegations.servicesOf(account.id).has(ServicePrincipal!)) throw refusals.alreadyRegistered();
      organization.delegations.register(account.id, ServicePrincipal!, now);
      return {};
    },
  }),

  DeregisterDelegatedAdministrator: operation<DeregisterDelegatedAdministratorRequest, object>({
    callers: 'management',
    input: { AccountId: required(accountId), ServicePrincipal: required(servicePrincipal) },
    asks: askAboutAccount,
    run: ({ AccountId, ServicePrincipal }, { organization }) => {
      const account = accountWith(organization, AccountId!);
      if (!organization.delegations.servicesOf(account.id).has(ServicePrincipal!)) throw refusals.notRegistered();
      organization.delegations.deregister(account.id, ServicePrincipal!);
      return {};
    },
  }),

  ListDelegatedAdministrators: operation<ListDelegatedAdministratorsRequest, ListDelegatedAdministratorsResponse>({
    callers: 'administrators',
    input: { ServicePrincipal: servicePrincipal, ...paging },
    asks: ({ ServicePrincipal }) => [ServicePrincipal ? { context: { 'organizations:ServicePrincipal': ServicePrincipal } } : {}],
    run: (input, context) => {
      const { organization } = context;
      const { items, ...next } = page(organization.delegations.registered(input.ServicePrincipal), input, context);
      return {
        DelegatedAdministrators: items.map((id) => {
          const { Paths: _, ...account } = accountAnswer(organization, accountWith(organization, id));
          return { ...account, DelegationEnabledDate: new Date(Math.min(...organization.delegations.servicesOf(id).values())) };
        }),
        ...next,
      };
    },
  }),

  ListDelegatedServicesForAccount: operation<ListDelegatedServicesForAccountRequest, ListDelegatedServicesForAccountResponse>({
    callers: 'administrators',
    input: { AccountId: required(accountId), ...paging },
    asks: ({ AccountId }, { organization }) => [{ resources: [organization.arnOfId(AccountId!)] }],
    run: (input, context) => {
      const account = accountWith(context.organization, input.AccountId!);
      const services = [...context.organization.delegations.servicesOf(account.id)];
      if (services.length === 0) throw refusals.notRegistered();
      const { items, ...next } = page(services, input, context);
      return {
        DelegatedServices: items.map(([ServicePrincipal, since]) => ({ ServicePrincipal, DelegationEnabledDate: new Date(since) })),
        ...next,
      };
    },
  }),
};

function accountWith(organization: Organization, id: string): Account {
  const account = organization.tree.account(id);
  if (!account) throw refusals.accountNotFound();
  return account;
}

function askAboutAccount({ AccountId, ServicePrincipal }: RegisterDelegatedAdministratorRequest, { organization }: Context): Question[] {
  return [{ resources: [organization.arnOfId(AccountId!)], context: { 'organizations:ServicePrincipal': ServicePrincipal! } }];
}
