import { parseArgs } from 'node:util';
import { RealClock } from './clock';
import { SimulatedEndpoint } from './http/server';
import { controlTower } from './organizations/landing-zone';
import { DEFAULT_MANAGEMENT_ACCOUNT, Organizations } from './organizations/organizations';
import { taskArguments } from './task-arguments';

/*
 * Serves a simulated organization to any AWS client, in real time, until it is interrupted.
 *
 * Scripts read the endpoint from the first line: "endpoint http://127.0.0.1:5700".
 */

const DEFAULT_PORT = 5700;

const USAGE = `usage: npx projen simulator -- [--port N] [--empty | --accounts N] [--throttle]

  --port N       listen on this port of 127.0.0.1; 0 takes a free one (default: ${DEFAULT_PORT})
  --accounts N   a landing zone with so many accounts, 3 to 50000 (default: 25)
  --empty        no organization yet: create-organization comes first
  --throttle     refuse callers that are faster than AWS's documented rates`;

/** Something the user can put right; printed without a stack trace. */
class UsageError extends Error {}

interface Options {
  readonly port: number;
  readonly accounts: number;
  readonly empty: boolean;
  readonly throttling: boolean;
}

async function main(): Promise<void> {
  const options = optionsFrom(taskArguments());
  if (!options) {
    console.log(USAGE);
    return;
  }
  const organizations = scene(options);
  const endpoint = new SimulatedEndpoint({ organizations });
  const url = await listen(endpoint, options.port);
  console.log(introduction(url, organizations));

  const stop = () => {
    endpoint.close().then(() => process.exit(0), () => process.exit(1));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** Undefined when only help was wanted. */
function optionsFrom(args: string[]): Options | undefined {
  const { values } = parse(args);
  if (values.help) return undefined;
  if (values.empty && values.accounts !== undefined) throw new UsageError('--empty and --accounts exclude each other');
  return {
    port: wholeNumber('--port', values.port, DEFAULT_PORT, 0, 65_535),
    accounts: wholeNumber('--accounts', values.accounts, 25, 3, 50_000),
    empty: values.empty ?? false,
    throttling: values.throttle ?? false,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        accounts: { type: 'string' },
        empty: { type: 'boolean' },
        throttle: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function wholeNumber(option: string, text: string | undefined, otherwise: number, least: number, most: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`${option} has to be a whole number from ${least} to ${most}, got "${text}"`);
}

function scene({ accounts, empty, throttling }: Options): Organizations {
  const clock = new RealClock();
  return empty ? new Organizations({ clock, throttling }) : controlTower({ clock, accounts, throttling }).organizations;
}

async function listen(endpoint: SimulatedEndpoint, port: number): Promise<string> {
  try {
    return await endpoint.listen(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new UsageError(`port ${port} is taken: choose another with --port, or --port 0 for a free one`);
    if (code === 'EACCES') throw new UsageError(`port ${port} needs more rights: choose one above 1023 with --port`);
    throw error;
  }
}

function introduction(url: string, organizations: Organizations): string {
  return [
    `endpoint ${url}`,
    ...(organizations.inUse ? [
      `organization ${organizations.organizationId}`,
      `root ${organizations.rootId}`,
      `management account ${organizations.managementAccountId}`,
      `accounts ${organizations.accountIds.length}`,
    ] : [
      `no organization yet; the management account will be ${DEFAULT_MANAGEMENT_ACCOUNT}`,
    ]),
    '',
    'Any access key signs as an administrator of the management account, a 12-digit one as an administrator of that account:',
    '',
    '  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1',
    ...examples(organizations).map((command) => `  aws --endpoint-url ${url} ${command}`),
    '',
    'Ctrl-C stops it.',
  ].join('\n');
}

function examples(organizations: Organizations): string[] {
  if (!organizations.inUse) return ['organizations create-organization', 'organizations list-roots', 'sts get-caller-identity'];
  return [
    'organizations list-roots',
    `organizations enable-policy-type --root-id ${organizations.rootId} --policy-type AISERVICES_OPT_OUT_POLICY`,
    'organizations describe-effective-policy --policy-type AISERVICES_OPT_OUT_POLICY',
    'sts get-caller-identity',
  ];
}

main().catch((error) => {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
});
