import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { getBorderCharacters, table } from 'table';
import { CloudFormation, type StackInput } from './cloudformation/cloudformation';
import { SimulatedAws } from './cloudformation/simulated-aws';
import type { StackOutcome } from './cloudformation/stack';
import { SimulatedEndpoint } from './http/server';
import { controlTower } from './organizations/landing-zone';
import type { Organizations, RecordedCall } from './organizations/organizations';
import { SimulatedClock } from './simulated-clock';
import { taskArguments } from './task-arguments';

/*
 * The whole story on a simulated organization: synthesize the example, deploy it, deploy it again, destroy it, deploy it once more,
 * and look at every account's effective policy each time; then add the monitor, detach the policy as somebody might, and see what the monitor does.
 * Exit code 0 only when every account is opted out each time.
 */

const ROOT = join(__dirname, '..');
const EXAMPLE = 'examples/one-line.ts';
const MONITOR_EXAMPLE = 'examples/monitor.ts';
const STACK = 'AiOptOut';
const POLICY_TYPE = 'AISERVICES_OPT_OUT_POLICY';

const USAGE = `usage: npx projen demo [-- --keep]

  --keep   leave the organization running for the AWS CLI until Ctrl-C`;

interface Account {
  readonly id: string;
  readonly name: string;
  readonly unit: string;
}

