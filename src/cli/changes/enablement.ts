import type { Connection } from './open';
import type { Performance } from './perform';
import { awaitEnabled as awaitPolicyType, POLICY_TYPE_POLL } from '../../organization';
import { CliError } from '../errors';

/** Enables the policy type and waits until attachments succeed, up to `timeoutMinutes`. */
export async function awaitEnabled({ client }: Connection, { signal, timeoutMinutes, say }: Performance): Promise<void> {
  const { clock } = client;
  const deadline = clock.now() + timeoutMinutes * 60_000;
  await awaitPolicyType(client, {
    signal,
    wait: async (status) => {
      if (clock.now() + POLICY_TYPE_POLL > deadline) {
        throw new CliError(`gave up after ${timeoutMinutes} min: AI services opt-out policies are ${status}, not ENABLED. `
          + 'Run the same command again, or wait longer with --timeout.');
      }
      say(`    waiting until AWS returns twice that the policy type is ENABLED; it was ${status}`);
      await clock.sleep(POLICY_TYPE_POLL, signal);
      signal.throwIfAborted();
    },
  });
}
