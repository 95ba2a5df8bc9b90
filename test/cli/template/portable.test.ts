import { readFileSync, writeFileSync } from 'node:fs';
import { App, BootstraplessSynthesizer, DefaultStackSynthesizer, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import { EVERYTHING, FLAGS, printed, printedTemplate, scratch, yaml } from './printed';
import { AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor } from '../../../src';
import { readyMadeTemplates } from '../../../src/cli/template/ready-made';
import { FEATURES } from '../../support/every-feature';

const inFolder = scratch();

const VALUES: Record<string, string> = {
  PolicyName: 'Governance: AI services',
  NotificationTopicArn: 'arn:aws:sns:us-east-1:111122223333:alerts',
  NotificationTopicKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
};

describe('the Landing Zone Accelerator\'s way of using a template: include it in a stack of its own', () => {
  /** The stack that it makes. */
  function included(file: string, parameters?: Record<string, string>): any {
    const app = new App({ analyticsReporting: false });
    const stack = new Stack(app, 'AiServicesOptOut', {
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false, qualifier: 'accel' }),
    });
    new CfnInclude(stack, 'Template', { templateFile: file, parameters });
    const assembly = app.synth();
    expect(assembly.manifest.missing).toBeUndefined();
    return assembly.getStackByName('AiServicesOptOut').template;
  }

  const CASES = Object.entries(FLAGS).flatMap(([name, flags]) => ['yaml', 'json'].map((format) => [`${name} as ${format}`, flags, format] as const));

  test.each(CASES)('%s', async (_name, flags, format) => {
    const file = inFolder(`template.${format}`);
    writeFileSync(file, await printed(...flags, ...(format === 'json' ? ['--json'] : [])));
    const template = await printedTemplate(...flags);
    // As it is, and with every parameter from the configuration.
    const plain = included(file);
    expect(plain.Resources).toEqual(template.Resources);
    expect(plain.Parameters).toEqual(template.Parameters);
    expect(plain.Conditions).toEqual(template.Conditions);
    const values = Object.fromEntries(Object.entries(VALUES).filter(([name]) => name in template.Parameters));
    expect(Object.keys(values)).toEqual(Object.keys(template.Parameters));
    const filled = included(file, values);
    expect(filled.Parameters).toBeUndefined();
    expect(filled.Rules).toBeUndefined();
    const text = JSON.stringify(filled);
    expect(text.match(/"Ref":"(PolicyName|NotificationTopic)/g)).toBeNull();
    expect(Object.values(values).filter((value) => !text.includes(value))).toEqual([]);
  });
});

/** Everything in a template that allows an action, also under a condition: statements of policies and Lambda permissions. */
function grants(value: any): any[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...((value.Action ?? value.NotAction) && value.Effect !== 'Deny' ? [value] : []), ...Object.values(value).flatMap(grants)];
}

function isWide({ Action, NotAction, Principal, NotPrincipal }: any): boolean {
  const actions: string[] = [Action ?? []].flat();
  const principals = typeof Principal === 'object' ? Object.values(Principal).flat() : [Principal];
  return NotAction !== undefined || NotPrincipal !== undefined || principals.includes('*') || actions.some((action) => /(^|:)\*$|^iam:PassRole$/.test(action));
}

describe('nothing is allowed for every action or every principal, and no role may be passed on', () => {
  const FEATURE_CASES = Object.entries(FEATURES).map(([name, define]) => [name, async () => {
    const app = new App();
    const { stackName } = define(app);
    return app.synth().getStackByName(stackName).template;
  }] as const);

  test.each<readonly [string, () => Promise<any>]>([
    ...Object.entries(FLAGS).map(([name, flags]) => [`the printed ${name}`, () => printedTemplate(...flags)] as const),
    ...Object.entries(readyMadeTemplates()).map(([name, text]) => [name, async () => yaml(text)] as const),
    ...FEATURE_CASES,
  ])('in %s', async (name, make) => {
    const found = grants(await make());
    // That stack has an existing role.
    expect(found.length > 0).toBe(name !== 'every-prop');
    expect(found.filter(isWide)).toEqual([]);
  });

  test.each([
    { Action: '*' }, { Action: ['sqs:SendMessage', 'sqs:*'] }, { Action: 'iam:PassRole' }, { Action: 'a:B', Principal: '*' }, { Action: 'a:B', Principal: { AWS: ['*'] } },
    { Action: 'a:B', NotPrincipal: 'x' }, { NotAction: 'a:B' },
  ])('%j would be found', (statement) => {
    expect(grants({ Policy: [{ 'Fn::If': ['Condition', { Effect: 'Allow', ...statement }, 1] }] }).filter(isWide)).toHaveLength(1);
  });
});

