import { organizations } from './aws';
import { log } from './log';
import { assessOrganization } from '../../organization/evidence';
import type { PolicyTypeStatus } from '../../organization/snapshot';
import type { Status } from '../../organization/verification';

/** The accounts that are not opted out, and those whose status is unknown. */
export interface Verification {
  readonly organizationId: string;
  readonly rootId: string;
  readonly policyType: PolicyTypeStatus;

  /** How many active accounts there are. */
  readonly accounts: number;
  readonly notOptedOut: AccountStatus[];
  readonly unknown: AccountStatus[];

  /** The account at which the next verification begins to read effective policies. */
  readonly next?: string;
}

export interface AccountStatus {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
  readonly reason: string;
}

/** Accounts in one line of the log. */
const LOGGED = 500;

const { REQUIRED, SPOT_CHECKS } = process.env;

/**
 * Verifies the organization until the deadline.
 *
 * @param from the `next` of the verification before
 * @throws if the organization could not be read
 */
export async function verify(deadline: AbortSignal, from = ''): Promise<Verification> {
  const { snapshot, assessments, next } = await assessOrganization(organizations(), {
    deadline, from, queryAllUpTo: 0, spotChecks: Number(SPOT_CHECKS), required: JSON.parse(REQUIRED ?? '{}'),
  });
  // An organization has at least its management account. Without an account, every status would be good.
  if (assessments.length === 0) throw new Error('ListAccounts returned no active account');
  const { organizationId, rootId, policyType, gaps } = snapshot;
  const units = new Map(snapshot.units.map(({ id, name }) => [id, `OU ${name}`])).set(rootId, 'the root');
  const having = (wanted: Status) => {
    const accounts = assessments.filter(({ status }) => status === wanted)
      .map(({ account: { id, name, parentId }, reason }): AccountStatus => (
        { id, name, unit: units.get(parentId) ?? 'an unknown place', reason: reason.replace(/^unknown: /, '') }
      ))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    for (let index = 0; index < accounts.length; index += LOGGED) {
      const texts = accounts.slice(index, index + LOGGED).map(({ id, unit, reason }) => `${id} (${unit}): ${reason}`);
      log({ step: 'found', status: wanted, accounts: texts });
    }
    return accounts;
  };
  if (gaps.length > 0) log({ step: 'gaps', gaps });
  return { organizationId, rootId, policyType, accounts: assessments.length, notOptedOut: having('notOptedOut'), unknown: having('unknown'), next };
}
