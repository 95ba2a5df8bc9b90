import type { Evidence } from './evidence';
import { settingIn } from './requirement';
import type { Policy } from './snapshot';
import type { Check, EvidenceMode, Summary } from './verification';
import { listing } from './wording';
import { DEFAULT, type PolicyDocument } from '../policy/grammar';
import { isOpen, lockOf, optOutsIn } from '../policy/locks';

type Result = Pick<Check, 'passed' | 'detail'>;

/** The checks that an auditor makes. A check passes only if its facts were read. */
export function checklistFrom(evidence: Evidence, summary: Summary, seed: number, mode?: EvidenceMode): Check[] {
  return [
    { id: 'policyTypeEnabled', title: 'The policy type "AI services opt-out" is enabled in the organization', ...policyTypeEnabled(evidence) },
    { id: 'defaultCovered', title: 'Every active account is opted out by default, so also of services that AWS adds later', ...defaultCovered(evidence) },
    { id: 'attachedToRoot', title: 'A policy that opts out is attached to the organization root', ...attachedToRoot(evidence) },
    { id: 'locked', title: 'No organizational unit or account can undo the opt-out', ...locked(evidence) },
    { id: 'everyAccountEffective', title: 'The opt-out is in effect for every active account', ...everyAccount(evidence, summary) },
    { id: 'evidence', title: 'The statuses rest on the evidence that was asked for', ...evidenceUsed(evidence, summary, seed, mode) },
  ];
}

function policyTypeEnabled({ snapshot: { policyType } }: Evidence): Result {
  if (policyType === 'UNKNOWN') return { passed: undefined, detail: 'the root could not be read' };
  return { passed: policyType === 'ENABLED', detail: `status of the policy type on the root: ${policyType}` };
}

function defaultCovered({ assessments, snapshot: { policyType } }: Evidence): Result {
  if (policyType !== 'ENABLED' && policyType !== 'UNKNOWN') return { passed: false, detail: 'no policy is in effect while the policy type is not enabled' };
  const known = assessments.flatMap(({ entries }) => (entries ? [settingIn(entries, DEFAULT)] : []));
  const covered = known.filter((setting) => setting === 'optOut').length;
  const detail = `"default" is optOut for ${covered} of ${assessments.length} active accounts${known.length < assessments.length ? `, unknown for ${assessments.length - known.length}` : ''}`;
  return { passed: covered < known.length ? false : known.length < assessments.length || known.length === 0 ? undefined : true, detail };
}

function attachedToRoot({ snapshot, requirement, alone }: Evidence): Result {
  const { policies, attachments, rootId, gaps } = snapshot;
  const onRoot = (attachments.get(rootId) ?? []).flatMap((id) => policies.find((policy) => policy.id === id) ?? []);
  const optingOut = onRoot.filter(({ document }) => document && (requirement.services ?? [DEFAULT]).every((key) => (
    optOutsIn(document).includes(key) || optOutsIn(document).includes(DEFAULT)
  )));
  if (optingOut.length > 0) return { passed: true, detail: `attached to the root: ${named(optingOut)}` };
  const unreadable = alone || rootId === '' || onRoot.some(({ document }) => !document)
    || gaps.some(({ operation }) => operation === 'ListPolicies' || operation === 'ListTargetsForPolicy');
  if (unreadable) return { passed: undefined, detail: 'what is attached to the root could not be read' };
  if (onRoot.length > 0) return { passed: false, detail: `attached to the root, but not opting out of everything: ${named(onRoot)}` };
  return { passed: false, detail: 'no opt-out policy is attached to the root' };
}

/** The controls of all policies on one target combine, so locks are those of the target and not of a single policy. */
function locked({ snapshot: { policies, attachments, gaps }, alone }: Evidence): Result {
  const targets = [...attachments].filter(([target]) => !/^\d/.test(target)).map(([target, ids]) => ({
    target, policies: ids.flatMap((id) => policies.find((policy) => policy.id === id) ?? []),
  }));
  const known = targets.map(({ target, policies: attached }) => ({
    target, attached, documents: attached.flatMap(({ document }) => document ?? []),
  })).filter(({ documents }) => optOutsIn(...documents).length > 0);
  const open = known.filter(({ documents }) => isOpen(...documents));
  const described = (levels: typeof known) => [...new Set(levels.map(({ attached, documents }) => `${named(attached)}: ${locksIn(documents)}`))].join('; ');
  if (alone || targets.some(({ policies: attached }) => attached.some(({ document }) => !document))
    || gaps.some(({ operation }) => /^List(Policies|TargetsForPolicy)$/.test(operation))) {
    return open.length > 0 ? { passed: false, detail: described(open) } : { passed: undefined, detail: 'not every policy could be read' };
  }
  if (known.length === 0) return { passed: false, detail: 'there is no attached policy that opts out' };
  return open.length > 0 ? { passed: false, detail: described(open) } : { passed: true, detail: described(known) };
}

function locksIn(documents: PolicyDocument[]): string {
  const { services, default: byDefault, value } = lockOf(...documents);
  const state = (is: boolean) => (is ? 'locked' : 'open');
  return `adding services ${state(services)}, the default entry ${state(byDefault)}, the values ${state(value)}`;
}

function everyAccount({ alone }: Evidence, { accounts, optedOut, notOptedOut, unknown }: Summary): Result {
  const detail = `${optedOut} of ${accounts} active accounts opted out, ${notOptedOut} not, ${unknown} unknown`;
  const passed = notOptedOut > 0 ? false : unknown > 0 || alone || accounts === 0 ? undefined : true;
  return { passed, detail: alone ? `${detail}; other accounts are not visible from here` : detail };
}

function evidenceUsed({ assessments, spotChecked, spotChecksWanted }: Evidence, { unknown }: Summary, seed: number, mode?: EvidenceMode): Result {
  const count = (kind: string) => assessments.filter(({ evidence }) => evidence === kind).length;
  const kinds = [
    [count('effective'), 'by their effective policy (DescribeEffectivePolicy)'],
    [count('path'), 'by the attached policies and the effective policy of an account with the same policies'],
    [count('computed'), 'by the attached policies and the documented rules of inheritance'],
  ].filter(([accounts]) => accounts !== 0).map(([accounts, text]) => `${accounts} accounts ${text}`);
  const checked = spotChecked > 0 ? [`${spotChecked} accounts chosen at random (seed ${seed}) were checked against their effective policy`] : [];
  const contradicted = assessments.filter(({ conflict }) => (conflict?.certain.length ?? 0) > 0).length;
  const unread = mode === 'effective' ? assessments.length - count('effective') : 0;
  const missing = [
    ...(contradicted > 0 ? [`${contradicted} effective policies contradict the attached policies`] : []),
    ...(spotChecked < spotChecksWanted ? [`${spotChecksWanted - spotChecked} of ${spotChecksWanted} spot checks had no result`] : []),
    ...(unread > 0 ? [`the effective policies of ${unread} accounts were asked for and could not be read`] : []),
  ];
  const detail = [...kinds, ...checked, ...missing].join('; ') || 'none';
  return { passed: missing.length > 0 ? false : unknown > 0 || assessments.length === 0 ? undefined : true, detail };
}

function named(policies: Policy[]): string {
  return listing(policies.map(({ name }) => `"${name}"`));
}
