import type {
  CreatePolicyRequest, CreatePolicyResponse, DeletePolicyRequest, DescribePolicyRequest, DescribePolicyResponse, ListPoliciesRequest,
  ListPoliciesResponse, Policy as PolicyAnswer, PolicySummary, PolicyType, UpdatePolicyRequest, UpdatePolicyResponse,
} from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { choice, paging, policyId, required, tags, text } from '../input';
import { page } from '../paging';
import { admits, MAX_POLICIES, maxCharacters, POLICY_TYPES } from '../policy-type-rules';
import { operation, tagContext, type Context, type Question } from './operation';
import type { Organization } from '../state/organization';
import type { Policy } from '../state/policies';

const name = text({ min: 1, max: 128 });
const description = text({ max: 512 });
const content = text({ min: 1 });

/** Policies as such. Neither creating nor changing one needs its type to be enabled. */
export const policyOperations = {
  CreatePolicy: operation<CreatePolicyRequest, CreatePolicyResponse>({
    callers: 'administrators',
    input: {
      Content: required(content),
      Description: required(description),
      Name: required(name),
      Type: required(choice(POLICY_TYPES)),
      Tags: tags,
    },
    asks: ({ Type, Tags }, { organization }) => {
      const question = {
        resources: [organization.policyArn({ type: Type!, id: organization.peekPolicyId() })],
        context: { 'organizations:PolicyType': Type!, ...tagContext(Tags) },
      };
      return [question, ...(Tags?.length ? [{ ...question, action: 'TagResource' }] : [])];
    },
    run: ({ Content, Description, Name, Type, Tags }, { organization }) => {
      const { policies } = organization;
      if (organization.featureSet !== 'ALL') throw refusals.policyTypeNotAvailable();
      admit(Type!, Content!);
      if (policies.named(Type!, Name!)) throw refusals.duplicatePolicy();
      if (policies.ofType(Type!).length >= MAX_POLICIES) throw refusals.tooManyPolicies();
      const id = organization.nextPolicyId();
      const policy = policies.add({ id, type: Type!, name: Name!, description: Description!, content: Content! });
      for (const { Key, Value } of Tags ?? []) policy.tags.set(Key!, Value!);
      return { Policy: policyAnswer(organization, policy) };
    },
  }),

  UpdatePolicy: operation<UpdatePolicyRequest, UpdatePolicyResponse>({
    callers: 'administrators',
    input: { PolicyId: required(policyId), Name: name, Description: description, Content: content },
    asks: askAboutPolicy,
    run: ({ PolicyId, Name, Description, Content }, { organization, now, settings }) => {
      const { policies, published } = organization;
      const policy = policyWith(organization, PolicyId!);
      // All checks come before the first change: a refused update changes nothing.
      if (Content !== undefined) admit(policy.type, Content);
      const namesake = Name === undefined ? undefined : policies.named(policy.type, Name);
      if (namesake && namesake !== policy) throw refusals.duplicatePolicy();

      policy.name = Name ?? policy.name;
      policy.content = Content ?? policy.content;
      // As recorded: an empty description is echoed below, but does not replace the stored one.
      policy.description = Description || policy.description;
      for (const target of policy.targets) published.publish(policy.type, target, now, now + settings.effectivePolicyDelayMs);

      const { Name: _name, Description: _description, ...summary } = summaryAnswer(organization, policy);
      return {
        Policy: {
          PolicySummary: { ...summary, ...(Name !== undefined && { Name }), ...(Description !== undefined && { Description }) },
          Content: policy.content,
        },
      };
    },
  }),

  DeletePolicy: operation<DeletePolicyRequest, object>({
    callers: 'administrators',
    input: { PolicyId: required(policyId) },
    asks: askAboutPolicy,
    run: ({ PolicyId }, { organization }) => {
      const policy = policyWith(organization, PolicyId!);
      if (policy.targets.length > 0) throw refusals.policyInUse();
      organization.policies.remove(policy);
      return {};
    },
  }),

  DescribePolicy: operation<DescribePolicyRequest, DescribePolicyResponse>({
    callers: 'administrators',
    input: { PolicyId: required(policyId) },
    asks: askAboutPolicy,
    run: ({ PolicyId }, { organization }) => ({ Policy: policyAnswer(organization, policyWith(organization, PolicyId!)) }),
  }),

  ListPolicies: operation<ListPoliciesRequest, ListPoliciesResponse>({
    callers: 'administrators',
    input: { Filter: required(choice(POLICY_TYPES)), ...paging },
    asks: ({ Filter }) => [{ context: { 'organizations:PolicyType': Filter! } }],
    run: (input, context) => {
      const { items, ...next } = page(context.organization.policies.ofType(input.Filter!), input, context);
      return { Policies: items.map((policy) => summaryAnswer(context.organization, policy)), ...next };
    },
  }),
};

export function policyWith(organization: Organization, id: string): Policy {
  const policy = organization.policies.find(id);
  if (!policy) throw refusals.policyNotFound();
  return policy;
}

/** IAM is asked with the policy's type, so a policy that does not exist is reported before IAM can be asked. */
export function askAboutPolicy({ PolicyId }: { PolicyId?: string }, { organization }: Context): Question[] {
  const policy = policyWith(organization, PolicyId!);
  return [{ resources: [organization.policyArn(policy)], context: { 'organizations:PolicyType': policy.type } }];
}

export function summaryAnswer(organization: Organization, policy: Policy): PolicySummary {
  return {
    Id: policy.id,
    Arn: organization.policyArn(policy),
    Name: policy.name,
    Description: policy.description,
    Type: policy.type as PolicyType,
    AwsManaged: false,
  };
}

function policyAnswer(organization: Organization, policy: Policy): PolicyAnswer {
  return { PolicySummary: summaryAnswer(organization, policy), Content: policy.content };
}

/** Whether AWS looks at the size or at the grammar first was never recorded. */
function admit(type: string, document: string): void {
  if ([...document].length > maxCharacters(type)) throw refusals.policyTooLong(maxCharacters(type));
  if (!admits(type, document)) throw refusals.malformedPolicy();
}
