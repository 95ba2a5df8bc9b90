import { fits, groupedBy, type Candidate, type Observation } from './effective-policies';
import type { PolicyPath } from './policy-paths';
import { conflictBetween, entriesFrom, type Computation, type Conflict, type Entries, type Requirement } from './requirement';
import type { PolicyTypeStatus } from './snapshot';
import type { EvidenceKind, Status } from './verification';
import { answered, coveredOnly, doubts, obstacles } from './wording';
import type { EffectiveDocument } from '../policy/grammar';

/** The status of an account, why, and what that rests on. */
export interface Assessment extends Candidate {
  readonly status: Status;
  readonly reason: string;
  readonly evidence: EvidenceKind | undefined;

  /** The settings of the account, by the best evidence there is. */
  readonly entries?: Entries;
  readonly effective?: EffectiveDocument;

  /** How the effective policy differs from the policies, after changes had time to take effect. */
  readonly conflict?: Conflict;
}

/** What was read, as far as it concerns the status of accounts. */
export interface Facts {
  readonly policyType: PolicyTypeStatus;
  readonly requirement: Requirement;

  /** Ids of the accounts with an invalid effective policy; undefined if the list could not be read. */
  readonly invalid: ReadonlySet<string> | undefined;

  /** Why the list could not be read. */
  readonly invalidError?: string;

  /** Results of DescribeEffectivePolicy, by account id. */
  readonly observations: ReadonlyMap<string, Observation>;

  /** Returns the reason for an account that is opted out. Without it, the reason is empty. */
  readonly optedOutBy?: (path: PolicyPath, requirement: Requirement) => string;

  /** By equivalence key: results that hold for all accounts with the same key. */
  readonly shared: ReadonlyMap<string, Shared>;
}

/** What is known about accounts with the same policies from the results for some of them. */
export interface Shared {
  /** Whether there is a result. */
  readonly observed: boolean;

  /** A result that differs from the policies. */
  readonly misfit?: Observation;

  /** Why a call failed. */
  readonly failure?: string;
}

/** An account with an invalid effective policy says nothing about others: an older policy is in effect for it. */
export function sharedOf({ observations, requirement, invalid }: Pick<Facts, 'observations' | 'requirement' | 'invalid'>): Map<string, Shared> {
  const valid = [...observations.values()].filter(({ account }) => !invalid?.has(account.id));
  return new Map([...groupedBy(valid, ({ path }) => path.equivalenceKey)].map(([key, group]) => [key, {
    observed: group.some(({ result }) => result.kind === 'document'),
    misfit: group.find((observation) => !fits(observation, requirement)),
    failure: group.flatMap(({ result }) => (result.kind === 'failed' ? result.why : []))[0],
  }]));
}

/**
 * Returns the status of an account.
 *
 * "Opted out" needs everything that was read to support it, and every read that failed to be replaced by the effective policy of that account. Where
 * the policies and an effective policy differ, the worse of both counts.
 */
export function assess(candidate: Candidate, facts: Facts): Assessment {
  const { policyType, observations } = facts;
  if (policyType !== 'ENABLED' && policyType !== 'UNKNOWN') {
    const pending = policyType === 'DISABLED' ? '' : ` (${policyType})`;
    return { ...candidate, status: 'notOptedOut', reason: `the policy type is not enabled in this organization${pending}`, evidence: 'computed' };
  }
  const observation = observations.get(candidate.account.id);
  return observation?.result.kind === 'document' ? byEffectivePolicy(observation, facts) : byPolicies(candidate, observation, facts);
}

/** For an account whose effective policy was read. */
function byEffectivePolicy(observation: Observation, facts: Facts): Assessment {
  const { requirement, invalid } = facts;
  const { account, path, steady } = observation;
  const result = observation.result as Extract<Observation['result'], { kind: 'document' }>;
  const { document: effective, entries } = result;
  const offending = requirement.offending(entries);
  const computed = computationOf(path, requirement);
  const differences = path.decisions && conflictBetween(path.decisions, entries);
  const conflict = differences && differences.certain.length + differences.uncertain.length > 0 ? differences : undefined;
  const known = { account, path, evidence: 'effective' as const, entries, effective, ...(conflict && { conflict }) };

  if (offending.length > 0) {
    const reason = result.notFound ? `no policy is in effect for it (${result.notFound})`
      : conflict || !path.decisions ? answered(path, entries, offending) : reasonFor(path, facts);
    return { ...known, status: 'notOptedOut', reason };
  }
  if (path.decisions && !conflict) return { ...known, status: 'optedOut', reason: reasonFor(path, facts) };
  if (computed?.met === false && conflict!.certain.length > 0 && !invalid?.has(account.id)) {
    return { ...known, status: 'notOptedOut', reason: `${obstacles(path, computed.offending, coveredOnly(path))}, although its effective policy opts out` };
  }
  if (!steady || (!path.decisions && !fits(observation, requirement))) return { ...known, ...unknown({ account, path }, 'its effective policy changed between calls'), entries: undefined };
  if (conflict && conflict.certain.length > 0) {
    return { ...known, ...unknown({ account, path }, 'its effective policy differs from the attached policies'), entries: undefined };
  }
  return { ...known, status: 'optedOut', reason: `opted out by its effective policy${path.missing ? `; ${path.missing}` : ''}` };
}

