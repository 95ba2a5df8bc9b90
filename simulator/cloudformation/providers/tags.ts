import { type ResourceContext } from '../resource-provider';

/** A resource's own tags on top of its stack's. */
export function mergedTags(stackTags: Record<string, string>, properties: any): Array<{ Key: string; Value: string }> {
  const own: Array<[string, string]> = (properties.Tags ?? []).map((tag: { Key: string; Value: string }) => [tag.Key, String(tag.Value)]);
  return Object.entries({ ...stackTags, ...Object.fromEntries(own) }).map(([Key, Value]) => ({ Key, Value }));
}

/** Whether a resource gets any tag. */
export function hasTags(context: ResourceContext, properties: any): boolean {
  return mergedTags(context.stack.tags, properties).length > 0;
}
