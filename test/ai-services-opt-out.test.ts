import { statSync } from 'fs';
import {
  App, Aspects, BootstraplessSynthesizer, CfnCondition, CfnParameter, CfnResource, DefaultStackSynthesizer, Fn, LegacyStackSynthesizer, NestedStack,
  RemovalPolicy, Stack, Stage, Tags,
} from 'aws-cdk-lib';
import { Capture, Match, Template } from 'aws-cdk-lib/assertions';
import { CfnOrganizationalUnit, CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import { AiService, AiServicesOptOut, ChildOverrides, OptOutPolicyDocument, OptOutScope } from '../src';
import { MANAGEMENT, OU } from './support/ids';
import {
  expectCounts, FUNCTION, HANDLER, idOf, LOG_GROUP, newStack, POLICY, POLICY_TYPE, ROLE, stackWith, templateWith, theOnly,
} from './support/stacks';

const CANONICAL = OptOutPolicyDocument.fromScope(OptOutScope.allServices());

describe('the one-liner', () => {
  const template = templateWith();

  test('defines exactly five resources', () => {
    expect(Object.values(template.toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type).sort()).toEqual([
      POLICY, ROLE, FUNCTION, LOG_GROUP, POLICY_TYPE,
    ].sort());
  });

  test('defines no parameter, output, mapping, condition or transform of its own', () => {
    const { Resources: _, ...rest } = templateWith({}, newStack({ synthesizer: new BootstraplessSynthesizer() })).toJSON();
    expect(rest).toEqual({});
  });

  test('attaches AWS\'s example 1 to the root that the function found', () => {
    const policyTypeId = idOf(template, POLICY_TYPE);
    template.hasResourceProperties(POLICY, {
      Type: 'AISERVICES_OPT_OUT_POLICY',
      Content: CANONICAL.toJson(),
      Description: 'Opts out of AI service data use. Managed by cdk-ai-services-opt-out.',
      TargetIds: [{ 'Fn::GetAtt': [policyTypeId, 'RootId'] }],
      Tags: Match.absent(),
    });
  });

  test('has the content as an object, so that drift detection works', () => {
    const content = theOnly(template, POLICY).Properties.Content;
    expect(typeof content).toBe('object');
    expect(JSON.stringify(content)).toHaveLength(221);
  });

  test('passes the policy to the function, so that every change of it invokes the checks', () => {
    const functionId = idOf(template, FUNCTION);
    expect(theOnly(template, POLICY_TYPE).Properties).toEqual({
      ServiceToken: { 'Fn::GetAtt': [functionId, 'Arn'] },
      ServiceTimeout: 390,
      Policy: { ...theOnly(template, POLICY).Properties, TargetIds: ['RootId'] },
      PolicyResource: idOf(template, POLICY),
      EnablementTimeout: 300,
    });
  });

  test('has a description that is the same in every release', () => {
    expect(theOnly(template, POLICY).Properties.Description).toBe('Opts out of AI service data use. Managed by cdk-ai-services-opt-out.');
  });

  test('runs the function with the built code, inline', () => {
    const logGroupId = idOf(template, LOG_GROUP);
    const roleId = idOf(template, ROLE);
    expect(theOnly(template, FUNCTION).Properties).toEqual({
      Description: 'Enables the AI services opt-out policy type before the policy is attached',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: HANDLER },
      Role: { 'Fn::GetAtt': [roleId, 'Arn'] },
      Timeout: 360,
      MemorySize: 256,
      LoggingConfig: { LogGroup: { Ref: logGroupId } },
    });
  });

  test('keeps the log for one month and deletes it with the stack', () => {
    template.hasResource(LOG_GROUP, { Properties: { RetentionInDays: 30 }, DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });

  test('waits with the policy until the type is enabled', () => {
    const policyTypeId = idOf(template, POLICY_TYPE);
    expect(theOnly(template, POLICY).DependsOn).toEqual([policyTypeId]);
  });

  test('the policy is the default child', () => {
    const optOut = new AiServicesOptOut(newStack(), 'OptOut');
    expect(CfnPolicy.isCfnResource(optOut.node.defaultChild)).toBe(true);
    expect((optOut.node.defaultChild as CfnPolicy).cfnResourceType).toBe(POLICY);
    expect(optOut.node.children.map(({ node }) => node.id)).toEqual(['PolicyType', 'Resource']);
  });
});

describe('budgets', () => {
  const portable = templateWith({}, newStack({ synthesizer: new BootstraplessSynthesizer() })).toJSON();

  test('the function\'s code has at most 24 KiB and is as readable as it was built', () => {
    expect(Buffer.byteLength(HANDLER)).toBeLessThanOrEqual(24 * 1024);
    expect(HANDLER.split('\n').length).toBeGreaterThan(100);
    expect(theOnly(templateWith(), FUNCTION).Properties.Code.ZipFile).toBe(HANDLER);
  });

  test('the template has at most 32 KiB, minified', () => {
    expect(Buffer.byteLength(JSON.stringify(templateWith().toJSON()))).toBeLessThanOrEqual(32 * 1024);
    expect(Buffer.byteLength(JSON.stringify(portable))).toBeLessThanOrEqual(32 * 1024);
  });

  test('the template as CDK writes it can be passed in a request: less than 51,200 bytes', () => {
    const stack = stackWith();
    const { templateFullPath } = (stack.node.root as App).synth().getStackArtifact(stack.artifactId);
    expect(statSync(templateFullPath).size).toBeLessThan(51_200);
  });

  test('several opt-outs cost one function', () => {
    const stack = newStack();
    new AiServicesOptOut(stack, 'A', { targetIds: ['ou-abcd-11111111'] });
    new AiServicesOptOut(stack, 'B', { targetIds: ['ou-abcd-22222222'] });
    const template = Template.fromStack(stack);
    expectCounts(template, { optOuts: 2, functions: 1 });
  });
});

describe('assets', () => {
  test.each([
    ['DefaultStackSynthesizer', () => new DefaultStackSynthesizer(), ['AiOptOut.template.json']],
    ['DefaultStackSynthesizer without its rule', () => new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }), ['AiOptOut.template.json']],
    ['BootstraplessSynthesizer', () => new BootstraplessSynthesizer(), []],
    ['LegacyStackSynthesizer', () => new LegacyStackSynthesizer(), []],
  ])('there are none with %s', (_name, synthesizer, files) => {
    const app = new App({ analyticsReporting: false });
    const stack = stackWith({}, new Stack(app, 'AiOptOut', { synthesizer: synthesizer() }));
    const assembly = app.synth();
    const published = assembly.artifacts.flatMap((artifact) => 'contents' in artifact ? Object.values((artifact.contents as any).files ?? {}) : []);
    expect(published.map((file: any) => file.source.path)).toEqual(files);
    expect(published.flatMap((file: any) => file.source.packaging)).toEqual(files.map(() => 'file'));
    expect(assembly.getStackArtifact(stack.artifactId).assets).toEqual([]);
    expect(assembly.manifest.missing ?? []).toEqual([]);
    Template.fromStack(stack).resourceCountIs(POLICY, 1);
  });
});

