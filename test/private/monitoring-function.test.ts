import { App, Fn, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement, Role, ServicePrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import { Alias, Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor } from '../../src';
import { MANAGEMENT } from '../support/ids';
import {
  actionsIn, environment, EU_WEST_1, grants, monitorIn, MONITORING_HANDLER, monitorTemplate, resource, ruleTemplate, SHARED, US_EAST_1,
} from '../support/monitoring';
import { FUNCTION, idOf, LOG_GROUP, newStack, ROLE, templateWith } from '../support/stacks';

const ORGANIZATIONS = 'arn:<AWS::Partition>:organizations::*:';
const ROOT = `${ORGANIZATIONS}root/o-*/r-*`;
const OU = `${ORGANIZATIONS}ou/o-*/ou-*`;
const ACCOUNT = `${ORGANIZATIONS}account/o-*/*`;
const ANY_POLICY = `${ORGANIZATIONS}policy/o-*/aiservices_opt_out_policy/p-*`;
const PARAMETER = 'arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/';
const OF_TYPE = { 'organizations:PolicyType': 'AISERVICES_OPT_OUT_POLICY' };

const VERIFICATION = [
  {
    actions: [
      'organizations:ListAccounts', 'organizations:ListAccountsWithInvalidEffectivePolicy', 'organizations:ListPolicies', 'organizations:ListRoots',
    ],
    resources: ['*'],
    condition: { StringEqualsIfExists: OF_TYPE },
  },
  {
    actions: [
      'organizations:DescribeEffectivePolicy', 'organizations:DescribePolicy', 'organizations:ListAccountsForParent',
      'organizations:ListOrganizationalUnitsForParent', 'organizations:ListPoliciesForTarget', 'organizations:ListTargetsForPolicy',
    ],
    resources: [ROOT, OU, ACCOUNT, ANY_POLICY],
    condition: { StringEqualsIfExists: OF_TYPE },
  },
  { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`<${SHARED.logGroup}.Arn>`] },
];

const QUEUE = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
const STATE = { actions: ['ssm:GetParameter', 'ssm:PutParameter'], resources: [`${PARAMETER}<MonitorStateDC25F42E>`] };

/** Everything that a stack can have. */
function everything(stack = newStack(US_EAST_1)): Stack {
  const optOut = new AiServicesOptOut(stack, 'OptOut');
  monitorIn(stack, { repair: optOut, notificationTopic: new Topic(stack, 'Topic') });
  new AiServicesOptOutConfigRule(stack, 'Rule');
  return stack;
}

describe('the function', () => {
  test('runs the built code, inline', () => {
    expect(resource(monitorTemplate(), SHARED.function).Properties).toEqual({
      Description: 'Verifies that every account is opted out of AI service data use',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: MONITORING_HANDLER },
      Role: { 'Fn::GetAtt': [SHARED.role, 'Arn'] },
      Timeout: 900,
      MemorySize: 512,
      Environment: { Variables: expect.any(Object) },
      LoggingConfig: { LogGroup: { Ref: SHARED.logGroup } },
    });
  });

  test('keeps its log for one month and deletes it with the stack', () => {
    const { Properties, DeletionPolicy, UpdateReplacePolicy } = resource(monitorTemplate(), SHARED.logGroup);
    expect({ Properties, DeletionPolicy, UpdateReplacePolicy }).toEqual({
      Properties: { RetentionInDays: 30 }, DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete',
    });
  });

  test('is in the same place, whoever asks for it and wherever', () => {
    const deep = newStack();
    new AiServicesOptOutConfigRule(new Construct(new Construct(deep, 'A'), 'B'), 'C');
    for (const template of [monitorTemplate(), ruleTemplate(), Template.fromStack(deep), monitorTemplate({}, newStack(EU_WEST_1))]) {
      expect([FUNCTION, ROLE, LOG_GROUP].map((type) => idOf(template, type))).toEqual([SHARED.function, SHARED.role, SHARED.logGroup]);
    }
  });

  test('reserves no concurrency', () => {
    Template.fromStack(everything()).hasResourceProperties(FUNCTION, { ReservedConcurrentExecutions: Match.absent() });
  });
});

