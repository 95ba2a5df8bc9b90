import type { Assessment } from './assessment';
import { checklistFrom } from './checklist';
import { assessOrganization, type AssessmentOptions } from './evidence';
import { findingsFrom } from './findings';
import { optedOutBy } from './opted-out-by';
import type { OrganizationsClient } from './organizations-client';
import { sample } from './random';
import type { OrganizationSnapshot } from './snapshot';
import type { AccountFacts, PolicyFacts, Summary, Status, Verification } from './verification';
import { lockOf } from '../policy/locks';

export interface VerifyOptions extends Pick<AssessmentOptions, 'signal' | 'onProgress' | 'evidence' | 'spotChecks'> {
  /** The caller identity. */
  readonly askedBy: { readonly arn: string; readonly accountId: string };

  /**
   * Chooses the spot checks at random. The same seed chooses the same accounts of the same organization.
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

/**
 * Assesses every account and explains the result: the whole report.
 *
 * @throws OrganizationsError as `readOrganization` does
 */
export async function verifyOrganization(client: OrganizationsClient, options: VerifyOptions): Promise<Verification> {
  const startedAt = client.clock.now();
  const callsBefore = { ...client.calls };
  const { askedBy, services, seed = startedAt % 2 ** 31, ...budget } = options;
  const evidence = await assessOrganization(client, {
    ...budget, accountId: askedBy.accountId, required: { services }, choose: (candidates, count) => sample(candidates, count, seed), optedOutBy,
  });

  const { snapshot, assessments, inactive, alone } = evidence;
  const summary = summaryOf(assessments, inactive.length);
  return {
    schemaVersion: 1,
    status: overall(summary, alone),
    summary,
    organization: {
      id: snapshot.organizationId,
      managementAccountId: snapshot.managementAccountId,
      rootId: snapshot.rootId,
      policyType: snapshot.policyType,
      complete: !alone,
    },
    askedBy,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(client.clock.now()).toISOString(),
    evidence: options.evidence ?? 'auto',
    checklist: checklistFrom(evidence, summary, seed, options.evidence),
    findings: findingsFrom(evidence),
    units: snapshot.units.map((unit) => ({ ...unit, policyIds: [...snapshot.attachments.get(unit.id) ?? []] })),
    policies: snapshot.policies.map(policyFacts),
    accounts: assessments.map((assessment) => accountFacts(assessment, snapshot)),
    inactiveAccounts: inactive,
    calls: callsSince(callsBefore, client.calls),
  };
}

function callsSince(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): Record<string, number> {
  const made = Object.entries(after).map(([operation, count]) => [operation, count - (before[operation] ?? 0)] as const);
  return Object.fromEntries(made.filter(([, count]) => count > 0));
}

function summaryOf(assessments: Assessment[], inactive: number): Summary {
  const count = (status: Status) => assessments.filter((assessment) => assessment.status === status).length;
  return {
    accounts: assessments.length,
    optedOut: count('optedOut'),
    notOptedOut: count('notOptedOut'),
    unknown: count('unknown'),
    inactive,
  };
}

/** The worst of all, and never "opted out" about accounts that were not seen. */
function overall({ accounts, notOptedOut, unknown }: Summary, alone: boolean): Status {
  if (notOptedOut > 0) return 'notOptedOut';
  return unknown > 0 || alone || accounts === 0 ? 'unknown' : 'optedOut';
}

function policyFacts({ id, name, content, document, targetIds }: OrganizationSnapshot['policies'][number]): PolicyFacts {
  return {
    id,
    name,
    targetIds,
    ...(content !== undefined && { content, characters: [...content].length }),
    ...(document && { lock: lockOf(document) }),
  };
}

function accountFacts({ account, path, status, reason, evidence, effective }: Assessment, { attachments }: OrganizationSnapshot): AccountFacts {
  return {
    id: account.id,
    name: account.name,
    parentId: account.parentId,
    status,
    reason,
    evidence,
    ...(path.decisions && { decisions: path.decisions }),
    ...(effective && { effective }),
    policyIds: [...attachments.get(account.id) ?? []],
  };
}
