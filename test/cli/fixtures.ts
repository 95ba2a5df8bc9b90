import type { AccountFacts, UnitFacts, Status, Verification } from '../../src/organization/verification';
import type { Decision } from '../../src/policy';
import { effective, LOCKED, OPTED_OUT } from '../support/documents';

export const ROOT_ID = 'r-ab12';
export const POLICY_ID = 'p-a1b2c3d4e5';
export const FORGOTTEN_POLICY_ID = 'p-f0f0f0f0f0';

const LEX_IN = effective({ default: 'optOut', lex: 'optIn' });

/** Names as an attacker in a member account would choose them. */
export const HOSTILE_NAME = '</script><img src=x onerror="document.title=\'hacked\'">&lt;b&gt;';

export interface VerificationOptions {
  /** Active accounts. */
  readonly accounts?: number;
  readonly notOptedOut?: number;
  readonly unknown?: number;
  readonly inactive?: number;
  readonly change?: Partial<Verification>;
}

/** A verification as the engine would make it: a landing zone whose first accounts have the problems. */
export function verification(options: VerificationOptions = {}): Verification {
  const { accounts = 3, notOptedOut = 0, unknown = 0, inactive = 0, change = {} } = options;
  const units = unitsFor(accounts);
  const statusOf = (index: number): Status => index < notOptedOut ? 'notOptedOut' : index < notOptedOut + unknown ? 'unknown' : 'optedOut';
  const status: Status = notOptedOut > 0 ? 'notOptedOut' : unknown > 0 ? 'unknown' : 'optedOut';
  return {
    schemaVersion: 1,
    status,
    summary: { accounts, optedOut: accounts - notOptedOut - unknown, notOptedOut, unknown, inactive },
    organization: { id: 'o-exampleorg1', managementAccountId: '111122223333', rootId: ROOT_ID, policyType: 'ENABLED', complete: true },
    askedBy: { arn: 'arn:aws:sts::111122223333:assumed-role/Auditor/jane', accountId: '111122223333' },
    startedAt: '2026-11-22T15:30:00.000Z',
    finishedAt: '2026-11-22T15:30:42.500Z',
    evidence: 'auto',
    checklist: [
      { id: 'policyTypeEnabled', title: 'The policy type "AI services opt-out" is enabled in the organization', passed: true, detail: 'AISERVICES_OPT_OUT_POLICY is ENABLED on the root' },
      { id: 'defaultCovered', title: 'Every active account is opted out by default, so also of services that AWS adds later', passed: true, detail: '"default" is optOut' },
      { id: 'attachedToRoot', title: 'A policy that opts out is attached to the organization root', passed: true, detail: `${POLICY_ID} (AiServicesOptOut) is attached to ${ROOT_ID}` },
      { id: 'locked', title: 'No organizational unit or account can undo the opt-out', passed: notOptedOut === 0, detail: 'the control @@none stands at services, default and opt_out_policy' },
      {
        id: 'everyAccountEffective',
        title: 'The opt-out is in effect for every active account',
        passed: status === 'unknown' ? undefined : status === 'optedOut',
        detail: `${accounts - notOptedOut - unknown} of ${accounts} accounts are opted out`,
      },
      { id: 'evidence', title: 'The statuses rest on sound evidence', passed: true, detail: "AWS's own answer for every account" },
    ],
    findings: [
      ...(notOptedOut > 0 ? [{
        code: 'overriddenBelow' as const,
        severity: 'error' as const,
        message: `the policy LetThemLearn sets lex to optIn for ${notOptedOut} accounts: detach it or lock the value above it`,
        ids: ['p-0000000001'],
        computed: OPTED_OUT,
        effective: LEX_IN,
      }] : []),
      {
        code: 'policyAttachedNowhere',
        severity: 'warning',
        message: `the policy ${FORGOTTEN_POLICY_ID} (Forgotten) is attached nowhere and does nothing: attach it or delete it`,
        ids: [FORGOTTEN_POLICY_ID],
      },
    ],
    units,
    policies: [
      {
        id: POLICY_ID,
        name: 'AiServicesOptOut',
        content: LOCKED,
        characters: LOCKED.length,
        targetIds: [ROOT_ID],
        lock: { services: true, default: true, value: true },
      },
      { id: FORGOTTEN_POLICY_ID, name: 'Forgotten', content: '{"services":{}}', characters: 15, targetIds: [], lock: { services: false, default: false, value: false } },
    ],
    accounts: Array.from({ length: accounts }, (_, index) => account(index, units, statusOf(index))),
    inactiveAccounts: Array.from({ length: inactive }, (_, index) => ({
      id: String(900000000000 + index),
      name: `Closed ${index + 1}`,
      parentId: ROOT_ID,
      state: 'SUSPENDED',
    })),
    calls: { DescribeOrganization: 1, ListRoots: 1, ListAccounts: Math.ceil(accounts / 20), DescribeEffectivePolicy: Math.min(accounts, 500) },
    ...change,
  };
}

function unitsFor(accounts: number): UnitFacts[] {
  const unit = (id: string, name: string, parentId = ROOT_ID): UnitFacts => ({ id: `ou-ab12-${id}`, name, parentId, policyIds: [] });
  const teams = accounts > 100 ? 20 : 0;
  return [
    unit('security', 'Security'),
    unit('workload', 'Workloads'),
    unit('prod', 'Production', 'ou-ab12-workload'),
    unit('test', 'Test', 'ou-ab12-workload'),
    unit('sandbox', 'Sandbox'),
    ...Array.from({ length: teams }, (_, index) => unit(`team${index}`, `Team ${index + 1}`, index % 2 === 0 ? 'ou-ab12-prod' : 'ou-ab12-test')),
  ];
}

function account(index: number, units: UnitFacts[], status: Status): AccountFacts {
  const parentId = index === 0 ? ROOT_ID : units[index % units.length].id;
  const shared = { id: String(111122223333 + index), name: index === 0 ? 'Management' : `Workload ${index}`, parentId, status, policyIds: [] };
  const winner = { setting: 'optOut' as const, level: 'Root', policy: 'AiServicesOptOut' };
  const byDefault: Decision = { key: 'default', winner, overruled: [], certain: true };
  if (status === 'optedOut') {
    return {
      ...shared,
      reason: 'default is optOut by AiServicesOptOut on Root',
      evidence: 'effective',
      decisions: [byDefault],
      effective: OPTED_OUT,
    };
  }
  if (status === 'unknown') {
    return { ...shared, reason: 'AWS refused DescribeEffectivePolicy: AccessDeniedException', evidence: undefined };
  }
  return {
    ...shared,
    reason: 'lex is optIn by LetThemLearn on Workloads',
    evidence: 'effective',
    decisions: [byDefault, {
      key: 'lex',
      winner: { setting: 'optIn', level: 'Workloads', policy: 'LetThemLearn' },
      overruled: [{ ...winner, why: 'replaced' }],
      certain: false,
    }],
    effective: LEX_IN,
    policyIds: ['p-0000000001'],
  };
}
