import { afterwards } from './afterwards';
import type { ChangePlan } from './change';
import type { Desired } from './desired';
import { effectsOf, type AccountEffect } from './effects';
import type { Connection } from './open';
import { planChanges, type AdoptOptions } from './plan';
import { readOwnership, readState } from './state';
import { withTargets } from './targets';
import type { OrganizationSnapshot } from '../../organization';

/** What there is, what would be done, and what would come of it. */
export interface LookAhead {
  readonly snapshot: OrganizationSnapshot;
  readonly plan: ChangePlan;
  readonly effects: AccountEffect[];
}

/** Reads the organization and plans. Changes nothing. */
export async function lookAhead(connection: Connection, desired: Desired, options: AdoptOptions, signal: AbortSignal): Promise<LookAhead> {
  const snapshot = await withTargets(connection, await readState(connection, signal), desired.targetIds, signal);
  const ownership = await readOwnership(connection, snapshot, desired.name, desired.targetIds, signal);
  const plan = planChanges(snapshot, desired, ownership, options);
  return { snapshot, plan, effects: effectsOf(snapshot, afterwards(snapshot, plan.changes)) };
}
