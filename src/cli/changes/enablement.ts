import type { Connection } from './open';
import type { Performance } from './perform';
import { failedChange } from './refusal';
import { POLICY_TYPE } from '../../policy';
import { CliError } from '../errors';

/** Below the documented rate of one ListRoots a second, and how far apart two ENABLED answers must lie. */
const POLL = 5_000;

/**
 * Enables the policy type and waits until AWS says twice that it is: right after the first time, attaching may still fail.
 * A change that is under way is waited out.
 */
export async function awaitEnabled(connection: Connection, { signal, timeoutMinutes, say }: Performance): Promise<void> {
  const { client: { clock } } = connection;
  const deadline = clock.now() + timeoutMinutes * 60_000;
  let { status, rootId } = await policyTypeStatus(connection, signal);
  for (let settled = false; !settled;) {
    if (status === 'DISABLED') {
      await enable(connection, rootId, signal);
    }
    if (clock.now() + POLL > deadline) throw gaveUp(status, timeoutMinutes);
    say(`    waiting until AWS says twice that the policy type is ENABLED; it was ${status}`);
    await clock.sleep(POLL, signal);
    signal.throwIfAborted();
    const before = status;
    ({ status, rootId } = await policyTypeStatus(connection, signal));
    settled = status === before && status === 'ENABLED';
  }
}

async function enable({ client }: Connection, rootId: string, signal: AbortSignal): Promise<void> {
  try {
    await client.call('EnablePolicyType', { RootId: rootId, PolicyType: POLICY_TYPE }, signal);
  } catch (error) {
    // Somebody else was faster, or an earlier call of ours lost its answer.
    if ((error as Error).name === 'PolicyTypeAlreadyEnabledException') return;
    throw signal.aborted ? error : failedChange('EnablePolicyType', error);
  }
}

/** A disabled type is not listed at all. */
async function policyTypeStatus({ client }: Connection, signal: AbortSignal): Promise<{ status: string; rootId: string }> {
  const [root] = await client.list<{ Id: string; PolicyTypes?: { Type?: string; Status?: string }[] }>('ListRoots', 'Roots', {}, signal);
  return { rootId: root.Id, status: root.PolicyTypes?.find(({ Type }) => Type === POLICY_TYPE)?.Status ?? 'DISABLED' };
}

function gaveUp(status: string, minutes: number): CliError {
  return new CliError(`gave up after ${minutes} min: AI services opt-out policies are ${status}, not ENABLED. `
    + 'Run the same command again, or wait longer with --timeout.');
}