/** For an account without a result of DescribeEffectivePolicy. */
function byPolicies(candidate: Candidate, observation: Observation | undefined, facts: Facts): Assessment {
  const { account, path } = candidate;
  const { policyType, requirement, invalid, invalidError, shared } = facts;
  const computed = computationOf(path, requirement);
  const why = notReadBecause(observation);
  const failed = observation !== undefined && observation.result.kind !== 'late';
  if (!computed) return unknown(candidate, observation ? `${path.missing}, and ${why}` : path.missing!);
  const isInvalid = invalid?.has(account.id);
  const result = {
    ...candidate, status: computed.met ? 'optedOut' : 'notOptedOut', reason: reasonFor(path, facts), entries: entriesFrom(path.decisions!),
  } as const;
  if (!computed.met && computed.certain && !isInvalid) return { ...result, evidence: 'computed' };
  if (failed) return unknown(candidate, computed.certain ? why : `${doubts(path)}, and ${why}`);

  if (policyType === 'UNKNOWN') return unknown(candidate, 'whether the policy type is enabled could not be read');
  const { observed, misfit, failure } = shared.get(path.equivalenceKey) ?? {};
  if (misfit) return byMisfit(candidate, misfit, requirement);
  if (isInvalid) return unknown(candidate, `AWS lists its effective policy as invalid, and ${why}`);
  if (!invalid) return unknown(candidate, `whether its effective policy is valid could not be read (${invalidError}), and ${why}`);
  if (computed.certain) return { ...result, evidence: 'computed' };
  if (observed) return { ...result, evidence: 'path' };
  return unknown(candidate, `${doubts(path)}, and ${failure ?? why}`);
}

/** For an account with the same policies as one whose effective policy differs from them. */
function byMisfit(candidate: Candidate, misfit: Observation, requirement: Requirement): Assessment {
  const { entries } = misfit.result as Extract<Observation['result'], { kind: 'document' }>;
  const offending = requirement.offending(entries);
  const { certain } = conflictBetween(misfit.path.decisions!, entries);
  // The result shows how AWS handles an unrecorded case. It is only trusted to make the status worse.
  if (certain.length === 0 && misfit.steady && offending.length > 0) {
    const reason = `${answered(candidate.path, entries, offending)}; read for account ${misfit.account.id}, which has the same policies`;
    return { ...candidate, status: 'notOptedOut', reason, evidence: 'path', entries };
  }
  return unknown(candidate, `the effective policy of account ${misfit.account.id}, which has the same policies, differs from them`);
}

function notReadBecause(observation: Observation | undefined): string {
  switch (observation?.result.kind) {
    case 'failed': return observation.result.why;
    case 'late': return 'there was no time to call DescribeEffectivePolicy';
    case 'left': return 'it has left the organization';
    default: return 'DescribeEffectivePolicy was not called for it';
  }
}

function computationOf({ decisions }: PolicyPath, requirement: Requirement): Computation | undefined {
  return decisions && requirement.compute(decisions);
}

/** Thousands of accounts share a path and its reason. */
const reasons = new WeakMap<Facts, Map<PolicyPath, string>>();

function reasonFor(path: PolicyPath, facts: Facts): string {
  const known = reasons.get(facts) ?? new Map<PolicyPath, string>();
  reasons.set(facts, known);
  const { met, offending } = facts.requirement.compute(path.decisions!);
  const reason = known.get(path) ?? (met ? facts.optedOutBy?.(path, facts.requirement) ?? '' : obstacles(path, offending, coveredOnly(path)));
  known.set(path, reason);
  return reason;
}

function unknown(candidate: Candidate, why: string): Assessment {
  return { ...candidate, status: 'unknown', reason: `unknown: ${why}`, evidence: undefined };
}
