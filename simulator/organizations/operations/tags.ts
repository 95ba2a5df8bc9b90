import type {
  ListTagsForResourceRequest, ListTagsForResourceResponse, TagResourceRequest, UntagResourceRequest,
} from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { paging, required, taggableId, tagKeys, tags } from '../input';
import { page } from '../paging';
import { operation, tagContext, type Context, type Question } from './operation';
import type { Organization } from '../state/organization';

/** Tags that one resource may have. */
const MAX_TAGS = 50;

/** Tags of roots, units, accounts and policies. */
export const tagOperations = {
  TagResource: operation<TagResourceRequest, object>({
    callers: 'administrators',
    input: { ResourceId: required(taggableId), Tags: required(tags) },
    asks: ({ ResourceId, Tags }, context) => askAboutResource(ResourceId!, context, tagContext(Tags)),
    run: ({ ResourceId, Tags }, { organization }) => {
      const tagged = tagsOf(organization, ResourceId!);
      const merged = new Map([...tagged, ...Tags!.map(({ Key, Value }): [string, string] => [Key!, Value!])]);
      if (merged.size > MAX_TAGS) throw refusals.tooManyTags();
      for (const [key, value] of merged) tagged.set(key, value);
      return {};
    },
  }),

  UntagResource: operation<UntagResourceRequest, object>({
    callers: 'administrators',
    input: { ResourceId: required(taggableId), TagKeys: required(tagKeys) },
    asks: ({ ResourceId, TagKeys }, context) => askAboutResource(ResourceId!, context, { 'aws:TagKeys': TagKeys! }),
    run: ({ ResourceId, TagKeys }, { organization }) => {
      const tagged = tagsOf(organization, ResourceId!);
      for (const key of TagKeys!) tagged.delete(key);
      return {};
    },
  }),

  ListTagsForResource: operation<ListTagsForResourceRequest, ListTagsForResourceResponse>({
    callers: 'administrators',
    input: { ResourceId: required(taggableId), NextToken: paging.NextToken },
    asks: ({ ResourceId }, context) => askAboutResource(ResourceId!, context, {}),
    run: (input, context) => {
      const { items, ...next } = page([...tagsOf(context.organization, input.ResourceId!)], input, context);
      return { Tags: items.map(([Key, Value]) => ({ Key, Value })), ...next };
    },
  }),
};

function tagsOf({ delegations: { resourcePolicy }, policies, tree }: Organization, id: string): Map<string, string> {
  const resource = resourcePolicy?.id === id ? resourcePolicy : policies.find(id) ?? tree.target(id);
  if (!resource) throw refusals.targetNotFound();
  return resource.tags;
}

function askAboutResource(id: string, { organization }: Context, context: Record<string, string | string[]>): Question[] {
  const policy = organization.policies.find(id);
  if (policy) return [{ resources: [organization.policyArn(policy)], context: { 'organizations:PolicyType': policy.type, ...context } }];
  if (id.startsWith('p-')) throw refusals.targetNotFound();
  return [{ resources: [id.startsWith('rp-') ? organization.resourcePolicyArn(id) : organization.arnOfId(id)], context }];
}
