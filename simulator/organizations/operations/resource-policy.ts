import type {
  DescribeResourcePolicyResponse, PutResourcePolicyRequest, PutResourcePolicyResponse, ResourcePolicy as ResourcePolicyAnswer,
} from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { isObject, required, tags, text } from '../input';
import { operation, tagContext } from './operation';
import type { Organization } from '../state/organization';
import { ResourcePolicy, type ResourceStatement } from '../state/resource-policy';

const SERVICE_PREFIX = /^organizations:/i;

/** Actions that AWS keeps to the management account. Patterns such as `organizations:*` pass, but never reach these. */
const NOT_DELEGABLE = [
  'CloseAccount', 'CreateAccount', 'CreateOrganization', 'CreateOrganizationalUnit', 'DeleteOrganizationalUnit', 'DeleteResourcePolicy',
  'DeregisterDelegatedAdministrator', 'LeaveOrganization', 'MoveAccount', 'PutResourcePolicy', 'RegisterDelegatedAdministrator',
  'RemoveAccountFromOrganization', 'UpdateOrganizationalUnit',
].map((name) => name.toLowerCase());

/**
 * The delegation policy: what member accounts may do in the organization.
 *
 * The simulator reads principals and actions, see `ResourcePolicy`. The Reasons are AWS's; what exactly earns which was never recorded.
 */
export const resourcePolicyOperations = {
  PutResourcePolicy: operation<PutResourcePolicyRequest, PutResourcePolicyResponse>({
    callers: 'management',
    input: { Content: required(text({ min: 1, max: 40_000 })), Tags: tags },
    asks: ({ Tags }, { organization }) => {
      const id = organization.delegations.resourcePolicy?.id ?? organization.peekResourcePolicyId();
      const question = { resources: [organization.resourcePolicyArn(id)], context: tagContext(Tags) };
      return [question, ...(Tags?.length ? [{ ...question, action: 'TagResource' }] : [])];
    },
    run: ({ Content, Tags }, { organization }) => {
      if (organization.featureSet !== 'ALL') throw refusals.needsAllFeatures();
      const { delegations } = organization;
      const statements = statementsIn(Content!);
      const policy = delegations.resourcePolicy ?? new ResourcePolicy(organization.nextResourcePolicyId(), Content!, statements);
      policy.content = Content!;
      policy.statements = statements;
      for (const { Key, Value } of Tags ?? []) policy.tags.set(Key!, Value!);
      delegations.resourcePolicy = policy;
      return { ResourcePolicy: resourcePolicyAnswer(organization, policy) };
    },
  }),

  DescribeResourcePolicy: operation<object, DescribeResourcePolicyResponse>({
    callers: 'administrators',
    input: {},
    run: (_, { organization }) => ({ ResourcePolicy: resourcePolicyAnswer(organization, existing(organization)) }),
  }),

  DeleteResourcePolicy: operation<object, object>({
    callers: 'management',
    input: {},
    run: (_, { organization }) => {
      existing(organization);
      organization.delegations.resourcePolicy = undefined;
      return {};
    },
  }),
};

function existing({ delegations: { resourcePolicy } }: Organization): ResourcePolicy {
  if (!resourcePolicy) throw refusals.resourcePolicyNotFound();
  return resourcePolicy;
}

function resourcePolicyAnswer(organization: Organization, { id, content }: ResourcePolicy): ResourcePolicyAnswer {
  return { ResourcePolicySummary: { Id: id, Arn: organization.resourcePolicyArn(id) }, Content: content };
}

function statementsIn(content: string): ResourceStatement[] {
  const document = parsed(content);
  const statements = isObject(document) ? listed(document.Statement) : [];
  if (statements.length === 0) throw refusals.resourcePolicyJson();
  return statements.map((statement) => {
    if (!isObject(statement) || (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')) throw refusals.resourcePolicyJson();
    return {
      effect: statement.Effect,
      accountIds: listed(isObject(statement.Principal) ? statement.Principal.AWS : undefined).map(accountIn),
      operations: listed(statement.Action).map(operationIn),
    };
  });
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    throw refusals.resourcePolicyJson();
  }
}

/** IAM takes one of something for a list of one. */
function listed(value: unknown): unknown[] {
  if (value === undefined) throw refusals.resourcePolicyJson();
  return Array.isArray(value) ? value : [value];
}

function accountIn(principal: unknown): string {
  const account = /^(\d{12})$|^arn:[a-z-]+:iam::(\d{12}):(?:root$|user\/|role\/)/.exec(String(principal));
  if (!account) throw refusals.resourcePolicyPrincipal();
  return account[1] ?? account[2];
}

function operationIn(action: unknown): string {
  const name = String(action).replace(SERVICE_PREFIX, '');
  if (!SERVICE_PREFIX.test(String(action)) || NOT_DELEGABLE.includes(name.toLowerCase())) throw refusals.resourcePolicyAction();
  return name;
}
