import { readFileSync, writeFileSync } from 'node:fs';
import { App, BootstraplessSynthesizer, DefaultStackSynthesizer, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import { violations } from './cfn-nag';
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

describe('the pipeline of Customizations for AWS Control Tower', () => {
  test.each(Object.entries(FLAGS))('%s: less than 1 MB, and nothing that makes cfn_nag fail', async (_name, flags) => {
    expect(Buffer.byteLength(await printed(...flags, '--json'))).toBeLessThan(1_000_000);
    expect(violations(await printedTemplate(...flags))).toEqual([]);
  });

  test('nor do the ready-made templates have that', () => {
    for (const text of Object.values(readyMadeTemplates())) expect(violations(yaml(text))).toEqual([]);
  });

  test('nor does any feature of the constructs', () => {
    for (const define of Object.values(FEATURES)) {
      const app = new App();
      const { stackName } = define(app);
      expect(violations(app.synth().getStackByName(stackName).template)).toEqual([]);
    }
  });

  test.each<[string, any, string]>([
    ['F2', { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: { Effect: 'Allow', Action: '*' } } } }, 'R'],
    ['F3', { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: 'x' }] } }] } }, 'R'],
    ['F6', { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', NotPrincipal: '*' }] } } }, 'R'],
    ['F38', { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '*' }] } }] } }, 'R'],
    ['F13', { Type: 'AWS::Lambda::Permission', Properties: { Principal: '*' } }, 'R'],
    ['F45', { Type: 'AWS::Lambda::Permission', Properties: { Principal: 'x', EventSourceToken: 'secret' } }, 'R'],
    ['F7', { Type: 'AWS::SQS::QueuePolicy', Properties: { PolicyDocument: { Statement: [{ Effect: 'Allow', NotPrincipal: 'x', Action: 'sqs:SendMessage' }] } } }, 'R'],
    ['F20', { Type: 'AWS::SQS::QueuePolicy', Properties: { PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: 'x', Action: 'sqs:*' }] } } }, 'R'],
    ['F21', { Type: 'AWS::SQS::QueuePolicy', Properties: { PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sqs:SendMessage' }] } } }, 'R'],
    ['F18', { Type: 'AWS::SNS::TopicPolicy', Properties: { PolicyDocument: { Statement: [{ 'Fn::If': ['C', { Effect: 'Allow', Principal: '*', Action: 'sns:Publish' }, 1] }] } } }, 'R'],
    ['F8', { Type: 'AWS::SNS::TopicPolicy', Properties: { PolicyDocument: { Statement: { Effect: 'Allow', NotPrincipal: 'x' } } } }, 'R'],
    ['unconsidered', { Type: 'AWS::KMS::Key', Properties: {} }, 'R'],
  ])('the check notices %s', (rule, resource, logicalId) => {
    expect(violations({ Resources: { [logicalId]: resource } })).toEqual([expect.stringMatching(new RegExp(`^${rule} .*${logicalId}$`))]);
  });
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
