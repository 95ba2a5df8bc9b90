import { type ResourceContext, type ResourceUpdate } from '../resource-provider';

/** A resource's own tags on top of its stack's. */
export function mergedTags(stackTags: Record<string, string>, properties: any): Array<{ Key: string; Value: string }> {
  const own: Array<[string, string]> = (properties.Tags ?? []).map((tag: { Key: string; Value: string }) => [tag.Key, String(tag.Value)]);
  return Object.entries({ ...stackTags, ...Object.fromEntries(own) }).map(([Key, Value]) => ({ Key, Value }));
}

/** What an update does to a resource's tags. */
export function tagChanges(context: ResourceContext, { properties, previous, previousTags }: ResourceUpdate) {
  const before = mergedTags(previousTags, previous);
  const after = mergedTags(context.stack.tags, properties);
  return {
    removed: before.filter((tag) => !after.some((other) => other.Key === tag.Key)).map((tag) => tag.Key),
    changed: after.filter((tag) => !before.some((other) => other.Key === tag.Key && other.Value === tag.Value)),
  };
}

/** Asks whether the deploying role may make an update's changes of the tags. */
export async function askToRetag(
  context: ResourceContext,
  update: ResourceUpdate,
  arn: string,
  actions: { tag: string; untag: string },
): Promise<void> {
  const { removed, changed } = tagChanges(context, update);
  if (removed.length > 0) await context.account.ask(actions.untag, arn);
  if (changed.length > 0) await context.account.ask(actions.tag, arn);
}

/** Whether a resource gets any tag. */
export function hasTags(context: ResourceContext, properties: any): boolean {
  return mergedTags(context.stack.tags, properties).length > 0;
}