describe('the environment', () => {
  test('of a monitor alone', () => {
    expect(environment(monitorTemplate())).toEqual({
      STACK_NAME: { Ref: 'AWS::StackName' },
      SPOT_CHECKS: '25',
      STATE_PARAMETER: { Ref: 'MonitorStateDC25F42E' },
    });
  });

  test('of a rule alone', () => {
    expect(environment(ruleTemplate())).toEqual({ STACK_NAME: { Ref: 'AWS::StackName' }, SPOT_CHECKS: '25' });
  });

  test('of everything', () => {
    expect(environment(Template.fromStack(everything()))).toEqual({
      STACK_NAME: { Ref: 'AWS::StackName' },
      SPOT_CHECKS: '25',
      STATE_PARAMETER: { Ref: 'MonitorStateDC25F42E' },
      TOPIC_ARN: { Ref: 'TopicBFC7AF6E' },
      DECLARED_PARAMETER: { Ref: 'OptOutDeclared320BAFE0' },
      STACK_IDS: { Ref: 'AWS::StackId' },
    });
  });

  test.each([0, 1, 1000])('has %d spot checks as asked for', (spotChecks) => {
    expect(environment(monitorTemplate({ spotChecks }))).toMatchObject({ SPOT_CHECKS: `${spotChecks}` });
  });
});

describe('the role', () => {
  test('of a monitor where events come allows exactly this', () => {
    expect(grants(monitorTemplate({}, newStack(US_EAST_1)))).toEqual({
      Verification: VERIFICATION,
      Monitor: [STATE, { actions: QUEUE, resources: ['<MonitorEventsQueueC93120A4.Arn>'] }],
    });
  });

  test('of a monitor where no events come does not read a queue', () => {
    expect(grants(monitorTemplate({}, newStack(EU_WEST_1)))).toEqual({ Verification: VERIFICATION, Monitor: [STATE] });
  });

  test('of a monitor in an unknown Region reads the queue where there is one', () => {
    expect(grants(monitorTemplate())).toEqual({
      Verification: VERIFICATION,
      Monitor: [STATE, { actions: QUEUE, resources: ['<MonitorEventsQueueC93120A4.Arn>'], when: 'MonitorGetsEvents5F8CAD9E' }],
    });
  });

  test('of a rule reads and answers AWS Config, and nothing else', () => {
    expect(grants(ruleTemplate())).toEqual({
      Verification: VERIFICATION,
      ConfigRule: [{ actions: ['config:PutEvaluations'], resources: ['*'] }],
    });
  });

  test('of everything', () => {
    const policy = '<OptOutFF2C8211.Arn>';
    expect(grants(Template.fromStack(everything()))).toEqual({
      Verification: VERIFICATION,
      Monitor: [
        STATE,
        { actions: ['sns:Publish'], resources: ['<TopicBFC7AF6E>'] },
        { actions: QUEUE, resources: ['<MonitorEventsQueueC93120A4.Arn>'] },
      ],
      Repair: [
        { actions: ['organizations:EnablePolicyType'], resources: [ROOT], condition: { StringEquals: OF_TYPE } },
        { actions: ['organizations:AttachPolicy'], resources: [policy, ROOT, OU, ACCOUNT], condition: { StringEquals: OF_TYPE } },
        { actions: ['organizations:UpdatePolicy'], resources: [policy], condition: { StringEquals: OF_TYPE } },
        { actions: ['ssm:GetParameter'], resources: [`${PARAMETER}<OptOutDeclared320BAFE0>`] },
        { actions: ['cloudformation:DescribeStacks'], resources: ['<AWS::StackId>'] },
      ],
      ConfigRule: [{ actions: ['config:PutEvaluations'], resources: ['*'] }],
    });
  });

  test.each([
    'organizations:DisablePolicyType', 'organizations:CreatePolicy', 'organizations:DeletePolicy', 'organizations:DetachPolicy',
    'organizations:MoveAccount', 'organizations:EnableAWSServiceAccess', 'cloudwatch:PutMetricData', 'logs:CreateLogGroup', 'sqs:SendMessage',
    'ssm:DeleteParameter', 'config:PutConfigRule', 'cloudformation:UpdateStack', 'iam:PassRole',
  ])('never allows %s', (action) => {
    const granted = actionsIn(Template.fromStack(everything()));
    expect(granted).not.toContain(action);
    expect(granted.filter((pattern) => pattern.includes('*'))).toEqual([]);
  });

  test('changes nothing without repair', () => {
    const changes = ({ actions }: { actions: string[] }) => actions.filter((action) => action.startsWith('organizations:') && !/:(Describe|List)/.test(action));
    for (const template of [monitorTemplate(), ruleTemplate()]) expect(Object.values(grants(template)).flat().flatMap(changes)).toEqual([]);
  });

  test.each([
    'sns:Publish', 'kms:Decrypt', 'kms:GenerateDataKey', 'organizations:EnablePolicyType', 'organizations:AttachPolicy', 'organizations:UpdatePolicy',
    'cloudformation:DescribeStacks', 'config:PutEvaluations',
  ])('of a monitor with nothing turned on does not allow %s', (action) => {
    expect(actionsIn(monitorTemplate())).not.toContain(action);
  });

  test('does not use a key where the topic has none', () => {
    const stack = newStack();
    const granted = actionsIn(monitorTemplate({ notificationTopic: new Topic(stack, 'Topic') }, stack));
    expect(granted).toContain('sns:Publish');
    expect(granted.filter((action) => action.startsWith('kms:'))).toEqual([]);
  });

  test('of a rule alone remembers nothing and reads no queue', () => {
    expect(actionsIn(ruleTemplate()).filter((action) => /^(ssm|sqs|sns):/.test(action))).toEqual([]);
  });

  test('may use the key of an encrypted topic', () => {
    const stack = newStack(EU_WEST_1);
    const masterKey = new Key(stack, 'Key');
    const template = monitorTemplate({ notificationTopic: new Topic(stack, 'Topic', { masterKey }) }, stack);
    expect(grants(template).Monitor).toEqual([
      STATE,
      { actions: ['sns:Publish'], resources: ['<TopicBFC7AF6E>'] },
      { actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [`<${idOf(template, 'AWS::KMS::Key')}.Arn>`] },
    ]);
  });

  describe.each([[undefined], [{ '@aws-cdk/aws-kms:applyImportedAliasPermissionsToPrincipal': true }]])('may use the key behind an alias, with feature flags %j', (context) => {
    const grantsFor = (masterKey: (stack: Stack) => IKey, stack = newStack(EU_WEST_1, context)) => (
      grants(monitorTemplate({ notificationTopic: new Topic(stack, 'Topic', { masterKey: masterKey(stack) }) }, stack)).Monitor!.at(-1)
    );
    const statement = (alias: unknown, keys = `arn:<AWS::Partition>:kms:eu-west-1:${MANAGEMENT}:key/*`) => ({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [keys], condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias } },
    });

    test.each<[string, (stack: Stack) => IKey, unknown, string?]>([
      ['imported by its name', (stack) => Alias.fromAliasName(stack, 'Alias', 'alias/topics'), 'alias/topics', undefined],
      ['imported by a name known at deployment', (stack) => Alias.fromAliasName(stack, 'Alias', Fn.importValue('Alias')), { 'Fn::ImportValue': 'Alias' }, undefined],
      ['given as the ARN of a key', (stack) => Key.fromKeyArn(stack, 'Key', `arn:aws:kms:eu-west-1:${MANAGEMENT}:alias/topics`), 'alias/topics',
        `arn:aws:kms:eu-west-1:${MANAGEMENT}:key/*`],
    ])('%s', (_name, masterKey, alias, resourceArn) => {
      expect(grantsFor(masterKey)).toEqual(statement(alias, resourceArn));
    });
  });

  test('names no account in ARNs of Organizations, so that it holds in a delegated administrator\'s stack', () => {
    const arns = Object.values(grants(Template.fromStack(everything()))).flat().flatMap(({ resources }) => resources).filter((arn) => arn.includes(':organizations:'));
    expect(arns.filter((arn) => !arn.startsWith(ORGANIZATIONS))).toEqual([]);
  });

  test('can be assumed by Lambda alone and has no other policies', () => {
    const template = Template.fromStack(everything());
    expect(resource(template, SHARED.role).Properties).toEqual({
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      },
      Policies: expect.any(Array),
    });
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  });
});

