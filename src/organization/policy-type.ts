import type { Root } from '@aws-sdk/client-organizations';
import { nameOf } from './errors';
import type { OrganizationsClient } from './organizations-client';
import type { PolicyTypeStatus } from './snapshot';
import { POLICY_TYPE } from '../policy/grammar';

type Client = Pick<OrganizationsClient, 'call' | 'list'>;

/**
 * How long to wait between two reads of the status, in milliseconds: below the documented rate of `ListRoots`, and long enough for AWS to accept
 * attachments after the second ENABLED.
 */
export const POLICY_TYPE_POLL = 5_000;

/** Reads the root. An organization has one. */
export async function readRoot(client: Client, signal?: AbortSignal): Promise<Root & { readonly Id: string }> {
  const [root] = await client.list('ListRoots', {}, signal);
  if (!root?.Id) throw Object.assign(new Error('ListRoots returned no root'), { name: 'MalformedAnswer' });
  return { ...root, Id: root.Id };
}

/** Whether the effective policy of an account in this state matters. It does in a state that this version does not know. */
export function isActive(state: string): boolean {
  return !['PENDING_ACTIVATION', 'SUSPENDED', 'PENDING_CLOSURE', 'CLOSED'].includes(state);
}

/**
 * Returns the status of the policy type on a root. A disabled type is not listed. `AvailablePolicyTypes` of `DescribeOrganization` is of no use:
 * it lists service control policies only.
 */
export function policyTypeOn(root: Root | undefined): PolicyTypeStatus {
  if (!root) return 'UNKNOWN';
  return root.PolicyTypes?.find(({ Type }) => Type === POLICY_TYPE)?.Status ?? 'DISABLED';
}

/** Enables the policy type. Returns false if another process has enabled it, or an earlier attempt whose answer was lost. */
export async function enablePolicyType(client: Client, RootId: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await client.call('EnablePolicyType', { RootId, PolicyType: POLICY_TYPE }, signal);
    return true;
  } catch (error) {
    if (nameOf(error) === 'PolicyTypeAlreadyEnabledException') return false;
    throw error;
  }
}

export interface EnablementOptions {
  readonly signal?: AbortSignal;

  /** The root, if it was read just before. */
  readonly root?: Root;

  /** Waits before the status is read again, given the status that was read last. Throws to give up. */
  readonly wait: (status: PolicyTypeStatus) => Promise<void>;

  /**
   * Is called while the policy type is disabled.
   *
   * @default enablePolicyType
   */
  readonly whenDisabled?: (rootId: string) => Promise<unknown>;
}

/**
 * Enables the policy type and waits until `ListRoots` returns ENABLED twice in a row: after the first time, AWS may still reject an attachment. A
 * change that is in progress is waited for.
 */
export async function awaitEnabled(
  client: Client, { signal, root, wait, whenDisabled = async (rootId) => enablePolicyType(client, rootId, signal) }: EnablementOptions,
): Promise<void> {
  let before: PolicyTypeStatus | undefined;
  for (let found = root; ; found = undefined) {
    found ??= await readRoot(client, signal);
    const status = policyTypeOn(found);
    if (status === 'ENABLED' && before === 'ENABLED') return;
    if (status === 'DISABLED') await whenDisabled(found!.Id!);
    before = status;
    await wait(status);
  }
}
