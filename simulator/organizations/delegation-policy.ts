import { checkOperators, listOf, matches, meets, type ConditionContext, type Conditions } from './conditions';
import { refusals } from './errors';
import { isObject } from './input';

/** One statement of a delegation policy. */
export interface DelegationStatement {
  readonly effect: 'Allow' | 'Deny';

  /** Account ids; `*` is every account of the organization. */
  readonly accounts: readonly string[];

  /** Patterns, for example `organizations:List*`. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: Conditions;
}

/** One action of a member account on one resource. */
export interface DelegatedRequest {
  readonly accountId: string;
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
}

/** What a delegation policy says about a request. Without a matching statement it says nothing. */
export type DelegationVerdict = 'allowed' | 'denied' | undefined;

/** A delegation policy as AWS stores and returns it. */
export interface DelegationDocument {
  readonly content: string;
  readonly statements: readonly DelegationStatement[];
}

/**
 * Actions that a delegation policy may name: the list of the user guide, and five reads that AWS accepted although the list omits them (recorded).
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs-policy-delegate.html
 */
export const DELEGABLE_ACTIONS: readonly string[] = [
  'AttachPolicy', 'CreatePolicy', 'DeletePolicy', 'DescribeAccount', 'DescribeCreateAccountStatus', 'DescribeEffectivePolicy', 'DescribeHandshake',
  'DescribeOrganization', 'DescribeOrganizationalUnit', 'DescribePolicy', 'DescribeResourcePolicy', 'DescribeResponsibilityTransfer', 'DetachPolicy',
  'DisablePolicyType', 'EnablePolicyType', 'ListAWSServiceAccessForOrganization', 'ListAccounts', 'ListAccountsForParent',
  'ListAccountsWithInvalidEffectivePolicy', 'ListChildren', 'ListCreateAccountStatus', 'ListDelegatedAdministrators',
  'ListDelegatedServicesForAccount', 'ListEffectivePolicyValidationErrors', 'ListHandshakesForAccount', 'ListHandshakesForOrganization',
  'ListInboundResponsibilityTransfers', 'ListOrganizationalUnitsForParent', 'ListOutboundResponsibilityTransfers', 'ListParents', 'ListPolicies',
  'ListPoliciesForTarget', 'ListRoots', 'ListTagsForResource', 'ListTargetsForPolicy', 'TagResource', 'UntagResource', 'UpdatePolicy',
];

/** The other operations of the service model. A pattern must not match one of them: `organizations:*` was refused (recorded). */
export const OTHER_ACTIONS: readonly string[] = [
  'AcceptHandshake', 'CancelHandshake', 'CloseAccount', 'CreateAccount', 'CreateGovCloudAccount', 'CreateOrganization', 'CreateOrganizationalUnit',
  'DeclineHandshake', 'DeleteOrganization', 'DeleteOrganizationalUnit', 'DeleteResourcePolicy', 'DeregisterDelegatedAdministrator',
  'DisableAWSServiceAccess', 'EnableAWSServiceAccess', 'EnableAllFeatures', 'InviteAccountToOrganization',
  'InviteOrganizationToTransferResponsibility', 'LeaveOrganization', 'MoveAccount', 'PutResourcePolicy', 'RegisterDelegatedAdministrator',
  'RemoveAccountFromOrganization', 'TerminateResponsibilityTransfer', 'UpdateOrganizationalUnit', 'UpdateResponsibilityTransfer',
];

const ACCOUNT_ID = /^\d{12}$/;
const ACCOUNT_ROOT = /^arn:aws[a-z-]*:iam::(\d{12}):root$/;

/**
 * Reads the text of a delegation policy.
 *
 * @throws InvalidInputException with AWS's reason
 */
export function parseDelegationPolicy(text: string): DelegationDocument {
  const document = parsed(text);
  if (!isObject(document)) throw refusals.resourcePolicyJson();
  const statements = members(document.Statement).map((statement) => {
    if (!isObject(statement)) throw refusals.resourcePolicyJson();
    return { ...statement, ...('Principal' in statement && { Principal: normalizedPrincipal(statement.Principal) }) } as Record<string, unknown>;
  });
  const version = 'Version' in document ? {} : { Version: '2008-10-17' };
  return {
    content: JSON.stringify({ ...version, ...document, Statement: Array.isArray(document.Statement) ? statements : statements[0] }),
    statements: statements.map(statementFrom),
  };
}

/** Evaluates a delegation policy for one request of a member account. */
export function delegationVerdict(statements: readonly DelegationStatement[], request: DelegatedRequest): DelegationVerdict {
  const effects = statements.filter((statement) => applies(statement, request)).map(({ effect }) => effect);
  if (effects.includes('Deny')) return 'denied';
  return effects.includes('Allow') ? 'allowed' : undefined;
}

function applies({ accounts, actions, resources, conditions }: DelegationStatement, request: DelegatedRequest): boolean {
  return accounts.some((account) => account === '*' || account === request.accountId)
    && actions.some((pattern) => matches(pattern, request.action, false))
    && resources.some((pattern) => matches(pattern, request.resource))
    && meets(conditions, request.context);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusals.resourcePolicyJson();
  }
}

function members(value: unknown): readonly unknown[] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) throw refusals.resourcePolicyJson();
  return listOf(value);
}

/** As recorded: an account id becomes the ARN of the account's root; `*` and services stay as they are. */
function normalizedPrincipal(principal: unknown): unknown {
  if (!isObject(principal) || principal.AWS === undefined) return principal;
  const root = (id: unknown) => ACCOUNT_ID.test(String(id)) ? `arn:aws:iam::${id}:root` : id;
  return { ...principal, AWS: Array.isArray(principal.AWS) ? principal.AWS.map(root) : root(principal.AWS) };
}

function statementFrom(statement: Record<string, unknown>): DelegationStatement {
  const { Effect, Principal, Action, Resource, Condition = {} } = statement;
  // As recorded, also for the three elements that say what does not match.
  const excluding = ['NotPrincipal', 'NotAction', 'NotResource'].some((element) => element in statement);
  if (excluding || (Effect !== 'Allow' && Effect !== 'Deny') || !isObject(Condition)) throw refusals.resourcePolicyJson();
  const accounts = accountsIn(Principal);
  const actions = members(Action).map(String);
  for (const action of actions) if (!isDelegable(action)) throw refusals.resourcePolicyAction(action);
  checkOperators(Condition as Conditions);
  return { effect: Effect, accounts, actions, resources: members(Resource).map(String), conditions: Condition as Conditions };
}

/** As recorded: accounts, everybody and services are accepted; roles are not. */
function accountsIn(principal: unknown): string[] {
  if (principal === '*') return ['*'];
  if (!isObject(principal)) throw refusals.resourcePolicyJson();
  if (principal.AWS === undefined) return members(principal.Service).flatMap(() => []);
  return members(principal.AWS).map((account) => {
    const id = account === '*' ? '*' : ACCOUNT_ROOT.exec(String(account))?.[1];
    if (id === undefined) throw refusals.resourcePolicyJson();
    return id;
  });
}

function isDelegable(action: string): boolean {
  const named = (names: readonly string[]) => names.some((name) => matches(action, `organizations:${name}`, false));
  return named(DELEGABLE_ACTIONS) && !named(OTHER_ACTIONS);
}
