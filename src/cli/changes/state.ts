import { OWN_TAG } from './change';
import type { Connection } from './open';
import type { Ownership } from './plan';
import { billingOnly, memberAccount } from './refusal';
import { describeError, isDenied, readOrganization, type OrganizationSnapshot } from '../../organization';

/**
 * Reads the organization, and stops where nothing could be changed in it.
 *
 * @throws CliError for a member account and where there is billing only, OrganizationsError where there is no organization
 */
export async function readState({ client, accountId }: Connection, signal: AbortSignal): Promise<OrganizationSnapshot> {
  const snapshot = await readOrganization(client, { signal });
  const roots = snapshot.gaps.find(({ operation }) => operation === 'ListRoots');
  if (snapshot.policyType === 'UNKNOWN' && roots && accountId !== snapshot.managementAccountId) {
    throw memberAccount(accountId, snapshot.managementAccountId);
  }
  if (snapshot.policyType === 'DISABLED') {
    const { Organization } = await client.call('DescribeOrganization', {}, signal);
    if (Organization?.FeatureSet !== 'ALL') throw billingOnly(snapshot.organizationId);
  }
  return snapshot;
}

/** Reads the tags of those policies that could be ours: the one of that name, and the neighbours on the targets. */
export async function readOwnership(
  { client }: Connection, { policies, rootId, attachments }: OrganizationSnapshot, name: string, targetIds: string[] = [rootId], signal?: AbortSignal,
): Promise<Ownership> {
  const neighbours = targetIds.flatMap((id) => attachments.get(id) ?? []);
  const own = new Set<string>();
  const unknown = new Map<string, string>();
  for (const { id } of policies.filter((policy) => policy.name === name || neighbours.includes(policy.id))) {
    try {
      if (await isOwn({ client }, id, signal)) own.add(id);
    } catch (error) {
      if (!isDenied(error) && (error as Error).name !== 'TargetNotFoundException') throw error;
      unknown.set(id, describeError(error));
    }
  }
  return { own, unknown };
}

/** Whether a policy carries our tag. */
export async function isOwn({ client }: Pick<Connection, 'client'>, policyId: string, signal?: AbortSignal): Promise<boolean> {
  const tags = await client.list('ListTagsForResource', { ResourceId: policyId }, signal);
  return tags.some(({ Key }) => Key === OWN_TAG.Key);
}