async function main(): Promise<number> {
  const { values: { keep, help } } = parseArgs({ args: taskArguments(), options: { keep: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  if (help) {
    say(USAGE);
    return 0;
  }

  heading('Synthesize', EXAMPLE);
  say(indent(readFileSync(join(ROOT, EXAMPLE), 'utf8').trim()), '');
  const { template, text, assets } = synthesize(EXAMPLE);
  describeTemplate(template, text, assets);

  heading('A simulated organization', 'as AWS Control Tower sets it up');
  const clock = new SimulatedClock();
  const { organizations, accountIds } = controlTower({ clock });
  const endpoint = new SimulatedEndpoint({ organizations });
  const endpointUrl = await endpoint.listen();
  const cloudFormation = new CloudFormation({ clock, organizations, endpoint, endpointUrl });
  const accounts = await describeAccounts(organizations, accountIds);
  say(`  ${organizations.organizationId}, root ${organizations.rootId}, ${accounts.length} accounts in ${new Set(accounts.map(({ unit }) => unit)).size} places`);
  const before = await effectiveSettings(organizations, accountIds);

  const input: StackInput = { stackName: STACK, template };
  const optedOut: boolean[] = [];
  const look = async (sentence: string) => {
    await clock.sleep(60_000);
    const settings = await effectiveSettings(organizations, accountIds);
    const good = [...settings.values()].filter((setting) => setting === OPTED_OUT).length;
    optedOut.push(good === accountIds.length);
    say('', `  ${good === accountIds.length ? '✔' : '✘'} ${good} of ${accountIds.length} accounts are opted out of everything${sentence}`);
    return settings;
  };

  heading('Deploy', 'the function enables the policy type and waits, then comes the policy');
  await deploy('CREATE_COMPLETE', () => cloudFormation.createStack(input), organizations, clock);
  const after = await look('.');
  say('', accountTable(accounts, before, after));

  heading('Deploy again', 'nothing has changed');
  const calls = organizations.calls.length;
  const nothing = await cloudFormation.updateStack(input).then(() => 'an update was made', (error: Error) => error.message);
  say(`  CloudFormation: ${nothing}`, `  ${organizations.calls.length - calls} calls to the organization`);

  heading('Destroy the stack', 'the policy stays attached, the policy type enabled');
  await deploy('DELETE_COMPLETE', () => cloudFormation.deleteStack(STACK), organizations, clock);
  await look(' still.');

  heading('Deploy once more', 'beside the policy that was left');
  await deploy('CREATE_COMPLETE', () => cloudFormation.createStack(input), organizations, clock);
  await look('.');

  await removeLeftOver(cloudFormation, organizations);
  await look(' without that one.');

  heading('Add the monitor', MONITOR_EXAMPLE);
  const monitored = synthesize(MONITOR_EXAMPLE);
  say(indent(readFileSync(join(ROOT, MONITOR_EXAMPLE), 'utf8').split('\n\n').slice(2).join('\n\n').trim()), '');
  const update = await cloudFormation.updateStack({ stackName: STACK, template: monitored.template });
  say(`  ${update.status}: ${Object.keys(monitored.template.Resources).length} resources, ${count(monitored.text.length)} bytes`);
  await look(' with the monitor.');
  const watched = await watch(cloudFormation, organizations, clock);
  await look(' again.');

  heading('Figures');
  const figures = [...await measure(template, text, assets), ...measureMonitor(monitored)];
  say(framed([['', 'measured', 'allowed'], ...figures.map(({ name, measured, allowed }) => [name, count(measured), `at most ${count(allowed)}`])]));

  const asItShouldBe = watched && optedOut.length === 6 && optedOut.every(Boolean) && nothing === 'No updates are to be performed.'
    && figures.every(({ measured, allowed }) => measured <= allowed);
  say('', asItShouldBe ? 'Everything is as it should be.' : 'Something is not as it should be: see ✘ above and the figures.');

  if (keep) {
    await keepRunning(endpointUrl, clock, organizations);
  }
  await cloudFormation.close();
  clock.stop();
  await endpoint.close();
  return asItShouldBe ? 0 : 1;
}

interface Synthesized {
  readonly template: any;
  readonly text: string;
  readonly assets: number;
}

/** Runs the example as the CDK does: a program that writes a cloud assembly. */
function synthesize(example: string): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'ai-opt-out-demo-'));
  try {
    execFileSync(process.execPath, ['--import', 'tsx', example], { cwd: ROOT, env: { ...process.env, CDK_OUTDIR: outdir }, stdio: ['ignore', 'ignore', 'inherit'] });
    const text = readFileSync(join(outdir, `${STACK}.template.json`), 'utf8');
    const manifest = JSON.parse(readFileSync(join(outdir, `${STACK}.assets.json`), 'utf8'));
    // The template itself is always among the files.
    const files = Object.values<any>(manifest.files ?? {}).filter(({ source }) => source.path !== `${STACK}.template.json`);
    return { template: JSON.parse(text), text, assets: files.length + Object.keys(manifest.dockerImages ?? {}).length };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function describeTemplate(template: any, text: string, assets: number): void {
  const resources = Object.entries<any>(template.Resources);
  say(framed([['Resource', 'Type'], ...resources.map(([id, { Type }]) => [id, Type])]));
  const policy = resources.find(([, { Type }]) => Type === 'AWS::Organizations::Policy')![1].Properties.Content;
  say('', `  ${resources.length} resources, ${assets} assets, ${count(text.length)} bytes. The policy, ${JSON.stringify(policy).length} characters:`, '');
  say(indent(JSON.stringify(policy, null, 2)));
}

async function deploy(wanted: string, operation: () => Promise<StackOutcome>, organizations: Organizations, clock: SimulatedClock): Promise<void> {
  const start = clock.now();
  const first = organizations.calls.length;
  const outcome = await operation();
  const lines = organizations.calls.slice(first).map((call) => callLine(call, start));
  say(...(lines.length > 0 ? lines : ['  no calls to the organization']));
  say('', `  ${outcome.status === wanted ? '✔' : '✘'} ${outcome.status} after ${Math.round((clock.now() - start) / 1000)} simulated seconds${outcome.reason ? `: ${outcome.reason}` : ''}`);
  for (const { logicalId, reason } of outcome.failures) say(`    ${logicalId}: ${reason}`);
}

function callLine({ time, callerArn, operation, outcome, input }: RecordedCall, start: number): string {
  const seconds = ((time - start) / 1000).toFixed(1).padStart(5);
  const who = callerArn.includes('AiServicesOptOutPolicyType') ? 'function' : 'CloudFormation';
  const { TargetId } = input as { TargetId?: string };
  return `  ${seconds} s  ${who.padEnd(14)}  ${operation}${TargetId ? ` ${TargetId}` : ''}${outcome === 'ok' ? '' : `: ${outcome}`}`;
}

async function describeAccounts(organizations: Organizations, ids: string[]): Promise<Account[]> {
  const ask = asAdministrator(organizations);
  return Promise.all(ids.map(async (id) => {
    const { Account: { Name } } = await ask('DescribeAccount', { AccountId: id });
    const { Parents: [{ Id, Type }] } = await ask('ListParents', { ChildId: id });
    const unit = Type === 'ROOT' ? 'Root' : (await ask('DescribeOrganizationalUnit', { OrganizationalUnitId: Id })).OrganizationalUnit.Name;
    return { id, name: Name, unit };
  }));
}

const OPTED_OUT = 'opted out';

/** Takes away what the destroyed stack has left, so that the policy of the stack is the only one. */
async function removeLeftOver(cloudFormation: CloudFormation, organizations: Organizations): Promise<void> {
  const ask = asAdministrator(organizations);
  const ours = cloudFormation.describeStack(STACK).resources.map(({ physicalId }) => physicalId);
  const { Policies } = await ask('ListPoliciesForTarget', { TargetId: organizations.rootId, Filter: POLICY_TYPE });
  for (const { Id } of Policies.filter((policy: any) => !ours.includes(policy.Id))) {
    await ask('DetachPolicy', { PolicyId: Id, TargetId: organizations.rootId });
    await ask('DeletePolicy', { PolicyId: Id });
  }
}

/** Somebody detaches the policy. Whether the monitor has told and repaired it, and all alarms are well in the end. */
async function watch(cloudFormation: CloudFormation, organizations: Organizations, clock: SimulatedClock): Promise<boolean> {
  const { resources } = cloudFormation.describeStack(STACK);
  const policy = resources.find(({ type }) => type === 'AWS::Organizations::Policy')!;
  const accountId = organizations.managementAccountId;
  const told = cloudFormation.sns.messages.length;
  heading('Somebody detaches the policy', 'aws organizations detach-policy');
  const start = clock.now();
  await organizations.call('DetachPolicy', { PolicyId: policy.physicalId, TargetId: organizations.rootId }, { accountId, arn: `arn:aws:iam::${accountId}:user/somebody` });
  await clock.sleep(10_000);
  const settings = await effectiveSettings(organizations, organizations.accountIds);
  say(`  ✘ ${[...settings.values()].filter((setting) => setting !== OPTED_OUT).length} of ${settings.size} accounts are no longer opted out`, '');
  await clock.sleep(5 * 60_000);

  const messages = cloudFormation.sns.messages.slice(told);
  for (const { time, subject, message } of messages) {
    say(`  ${Math.round((time - start) / 1000)} s later, a message to the topic:`, '', indent(indent(wrapped(`${subject}\n\n${message}`))), '');
  }
  const metrics = ['OptedOut', 'NotOptedOut', 'CouldNotTell', 'Repairs'].map((name) => {
    const points = cloudFormation.cloudWatch.metric('AiServicesOptOut', name, { StackName: STACK }).filter(({ time }) => time >= start);
    return { name, values: points.map(({ value }) => value) };
  });
  const alarms = resources.filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .map(({ logicalId, physicalId }) => ({ name: /Monitor(\w+)Alarm/.exec(logicalId)![1], state: cloudFormation.cloudWatch.alarm(physicalId).state }));
  say(framed([
    ['Metric', 'values since then'], ...metrics.map(({ name, values }) => [name, values.map(count).join(', ')]),
  ]), '', framed([['Alarm', 'state'], ...alarms.map(({ name, state }) => [name, state])]));
  return messages.length === 1 && metrics.some(({ name, values }) => name === 'Repairs' && values.includes(1)) && alarms.every(({ state }) => state === 'OK');
}

/** What AWS says of every account. */
async function effectiveSettings(organizations: Organizations, ids: string[]): Promise<Map<string, string>> {
  const ask = asAdministrator(organizations);
  return new Map(await Promise.all(ids.map(async (id): Promise<[string, string]> => {
    try {
      const { EffectivePolicy } = await ask('DescribeEffectivePolicy', { PolicyType: POLICY_TYPE, TargetId: id });
      const services = Object.entries<any>(JSON.parse(EffectivePolicy.PolicyContent).services ?? {});
      const everything = services.some(([key]) => key === 'default') && services.every(([, { opt_out_policy }]) => opt_out_policy === 'optOut');
      return [id, everything ? OPTED_OUT : 'not opted out'];
    } catch (error) {
      return [id, (error as Error).name === 'EffectivePolicyNotFoundException' ? 'not opted out' : (error as Error).name];
    }
  })));
}

function asAdministrator(organizations: Organizations): (operation: string, input: object) => Promise<any> {
  const accountId = organizations.managementAccountId;
  return (operation, input) => organizations.call(operation, input, { accountId, arn: `arn:aws:iam::${accountId}:user/demo` });
}

function accountTable(accounts: Account[], before: Map<string, string>, after: Map<string, string>): string {
  return framed([['Account', 'Name', 'In', 'Before', 'After'], ...accounts.map(({ id, name, unit }) => [id, name, unit, before.get(id)!, after.get(id)!])]);
}

interface Figure {
  readonly name: string;
  readonly measured: number;
  readonly allowed: number;
}

async function measure(template: any, text: string, assets: number): Promise<Figure[]> {
  const resources = Object.values<any>(template.Resources);
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const [{ Properties: { Code: { ZipFile: code } } }] = ofType('AWS::Lambda::Function');
  const [{ Properties: { Content: content } }] = ofType('AWS::Organizations::Policy');
  return [
    { name: 'Resources', measured: resources.length, allowed: 5 },
    { name: 'Lambda functions', measured: ofType('AWS::Lambda::Function').length, allowed: 1 },
    { name: 'Assets', measured: assets, allowed: 0 },
    { name: 'Function code, bytes', measured: Buffer.byteLength(code), allowed: 12 * 1024 },
    { name: 'Template minified, bytes', measured: Buffer.byteLength(JSON.stringify(template)), allowed: 20 * 1024 },
    { name: 'Template as written, bytes', measured: Buffer.byteLength(text), allowed: 51_200 },
    { name: 'Policy, characters', measured: JSON.stringify(content).length, allowed: 221 },
    { name: 'Organizations calls, type already enabled', measured: await callsWhenEnabled(template), allowed: 4 },
  ];
}

function measureMonitor({ template, text, assets }: Synthesized): Figure[] {
  const codes = Object.values<any>(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function').map(({ Properties }) => Buffer.byteLength(Properties.Code.ZipFile));
  return [
    { name: 'With the monitor: functions', measured: codes.length, allowed: 2 },
    { name: 'With the monitor: assets', measured: assets, allowed: 0 },
    { name: 'Code of the monitoring function, bytes', measured: Math.max(...codes), allowed: 32 * 1024 },
    { name: 'Template with everything as written, bytes', measured: Buffer.byteLength(text), allowed: 100_000 },
  ];
}

/** One target and no other policies: an organization of its own. */
async function callsWhenEnabled(template: object): Promise<number> {
  const aws = await SimulatedAws.start({ scene: (organizations) => organizations.createOrganization().enablePolicyType(POLICY_TYPE) });
  try {
    await aws.cloudFormation.createStack({ stackName: STACK, template });
    return aws.organizations.calls.filter(({ callerArn }) => callerArn.includes('AiServicesOptOutPolicyType')).length;
  } finally {
    await aws.close();
  }
}

/** Serves the organization until Ctrl-C; its time goes on as ours does. */
async function keepRunning(url: string, clock: SimulatedClock, { rootId }: Organizations): Promise<void> {
  const ticking = setInterval(() => void clock.sleep(100), 100);
  heading('Running until Ctrl-C', url);
  say(indent([
    'export AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo',
    'export AWS_DEFAULT_REGION=us-east-1',
    `export AWS_ENDPOINT_URL=${url}`,
    'aws organizations list-roots',
    `aws organizations list-policies-for-target --target-id ${rootId} \\`,
    `  --filter ${POLICY_TYPE}`,
    'aws organizations describe-effective-policy \\',
    `  --policy-type ${POLICY_TYPE}`,
  ].join('\n')));
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  clearInterval(ticking);
}

/** A table without a frame: a rule below the head, columns as wide as they must be. */
function framed(rows: string[][]): string {
  return indent(table(rows, {
    border: { ...getBorderCharacters('void'), joinBody: '─' },
    columnDefault: { paddingLeft: 0, paddingRight: 1 },
    drawHorizontalLine: (line) => line === 1,
  }).trimEnd().replace(/ +$/gm, ''));
}

function heading(title: string, detail = ''): void {
  const bold = (text: string) => (process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[1m${text}\x1b[22m` : text);
  say('', `${bold(title)}${detail ? ` – ${detail}` : ''}`, '');
}

function say(...lines: string[]): void {
  console.log(lines.join('\n'));
}

/** Breaks long lines at blanks, for a terminal of 80 columns. */
function wrapped(text: string): string {
  return text.replace(/(?=.{73})(.{1,72}) /g, '$1\n');
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

main().then((code) => { process.exitCode = code; }, (error) => {
  const mistyped = String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(mistyped ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = mistyped ? 2 : 1;
});