describe('monitor and rule in one stack', () => {
  const build = (...makers: ((stack: Stack) => void)[]) => {
    const stack = newStack();
    makers.forEach((make) => make(stack));
    return Template.fromStack(stack);
  };
  const monitor = (stack: Stack) => void monitorIn(stack);
  const rule = (stack: Stack) => void new AiServicesOptOutConfigRule(stack, 'Rule');

  test('share one function', () => {
    const template = build(monitor, rule);
    for (const type of [FUNCTION, ROLE, LOG_GROUP]) template.resourceCountIs(type, 1);
    expect(Object.keys(grants(template))).toEqual(['Verification', 'Monitor', 'ConfigRule']);
  });

  test('define the same in either order, to the byte', () => {
    const [one, other] = [build(monitor, rule), build(rule, monitor)].map((template) => (
      Object.entries(template.toJSON().Resources).map(([id, definition]) => `${id} ${JSON.stringify(definition)}`).sort()
    ));
    expect(one).toEqual(other);
  });

  test('do not share with the opt-out, whose template stays as it is', () => {
    const stack = newStack();
    new AiServicesOptOut(stack, 'OptOut');
    monitorIn(stack);
    const { Resources: both } = Template.fromStack(stack).toJSON();
    const { Resources: alone } = templateWith().toJSON();
    expect(both).toMatchObject(alone);
    for (const id of Object.keys(alone)) expect(JSON.stringify(both[id])).toBe(JSON.stringify(alone[id]));
  });

  test('several rules share it too', () => {
    build(rule, (stack) => void new AiServicesOptOutConfigRule(stack, 'Other')).resourceCountIs(FUNCTION, 1);
  });
});