describe('every prop', () => {
  test('services, childOverrides, targets, name and description reach policy and function alike', () => {
    const template = templateWith({
      services: OptOutScope.allServices({ optIn: [AiService.LEX] }),
      childOverrides: ChildOverrides.allowedFor([AiService.POLLY]),
      targetIds: [OU, MANAGEMENT],
      policyName: 'AiServicesOptOut',
      description: 'Ours',
    });
    const { LEX, POLLY } = AiService;
    const document = OptOutPolicyDocument.fromScope(OptOutScope.allServices({ optIn: [LEX] }), ChildOverrides.allowedFor([POLLY]));
    template.hasResourceProperties(POLICY, {
      Name: 'AiServicesOptOut',
      Description: 'Ours',
      Content: document.toJson(),
      TargetIds: [OU, MANAGEMENT],
    });
    expect(theOnly(template, POLICY_TYPE).Properties.Policy).toEqual(theOnly(template, POLICY).Properties);
  });

  test('childOverrides without services are about everything', () => {
    templateWith({ childOverrides: ChildOverrides.allowed() })
      .hasResourceProperties(POLICY, { Content: { services: { default: { opt_out_policy: { '@@assign': 'optOut' } } } } });
  });

  test('a document is taken as it is', () => {
    const document = OptOutPolicyDocument.fromJson('{ "services": { "lex": { "opt_out_policy": { "@@assign": "optIn" } } } }');
    const template = templateWith({ document });
    template.hasResourceProperties(POLICY, { Content: { services: { lex: { opt_out_policy: { '@@assign': 'optIn' } } } } });
    expect(theOnly(template, POLICY_TYPE).Properties.Policy.Content).toEqual(theOnly(template, POLICY).Properties.Content);
  });

  test('with explicit targets the policy still waits for the type to be enabled', () => {
    const template = templateWith({ targetIds: ['111122223333'] });
    const policyTypeId = idOf(template, POLICY_TYPE);
    expect(theOnly(template, POLICY).DependsOn).toEqual([policyTypeId]);
    expect(JSON.stringify(theOnly(template, POLICY).Properties)).not.toContain('RootId');
  });

  test.each([
    [undefined, 'RetainExceptOnCreate', 'Retain'],
    [RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, 'RetainExceptOnCreate', 'Retain'],
    [RemovalPolicy.RETAIN, 'Retain', 'Retain'],
    [RemovalPolicy.DESTROY, 'Delete', 'Delete'],
  ])('removalPolicy %s', (removalPolicy, deletion, replacement) => {
    const template = templateWith({ removalPolicy });
    template.hasResource(POLICY, { DeletionPolicy: deletion, UpdateReplacePolicy: replacement });
    template.hasResource(POLICY_TYPE, { DeletionPolicy: Match.absent(), UpdateReplacePolicy: Match.absent() });
    template.hasResource(LOG_GROUP, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  });
});

describe('the custom resource gets the final policy', () => {
  const checked = (change: (stack: Stack, optOut: AiServicesOptOut, policy: CfnPolicy) => void) => {
    const stack = newStack();
    const optOut = new AiServicesOptOut(stack, 'OptOut', { targetIds: [OU] });
    change(stack, optOut, optOut.node.defaultChild as CfnPolicy);
    const template = Template.fromStack(stack);
    const { Policy, PolicyResource } = theOnly(template, POLICY_TYPE).Properties;
    return { Policy, PolicyResource, final: theOnly(template, POLICY).Properties, logicalId: idOf(template, POLICY) };
  };

  test.each<[string, (stack: Stack, optOut: AiServicesOptOut, policy: CfnPolicy) => void]>([
    ['an aspect changes name, description, content and targets', (stack) => Aspects.of(stack).add({
      visit: (node) => {
        if (!CfnResource.isCfnResource(node) || node.cfnResourceType !== POLICY) return;
        Object.assign(node, { name: 'Aspect', description: 'Aspect', content: { services: {} }, targetIds: [MANAGEMENT] });
      },
    })],
    ['a property is overridden', (_stack, _optOut, policy) => {
      policy.addPropertyOverride('Content.services.lex', { opt_out_policy: { '@@assign': 'optIn' } });
      policy.addPropertyOverride('TargetIds', [MANAGEMENT]);
      policy.addPropertyDeletionOverride('Description');
    }],
    ['the content is text', (_stack, _optOut, policy) => policy.addPropertyOverride('Content', '{"services":{}}')],
    ['the stack is tagged', (stack) => Tags.of(stack).add('owner', 'platform')],
    ['values are known only at deployment', (stack, _optOut, policy) => {
      const parameter = (id: string, type = 'String') => new CfnParameter(stack, id, { type });
      policy.name = parameter('Name').valueAsString;
      policy.targetIds = parameter('Targets', 'CommaDelimitedList').valueAsList;
    }],
  ])('if %s', (_name, change) => {
    const { Policy, final } = checked(change);
    expect(Policy).toEqual(final);
    expect(Policy).not.toEqual(checked(() => {}).final);
  });

  test('if its logical id is overridden', () => {
    const { PolicyResource, logicalId } = checked((_stack, _optOut, policy) => policy.overrideLogicalId('Mine'));
    expect(PolicyResource).toBe('Mine');
    expect(logicalId).toBe('Mine');
  });

  test('if a target is defined in another stack', () => {
    const app = new App();
    const unit = new CfnOrganizationalUnit(new Stack(app, 'Units'), 'Unit', { name: 'Unit', parentId: 'r-a1b2' });
    const stack = new Stack(app, 'OptOut');
    new AiServicesOptOut(stack, 'OptOut', { targetIds: [unit.attrId] });
    const template = Template.fromStack(stack);
    expect(theOnly(template, POLICY).Properties.TargetIds).toEqual([{ 'Fn::ImportValue': expect.any(String) }]);
    expect(theOnly(template, POLICY_TYPE).Properties.Policy).toEqual(theOnly(template, POLICY).Properties);
  });

  test('without a circular reference if the policy refers to what the custom resource found', () => {
    const { Policy, final } = checked((stack, optOut, policy) => {
      policy.description = `of ${optOut.organizationId}`;
      policy.targetIds = Fn.conditionIf(new CfnCondition(stack, 'C').logicalId, [optOut.rootId], [OU]) as unknown as string[];
    });
    expect(JSON.stringify(final)).toContain('{"Fn::GetAtt":["OptOutPolicyTypeD8042055","RootId"]}');
    expect(Policy.TargetIds).toEqual({ 'Fn::If': ['C', ['RootId'], [OU]] });
    expect(JSON.stringify(Policy)).not.toContain('OptOutPolicyTypeD8042055');
  });
});

describe('attributes', () => {
  test('resolve to what CloudFormation and the function know after deployment', () => {
    const stack = newStack();
    const optOut = new AiServicesOptOut(stack, 'OptOut');
    const template = Template.fromStack(stack);
    const policyTypeId = idOf(template, POLICY_TYPE);
    const policyId = idOf(template, POLICY);
    expect(stack.resolve({ ...attributesOf(optOut) })).toEqual({
      policyId: { 'Fn::GetAtt': [policyId, 'Id'] },
      policyArn: { 'Fn::GetAtt': [policyId, 'Arn'] },
      policyName: theOnly(template, POLICY).Properties.Name,
      rootId: { 'Fn::GetAtt': [policyTypeId, 'RootId'] },
      organizationId: { 'Fn::GetAtt': [policyTypeId, 'OrganizationId'] },
      managementAccountId: { 'Fn::GetAtt': [policyTypeId, 'ManagementAccountId'] },
    });
  });

  test('ask for nothing but what the function answers', () => {
    const stack = newStack();
    const { rootId, organizationId, managementAccountId } = new AiServicesOptOut(stack, 'OptOut');
    for (const value of [rootId, organizationId, managementAccountId]) expect(HANDLER).toMatch(new RegExp(`\\b${stack.resolve(value)['Fn::GetAtt'][1]}\\b`));
  });

  test('policyName is what the caller gave', () => {
    expect(new AiServicesOptOut(newStack(), 'OptOut', { policyName: 'Mine' }).policyName).toBe('Mine');
  });

  test('document is what is deployed', () => {
    const stack = newStack();
    const optOut = new AiServicesOptOut(stack, 'OptOut', { services: OptOutScope.services([AiService.LEX]) });
    expect(theOnly(Template.fromStack(stack), POLICY).Properties.Content).toEqual(optOut.document.toJson());
  });

  test('cross to another stack', () => {
    const app = new App();
    const optOut = new AiServicesOptOut(new Stack(app, 'AiOptOut'), 'OptOut');
    const other = new Stack(app, 'Other');
    new CfnResource(other, 'Reader', { type: 'Test::Reader', properties: attributesOf(optOut) });
    const properties = theOnly(Template.fromStack(other), 'Test::Reader').Properties;
    for (const name of ['policyId', 'policyArn', 'rootId', 'organizationId', 'managementAccountId']) {
      expect(properties[name]).toHaveProperty('Fn::ImportValue');
    }
  });
});

describe('tags', () => {
  test.each<[string, (stack: Stack, optOut: AiServicesOptOut) => void, string[]]>([
    ['the opt-out', (_stack, optOut) => Tags.of(optOut).add('owner', 'security'), [POLICY]],
    ['the stack', (stack) => Tags.of(stack).add('owner', 'security'), [POLICY, FUNCTION, ROLE, LOG_GROUP]],
    ['the app', (stack) => Tags.of(stack.node.root).add('owner', 'security'), [POLICY, FUNCTION, ROLE, LOG_GROUP]],
  ])('of %s reach what can be tagged', (_name, tag, tagged) => {
    const stack = newStack();
    tag(stack, new AiServicesOptOut(stack, 'OptOut'));
    const template = Template.fromStack(stack);
    for (const type of tagged) template.hasResourceProperties(type, { Tags: [{ Key: 'owner', Value: 'security' }] });
    template.hasResourceProperties(POLICY_TYPE, { Tags: Match.absent() });
    if (!tagged.includes(FUNCTION)) template.hasResourceProperties(FUNCTION, { Tags: Match.absent() });
  });
});

describe('where it can live', () => {
  test('in a stage', () => {
    const stage = new Stage(new App(), 'Prod', { env: { account: '111122223333', region: 'eu-west-1' } });
    const stack = new Stack(stage, 'AiOptOut');
    stackWith({}, stack);
    const template = Template.fromStack(stack);
    template.resourceCountIs(POLICY, 1);
    const name = new Capture();
    template.hasResourceProperties(POLICY, { Name: { 'Fn::Join': ['-', name] } });
    expect(name.asArray()[0]).toBe('Prod-AiOptOut-OptOut');
  });

  test('in a nested stack, which has a function of its own', () => {
    const parent = newStack();
    const nested = new NestedStack(parent, 'Nested');
    new AiServicesOptOut(nested, 'OptOut');
    const template = Template.fromStack(nested);
    expectCounts(template, { optOuts: 1, functions: 1 });
    Template.fromStack(parent).resourceCountIs(POLICY, 0);
  });

  test('in a pipeline, which publishes no assets for it', () => {
    const app = new App();
    const stack = new Stack(app, 'Pipeline', { env: { account: '111122223333', region: 'eu-west-1' } });
    const pipeline = new CodePipeline(stack, 'Pipeline', {
      synth: new ShellStep('Synth', { input: CodePipelineSource.s3(new Bucket(stack, 'Bucket'), 'source.zip'), commands: ['npx cdk synth'] }),
    });
    const stage = new Stage(app, 'Prod', { env: { account: '111122223333', region: 'eu-west-1' } });
    stackWith({}, new Stack(stage, 'AiOptOut'));
    pipeline.addStage(stage);
    const stages = theOnly(Template.fromStack(stack), 'AWS::CodePipeline::Pipeline').Properties.Stages as { Name: string }[];
    expect(stages.map(({ Name }) => Name)).toEqual(['Source', 'Build', 'UpdatePipeline', 'Prod']);
  });

  test('in two stacks of one app, apart from each other', () => {
    const app = new App();
    const [one, other] = [new Stack(app, 'One'), new Stack(app, 'Other')];
    stackWith({}, one);
    stackWith({ services: OptOutScope.allServices({ optIn: [AiService.LEX] }) }, other);
    for (const stack of [one, other]) Template.fromStack(stack).resourceCountIs(FUNCTION, 1);
  });

  test('under aspects that visit every construct', () => {
    const visited: string[] = [];
    const stack = stackWith();
    Aspects.of(stack).add({ visit: ({ node }) => { visited.push(node.path); } });
    Template.fromStack(stack).resourceCountIs(POLICY, 1);
    expect(visited).toContain('AiOptOut/OptOut/Resource');
  });

  test('with the same resources whether or not the environment is known', () => {
    const agnostic = templateWith().toJSON().Resources;
    const specific = templateWith({}, newStack({ env: { account: '111122223333', region: 'eu-west-1' } })).toJSON().Resources;
    expect(specific).toEqual(agnostic);
  });
});

function attributesOf({ policyId, policyArn, policyName, rootId, organizationId, managementAccountId }: AiServicesOptOut) {
  return { policyId, policyArn, policyName, rootId, organizationId, managementAccountId };
}
