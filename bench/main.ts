import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { table } from 'table';
import { measureInvocations } from './invocations';
import { measureOrganization } from './organizations';
import { benchVerification } from './verify';
import { AiServicesOptOut, AiService, OptOutPolicyDocument, OptOutScope } from '../src';
import { effectiveDocument, POLICY_TYPE, problemsIn, type PolicyLevel } from '../src/policy';

/*
 * Figures beside the same job made by hand, and the speed of what runs often. Everything in one run; read ratios, not milliseconds.
 */

const ROOT = join(__dirname, '..');

/** Enable the type, create the policy, attach it to the root: what people write today. */
function byHand(stack: Stack): void {
  const policy = AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE });
  const roots = new AwsCustomResource(stack, 'Roots', {
    onUpdate: { service: 'Organizations', action: 'ListRoots', physicalResourceId: PhysicalResourceId.of('roots') },
    installLatestAwsSdk: false,
    policy,
  });
  const rootId = roots.getResponseField('Roots.0.Id');
  const enable = new AwsCustomResource(stack, 'Enable', {
    onCreate: {
      service: 'Organizations',
      action: 'EnablePolicyType',
      parameters: { RootId: rootId, PolicyType: POLICY_TYPE },
      physicalResourceId: PhysicalResourceId.of('enabled'),
      ignoreErrorCodesMatching: 'PolicyTypeAlreadyEnabledException',
    },
    installLatestAwsSdk: false,
    policy,
  });
  const optOut = new CfnPolicy(stack, 'Policy', {
    name: 'OptOut',
    type: POLICY_TYPE,
    content: OptOutPolicyDocument.fromScope(OptOutScope.allServices()).toJson(),
    targetIds: [rootId],
  });
  optOut.node.addDependency(enable);
}

interface Weight {
  readonly resources: number;
  readonly functions: number;
  readonly template: number;
  readonly assets: number;
  readonly milliseconds: number;
}

function weigh(define: (stack: Stack) => void): Weight {
  const outdir = mkdtempSync(join(tmpdir(), 'ai-opt-out-bench-'));
  try {
    const start = process.hrtime.bigint();
    const app = new App({ outdir, analyticsReporting: false });
    const stack = new Stack(app, 'Bench');
    define(stack);
    const { template } = app.synth().getStackByName('Bench');
    const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
    const types = stack.node.findAll().filter(CfnResource.isCfnResource).map(({ cfnResourceType }) => cfnResourceType);
    const assets = readdirSync(outdir).filter((name) => name.startsWith('asset.')).map((name) => sizeOf(join(outdir, name)));
    return {
      resources: Object.keys(template.Resources).length,
      functions: types.filter((type) => type === 'AWS::Lambda::Function').length,
      template: JSON.stringify(template).length,
      assets: assets.reduce((sum, size) => sum + size, 0),
      milliseconds,
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function sizeOf(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Both in turn, so that a machine whose speed drifts is fair to both. */
function inTurn<A>(runs: number, ...jobs: (() => A)[]): A[][] {
  const results: A[][] = jobs.map(() => []);
  for (let run = 0; run < runs; run++) jobs.forEach((job, index) => results[index].push(job()));
  return results;
}

/** Median milliseconds of one call, over several rounds. */
function timed(work: () => void, calls: number): number {
  const rounds = Array.from({ length: 7 }, () => {
    const start = process.hrtime.bigint();
    for (let call = 0; call < calls; call++) work();
    return Number(process.hrtime.bigint() - start) / 1e6 / calls;
  });
  return median(rounds);
}

function startOf(code: string): number {
  const start = process.hrtime.bigint();
  execFileSync(process.execPath, ['-e', code], { cwd: ROOT });
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const number = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 3 : 0 });
const show = (title: string, rows: string[][]) => console.log(`\n${title}\n\n${table(rows, { drawHorizontalLine: (line) => line === 1, drawVerticalLine: () => false })}`);

const [ours, hand] = inTurn(9, () => weigh((stack) => { new AiServicesOptOut(stack, 'OptOut'); }), () => weigh(byHand));
const row = (name: string, of: (weight: Weight) => number) => {
  const [a, b] = [median(ours.map(of)), median(hand.map(of))];
  return [name, number(a), number(b), b === 0 ? '–' : (a / b).toFixed(2)];
};
show('new AiServicesOptOut() beside two AwsCustomResources and a CfnPolicy', [
  ['', 'ours', 'by hand', 'ratio'],
  row('Resources', ({ resources }) => resources),
  row('Lambda functions', ({ functions }) => functions),
  row('Template minified, bytes', ({ template }) => template),
  row('Assets, bytes', ({ assets }) => assets),
  row('Template and assets, bytes', ({ template, assets }) => template + assets),
  row('Synthesis, ms (median of 9)', ({ milliseconds }) => milliseconds),
  ['Waits until the type is enabled', 'yes', 'no', ''],
  ['Finds what would overrule it', 'yes', 'no', ''],
]);

const HANDLER = 'assets/handlers/policy-type/index.js';
const [bare, handler, sdk] = inTurn(
  9,
  () => startOf('0'),
  () => startOf(`require('./${HANDLER}')`),
  () => startOf(`require('./${HANDLER}'); require('@aws-sdk/client-organizations')`),
).map(median);
show('Starting a process', [
  ['', 'ms (median of 9)', 'over bare node'],
  ['node alone', number(bare), ''],
  ['with the handler, as for a Delete', number(handler), number(handler - bare)],
  ['with handler and SDK, as for a Create', number(sdk), number(sdk - bare)],
]);

const document = OptOutPolicyDocument.fromScope(OptOutScope.allServices({ optIn: [AiService.LEX] }));
const text = document.toString();
const levels: PolicyLevel[] = ['root', 'ou', 'ou', 'ou', 'account'].map((name) => ({
  name, policies: Array.from({ length: 5 }, (_, index) => ({ name: `policy-${index}`, document: document.toJson() })),
}));
show('The policy engine', [
  ['', 'ms a call'],
  ['Check a document', number(timed(() => problemsIn(text), 1000))],
  ['Effective policy of an account, 5 levels of 5 policies', number(timed(() => effectiveDocument(levels), 1000))],
]);

async function main(): Promise<void> {
  const { firstCold, cold, warm, process: inProcess } = await measureInvocations();
  show('An invocation of a function that does nothing, on the simulator', [
    ['', 'ms (median)', 'slowest'],
    ['cold start, code not seen before', number(median(firstCold)), number(Math.max(...firstCold))],
    ['cold start', number(median(cold)), number(Math.max(...cold))],
    ['warm', number(median(warm)), number(Math.max(...warm))],
    ['in a process of its own', number(median(inProcess)), number(Math.max(...inProcess))],
  ]);
  show('An organization of 50,000 accounts, on the simulator', [
    ['', 'ms'],
    ...(await measureOrganization()).map(([what, milliseconds]) => [what, number(milliseconds)]),
  ]);
  benchVerification();
}

void main();
