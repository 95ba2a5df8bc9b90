import type { Evidence } from './evidence';
import { lockOf, optOutsIn } from './locks';
import { settingIn } from './requirement';
import type { Policy } from './snapshot';
import type { Check, Summary } from './verification';
import { listing } from './wording';
import { DEFAULT } from '../policy/grammar';

type Answer = Pick<Check, 'passed' | 'detail'>;

/** The questions an auditor goes through, and their answers. Nothing is passed that is not known. */
export function checklistFrom(evidence: Evidence, summary: Summary): Check[] {
  return [
    { id: 'policyTypeEnabled', title: 'The policy type "AI services opt-out" is enabled in the organization', ...policyTypeEnabled(evidence) },
    { id: 'defaultCovered', title: 'Every active account is opted out by default, so also of services that AWS adds later', ...defaultCovered(evidence) },
    { id: 'attachedToRoot', title: 'A policy that opts out is attached to the organization root', ...attachedToRoot(evidence) },
    { id: 'locked', title: 'No organizational unit or account can undo the opt-out', ...locked(evidence) },
    { id: 'everyAccountEffective', title: 'The opt-out is in effect for every active account', ...everyAccount(evidence, summary) },
    { id: 'evidence', title: 'The statuses rest on sound evidence', ...evidenceUsed(evidence, summary) },
  ];
}

function policyTypeEnabled({ snapshot: { policyType } }: Evidence): Answer {
  if (policyType === 'UNKNOWN') return { passed: undefined, detail: 'the root could not be read' };
  return { passed: policyType === 'ENABLED', detail: `status of the policy type on the root: ${policyType}` };
}

function defaultCovered({ judgements, snapshot: { policyType } }: Evidence): Answer {
  if (policyType !== 'ENABLED' && policyType !== 'UNKNOWN') return { passed: false, detail: 'no policy is in effect while the policy type is not enabled' };
  const known = judgements.flatMap(({ entries }) => (entries ? [settingIn(entries, DEFAULT)] : []));
  const covered = known.filter((setting) => setting === 'optOut').length;
  const detail = `"default" is optOut for ${covered} of ${judgements.length} active accounts${known.length < judgements.length ? `, unknown for ${judgements.length - known.length}` : ''}`;
  return { passed: covered < known.length ? false : known.length < judgements.length || known.length === 0 ? undefined : true, detail };
}

function attachedToRoot({ snapshot, requirement, alone }: Evidence): Answer {
  const { policies, attachments, rootId, gaps } = snapshot;
  const onRoot = (attachments.get(rootId) ?? []).flatMap((id) => policies.find((policy) => policy.id === id) ?? []);
  const optingOut = onRoot.filter(({ document }) => document && (requirement.services ?? [DEFAULT]).every((key) => (
    optOutsIn(document).includes(key) || optOutsIn(document).includes(DEFAULT)
  )));
  if (optingOut.length > 0) return { passed: true, detail: `attached to the root: ${named(optingOut)}` };
  const blind = alone || rootId === '' || onRoot.some(({ document }) => !document)
    || gaps.some(({ operation }) => operation === 'ListPolicies' || operation === 'ListTargetsForPolicy');
  if (blind) return { passed: undefined, detail: 'what is attached to the root could not be read' };
  if (onRoot.length > 0) return { passed: false, detail: `attached to the root, but not opting out of everything: ${named(onRoot)}` };
  return { passed: false, detail: 'no opt-out policy is attached to the root' };
}

function locked({ snapshot: { policies, gaps }, alone }: Evidence): Answer {
  const attached = policies.filter(({ targetIds }) => targetIds.some((id) => !/^\d/.test(id)));
  const optingOut = attached.filter(({ document }) => document && optOutsIn(document).length > 0);
  const open = optingOut.filter(({ document }) => {
    const { services, value } = lockOf(document!);
    return !value || (optOutsIn(document!).includes(DEFAULT) && !services);
  });
  if (open.length > 0) return { passed: false, detail: open.map((policy) => `"${policy.name}": ${levels(policy)}`).join('; ') };
  if (alone || attached.some(({ document }) => !document) || gaps.some(({ operation }) => /^List(Policies|TargetsForPolicy)$/.test(operation))) {
    return { passed: undefined, detail: 'not every policy could be read' };
  }
  if (optingOut.length === 0) return { passed: false, detail: 'there is no attached policy that opts out' };
  return { passed: true, detail: optingOut.map((policy) => `"${policy.name}": ${levels(policy)}`).join('; ') };
}

function levels({ document }: Policy): string {
  const { services, default: byDefault, value } = lockOf(document!);
  const state = (is: boolean) => (is ? 'locked' : 'open');
  return `adding services ${state(services)}, the default entry ${state(byDefault)}, the values ${state(value)}`;
}

function everyAccount({ alone }: Evidence, { accounts, optedOut, notOptedOut, unknown }: Summary): Answer {
  const detail = `${optedOut} of ${accounts} active accounts opted out, ${notOptedOut} not, ${unknown} unknown`;
  const passed = notOptedOut > 0 ? false : unknown > 0 || alone || accounts === 0 ? undefined : true;
  return { passed, detail: alone ? `${detail}; other accounts are not visible from here` : detail };
}

function evidenceUsed({ judgements, spotChecked, seed }: Evidence, { unknown }: Summary): Answer {
  const count = (kind: string) => judgements.filter((judgement) => judgement.evidence === kind).length;
  const kinds = [
    [count('effective'), "by AWS's own answer (DescribeEffectivePolicy)"],
    [count('path'), "by the attached policies and AWS's answer for an account with the same policies"],
    [count('computed'), 'by the attached policies and the documented rules of inheritance'],
  ].filter(([accounts]) => accounts !== 0).map(([accounts, text]) => `${accounts} accounts ${text}`);
  const checked = spotChecked > 0 ? [`${spotChecked} accounts chosen at random (seed ${seed}) were checked against AWS's answer`] : [];
  const contradicted = judgements.filter(({ conflict }) => (conflict?.certain.length ?? 0) > 0);
  const detail = [...kinds, ...checked, ...(contradicted.length > 0 ? [`${contradicted.length} answers contradict the policies`] : [])].join('; ');
  return { passed: contradicted.length > 0 ? false : unknown > 0 || judgements.length === 0 ? undefined : true, detail: detail || 'none' };
}

function named(policies: Policy[]): string {
  return listing(policies.map(({ name }) => `"${name}"`));
}
