import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Organizations as OrganizationsClient } from '@aws-sdk/client-organizations';

const ROOT = join(__dirname, '../../..');

let child: ChildProcess | undefined;
afterEach(() => { child?.kill('SIGKILL'); });

interface Outcome { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** Runs the command; resolves when it ends, or when it has printed all that it prints before it is interrupted. */
async function serve(...args: string[]): Promise<Outcome> {
  const started = child = spawn(process.execPath, ['--import', 'tsx', 'simulator/serve.ts', ...args], { cwd: ROOT });
  let [stdout, stderr] = ['', ''];
  started.stderr.on('data', (data) => { stderr += data; });
  return new Promise((resolve) => {
    started.stdout.on('data', (data) => {
      stdout += data;
      if (stdout.includes('Ctrl-C')) resolve({ code: null, stdout, stderr });
    });
    started.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

const endpointIn = (stdout: string) => /^endpoint (http:\/\/127\.0\.0\.1:\d+)\n/.exec(stdout)![1];

test('prints the endpoint first, then what to type, and serves the landing zone until Ctrl-C', async () => {
  const { stdout } = await serve('--port', '0', '--accounts', '30');
  const endpoint = endpointIn(stdout);
  expect(stdout.replaceAll(endpoint, 'http://127.0.0.1:5700')).toMatchInlineSnapshot(`
"endpoint http://127.0.0.1:5700
organization o-a1b2c3d4e5
root r-a1b2
management account 111122223333
accounts 30

Any access key signs as an administrator of the management account, a 12-digit one as an administrator of that account:

  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1
  aws --endpoint-url http://127.0.0.1:5700 organizations list-roots
  aws --endpoint-url http://127.0.0.1:5700 organizations enable-policy-type --root-id r-a1b2 --policy-type AISERVICES_OPT_OUT_POLICY
  aws --endpoint-url http://127.0.0.1:5700 organizations describe-effective-policy --policy-type AISERVICES_OPT_OUT_POLICY
  aws --endpoint-url http://127.0.0.1:5700 sts get-caller-identity

Ctrl-C stops it.
"
`);
  const client = new OrganizationsClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  expect((await client.listAccounts()).Accounts).toHaveLength(20);

  const ended = new Promise((resolve) => child!.once('close', resolve));
  child!.kill('SIGINT');
  expect(await ended).toBe(0);
  client.destroy();
});

test('starts without an organization when asked to', async () => {
  const { stdout } = await serve('--port', '0', '--empty');
  expect(stdout).toContain('no organization yet');
  expect(stdout).toContain(`aws --endpoint-url ${endpointIn(stdout)} organizations create-organization`);
});

test('throttles when asked to', async () => {
  const { stdout } = await serve('--port', '0', '--throttle');
  const client = new OrganizationsClient(
    { endpoint: endpointIn(stdout), region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 });
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => client.listRoots().then(() => 'ok', ({ name }) => name)));
  client.destroy();
  expect(new Set(outcomes)).toEqual(new Set(['ok', 'TooManyRequestsException']));
});

test.each([
  [['--prot', '1'], "Unknown option '--prot'"],
  [['--port', 'high'], '--port has to be a whole number from 0 to 65535, got "high"'],
  [['--accounts', '2'], '--accounts has to be a whole number from 3 to 50000, got "2"'],
  [['--empty', '--accounts', '5'], '--empty and --accounts exclude each other'],
])('fails for %j with a sentence', async (args, sentence) => {
  const { code, stderr } = await serve(...args);
  expect(code).toBe(1);
  expect(stderr).toContain(sentence);
  expect(stderr).not.toContain('    at ');
});

test('fails with a sentence when the port is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as AddressInfo;
  const { code, stderr } = await serve('--port', String(port));
  taken.close();
  expect([code, stderr.trim()]).toEqual([1, `port ${port} is taken: choose another with --port, or --port 0 for a free one`]);
});
