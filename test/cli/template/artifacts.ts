import { readFileSync } from 'node:fs';
import { App, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { EVERYTHING, printed, printedTemplate, yaml } from './printed';
import { readyMadeTemplates } from '../../../src/cli/template/ready-made';
import { run } from '../run';

/** What arrives in CloudFormation. */
export interface Artifact {
  readonly template: object;
  readonly parameters?: Record<string, string>;
}

export type ParameterValues = Readonly<Record<string, string>>;

/** Something that people deploy, and what it has beside the policy. */
export interface Deployable {
  readonly has: 'nothing' | 'a monitor' | 'a monitor that repairs';
  make(folder: string, values: ParameterValues): Promise<Artifact>;
}

const templates = new Map<string, Promise<object>>();

/** What the command prints with these flags, which it has to print only once. */
async function templateWith(...flags: string[]): Promise<object> {
  const key = flags.join(' ');
  if (!templates.has(key)) templates.set(key, flags.includes('--json') ? printed(...flags).then((text) => JSON.parse(text)) : printedTemplate(...flags));
  return templates.get(key)!;
}

export const ARTIFACTS: Record<string, Deployable> = {
  'the printed YAML': { has: 'nothing', make: async (_folder, parameters) => ({ template: await templateWith(), parameters }) },
  'the printed JSON': { has: 'nothing', make: async (_folder, parameters) => ({ template: await templateWith('--json'), parameters }) },
  'the printed YAML with a monitor': { has: 'a monitor', make: async (_folder, parameters) => ({ template: await templateWith('--monitor'), parameters }) },
  'the printed YAML with everything': {
    has: 'a monitor that repairs', make: async (_folder, parameters) => ({ template: await templateWith(...EVERYTHING), parameters }),
  },
  'the printed YAML with a rule': { has: 'nothing', make: async (_folder, parameters) => ({ template: await templateWith('--config-rule'), parameters }) },
  'the folder for Control Tower': { has: 'a monitor', make: async (folder, values) => fromControlTower(folder, values, ['--monitor']) },
  'the folder for the Landing Zone Accelerator': {
    has: 'a monitor', make: async (folder, values) => fromAccelerator(folder, values, ['--monitor', '--json']),
  },
  ...Object.fromEntries(Object.entries(readyMadeTemplates()).map(([name, text]): [string, Deployable] => {
    const template = name.endsWith('.json') ? JSON.parse(text) : yaml(text);
    return [`the ready-made ${name}`, { has: name.includes('monitor') ? 'a monitor' : 'nothing', make: async (_folder, parameters) => ({ template, parameters }) }];
  })),
};

async function write(format: string, folder: string, flags: string[]): Promise<void> {
  const { code, stderr } = await run(['template', '--format', format, '--out', folder, ...flags]);
  if (code !== 0) throw new Error(stderr);
}

/** CfCT hands the file and the manifest's parameters over to a StackSet. */
async function fromControlTower(folder: string, values: ParameterValues, flags: string[]): Promise<Artifact> {
  await write('cfct', folder, flags);
  const [resource] = yaml(readFileSync(`${folder}/manifest.yaml`, 'utf8')).resources;
  const parameters = resource.parameters.map(({ parameter_key: key, parameter_value: value }: any) => [key, values[key] ?? value]);
  return { template: yaml(readFileSync(`${folder}/${resource.resource_file}`, 'utf8')), parameters: Object.fromEntries(parameters) };
}

/** LZA includes the file in a stack of its own, with the parameters of its configuration filled in. */
async function fromAccelerator(folder: string, values: ParameterValues, flags: string[]): Promise<Artifact> {
  await write('lza', folder, flags);
  const [stack] = yaml(readFileSync(`${folder}/customizations-config.yaml`, 'utf8')).customizations.cloudFormationStacks;
  const app = new App({ analyticsReporting: false });
  const own = new Stack(app, stack.name, { synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false, qualifier: 'accel' }) });
  new CfnInclude(own, stack.name, {
    templateFile: `${folder}/${stack.template}`,
    parameters: Object.fromEntries(stack.parameters.map(({ name, value }: any) => [name, values[name] ?? value])),
  });
  return { template: app.synth().getStackByName(stack.name).template };
}
