import type { Assessment } from './assessment';
import { groupedBy } from './effective-policies';
import type { Evidence } from './evidence';
import type { Level, PolicyPath } from './policy-paths';
import type { Finding, FindingSeverity } from './verification';
import { listing, policyOn, subject } from './wording';
import { DEFAULT, POLICY_TYPE, type PolicyDocument } from '../policy/grammar';
import { effectiveDocument, type Assignment, type Decision, type Overruling, type PolicyLevel } from '../policy/inheritance';
import { isOpen, lockOf, openValuesIn, optOutsIn } from '../policy/locks';

const SEVERITIES: FindingSeverity[] = ['error', 'warning', 'info'];

/** What a person should know and can do something about, the worst first. */
export function findingsFrom(evidence: Evidence): Finding[] {
  const { policyType } = evidence.snapshot;
  const inForce = policyType === 'ENABLED' || policyType === 'UNKNOWN';
  const findings = [
    ...aboutPolicyType(evidence),
    ...aboutPolicies(evidence),
    ...aboutLocks(evidence),
    ...(inForce ? [...aboutPaths(evidence), ...aboutCoverage(evidence)] : []),
    ...aboutAnswers(evidence),
    ...aboutGaps(evidence),
  ];
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

function aboutPolicyType({ snapshot: { policyType, rootId } }: Evidence): Finding[] {
  if (policyType === 'ENABLED' || policyType === 'UNKNOWN') return [];
  const message = policyType === 'DISABLED'
    ? 'the policy type is not enabled, so no opt-out policy is in effect: enable it with '
      + `"aws organizations enable-policy-type --root-id ${rootId} --policy-type ${POLICY_TYPE}", and attach the policies again`
    : `the policy type is ${policyType}: verify again when that is over`;
  return [{ code: 'policyTypeNotEnabled', severity: 'error', message, ids: [rootId] }];
}

function aboutPolicies({ snapshot: { policies, gaps, rootId }, alone }: Evidence): Finding[] {
  if (policies.length === 0) {
    if (alone || gaps.some(({ operation }) => operation === 'ListPolicies')) return [];
    return [{ code: 'noPolicy', severity: 'error', message: 'there is no opt-out policy in this organization: create one and attach it to the root', ids: [] }];
  }
  return policies.filter(({ id, targetIds }) => (
    targetIds.length === 0 && !gaps.some((gap) => gap.operation === 'ListTargetsForPolicy' && (gap.id ?? id) === id)
  )).map(({ id, name }): Finding => {
    const message = `policy "${name}" is attached nowhere and has no effect: attach it to the root (${rootId}), or delete it`;
    return { code: 'policyAttachedNowhere', severity: 'warning', message, ids: [id] };
  });
}

/**
 * Locks that are missing. The controls of all policies on one target combine, so an open policy beside a locked one is locked by it: there, it is a
 * duplicate. Policies on accounts have no child policies.
 */
function aboutLocks({ snapshot: { policies, attachments }, requirement }: Evidence): Finding[] {
  const findings = new Map<string, Finding>();
  for (const [target, ids] of attachments) {
    if (/^\d/.test(target)) continue;
    const level = ids.flatMap((id) => policies.find((policy) => policy.id === id) ?? []);
    const documents = level.flatMap(({ document }) => document ?? []);
    for (const { id, name, document } of level) {
      if (!document || optOutsIn(document).length === 0 || !isOpen(document)) continue;
      const isLevelOpen = isOpen(...documents);
      const locking = level.find((other) => other.document && !isOpen(other.document) && optOutsIn(other.document).length > 0);
      const [finding] = isLevelOpen ? unlocked(id, name, document, documents, requirement.services)
        : locking ? [duplicate({ id, name }, locking)] : [];
      if (finding) findings.set(`${finding.message} ${finding.ids.join()}`, finding);
    }
  }
  return [...findings.values()];
}

function duplicate(open: { id: string; name: string }, locking: { id: string; name: string }): Finding {
  const message = `policy "${open.name}" is not locked, but policy "${locking.name}" on the same target is, and the controls of both combine: `
    + `child policies cannot undo either. "${open.name}" is a leftover that hides this: detach it ("aws organizations detach-policy"), so that one policy decides`;
  return { code: 'policyDuplicate', severity: 'warning', message, ids: [open.id, locking.id] };
}

function unlocked(id: string, name: string, document: PolicyDocument, level: PolicyDocument[], services?: readonly string[]): Finding[] {
  const open = openValuesIn(...level).filter((key) => openValuesIn(document).includes(key));
  const addable = optOutsIn(document).includes(DEFAULT) && !lockOf(...level).services;
  const holes = [
    ...(open.length > 0 ? [`change it for ${listing(open)} (no control beside "@@assign")`] : []),
    ...(addable ? ['add entries that opt single services in (no ["@@none"] under "services")'] : []),
  ];
  if (holes.length === 0) return [];
  const matters = !services || addable || open.some((key) => key === DEFAULT || services.includes(key));
  const message = `policy "${name}" is not fully locked: an OU or account policy below can ${holes.join(', and ')}; `
    + 'add "@@operators_allowed_for_child_policies": ["@@none"] there unless that is intended';
  return [{ code: 'policyUnlocked', severity: matters ? 'warning' : 'info', message, ids: [id] }];
}

/** What happens to assignments on their way down, told once however many accounts it reaches. */
function aboutPaths({ assessments, requirement: { services } }: Evidence): Finding[] {
  const told = new Map<string, Told>();
  for (const [path, reached] of groupedBy(assessments, (assessment) => assessment.path)) {
    for (const decision of path.decisions ?? []) tellOf(path, decision, reached.length, told, isRequired(path, decision.key, services));
  }
  return [...told.values()].map(({ code, severity, keys, accounts, ids, text }) => ({
    code,
    severity,
    message: `${text([...keys].sort())} (${accounts} active account${accounts === 1 ? '' : 's'})`,
    ids: [...ids],
  }));
}

interface Told {
  readonly code: Finding['code'];
  readonly severity: FindingSeverity;
  readonly keys: Set<string>;
  readonly ids: Set<string>;
  readonly text: (keys: string[]) => string;
  accounts: number;
  path?: PolicyPath;
}

function tellOf(path: PolicyPath, { key, winner, overruled }: Decision, accounts: number, told: Map<string, Told>, required: boolean): void {
  const tell = ({ severity, ...rest }: Pick<Told, 'code' | 'severity' | 'text'>, ids: string[]) => {
    const part = { ...rest, severity: required ? severity : 'info' as const };
    const id = [part.code, part.severity, part.text(['']), ...ids].join();
    const known = told.get(id) ?? { ...part, keys: new Set(), ids: new Set(ids), accounts: 0 };
    told.set(id, known);
    known.keys.add(key);
    if (known.path !== path) known.accounts += accounts;
    known.path = path;
  };
  for (const loser of overruled) {
    if (loser.setting === winner?.setting || loser.why === 'replaced') continue;
    tell(overrulingOf(loser, winner), idsOf(path, loser, winner));
  }
  if (winner?.setting !== 'optIn' || winner !== ownWinner(path, key, winner)) return;
  const above = optOutAbove(path, winner, overruled);
  if (above) {
    const text = (keys: string[]) => `${policyOn(winner)} opts ${listing(keys.map(subject))} in again, which ${policyOn(above)} opts out: `
      + `remove that entry, or lock "${above.policy}"`;
    tell({ code: 'overriddenBelow', severity: 'error', text }, idsOf(path, winner, above));
  } else {
    const text = (keys: string[]) => `${policyOn(winner)} opts ${listing(keys.map(subject))} in: remove that, or make it "optOut"`;
    tell({ code: 'notCovered', severity: 'error', text }, idsOf(path, winner));
  }
}

/** Whether an entry decides about a service that has to be opted out of. */
function isRequired({ decisions = [] }: PolicyPath, key: string, services: readonly string[] | undefined): boolean {
  if (!services || services.includes(key)) return true;
  return key === DEFAULT && services.some((service) => decisions.every((decision) => decision.key !== service));
}

const WHY: Record<Exclude<Overruling, 'replaced'>, string> = {
  peer: 'was attached to the same target before it',
  locked: 'locks the value',
  container: 'keeps entries from being added (documented by AWS, but never recorded)',
};

function overrulingOf(loser: Assignment & { why: Overruling }, winner: Assignment | undefined): Pick<Told, 'code' | 'severity' | 'text'> {
  const harmless = loser.setting === 'optIn';
  const by = winner ? `${policyOn(winner)}, which ${WHY[loser.why as keyof typeof WHY]}` : 'a control above';
  return {
    code: 'policyOverruled',
    // Somebody's opt-out that does not hold is worse than somebody's opt-in that does not.
    severity: harmless ? (loser.why === 'locked' ? 'info' : 'warning') : 'error',
    text: (keys) => `${policyOn(loser)} sets ${listing(keys.map(subject))} to ${loser.setting} without effect: it is overruled by ${by}`,
  };
}

/** The winner for a key may be that of `default`; only the entry itself is worth a finding. */
function ownWinner(path: PolicyPath, key: string, winner: Assignment): Assignment | undefined {
  if (key === DEFAULT) return winner;
  return path.decisions!.find((decision) => decision.key === DEFAULT)?.winner === winner ? undefined : winner;
}

/** What opted the service out on a level above. */
function optOutAbove({ levels, decisions = [] }: PolicyPath, winner: Assignment, overruled: Decision['overruled']): Assignment | undefined {
  const depth = (assignment: Assignment) => levels.findIndex(({ name, policies }) => (
    name === assignment.level && policies.some((policy) => policy.name === assignment.policy)
  ));
  const byDefault = decisions.find((decision) => decision.key === DEFAULT);
  return [...overruled.filter(({ why }) => why === 'replaced'), byDefault?.winner, ...byDefault?.overruled.filter(({ why }) => why === 'replaced') ?? []]
    .filter((assignment) => assignment !== undefined)
    .find((assignment) => assignment.setting === 'optOut' && depth(assignment) < depth(winner));
}

function idsOf({ levels }: PolicyPath, ...assignments: (Assignment | undefined)[]): string[] {
  return [...new Set(assignments.flatMap((assignment) => {
    const isHere = ({ name, policies }: Level) => name === assignment?.level && policies.some((policy) => policy.name === assignment.policy);
    const level = levels.find(isHere);
    return level ? [level.policies.find(({ name }) => name === assignment!.policy)!.id, level.id] : [];
  }))];
}

function aboutCoverage({ assessments, requirement, snapshot, alone }: Evidence): Finding[] {
  if (alone || snapshot.policies.length === 0) return [];
  const bare = assessments.filter(({ path, status }) => path.decisions && path.levels.length === 0 && status === 'notOptedOut');
  const partly = assessments.filter(({ path, status, entries }) => (
    status === 'notOptedOut' && path.decisions && path.levels.length > 0 && entries && !requirement.services && !entries.has(DEFAULT)
  ));
  return [
    ...aboutAccounts('notCovered', 'error', bare, (accounts) => `${accounts} reached by no opt-out policy: attach one to the root, or to their OU`),
    ...aboutAccounts('notCovered', 'error', partly, (accounts) => `${accounts} opted out of single services only, and not of those that AWS adds: `
      + 'opt out of "default"'),
  ];
}

function aboutAccounts(code: Finding['code'], severity: FindingSeverity, assessments: Assessment[], text: (accounts: string) => string): Finding[] {
  if (assessments.length === 0) return [];
  const accounts = assessments.length === 1 ? `account ${assessments[0].account.id} is` : `${assessments.length} active accounts are`;
  return [{ code, severity, message: text(accounts), ids: assessments.map(({ account }) => account.id) }];
}

function aboutAnswers({ assessments, observations, invalid }: Evidence): Finding[] {
  const findings: Finding[] = [];
  if (invalid.length > 0) {
    const message = `AWS could not work out the effective policy of ${listing(invalid)}, and keeps the last valid one in effect: `
      + 'see "aws organizations list-effective-policy-validation-errors"';
    findings.push({ code: 'invalidEffectivePolicy', severity: 'warning', message, ids: invalid });
  }
  const differing = groupedBy(assessments.filter(({ conflict }) => conflict), ({ path, effective }) => `${path.equivalenceKey} ${JSON.stringify(effective)}`);
  for (const group of differing.values()) {
    const [{ conflict, path, effective, account }] = group;
    const message = conflict!.certain.length > 0
      ? `the effective policy of ${accountsIn(group)} differs from the attached policies, also when read again: verify again, and if it stays so, `
        + `compare "aws organizations describe-effective-policy --policy-type ${POLICY_TYPE} --target-id ${account.id}" with the policies on its path`
      : `the effective policy of ${accountsIn(group)} differs from what the documentation says about ${listing(conflict!.uncertain)}: the effective policy counts`;
    findings.push({
      code: 'evidenceDisagrees',
      severity: conflict!.certain.length > 0 ? 'error' : 'warning',
      message,
      ids: group.map((assessment) => assessment.account.id),
      computed: effectiveDocument(path.levels as PolicyLevel[]),
      effective,
    });
  }
  const wavering = observations.filter(({ wavered }) => wavered).map(({ account }) => account.id);
  if (wavering.length > 0) {
    const message = `the effective policies of ${listing(wavering)} changed between calls: something was changed a moment ago; verify again later`;
    findings.push({ code: 'unstable', severity: 'info', message, ids: wavering });
  }
  return findings;
}

function accountsIn(assessments: Assessment[]): string {
  return `account${assessments.length === 1 ? '' : 's'} ${listing(assessments.map(({ account }) => account.id))}`;
}

function aboutGaps({ snapshot: { gaps }, observations, alone }: Evidence): Finding[] {
  const refused = groupedBy(observations.flatMap(({ account, result }) => (result.kind === 'failed' ? [{ id: account.id, why: result.why }] : [])), ({ why }) => why);
  const unread = groupedBy(gaps, ({ operation, error }) => `${operation} (${error})`);
  return [
    ...(alone ? [{
      code: 'notRead' as const,
      severity: 'warning' as const,
      message: 'the accounts could not be listed, which takes the management account or a delegated administrator: this account alone was looked at',
      ids: [],
    }] : []),
    ...[...refused].map(([why, answers]): Finding => ({ code: 'notRead', severity: 'warning', message: why, ids: answers.map(({ id }) => id) })),
    ...[...unread].map(([what, group]): Finding => ({
      code: 'notRead',
      severity: alone ? 'info' : 'warning',
      message: `could not be read: ${what}`,
      ids: group.flatMap(({ id }) => id ?? []),
    })),
  ];
}
