import { counted, wrapped } from './layout';
import type { Connection } from './open';
import { isDenied, policyTypeOn, readRoot, type OrganizationSnapshot } from '../../organization';
import { Tree } from '../../organization/tree';

/** Reads may lag behind changes for a moment. */
const ATTEMPTS = 5;
const PAUSE = 2_000;

/** What AWS says afterwards. */
export interface Outcome {
  readonly attached: string[];
  readonly missing: string[];
  readonly enabled: boolean;
}

/** Asks AWS where the policy is now. Nothing where these credentials may not ask: the calls themselves have succeeded. */
export async function readOutcome(connection: Connection, policyId: string, targetIds: string[], signal: AbortSignal): Promise<Outcome | undefined> {
  try {
    return await settled(connection, policyId, targetIds, signal);
  } catch (error) {
    if (!isDenied(error)) throw error;
    return undefined;
  }
}

/** Until the policy is everywhere it should be, or there is no use in waiting. */
async function settled({ client }: Connection, policyId: string, targetIds: string[], signal: AbortSignal): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const targets = await client.list('ListTargetsForPolicy', { PolicyId: policyId }, signal);
    const attached = targets.map(({ TargetId }) => TargetId!);
    const missing = targetIds.filter((id) => !attached.includes(id));
    const enabled = policyTypeOn(await readRoot(client, signal)) === 'ENABLED';
    if ((missing.length === 0 && enabled) || attempt === ATTEMPTS) return { attached, missing, enabled };
    await client.clock.sleep(PAUSE, signal);
  }
}

export function isDone(outcome: Outcome | undefined): boolean {
  return !outcome || (outcome.missing.length === 0 && outcome.enabled);
}

export function outcomeText(snapshot: OrganizationSnapshot, name: string, policyId: string, outcome: Outcome | undefined): string {
  if (!outcome) return wrapped('', `Every call succeeded, but these credentials may not read where the policy "${name}" (${policyId}) is attached now.`);
  const { attached, missing, enabled } = outcome;
  const tree = new Tree(snapshot);
  const labels = (ids: string[]) => ids.map((id) => tree.label(id)).join(', ');
  const where = attached.length === 0 ? 'is attached nowhere' : `is attached to ${labels(attached)}`;
  return wrapped('', `AWS says: the policy "${name}" (${policyId}) ${where}.`)
    + (isDone(outcome) ? '' : wrapped('', [
      ...(enabled ? [] : ['AI services opt-out policies are not enabled any more, so no policy has any effect.']),
      ...(missing.length === 0 ? [] : [`It is missing on ${counted(missing.length, 'target')}: ${labels(missing)}.`]),
      'Somebody else is changing the organization; run the same command again.',
    ].join(' ')));
}

/** Attached is not effective, so nobody should stop here. */
export const WHAT_NEXT = wrapped('', 'What accounts are governed by follows within seconds, in a large organization later. Whether every account is '
  + 'really opted out is told by: ai-opt-out verify');
