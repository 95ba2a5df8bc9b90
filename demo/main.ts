import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { figuresOf, monitorFiguresOf, type Synthesized } from './figures';
import { count, heading, indent, say, table, wrapped } from './print';
import { CloudFormation, type StackInput } from '../simulator/cloudformation/cloudformation';
import type { StackOutcome } from '../simulator/cloudformation/stack';
import { SimulatedEndpoint } from '../simulator/http/server';
import { controlTower } from '../simulator/organizations/landing-zone';
import type { Organizations, RecordedCall } from '../simulator/organizations/organizations';
import { SimulatedClock } from '../simulator/simulated-clock';
import { taskArguments } from '../simulator/task-arguments';

/*
 * Shows the library at work on a simulated organization. Synthesizes the example, deploys it, deploys it again, destroys the stack and
 * deploys it once more, and reads the effective policy of every account after each step. Then adds the monitor, detaches the policy and
 * shows what the monitor does. Exits with 0 only if every account is opted out after each step.
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
  const figures = [...await figuresOf({ template, text, assets }), ...monitorFiguresOf(monitored)];
  say(table([['', 'measured', 'allowed'], ...figures.map(({ name, measured, allowed }) => [name, count(measured), `at most ${count(allowed)}`])]));

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

/** Runs the example as the CDK CLI does: a program that writes a cloud assembly. */
function synthesize(example: string): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'ai-opt-out-demo-'));
  try {
    execFileSync(process.execPath, ['--import', 'tsx', example], { cwd: ROOT, env: { ...process.env, CDK_OUTDIR: outdir }, stdio: ['ignore', 'ignore', 'inherit'] });
    const text = readFileSync(join(outdir, `${STACK}.template.json`), 'utf8');
    const manifest = JSON.parse(readFileSync(join(outdir, `${STACK}.assets.json`), 'utf8'));
    // The template itself is always listed as a file asset.
    const files = Object.values<any>(manifest.files ?? {}).filter(({ source }) => source.path !== `${STACK}.template.json`);
    return { template: JSON.parse(text), text, assets: files.length + Object.keys(manifest.dockerImages ?? {}).length };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function describeTemplate(template: any, text: string, assets: number): void {
  const resources = Object.entries<any>(template.Resources);
  say(table([['Resource', 'Type'], ...resources.map(([id, { Type }]) => [id, Type])]));
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

/** Deletes the policy that the destroyed stack left behind, so that the policy of the new stack is the only one. */
async function removeLeftOver(cloudFormation: CloudFormation, organizations: Organizations): Promise<void> {
  const ask = asAdministrator(organizations);
  const ours = cloudFormation.describeStack(STACK).resources.map(({ physicalId }) => physicalId);
  const { Policies } = await ask('ListPoliciesForTarget', { TargetId: organizations.rootId, Filter: POLICY_TYPE });
  for (const { Id } of Policies.filter((policy: any) => !ours.includes(policy.Id))) {
    await ask('DetachPolicy', { PolicyId: Id, TargetId: organizations.rootId });
    await ask('DeletePolicy', { PolicyId: Id });
  }
}

/** Detaches the policy. Returns whether the monitor sent one message and repaired the policy, and whether every alarm is OK afterwards. */
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
  const metrics = ['OptedOut', 'NotOptedOut', 'Unknown', 'Repairs'].map((name) => {
    const points = cloudFormation.cloudWatch.metric('AiServicesOptOut', name, { StackName: STACK }).filter(({ time }) => time >= start);
    return { name, values: points.map(({ value }) => value) };
  });
  const alarms = resources.filter(({ type }) => type === 'AWS::CloudWatch::Alarm')
    .map(({ logicalId, physicalId }) => ({ name: /Monitor(\w+)Alarm/.exec(logicalId)![1], state: cloudFormation.cloudWatch.alarm(physicalId).state }));
  say(table([
    ['Metric', 'values since then'], ...metrics.map(({ name, values }) => [name, values.map(count).join(', ')]),
  ]), '', table([['Alarm', 'state'], ...alarms.map(({ name, state }) => [name, state])]));
  return messages.length === 1 && metrics.some(({ name, values }) => name === 'Repairs' && values.includes(1)) && alarms.every(({ state }) => state === 'OK');
}

/** Reads whether each account is opted out from its effective policy. */
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
  return table([['Account', 'Name', 'In', 'Before', 'After'], ...accounts.map(({ id, name, unit }) => [id, name, unit, before.get(id)!, after.get(id)!])]);
}

/** Serves the organization until Ctrl-C. Simulated time passes as fast as real time. */
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

main().then((code) => { process.exitCode = code; }, (error) => {
  const mistyped = String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(mistyped ? `${error.message}\n\n${USAGE}` : error);
  process.exitCode = mistyped ? 2 : 1;
});