test.each(Object.entries(FLAGS))('Customizations for AWS Control Tower takes templates of up to 1 MB: %s', async (_name, flags) => {
  expect(Buffer.byteLength(await printed(...flags, '--json'))).toBeLessThan(1_000_000);
});

describe('BootstraplessSynthesizer', () => {
  test.each(Object.entries(FEATURES))('works with %s: no assets, nothing of a bootstrapped account', (_name, define) => {
    const app = new App({ analyticsReporting: false });
    const { artifactId } = define(app, { synthesizer: new BootstraplessSynthesizer() });
    const assembly = app.synth();
    const { template, dependencies, assets } = assembly.getStackArtifact(artifactId);
    expect({ assets, dependencies: dependencies.filter(({ manifest }) => manifest.type !== 'aws:cloudformation:stack') }).toEqual({ assets: [], dependencies: [] });
    expect({ Parameters: template.Parameters, Rules: template.Rules }).toEqual({ Parameters: undefined, Rules: undefined });
    // What every reference to a bootstrapped account begins with.
    expect(JSON.stringify(template).match(/.{20}cdk-(hnb659fds|bootstrap).{20}/g)).toBeNull();
  });
});

function everythingIn(scope: Stack): void {
  const repair = new AiServicesOptOut(scope, 'OptOut');
  new AiServicesOptOutMonitor(scope, 'Monitor', { repair });
  new AiServicesOptOutConfigRule(scope, 'Rule');
}

/** Sorted types of the resources, the CDK's own left out. */
function types(template: any): string[] {
  return Object.values<any>(template.Resources).map(({ Type }) => Type).filter((type) => type !== 'AWS::CDK::Metadata').sort();
}

test('a stage of CDK Pipelines deploys it: the only file it publishes is the template', async () => {
  const app = new App({ analyticsReporting: false });
  const stage = new Stage(app, 'Governance', { env: { account: '111122223333', region: 'us-east-1' } });
  const stack = new Stack(stage, 'AiServicesOptOut');
  everythingIn(stack);
  const pipelineStack = new Stack(app, 'Pipeline', { env: { account: '444455556666', region: 'eu-west-1' } });
  const pipeline = new CodePipeline(pipelineStack, 'Pipeline', {
    crossAccountKeys: true,
    synth: new ShellStep('Synth', {
      input: CodePipelineSource.connection('example/governance', 'main', {
        connectionArn: 'arn:aws:codestar-connections:eu-west-1:444455556666:connection/11111111-2222-3333-4444-555555555555',
      }),
      commands: ['npm ci', 'npx cdk synth'],
    }),
  });
  pipeline.addStage(stage);
  app.synth();

  const assembly = stage.synth();
  expect(types(assembly.getStackByName('Governance-AiServicesOptOut').template)).toEqual(types(await printedTemplate(...EVERYTHING)));
  expect(filesIn(assembly)).toEqual(['Governance-AiServicesOptOut Template']);
});

describe('a nested stack', () => {
  function nestedIn(synthesizer?: BootstraplessSynthesizer): App {
    const app = new App({ analyticsReporting: false });
    const stack = new Stack(app, 'Parent', { synthesizer });
    everythingIn(new NestedStack(stack, 'Nested'));
    return app;
  }

  test('works, and its template is a file that the CDK uploads', async () => {
    const app = nestedIn();
    const stack = app.node.findChild('Parent') as Stack;
    const { nestedStackResource, templateFile } = stack.node.findChild('Nested') as NestedStack;
    expect(nestedStackResource?.cfnResourceType).toBe('AWS::CloudFormation::Stack');
    const assembly = app.synth();
    const nested = JSON.parse(readFileSync(`${assembly.directory}/${templateFile}`, 'utf8'));
    expect(types(nested)).toEqual(types(await printedTemplate(...EVERYTHING)));
    expect(filesIn(assembly)).toHaveLength(2);
  });

  test('fails without a bootstrapped account for that reason, which is the CDK\'s and not ours', () => {
    expect(() => nestedIn(new BootstraplessSynthesizer()).synth()).toThrow(/Cannot add assets to a Stack that uses the BootstraplessSynthesizer/);
  });
});

/** What an assembly publishes, by name. */
function filesIn({ artifacts }: ReturnType<App['synth']>): string[] {
  return artifacts.flatMap((artifact: any) => Object.values<any>(artifact.contents?.files ?? {}).map(({ displayName }) => displayName));
}
