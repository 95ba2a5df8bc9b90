import { scoped } from './concurrency';
import { EffectiveAnswers } from './effective-answers';
import { describeError, isDenied, nameOf } from './errors';
import { Inquiry, type Candidate, type Observation } from './inquiry';
import { Judge, type Judgement } from './judgement';
import type { OrganizationsClient } from './organizations-client';
import { PolicyPaths } from './policy-paths';
import { readOrganization, type ReadOptions } from './read-organization';
import { isActive } from './read-tree';
import { Requirement } from './requirement';
import type { Account, Gap, OrganizationSnapshot } from './snapshot';
import type { EvidenceMode } from './verification';
import { POLICY_TYPE } from '../policy/grammar';

export interface VerifyOptions extends ReadOptions {
  /** Who asks, as STS GetCallerIdentity says. A member account learns about this account only. */
  readonly askedBy: { readonly arn: string; readonly accountId: string };

  /** @default 'auto' */
  readonly evidence?: EvidenceMode;

  /**
   * Random accounts that AWS is asked about where statuses are computed because `evidence` is `auto`.
   *
   * @default 25
   */
  readonly spotChecks?: number;

  /**
   * Chooses the accounts for the spot-checks; the same seed chooses the same ones of the same organization.
   *
   * @default - from the time
   */
  readonly seed?: number;

  /**
   * Keys of services that have to be opted out of, each by its own entry or by `default`.
   *
   * @default - everything: `default` has to be optOut, and no entry may be optIn
   */
  readonly services?: readonly string[];
}

/** All that was found out. Statuses are in the judgements; the rest is for explaining them. */
export interface Evidence {
  readonly snapshot: OrganizationSnapshot;
  readonly requirement: Requirement;

  /** One for every active account. */
  readonly judgements: Judgement[];

  /** What AWS answered, for the accounts that it was asked about. */
  readonly observations: Observation[];

  /** Accounts whose policies AWS could not put into effect. */
  readonly invalid: string[];

  /** Accounts that are not judged: suspended and closed ones, and those that left meanwhile. */
  readonly inactive: Account[];

  /** Whether only the caller's own account could be seen. */
  readonly alone: boolean;

  /** Accounts that were chosen at random, and what chose them. */
  readonly spotChecked: number;
  readonly seed: number;
}

const SPOT_CHECKS = 25;

/**
 * Reads the organization, asks AWS where that is needed, and judges every active account.
 *
 * @throws OrganizationsError as `readOrganization` does
 */
export async function gatherEvidence(client: OrganizationsClient, options: VerifyOptions): Promise<Evidence> {
  return scoped(options.signal, async (signal) => {
    const { onProgress, askedBy, services, spotChecks = SPOT_CHECKS, evidence: mode = 'auto', seed = client.clock.now() % 2 ** 31 } = options;
    const snapshot = await readOrganization(client, { signal, onProgress });
    const alone = snapshot.gaps.some(({ operation }) => operation === 'ListAccounts');
    const candidates = alone ? [callerAlone(askedBy.accountId)] : candidatesIn(snapshot);
    const inForce = snapshot.policyType === 'ENABLED' || snapshot.policyType === 'UNKNOWN';
    const invalid = inForce && !alone ? await invalidAccounts(client, snapshot.gaps, signal) : [];

    const requirement = new Requirement({ services });
    const answers = new EffectiveAnswers(client, signal);
    const suspects = new Set(invalid);
    const inquiry = new Inquiry(answers, { mode, spotChecks, seed, requirement, signal, onProgress, suspects, clock: client.clock });
    if (inForce) await inquiry.run(candidates);

    const observations = [...inquiry.observations.values()];
    const left = new Set(observations.filter(({ answer }) => answer.kind === 'left').map(({ account }) => account.id));
    const judge = new Judge(snapshot.policyType, requirement, inquiry);
    return {
      snapshot,
      requirement,
      judgements: candidates.filter(({ account }) => !left.has(account.id)).map((candidate) => judge.judge(candidate)),
      observations,
      invalid,
      inactive: snapshot.accounts.filter(({ id, state }) => !isActive(state) || left.has(id))
        .map((account) => (left.has(account.id) ? { ...account, state: 'LEFT' } : account)),
      alone,
      spotChecked: inquiry.spotChecked,
      seed,
    };
  });
}

function candidatesIn(snapshot: OrganizationSnapshot): Candidate[] {
  const paths = new PolicyPaths(snapshot);
  return snapshot.accounts.filter(({ state }) => isActive(state)).map((account) => ({ account, path: paths.of(account) }));
}

/** A member account sees nothing but its own effective policy. */
function callerAlone(id: string): Candidate {
  const account: Account = { id, name: id, parentId: '', state: 'ACTIVE' };
  return { account, path: { levels: [], missing: 'which policies are attached cannot be seen from this account', likeness: id } };
}

/** Where AWS does not offer this, or not to this caller, nothing is known to be invalid. */
async function invalidAccounts(client: OrganizationsClient, gaps: Gap[], signal: AbortSignal): Promise<string[]> {
  const operation = 'ListAccountsWithInvalidEffectivePolicy';
  try {
    const accounts = await client.list(operation, { PolicyType: POLICY_TYPE }, signal);
    return accounts.map(({ Id }) => Id!);
  } catch (error) {
    if (isDenied(error)) gaps.push({ operation, error: describeError(error) });
    else if (!/^(UnknownOperation|EffectivePolicyNotFound|UnsupportedAPIEndpoint|ConstraintViolation|InvalidInput)Exception$/.test(nameOf(error))) throw error;
    return [];
  }
}
