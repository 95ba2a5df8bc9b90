import { scoped } from './concurrency';
import { describeError, isDenied, nameOf, OrganizationsError } from './errors';
import type { OrganizationsClient } from './organizations-client';
import { policyTypeOn, readRoot } from './policy-type';
import type { ProgressListener } from './progress';
import { readPolicies } from './read-policies';
import { listAccounts, readTree } from './read-tree';
import { orGap, type Reading } from './reading';
import type { Gap, OrganizationSnapshot } from './snapshot';

export interface ReadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressListener;
}

/**
 * Reads the organization: what is attached where, and where every account is. Other reads that fail than that of the accounts are listed in `gaps`.
 *
 * Calls: one for every 20 accounts, two or three for every policy, one for every unit that has units below it, and two more.
 *
 * @throws OrganizationsError if the account is not in an organization, or AWS throttles or fails for too long
 */
export async function readOrganization(client: OrganizationsClient, { signal: outer, onProgress }: ReadOptions = {}): Promise<OrganizationSnapshot> {
  return scoped(outer, async (signal) => {
    const gaps: Gap[] = [];
    const reading: Reading = { client, signal, onProgress, gaps };
    const [root, listed, { policies, attachments }] = await inOrganization(Promise.all([
      orGap(reading, 'ListRoots', undefined, readRoot(client, signal)),
      listAccounts(reading),
      readPolicies(reading),
    ]));
    const { organizationId, managementAccountId } = idsIn(root) ?? await describeOrganization(reading);
    onProgress?.({ kind: 'step', phase: 'organization', done: 1, total: 1 });
    const { rootId, units, accounts } = await readTree(reading, listed ?? [], root?.Id, [...attachments.keys()]);
    return { organizationId, managementAccountId, rootId: rootId ?? '', policyType: policyTypeOn(root), units, accounts, policies, attachments, gaps };
  });
}

type Ids = Pick<OrganizationSnapshot, 'organizationId' | 'managementAccountId'>;

/** The root's ARN holds what DescribeOrganization returns. */
function idsIn(root: { Arn?: string } | undefined): Ids | undefined {
  const ids = /:(\d{12}):root\/(o-[^/]+)\//.exec(root?.Arn ?? '');
  return ids ? { managementAccountId: ids[1], organizationId: ids[2] } : undefined;
}

async function describeOrganization({ client, signal, gaps }: Reading): Promise<Ids> {
  try {
    const { Organization } = await inOrganization(client.call('DescribeOrganization', {}, signal));
    return { organizationId: Organization!.Id!, managementAccountId: Organization!.MasterAccountId! };
  } catch (error) {
    if (!isDenied(error)) throw error;
    const roots = gaps.find(({ operation }) => operation === 'ListRoots');
    throw new OrganizationsError('denied', `the organization may not be read: ListRoots: ${roots?.error ?? describeError(error)}`, { cause: error });
  }
}

async function inOrganization<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (nameOf(error) !== 'AWSOrganizationsNotInUseException') throw error;
    throw new OrganizationsError('noOrganization', 'this account is not in an organization, and an opt-out policy only exists in one', { cause: error });
  }
}
