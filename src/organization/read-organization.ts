import { scoped } from './concurrency';
import { nameOf, OrganizationsError } from './errors';
import type { OrganizationsClient } from './organizations-client';
import { policyTypeOn, readRoot } from './policy-type';
import type { ProgressListener } from './progress';
import { readPolicies } from './read-policies';
import { listAccounts, readTree } from './read-tree';
import { unlessDenied, type Reading } from './reading';
import type { Gap, OrganizationSnapshot } from './snapshot';

export interface ReadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

/**
 * Reads the organization: what is attached where, and where every account is. What the caller may not read is named in `gaps`.
 *
 * Calls: one for every 20 accounts, two or three for every policy, one for every unit that has units below it, and three more.
 *
 * @throws OrganizationsError where the account is in none, or where AWS throttles or fails for too long
 */
export async function readOrganization(client: OrganizationsClient, { signal: outer, onProgress }: ReadOptions = {}): Promise<OrganizationSnapshot> {
  return scoped(outer, async (signal) => {
    const gaps: Gap[] = [];
    const reading: Reading = { client, signal, onProgress, gaps };
    const described = await describeOrganization(reading);
    onProgress?.({ kind: 'step', phase: 'organization', done: 1, total: 1 });

    const [root, listed, { policies, attachments }] = await Promise.all([
      unlessDenied(reading, 'ListRoots', undefined, readRoot(client, signal)),
      listAccounts(reading),
      readPolicies(reading),
    ]);
    const { organizationId, managementAccountId } = described ?? organizationOf(root, gaps);
    const { rootId, units, accounts } = await readTree(reading, listed ?? [], root?.Id, [...attachments.keys()]);
    return { organizationId, managementAccountId, rootId: rootId ?? '', policyType: policyTypeOn(root), units, accounts, policies, attachments, gaps };
  });
}

type Ids = Pick<OrganizationSnapshot, 'organizationId' | 'managementAccountId'>;

async function describeOrganization(reading: Reading): Promise<Ids | undefined> {
  const { client, signal } = reading;
  try {
    const answer = await unlessDenied(reading, 'DescribeOrganization', undefined, client.call('DescribeOrganization', {}, signal));
    return answer?.Organization && { organizationId: answer.Organization.Id!, managementAccountId: answer.Organization.MasterAccountId! };
  } catch (error) {
    if (nameOf(error) !== 'AWSOrganizationsNotInUseException') throw error;
    throw new OrganizationsError('noOrganization', 'this account is not in an organization, and an opt-out policy only exists in one', { cause: error });
  }
}

/** The root's ARN holds what DescribeOrganization would have said. */
function organizationOf(root: { Arn?: string } | undefined, gaps: Gap[]): Ids {
  const ids = /:(\d{12}):root\/(o-[^/]+)\//.exec(root?.Arn ?? '');
  if (ids) return { managementAccountId: ids[1], organizationId: ids[2] };
  throw new OrganizationsError('denied', `the organization may not be read: ${gaps[0].error}`);
}
