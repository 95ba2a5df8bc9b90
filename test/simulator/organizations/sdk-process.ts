import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** One call by the AWS SDK. */
export interface SdkCall {
  readonly operation: string;

  /** @default - no members */
  readonly input?: object;

  /**
   * Attempts of the SDK itself.
   *
   * @default 3
   */
  readonly maxAttempts?: number;

  /**
   * Whether the SDK corrects its clock by the `Date` header. It runs on the machine's clock here, so it would correct it in every call.
   *
   * @default false
   */
  readonly correctsClock?: boolean;
}

/** What the AWS SDK made of a call: `ok` or the error's name, with what the error says. */
export interface SdkOutcome {
  readonly name: string;
  readonly message?: string;
  readonly code?: string;
  readonly status?: number;
  readonly attempts?: number;
}

const SCRIPT = `
  const sdk = require('@aws-sdk/client-organizations');
  const [endpoint, calls] = JSON.parse(process.argv[1]);
  async function outcomeOf({ operation, input = {}, maxAttempts = 3, correctsClock = false }) {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'secret' };
    const client = new sdk.OrganizationsClient({ endpoint, region: 'us-east-1', credentials, maxAttempts, disableClockSkewCorrection: !correctsClock });
    try {
      const { $metadata } = await client.send(new sdk[operation + 'Command'](input));
      return { name: 'ok', status: $metadata.httpStatusCode, attempts: $metadata.attempts };
    } catch ({ name, message, code, $metadata = {} }) {
      return { name, message, code, status: $metadata.httpStatusCode, attempts: $metadata.attempts };
    } finally {
      client.destroy();
    }
  }
  (async () => {
    const outcomes = [];
    for (const call of calls) outcomes.push(await outcomeOf(call));
    console.log(JSON.stringify(outcomes));
  })();
`;

/** Makes calls in a process of their own, one after the other: under jest, the SDK does not recognize the errors of Node.js as errors. */
export async function callFromProcess(endpoint: string, calls: readonly SdkCall[]): Promise<SdkOutcome[]> {
  const args = ['--no-warnings', '-e', SCRIPT, JSON.stringify([endpoint, calls])];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(__dirname, '../../..') });
  return JSON.parse(stdout);
}
