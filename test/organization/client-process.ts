import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Operation } from '../../src/organization';

/** What became of a call: `ok` or the error's name, its message, and how many requests were sent. */
export interface ClientOutcome {
  readonly name: string;
  readonly message?: string;
  readonly requests: number;
}

const SCRIPT = `
  const sdk = require('@aws-sdk/client-organizations');
  const { organizationsClient, sendThrough, SDK_CONFIGURATION } = require('./src/organization');
  const [endpoint, calls] = JSON.parse(process.argv[1]);
  let skipped = 0;
  const clock = { now: () => Date.now() + skipped, sleep: async (milliseconds) => { skipped += milliseconds; } };
  (async () => {
    const outcomes = [];
    for (const { operation, input = {}, correctsClock = false, timeout = 20_000 } of calls) {
      const credentials = { accessKeyId: 'test', secretAccessKey: 'secret' };
      const client = new sdk.OrganizationsClient({
        ...SDK_CONFIGURATION, endpoint, region: 'us-east-1', credentials, disableClockSkewCorrection: !correctsClock,
      });
      const organizations = organizationsClient(sendThrough(sdk, client, () => timeout), { clock });
      const outcome = await organizations.call(operation, input).then(() => ({ name: 'ok' }), ({ name, message }) => ({ name, message }));
      outcomes.push({ ...outcome, requests: organizations.calls[operation] });
      client.destroy();
    }
    console.log(JSON.stringify(outcomes));
  })();
`;

/** A call, and the milliseconds after which an attempt is aborted. */
export interface ClientCall {
  readonly operation: Operation;
  readonly input?: object;
  readonly timeout?: number;

  /** Whether the SDK corrects its clock by the `Date` header. */
  readonly correctsClock?: boolean;
}

/**
 * Makes calls with the client of `src/organization` in a process of their own, one after the other: under jest, the SDK does not recognize the
 * errors of Node.js as errors. Pauses between retries take no time.
 */
export async function callFromProcess(endpoint: string, calls: readonly ClientCall[]): Promise<ClientOutcome[]> {
  const args = ['--no-warnings', '--require', 'tsx/cjs', '-e', SCRIPT, JSON.stringify([endpoint, calls])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(__dirname, '../..') });
  return JSON.parse(stdout);
}
