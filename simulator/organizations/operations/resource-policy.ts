import type {
  DescribeResourcePolicyResponse, PutResourcePolicyRequest, PutResourcePolicyResponse, ResourcePolicy as ResourcePolicyAnswer,
} from '@aws-sdk/client-organizations';
import { parseDelegationPolicy } from '../delegation-policy';
import { refusals } from '../errors';
import { required, tags, text } from '../input';
import { operation, tagContext } from './operation';
import type { Organization } from '../state/organization';
import { ResourcePolicy } from '../state/resource-policy';

/** The delegation policy: what member accounts may do in the organization. */
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
      const document = parseDelegationPolicy(Content!);
      if (delegations.resourcePolicy && Tags?.length) throw refusals.resourcePolicyTags();
      const policy = delegations.resourcePolicy ?? new ResourcePolicy(organization.nextResourcePolicyId());
      policy.replace(document);
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
