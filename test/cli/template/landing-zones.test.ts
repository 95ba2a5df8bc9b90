import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FLAGS, printed, scratch, yaml } from './printed';
import { mismatches, type Shape } from './shape';
import { flat, run } from '../run';

const inFolder = scratch();

const MANAGEMENT = '012345678901';
const FORMATS = Object.entries(FLAGS).flatMap(([name, flags]) => [[`${name} as YAML`, flags], [`${name} as JSON`, [...flags, '--json']]] as [string, string[]][]);

async function write(format: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await run(['template', '--format', format, '--out', inFolder(), ...args]);
  if (code !== 0) throw new Error(stderr);
}

const read = (path: string) => readFileSync(inFolder(path), 'utf8');

describe('Customizations for AWS Control Tower', () => {
  /** What the schema of version 2021-03-15 says of what a manifest may have, source/src/cfct/validation/manifest-v2.schema.yaml in v2.8.4. */
  const MANIFEST: Shape = {
    map: {
      region: 'text',
      version: 'date',
      enable_stack_set_deletion: 'boolean',
      resources: {
        list: {
          map: {
            name: 'text',
            description: 'text',
            resource_file: 'text',
            deployment_targets: { map: { accounts: { list: 'any' }, organizational_units: { list: 'text' } } },
            parameter_file: 'text',
            parameters: { list: { map: { parameter_key: 'text', parameter_value: 'any' }, required: ['parameter_key', 'parameter_value'] } },
            deploy_method: { oneOf: ['scp', 'stack_set', 'rcp'] },
            regions: { list: 'text' },
            export_outputs: { list: { map: { name: 'text', value: 'text' }, required: ['name', 'value'] } },
          },
          required: ['name', 'resource_file', 'deployment_targets', 'deploy_method'],
        },
      },
    },
    required: ['region', 'version'],
  };

  /** The files that the pipeline finds in a manifest: it looks for lines and not for YAML. */
  function filesThatThePipelineSees(manifest: string): string[] {
    return manifest.split('\n')
      .filter((line) => line.includes('_file:') && !/^ *#/.test(line))
      .map((line) => line.replace(/ +/g, ' ').split(' ')[2]!);
  }

  test.each(FORMATS)('the manifest is valid and names the template: %s', async (_name, flags) => {
    await write('cfct', '--management-account-id', MANAGEMENT, ...flags);
    const manifest = yaml(read('manifest.yaml'));
    expect(mismatches(manifest, MANIFEST)).toEqual([]);
    expect(manifest.version.toISOString()).toBe('2021-03-15T00:00:00.000Z');
    const template = `templates/ai-services-opt-out.${flags.includes('--json') ? 'json' : 'yaml'}`;
    expect(manifest.resources).toEqual([{
      name: 'ai-services-opt-out',
      description: expect.any(String),
      resource_file: template,
      deploy_method: 'stack_set',
      deployment_targets: { accounts: [MANAGEMENT] },
      regions: ['us-east-1'],
      parameters: Object.keys(yaml(read(template)).Parameters).map((name) => ({ parameter_key: name, parameter_value: '' })),
    }]);
    expect(filesThatThePipelineSees(read('manifest.yaml'))).toEqual([template]);
    expect(read(template)).toBe(await printed(...flags));
    expect(statSync(inFolder(template)).size).toBeLessThan(1_000_000);
    expect(readdirSync(inFolder(), { recursive: true }).map(String).filter((path) => statSync(inFolder(path)).isFile()).sort()).toEqual(['manifest.yaml', template]);
  });

  test('without the account the manifest has a placeholder that CfCT refuses: an id that it does not know it would ignore', async () => {
    const { stderr } = await run(['template', '--format', 'cfct', '--out', inFolder()]);
    expect(mismatches(yaml(read('manifest.yaml')), MANIFEST)).toEqual(['resources[0].deployment_targets.accounts is no list']);
    expect(read('manifest.yaml')).toContain('      accounts: \'REPLACE-THIS');
    expect(flat(stderr)).toContain('note: manifest.yaml has a placeholder for the id of the management account');
    const mended = read('manifest.yaml').replace(/accounts: 'REPLACE.*'/, `accounts:\n        - '${MANAGEMENT}'`);
    expect(mismatches(yaml(mended), MANIFEST)).toEqual([]);
  });

  test('comments say why the target is an account, why no service-managed StackSet, and which role has to be there', async () => {
    await write('cfct', '--management-account-id', MANAGEMENT);
    const comments = flat(read('manifest.yaml').replace(/^ *#/gm, ''));
    for (const words of [
      'Why accounts and not organizational_units', 'CfCT deploys in all enrolled accounts except the management account', 'Why not a StackSet with service-managed permissions',
      'aws iam create-role --role-name AWSControlTowerExecution',
    ]) expect(comments).toContain(words);
    const [, trust] = /'(\{"Version".*\})'/.exec(comments)!;
    expect(JSON.parse(trust!).Statement[0].Principal.AWS).toBe(`arn:aws:iam::${MANAGEMENT}:role/service-role/AWSControlTowerStackSetRole`);
  });

  test('the name that was chosen is in the manifest too, because what stands there goes before the template', async () => {
    await write('cfct', '--name', 'It\'s ours: #1');
    expect(yaml(read('manifest.yaml')).resources[0].parameters).toEqual([{ parameter_key: 'PolicyName', parameter_value: 'It\'s ours: #1' }]);
  });
});

describe('the Landing Zone Accelerator on AWS', () => {
  const PARAMETERS: Shape = { list: { map: { name: 'text', value: 'text' }, required: ['name', 'value'] } };
  const TARGETS: Shape = {
    map: { accounts: { list: 'text' }, excludedAccounts: { list: 'text' }, excludedRegions: { list: 'text' }, organizationalUnits: { list: 'text' } },
  };
  /** What the schema of customizations-config.yaml says of stacks in v1.15.5. */
  const CUSTOMIZATIONS: Shape = {
    map: {
      customizations: {
        map: {
          cloudFormationStacks: {
            list: {
              map: {
                deploymentTargets: TARGETS,
                description: 'filledText',
                name: 'filledText',
                parameters: PARAMETERS,
                regions: { list: { oneOf: ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-central-1'] } },
                runOrder: 'number',
                template: 'filledText',
                terminationProtection: 'boolean',
              },
              required: ['deploymentTargets', 'name', 'regions', 'runOrder', 'template', 'terminationProtection'],
            },
          },
        },
      },
    },
  };

  test.each(FORMATS)('the entry is valid and names the template: %s', async (_name, flags) => {
    await write('lza', ...flags);
    const config = yaml(read('customizations-config.yaml'));
    expect(mismatches(config, CUSTOMIZATIONS)).toEqual([]);
    const template = `cloudformation/ai-services-opt-out.${flags.includes('--json') ? 'json' : 'yaml'}`;
    const [stack] = config.customizations.cloudFormationStacks;
    expect(stack).toEqual({
      name: 'AiServicesOptOut',
      description: expect.any(String),
      deploymentTargets: { accounts: ['Management'] },
      regions: ['us-east-1'],
      runOrder: 1,
      template,
      terminationProtection: true,
      parameters: Object.keys(yaml(read(template)).Parameters).map((name) => ({ name, value: '' })),
    });
    expect(stack.name).toMatch(/^[A-Za-z][A-Za-z0-9-]{0,127}$/);
    expect(existsSync(join(inFolder(), stack.template))).toBe(true);
    expect(read(template)).toBe(await printed(...flags));
  });

  test('comments say why the target is an account and why no StackSet', async () => {
    await write('lza');
    const comments = flat(read('customizations-config.yaml').replace(/^ *#/gm, ''));
    for (const words of ['Why accounts and not organizationalUnits', 'With organizationalUnits: [Root], LZA makes a stack in every account', 'Why not cloudFormationStackSets']) {
      expect(comments).toContain(words);
    }
  });
});

test('no line of a comment is longer than 100 characters, but for a command to copy', async () => {
  await write('cfct', '--monitor');
  await write('lza', '--monitor');
  for (const file of ['manifest.yaml', 'customizations-config.yaml']) {
    const long = read(file).split('\n').filter((line) => line.length > 100 && !line.includes('"Version"'));
    expect({ file, long }).toEqual({ file, long: [] });
  }
});

describe('the shapes', () => {
  test.each<[unknown, Shape, string[]]>([
    [{ a: 1 }, { map: { a: 'text' } }, ['a is no text']],
    [{ b: 1 }, { map: { a: 'text' }, required: ['a'] }, ['the document lacks a', 'the document may not have b']],
    [{ a: [''] }, { map: { a: { list: 'filledText' } } }, ['a[0] is no filledText']],
    ['x', { oneOf: ['y'] }, ['the document is none of y']],
    [[], { map: {} }, ['the document is no map']],
  ])('refuse %j', (value, shape, problems) => {
    expect(mismatches(value, shape)).toEqual(problems);
  });
});
