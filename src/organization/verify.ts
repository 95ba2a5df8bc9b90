import { checklistFrom } from './checklist';
import { gatherEvidence, type VerifyOptions } from './evidence';
import { findingsFrom } from './findings';
import type { Judgement } from './judgement';
import { lockOf } from './locks';
import type { OrganizationsClient } from './organizations-client';
import type { OrganizationSnapshot } from './snapshot';
import type { AccountFacts, PolicyFacts, Summary, Status, Verification } from './verification';

/**
 * Finds out which accounts are really opted out, and explains it: the whole report.
 *
 * @throws OrganizationsError as `readOrganization` does
 */
export async function verifyOrganization(client: OrganizationsClient, options: VerifyOptions): Promise<Verification> {
  const startedAt = client.clock.now();
  const callsBefore = { ...client.calls };
  const evidence = await gatherEvidence(client, options);

  const { snapshot, judgements, inactive, alone } = evidence;
  const summary = summaryOf(judgements, inactive.length);
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
    askedBy: options.askedBy,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(client.clock.now()).toISOString(),
    evidence: options.evidence ?? 'auto',
    checklist: checklistFrom(evidence, summary),
    findings: findingsFrom(evidence),
    units: snapshot.units.map((unit) => ({ ...unit, policyIds: [...snapshot.attachments.get(unit.id) ?? []] })),
    policies: snapshot.policies.map(policyFacts),
    accounts: judgements.map((judgement) => accountFacts(judgement, snapshot)),
    inactiveAccounts: inactive,
    calls: callsSince(callsBefore, client.calls),
  };
}

function callsSince(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): Record<string, number> {
  const made = Object.entries(after).map(([operation, count]) => [operation, count - (before[operation] ?? 0)] as const);
  return Object.fromEntries(made.filter(([, count]) => count > 0));
}

function summaryOf(judgements: Judgement[], inactive: number): Summary {
  const count = (status: Status) => judgements.filter((judgement) => judgement.status === status).length;
  return {
    accounts: judgements.length,
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

function accountFacts({ account, path, status, reason, evidence, effective }: Judgement, { attachments }: OrganizationSnapshot): AccountFacts {
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