describe('own resources', () => {
  const ARN = 'arn:aws:iam::111122223333:role/Monitoring';

  test('a role is used as it is', () => {
    const stack = newStack();
    const template = monitorTemplate({ role: Role.fromRoleArn(stack, 'Mine', ARN) }, stack);
    template.resourceCountIs(ROLE, 0);
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.hasResourceProperties(FUNCTION, { Role: ARN });
  });

  test('a role of the stack gets no permission from us, and has all of its own before the function runs', () => {
    const stack = newStack();
    const role = new Role(stack, 'Mine', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPrincipalPolicy(new PolicyStatement({ actions: ['organizations:ListRoots'], resources: ['*'] }));
    const template = monitorTemplate({ role }, stack);
    template.hasResource(ROLE, { Properties: { Policies: Match.absent() }, Metadata: Match.absent() });
    expect(resource(template, SHARED.function).DependsOn).toEqual([idOf(template, 'AWS::IAM::Policy'), idOf(template, ROLE)]);
  });

  test('a log group is used, and the role may write there alone', () => {
    const stack = newStack();
    const template = monitorTemplate({ logGroup: new LogGroup(stack, 'Mine') }, stack);
    const id = idOf(template, LOG_GROUP);
    template.hasResourceProperties(FUNCTION, { LoggingConfig: { LogGroup: { Ref: id } } });
    expect(Object.values(grants(template)).flat().filter(({ actions }) => actions.includes('logs:PutLogEvents'))).toEqual([
      { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`<${id}.Arn>`] },
    ]);
  });

  const role = (name: string) => (stack: Stack): { role: IRole } => ({
    role: stack.node.tryFindChild(name) as IRole | undefined ?? Role.fromRoleArn(stack, name, `arn:aws:iam::111122223333:role/${name}`),
  });
  const log = (name: string) => (stack: Stack): { logGroup: ILogGroup } => ({
    logGroup: stack.node.tryFindChild(name) as ILogGroup | undefined ?? LogGroup.fromLogGroupName(stack, name, name),
  });
  type Own = (stack: Stack) => { role?: IRole; logGroup?: ILogGroup };
  const none: Own = () => ({});

  test.each<[string, Own, Own]>([
    ['no role', none, none], ['the same role', role('One'), role('One')], ['the same log group', log('One'), log('One')],
  ])('monitor and rule may have %s', (_name, first, second) => {
    const stack = newStack();
    monitorIn(stack, first(stack));
    new AiServicesOptOutConfigRule(stack, 'Rule', second(stack));
    Template.fromStack(stack).resourceCountIs(FUNCTION, 1);
  });

  test.each<[string, string, Own, Own]>([
    ['two roles', 'role', role('One'), role('Other')],
    ['a role given to the first alone', 'role', role('One'), none],
    ['a role given to the second alone', 'role', none, role('One')],
    ['two log groups', 'logGroup', log('One'), log('Other')],
    ['a log group given to the first alone', 'logGroup', log('One'), none],
    ['a log group given to the second alone', 'logGroup', none, log('One')],
  ])('fails for %s, in either order', (_name, prop, first, second) => {
    const message = `${prop} differs from that of another AiServicesOptOutMonitor or AiServicesOptOutConfigRule in this stack; `
      + `they share one function, so give all of them the same ${prop}, or none\n  at AiOptOut/`;
    const [one, other] = [newStack(), newStack()];
    monitorIn(one, first(one));
    expect(() => new AiServicesOptOutConfigRule(one, 'Rule', second(one))).toThrow(expect.objectContaining({ message: `${message}Rule` }));
    new AiServicesOptOutConfigRule(other, 'Rule', first(other));
    expect(() => monitorIn(other, second(other))).toThrow(expect.objectContaining({ message: `${message}Monitor` }));
  });
});

test('fails for two monitors in one stack', () => {
  const stack = newStack();
  const optOut = new AiServicesOptOut(stack, 'OptOut');
  new AiServicesOptOutMonitor(stack, 'One', { repair: optOut });
  expect(() => new AiServicesOptOutMonitor(stack, 'Other', { repair: optOut })).toThrow(expect.objectContaining({
    code: 'MonitorDuplicate',
    message: 'this stack has an AiServicesOptOutMonitor already, AiOptOut/One; it watches the whole organization, so one is enough: remove one\n  at AiOptOut/Other',
  }));
});

test('two stacks have a function and a monitor each', () => {
  const app = new App();
  const stacks = ['One', 'Other'].map((name) => new Stack(app, name));
  stacks.forEach((stack) => monitorIn(stack));
  for (const stack of stacks) Template.fromStack(stack).resourceCountIs(FUNCTION, 1);
});
