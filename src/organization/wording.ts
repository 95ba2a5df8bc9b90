import type { PolicyPath } from './policy-paths';
import { decisionFor, settingIn, type Entries } from './requirement';
import { DEFAULT } from '../policy/grammar';
import type { Assignment, Decision } from '../policy/inheritance';

/** At most so many items are written out. */
const ITEMS = 3;

export function policyOn({ policy, level }: Pick<Assignment, 'policy' | 'level'>): string {
  return `policy "${policy}" on ${level}`;
}

export function listing(items: readonly string[]): string {
  const shown = items.length > ITEMS + 1 ? [...items.slice(0, ITEMS), `${items.length - ITEMS} more`] : [...items];
  const last = shown.pop();
  return shown.length > 0 ? `${shown.join(', ')} and ${last}` : last ?? '';
}

/** Why an account is not opted out, by the policies. `instead` is what they cover where they do not cover everything. */
export function obstacles(path: Pick<PolicyPath, 'decisions'> & { levels: unknown[] }, offending: readonly string[], instead = ''): string {
  if (path.levels.length === 0) return 'no policy reaches it';
  return listing(offending.map((key) => {
    const winner = decisionFor(path.decisions!, key)?.winner;
    if (winner) return `${subject(key)} is opted in by ${policyOn(winner)}`;
    return key === DEFAULT ? `no policy covers services without an entry of their own${instead}` : `no policy covers ${key}`;
  }));
}

export function coveredOnly({ decisions = [] }: Pick<PolicyPath, 'decisions'>): string {
  const keys = decisions.filter(({ winner }) => winner?.setting === 'optOut').map(({ key }) => key);
  return keys.length > 0 ? ` (only ${listing(keys)})` : '';
}

/** Why an account is not opted out, by its effective policy. */
export function answered(path: PolicyPath, entries: Entries, offending: readonly string[]): string {
  if (entries.size === 0) return 'no policy is in effect for it';
  return `by its effective policy, ${listing(offending.map((key) => {
    if (settingIn(entries, key) === undefined) return key === DEFAULT ? 'services without an entry of their own are not covered' : `${key} is not covered`;
    const source = path.decisions && sourceOf(path.decisions, key);
    return `${subject(key)} is opted in${source ? ` by ${policyOn(source)}` : ''}`;
  }))}`;
}

/** Who must have opted a service in, as far as the policies tell. */
function sourceOf(decisions: readonly Decision[], key: string): Assignment | undefined {
  const decision = decisions.find((candidate) => candidate.key === key);
  return decision && [decision.winner, ...decision.overruled].find((assignment) => assignment?.setting === 'optIn');
}

/** What keeps a computed status from being certain. */
export function doubts({ decisions = [] }: PolicyPath): string {
  return listing(decisions.filter(({ certain }) => !certain).flatMap(({ key, winner, overruled }) => {
    const loser = overruled.find(({ setting, why }) => (why === 'container' || why === 'peer') && setting !== winner?.setting);
    if (!loser) return [];
    return [loser.why === 'container'
      ? `whether ${policyOn(loser)} can set ${key} although a control above keeps entries from being added is documented by AWS, but was never recorded`
      : `which of several policies on ${loser.level} decides about ${key} depends on the order in which they were attached, which no API promises to tell`];
  }));
}

export function subject(key: string): string {
  return key === DEFAULT ? 'everything without an entry of its own' : key;
}
