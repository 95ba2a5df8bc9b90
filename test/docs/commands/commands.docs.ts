import { spawnSync } from 'node:child_process';
import { AwsApi } from './aws-api';
import { DELEGATED, MANAGEMENT, organization, SCENES } from './scenes';
import { Terminal, type Ran } from './terminal';
import { blocksOf } from '../markdown';
import { reasonNotToRun } from '../not-run';
import { allCommands, type Command } from '../shell';

/*
 * Types every command of the documents into a shell, as it stands there, against a simulated organization: `npx projen test:docs`. Needs bash, and the AWS CLI
 * of test/python/requirements.txt. What cannot be run is in ../not-run.ts, with the reason.
 *
 * The commands of a section share a shell and an organization; so do all of a document that tells one story.
 */

const STORIES = ['docs/delegated-administrator.md'];

/** Commands that shall not end with 0, by session and how they begin; of several that begin so, one after the other. */
const EXIT_CODES: Record<string, Record<string, (number | 'an error')[]>> = {
  'docs/taking-over.md#from-a-script': { 'npx -p cdk-ai-services-opt-out ai-opt-out verify': [1, 0] },
  // It is enabled already, and the document says that it fails then.
  'docs/monitoring.md#runbook': { 'aws organizations enable-policy-type': ['an error'], 'npx -p cdk-ai-services-opt-out ai-opt-out verify': [1] },
};

/** What has to be true at the end. */
const AFTERWARDS: Record<string, (api: AwsApi, ran: Ran[]) => Promise<void> | void> = {
  'docs/delegated-administrator.md': (_api, ran) => expect(find(ran, 'verify').stdout).toContain('Opted out: all 4 active accounts are.'),
  'docs/landing-zones.md#control-tower-or-nothing-a-stack': async (api) => {
    expect(api.aws.cloudFormation.describeStack('AiServicesOptOut').status).toBe('UPDATE_COMPLETE');
    await everybodyIsOptedOut(api);
  },
  ...Object.fromEntries(['from-a-policy-made-in-the-console', 'keep-the-policy-and-manage-it-with-the-command-line', 'from-terraform', 'from-a-script'].map((section) => [
    `docs/taking-over.md#${section}`,
    async (api: AwsApi) => {
      await everybodyIsOptedOut(api);
      expect(await policies(api)).toHaveLength(1);
    },
  ])),
};

interface Session {
  readonly name: string;
  readonly commands: Command[];
}

function sessions(): Session[] {
  const byName = new Map<string, Command[]>();
  for (const command of allCommands()) {
    const name = STORIES.includes(command.document) || command.document === 'README.md' || command.document === 'CONTRIBUTING.md' || command.section === ''
      ? command.document : `${command.document}#${command.section}`;
    byName.set(name, [...byName.get(name) ?? [], command]);
  }
  return [...byName].map(([name, commands]) => ({ name, commands: commands.filter((command) => reasonNotToRun(command) === undefined) }))
    .filter(({ commands }) => commands.length > 0);
}

const SESSIONS = sessions();

test('the AWS CLI is there', () => {
  const { status, stderr } = spawnSync('python3', ['-m', 'awscli', '--version'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the AWS CLI is needed: python3 -m pip install -r test/python/requirements.txt\n${stderr}`);
});

test('a command that fails, one that is not there and a variable that stays empty are noticed', async () => {
  const terminal = new Terminal('http://127.0.0.1:1', {});
  try {
    const ran = await terminal.type(['true', 'aws organizations list-rootz', 'ROOT=$(true)', 'npx -p something else', 'echo "$0" && exit 0', 'true']);
    expect(ran.map((command, index) => problemsOf('', command, ran.slice(0, index)).length)).toEqual([0, 1, 1, 1, 1, 1]);
  } finally {
    terminal.close();
  }
});

test('scenes, exit codes and what has to be true are of sessions that there are', () => {
  const names = SESSIONS.map(({ name }) => name);
  const named = [...Object.keys(SCENES), ...Object.keys(EXIT_CODES), ...Object.keys(AFTERWARDS)];
  expect(named.filter((name) => !names.includes(name) && name !== 'docs/verify.md')).toEqual([]);
  expect(SESSIONS.length).toBeGreaterThan(10);
});

test.each(SESSIONS.map(({ name, commands }): [string, Command[]] => [name, commands]))('%s', async (name, commands) => {
  const api = await AwsApi.start({ scene: organization, organizations: { effectivePolicyDelayMs: 0 } });
  const terminal = new Terminal(api.url, { management: MANAGEMENT, delegated: DELEGATED });
  try {
    await (SCENES[name] ?? SCENES[name.split('#')[0]!])?.(api);
    for (const { file, text } of blocksOf(name.split('#')[0]!)) if (file !== undefined) terminal.save(file, text);
    const ran = await terminal.type(commands.map(({ text }) => text));

    const problems = ran.flatMap((command, index) => problemsOf(name, command, ran.slice(0, index)).map((problem) => (
      `${commands[index]!.document}:${commands[index]!.line}: ${command.text}\n  ${problem}\n${command.stderr.slice(-800)}${command.stdout.slice(-400)}`
    )));
    expect(problems).toEqual([]);
    await AFTERWARDS[name]?.(api, ran);
  } finally {
    terminal.close();
    await api.close();
  }
});

function problemsOf(session: string, { text, code, value }: Ran, earlier: Ran[]): string[] {
  const [beginning = '', codes = [0]] = Object.entries(EXIT_CODES[session] ?? {}).find(([start]) => text.startsWith(start)) ?? [];
  const wanted = beginning === '' ? 0 : codes[earlier.filter((command) => command.text.startsWith(beginning)).length] ?? 0;
  const asWanted = wanted === 'an error' ? code !== undefined && code > 0 : code === wanted;
  return [
    ...(asWanted ? [] : [`ended with ${code}, not with ${wanted}`]),
    // What the AWS CLI says as text where there is nothing.
    ...(/^(?:export )?\w+=/.test(text) && ['', 'None'].includes(value ?? '') ? [`sets its variable to ${JSON.stringify(value)}`] : []),
  ];
}

function find(ran: Ran[], part: string): Ran {
  return ran.findLast(({ text }) => text.includes(part))!;
}

const somebody = { accountId: MANAGEMENT, arn: 'somebody' };

async function policies({ aws }: AwsApi): Promise<any[]> {
  return (await aws.organizations.call('ListPolicies', { Filter: 'AISERVICES_OPT_OUT_POLICY' }, somebody) as any).Policies;
}

async function everybodyIsOptedOut({ aws: { organizations } }: AwsApi): Promise<void> {
  for (const TargetId of organizations.accountIds) {
    const { EffectivePolicy } = await organizations.call('DescribeEffectivePolicy', { PolicyType: 'AISERVICES_OPT_OUT_POLICY', TargetId }, somebody) as any;
    expect(JSON.parse(EffectivePolicy.PolicyContent)).toEqual({ services: { default: { opt_out_policy: 'optOut' } } });
  }
}
