import { assess, sharedOf, type Assessment, type Facts } from './assessment';
import { scoped } from './concurrency';
import { EffectivePolicies, type Candidate, type Observation, type QueryBudget } from './effective-policies';
import { describeError, nameOf, OrganizationsError } from './errors';
import type { OrganizationsClient } from './organizations-client';
import { PolicyPaths } from './policy-paths';
import { isActive } from './policy-type';
import { readOrganization, type ReadOptions } from './read-organization';
import { isGap } from './reading';
import { Requirement, type Required } from './requirement';
import type { Account, Gap, OrganizationSnapshot } from './snapshot';
import { POLICY_TYPE } from '../policy/grammar';

export interface AssessmentOptions extends ReadOptions, QueryBudget, Pick<Facts, 'optedOutBy'> {
  /** The caller's account. A member account can only read its own effective policy; undefined if that is of no use to the caller. */
  readonly accountId?: string;

  /** @default - everything */
  readonly required?: Required;
}

/** Everything that was read, and the status of every account. */
export interface Evidence {
  readonly snapshot: OrganizationSnapshot;
  readonly requirement: Requirement;

  /** One for every active account. */
  readonly assessments: Assessment[];

  /** Results of DescribeEffectivePolicy. */
  readonly observations: Observation[];

  /** Accounts with an invalid effective policy, as far as AWS lists them. */
  readonly invalid: string[];

  /** Accounts without a status: suspended and closed accounts, and accounts that left the organization during the verification. */
  readonly inactive: Account[];

  /** Whether only the caller's own account could be read. */
  readonly alone: boolean;

  /** How many accounts chosen for spot checks have a result, and how many should have. */
  readonly spotChecked: number;
  readonly spotChecksWanted: number;

  /** The account at which the next verification in turn begins. */
  readonly next?: string;
}

/**
 * Reads the organization, reads effective policies where they are needed, and assesses every active account.
 *
 * @throws OrganizationsError as `readOrganization` does, and the deadline's reason if the organization was not read by then
 */
export async function assessOrganization(client: OrganizationsClient, options: AssessmentOptions): Promise<Evidence> {
  return scoped(options.signal ?? options.deadline, async (signal) => {
    const { onProgress, accountId, required, deadline } = options;
    const snapshot = await readOrganization(client, { signal, onProgress });
    const unlisted = snapshot.gaps.find(({ operation }) => operation === 'ListAccounts');
    const alone = unlisted !== undefined;
    if (alone && accountId === undefined) throw new OrganizationsError('denied', `the accounts could not be listed: ${unlisted.error}`);
    const candidates = alone ? [callerAlone(accountId!)] : candidatesIn(snapshot);
    const inForce = snapshot.policyType === 'ENABLED' || snapshot.policyType === 'UNKNOWN';
    // Without the policy type, no effective policy can be invalid. A member account cannot read the list.
    const invalid = inForce && !alone ? await invalidAccounts(client, snapshot.gaps, signal, deadline) : new Set<string>();

    const requirement = new Requirement(required);
    const effectivePolicies = new EffectivePolicies({ client, signal, onProgress, requirement, policyType: snapshot.policyType, invalid }, options);
    if (inForce) await effectivePolicies.query(candidates);

    const { observations, spotChecked, spotChecksWanted, next } = effectivePolicies;
    const left = new Set([...observations.values()].filter(({ result }) => result.kind === 'left').map(({ account }) => account.id));
    const invalidError = invalid ? undefined : snapshot.gaps.at(-1)!.error;
    const known = { policyType: snapshot.policyType, requirement, invalid, invalidError, observations };
    const facts = { ...known, shared: sharedOf(known), optedOutBy: options.optedOutBy };
    return {
      snapshot,
      requirement,
      assessments: candidates.filter(({ account }) => !left.has(account.id)).map((candidate) => assess(candidate, facts)),
      observations: [...observations.values()],
      invalid: [...invalid ?? []],
      inactive: snapshot.accounts.filter(({ id, state }) => !isActive(state) || left.has(id))
        .map((account) => (left.has(account.id) ? { ...account, state: 'LEFT' } : account)),
      alone,
      spotChecked: spotChecked.filter(({ account }) => observations.get(account.id)!.result.kind === 'document').length,
      spotChecksWanted,
      next,
    };
  });
}

function candidatesIn(snapshot: OrganizationSnapshot): Candidate[] {
  const paths = new PolicyPaths(snapshot);
  return snapshot.accounts.filter(({ state }) => isActive(state)).map((account) => ({ account, path: paths.of(account) }));
}

function callerAlone(id: string): Candidate {
  const account: Account = { id, name: id, parentId: '', state: 'ACTIVE' };
  return { account, path: { levels: [], missing: 'which policies are attached cannot be seen from this account', equivalenceKey: id } };
}

/** Returns the ids of the accounts with an invalid effective policy. If they cannot be read, returns undefined and adds a gap. */
async function invalidAccounts(
  client: OrganizationsClient, gaps: Gap[], signal: AbortSignal, deadline?: AbortSignal,
): Promise<Set<string> | undefined> {
  const operation = 'ListAccountsWithInvalidEffectivePolicy';
  try {
    const accounts = await client.list(operation, { PolicyType: POLICY_TYPE }, signal);
    return new Set(accounts.map(({ Id }) => Id!));
  } catch (error) {
    if (!deadline?.aborted) signal.throwIfAborted();
    if (!isGap(error) && !/^(EffectivePolicyNotFound|AWSOrganizationsNotInUse)/.test(nameOf(error))) throw error;
    gaps.push({ operation, error: describeError(error) });
    return undefined;
  }
}
