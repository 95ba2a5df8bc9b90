import type { PolicyPath } from './policy-paths';
import { decisionFor, type Requirement } from './requirement';
import { listing, policyOn } from './wording';
import { DEFAULT } from '../policy/grammar';
import type { Assignment } from '../policy/inheritance';
import { lockOf } from '../policy/locks';

/** Why an account is opted out: who decided it, and whether that is locked. */
export function optedOutBy(path: PolicyPath, { services }: Requirement): string {
  const keys = services ?? [DEFAULT];
  const winners = keys.flatMap((key) => decisionFor(path.decisions!, key)?.winner ?? []);
  const deciders = [...new Set(winners.map((winner) => `by ${policyOn(winner)}${lockedness(path, winner, services !== undefined)}`))];
  return `${services ? `${listing(services)} opted out` : 'opted out'} ${listing(deciders)}`;
}

function lockedness(path: PolicyPath, winner: Assignment, named: boolean): string {
  const level = path.levels.find(({ name }) => name === winner.level);
  // Nothing is below an account.
  if (!level || level.name.startsWith('account ')) return '';
  // The controls of all policies on one target combine.
  const { value, services } = lockOf(...level.policies.flatMap(({ document }) => document ?? []));
  if (!value) return ', not locked';
  return services || named ? ', locked' : ', locked, but an OU or account may add entries of its own';
}
