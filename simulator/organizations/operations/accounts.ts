import type {
  Account as AccountAnswer, CreateAccountRequest, CreateAccountResponse, CreateAccountStatus, DescribeAccountRequest, DescribeAccountResponse,
  DescribeCreateAccountStatusRequest, DescribeCreateAccountStatusResponse, ListAccountsForParentRequest, ListAccountsForParentResponse,
  ListAccountsRequest, ListAccountsResponse, MoveAccountRequest,
} from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { accountId, choice, paging, parentId, required, tags, text } from '../input';
import { page } from '../paging';
import { operation, tagContext } from './operation';
import type { AccountRequest, Organization } from '../state/organization';
import type { Account } from '../state/tree';

/** Accounts: creating, listing, moving. */
export const accountOperations = {
  CreateAccount: operation<CreateAccountRequest, CreateAccountResponse>({
    callers: 'management',
    input: {
      Email: required(text({ min: 6, max: 64, pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/ })),
      AccountName: required(text({ min: 1, max: 50, pattern: /^[ -~]+$/ })),
      RoleName: text({ max: 64, pattern: /^[\w+=,.@-]{1,64}$/ }),
      IamUserAccessToBilling: choice(['ALLOW', 'DENY']),
      Tags: tags,
    },
    asks: ({ Tags }) => [{ context: tagContext(Tags) }, ...(Tags?.length ? [{ action: 'TagResource', context: tagContext(Tags) }] : [])],
    run: ({ Email, AccountName, Tags }, { organization, now }) => {
      const taken = organization.tree.hasEmail(Email!);
      const account = taken ? undefined : organization.addAccount({ name: AccountName!, email: Email!, joinedAt: now });
      for (const { Key, Value } of Tags ?? []) account?.tags.set(Key!, Value!);

      const request: AccountRequest = {
        id: organization.nextAccountRequestId(),
        accountName: AccountName!,
        requestedAt: now,
        accountId: account?.id,
        failureReason: taken ? 'EMAIL_ALREADY_EXISTS' : undefined,
      };
      organization.accountRequests.set(request.id, request);
      // AWS always takes its time, so the outcome is only in DescribeCreateAccountStatus.
      return { CreateAccountStatus: { ...requestAnswer(request), State: 'IN_PROGRESS' } };
    },
  }),

  DescribeCreateAccountStatus: operation<DescribeCreateAccountStatusRequest, DescribeCreateAccountStatusResponse>({
    callers: 'administrators',
    input: { CreateAccountRequestId: required(text({ max: 36, pattern: /^car-[a-z0-9]{8,32}$/ })) },
    run: ({ CreateAccountRequestId }, { organization }) => {
      const request = organization.accountRequests.get(CreateAccountRequestId!);
      if (!request) throw refusals.createAccountStatusNotFound();
      const { requestedAt, accountId: AccountId, failureReason: FailureReason } = request;
      return {
        CreateAccountStatus: {
          ...requestAnswer(request),
          CompletedTimestamp: new Date(requestedAt),
          ...(AccountId ? { State: 'SUCCEEDED', AccountId } : { State: 'FAILED', FailureReason }),
        },
      };
    },
  }),

  DescribeAccount: operation<DescribeAccountRequest, DescribeAccountResponse>({
    callers: 'administrators',
    input: { AccountId: required(accountId) },
    asks: ({ AccountId }, { organization }) => [{ resources: [organization.arnOfId(AccountId!)] }],
    run: ({ AccountId }, { organization }) => {
      const account = organization.tree.account(AccountId!);
      if (!account) throw refusals.accountNotFound();
      return { Account: accountAnswer(organization, account) };
    },
  }),

  ListAccounts: operation<ListAccountsRequest, ListAccountsResponse>({
    callers: 'administrators',
    input: paging,
    run: (input, context) => {
      const { items, ...next } = page(context.organization.tree.accounts, input, context);
      return { Accounts: items.map((account) => accountAnswer(context.organization, account)), ...next };
    },
  }),

  ListAccountsForParent: operation<ListAccountsForParentRequest, ListAccountsForParentResponse>({
    callers: 'administrators',
    input: { ParentId: required(parentId), ...paging },
    asks: ({ ParentId }, { organization }) => [{ resources: [organization.arnOfId(ParentId!)] }],
    run: (input, context) => {
      const parent = context.organization.tree.unit(input.ParentId!);
      if (!parent) throw refusals.parentNotFound();
      const { items, ...next } = page(parent.accounts, input, context);
      return { Accounts: items.map((account) => accountAnswer(context.organization, account)), ...next };
    },
  }),

  MoveAccount: operation<MoveAccountRequest, object>({
    callers: 'management',
    input: { AccountId: required(accountId), SourceParentId: required(parentId), DestinationParentId: required(parentId) },
    asks: ({ AccountId, SourceParentId, DestinationParentId }, { organization }) => [
      { resources: [AccountId!, SourceParentId!, DestinationParentId!].map((id) => organization.arnOfId(id)) },
    ],
    run: ({ AccountId, SourceParentId, DestinationParentId }, { organization, now, settings }) => {
      const { tree } = organization;
      const account = tree.account(AccountId!);
      if (!account) throw refusals.accountNotFound();
      if (tree.unit(SourceParentId!) !== account.parent) throw refusals.sourceParentNotFound();
      const destination = tree.unit(DestinationParentId!);
      if (!destination) throw refusals.destinationParentNotFound();
      if (destination === account.parent) throw refusals.duplicateAccount();
      tree.move(account, destination, now, now + settings.effectivePolicyDelayMs);
      return {};
    },
  }),
};

/** An account as the API shows it, with `Status` beside `State`, as recorded even after AWS's date for retiring it. */
export function accountAnswer(organization: Organization, account: Account): AccountAnswer {
  return {
    Id: account.id,
    Arn: organization.arnOf(account),
    Email: account.email,
    Name: account.name,
    Status: statusOf(account),
    State: account.state,
    Paths: [organization.pathOf(account)],
    JoinedMethod: account.joinedMethod,
    JoinedTimestamp: new Date(account.joinedAt),
  };
}

/** `Status` knows fewer words than `State`: a closed account reports SUSPENDED. */
function statusOf({ state }: Account): AccountAnswer['Status'] {
  switch (state) {
    case 'CLOSED': return 'SUSPENDED';
    case 'PENDING_ACTIVATION': return 'ACTIVE';
    default: return state;
  }
}

function requestAnswer({ id, accountName, requestedAt }: AccountRequest): CreateAccountStatus {
  return { Id: id, AccountName: accountName, RequestedTimestamp: new Date(requestedAt) };
}
