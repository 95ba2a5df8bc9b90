import type { ChangePlan } from './change';
import type { AccountEffect } from './effects';
import type { OrganizationSnapshot } from '../../organization/snapshot';
import { visibleJson } from '../../text/visible';

/** The plan for programs. A change of shape changes `schemaVersion`. */
export function planJson({ organizationId, rootId, policyType }: OrganizationSnapshot, plan: ChangePlan, effects: AccountEffect[]): string {
  const affected = effects.filter(({ changes }) => changes);
  return `${visibleJson({
    schemaVersion: 1,
    organization: { id: organizationId, rootId, policyType, activeAccounts: effects.length },
    // The id of a policy that does not exist yet reads "(new)".
    changes: plan.changes.map(({ operation, input, sentence }) => ({ operation, input, sentence })),
    blockers: plan.blockers,
    warnings: plan.warnings,
    summary: {
      changes: plan.changes.length,
      affectedAccounts: affected.length,
      optedInAgain: affected.filter(({ optedIn }) => optedIn.length > 0).length,
    },
    affectedAccounts: affected.map(({ account: { id, name, parentId }, before, after, optedIn, certain }) => (
      { id, name, parentId, before, after, optedIn, certain }
    )),
  }, 2)}\n`;
}
