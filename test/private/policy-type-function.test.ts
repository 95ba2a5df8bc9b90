import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement, Role, ServicePrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import { CfnLogGroup, LogGroup, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { AiServicesOptOut, type AiServicesOptOutProps } from '../../src';
import {
  expectCounts, FUNCTION, HANDLER, idOf, LOG_GROUP, newStack, POLICY, POLICY_TYPE, resourcesOf, ROLE, templateWith, theOnly,
} from '../support/stacks';

const OU_1 = ['ou-abcd-11111111'];
const OU_2 = ['ou-abcd-22222222'];

/** One opt-out each, on targets of their own. */
function stackOf(...props: AiServicesOptOutProps[]): Stack {
  return addTo(newStack(), ...props);
}

function addTo(stack: Stack, ...props: AiServicesOptOutProps[]): Stack {
  props.forEach((own, i) => new AiServicesOptOut(stack, `OptOut${i + 1}`, { targetIds: [`ou-abcd-${i + 1}${'0'.repeat(8)}`], ...own }));
  return stack;
}

/** What a statement allows, resources as text: `<X.Arn>` for an attribute, `<AWS::Partition>` for a reference. */
interface Grant {
  readonly actions: string[];
  readonly resources: string[];
  readonly condition?: object;
}

function grants(template: Template): Grant[] {
  const text = (value: any): string => {
    if (typeof value === 'string') return value;
    if (value.Ref) return `<${value.Ref}>`;
    if (value['Fn::GetAtt']) return `<${value['Fn::GetAtt'].join('.')}>`;
    const [separator, parts] = value['Fn::Join'];
    return parts.map(text).join(separator);
  };
  return resourcesOf(template, ROLE).flatMap(([, { Properties }]) => Properties.Policies).flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .map(({ Effect, Action, Resource, Condition, ...rest }) => {
      expect({ Effect, rest }).toEqual({ Effect: 'Allow', rest: {} });
      return { actions: [Action].flat(), resources: [Resource].flat().map(text), ...(Condition ? { condition: Condition } : {}) };
    });
}

const ROOT = 'arn:<AWS::Partition>:organizations::*:root/o-*/r-*';
const OU = 'arn:<AWS::Partition>:organizations::*:ou/o-*/ou-*';
const ACCOUNT = 'arn:<AWS::Partition>:organizations::*:account/o-*/*';
const ANY_POLICY = 'arn:<AWS::Partition>:organizations::*:policy/o-*/aiservices_opt_out_policy/p-*';
const OF_TYPE = { 'organizations:PolicyType': 'AISERVICES_OPT_OUT_POLICY' };

describe('the role', () => {
  const template = templateWith();
  const logGroupId = idOf(template, LOG_GROUP);

  test('allows exactly this', () => {
    expect(grants(template)).toEqual([
      { actions: ['organizations:EnablePolicyType'], resources: [ROOT], condition: { StringEquals: OF_TYPE } },
      { actions: ['organizations:DescribeOrganization', 'organizations:ListRoots'], resources: ['*'] },
      { actions: ['organizations:ListPolicies'], resources: ['*'], condition: { StringEqualsIfExists: OF_TYPE } },
      { actions: ['organizations:ListPoliciesForTarget'], resources: [ROOT, OU, ACCOUNT], condition: { StringEqualsIfExists: OF_TYPE } },
      { actions: ['organizations:ListParents'], resources: [OU, ACCOUNT] },
      { actions: ['organizations:DescribePolicy'], resources: [ANY_POLICY], condition: { StringEqualsIfExists: OF_TYPE } },
      { actions: ['cloudformation:DescribeStackResource', 'cloudformation:DescribeStacks'], resources: ['<AWS::StackId>'] },
      { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`<${logGroupId}.Arn>`] },
    ]);
  });

  test('allows what the function calls, each call, and nothing that it does not call', () => {
    const called = [...HANDLER.matchAll(/\b(?:api|client)\.(?:call|list)\("(\w+)"/g)].map(([, name]) => `organizations:${name}`);
    const stackCalls = [...HANDLER.matchAll(/new sdk\.(\w+)Command\(/g)].map(([, name]) => `cloudformation:${name}`);
    const writesLogs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    expect([...new Set([...called, ...stackCalls, ...writesLogs])].sort()).toEqual(grants(template).flatMap(({ actions }) => actions).sort());
  });

  test.each([
    'organizations:DisablePolicyType', 'organizations:CreatePolicy', 'organizations:UpdatePolicy', 'organizations:DeletePolicy',
    'organizations:AttachPolicy', 'organizations:DetachPolicy', 'organizations:EnableAllFeatures', 'organizations:EnableAWSServiceAccess',
    'organizations:RegisterDelegatedAdministrator', 'iam:CreateServiceLinkedRole', 'logs:CreateLogGroup',
  ])('does not allow %s', (action) => {
    const granted = grants(template).flatMap(({ actions }) => actions);
    expect(granted).not.toContain(action);
    expect(granted.filter((pattern) => pattern.includes('*'))).toEqual([]);
  });

  test('changes only roots, and only this policy type', () => {
    const changes = grants(template).filter(({ actions }) => actions.some((action) => !/:(Describe|List)/.test(action) && action.startsWith('organizations:')));
    expect(changes).toEqual([{ actions: ['organizations:EnablePolicyType'], resources: [ROOT], condition: { StringEquals: OF_TYPE } }]);
  });

  test('uses `*` alone only where IAM has no resource type', () => {
    expect(grants(template).filter(({ resources }) => resources.includes('*')).flatMap(({ actions }) => actions)).toEqual([
      'organizations:DescribeOrganization', 'organizations:ListRoots', 'organizations:ListPolicies',
    ]);
  });

  test('names no account, so that it holds in a delegated administrator\'s stack', () => {
    const arns = grants(template).flatMap(({ resources }) => resources).filter((resource) => resource.includes(':organizations:'));
    expect(arns.map((arn) => arn.split(':organizations::')[1]!.split(':')[0])).toEqual(arns.map(() => '*'));
    expect(JSON.stringify(theOnly(template, ROLE))).not.toContain('AWS::AccountId');
  });

  test('can be assumed by Lambda alone, has one inline policy and no managed one', () => {
    expect(theOnly(template, ROLE).Properties).toEqual({
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      },
      Policies: [{ PolicyName: 'PolicyType', PolicyDocument: { Version: '2012-10-17', Statement: expect.any(Array) } }],
    });
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.resourceCountIs('AWS::Lambda::Permission', 0);
  });
});

describe('an own role', () => {
  const ARN = 'arn:aws:iam::111122223333:role/OptOut';

  test('is used instead of one of ours', () => {
    const stack = newStack();
    const template = Template.fromStack(addTo(stack, { role: Role.fromRoleArn(stack, 'Mine', ARN) }));
    template.resourceCountIs(ROLE, 0);
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.hasResourceProperties(FUNCTION, { Role: ARN });
  });

  test('gets no permission from us', () => {
    const stack = newStack();
    const role = new Role(stack, 'Mine', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const template = Template.fromStack(addTo(stack, { role }));
    template.resourceCountIs(ROLE, 1);
    template.resourceCountIs('AWS::IAM::Policy', 0);
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
    template.hasResourceProperties(ROLE, { Policies: Match.absent(), ManagedPolicyArns: Match.absent() });
    template.hasResource(ROLE, { Metadata: Match.absent() });
  });

  test('has all its permissions before the function runs', () => {
    const stack = newStack();
    const role = new Role(stack, 'Mine', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPrincipalPolicy(new PolicyStatement({ actions: ['organizations:ListRoots'], resources: ['*'] }));
    const template = Template.fromStack(addTo(stack, { role }));
    const policyId = idOf(template, 'AWS::IAM::Policy');
    const roleId = idOf(template, ROLE);
    expect(theOnly(template, FUNCTION).DependsOn).toEqual([policyId, roleId]);
  });
});

describe('an own log group', () => {
  test('is used instead of one of ours, and the role may write there alone', () => {
    const stack = newStack();
    const logGroup = new LogGroup(stack, 'Mine');
    const template = Template.fromStack(addTo(stack, { logGroup }));
    const id = idOf(template, LOG_GROUP);
    template.resourceCountIs(LOG_GROUP, 1);
    template.hasResourceProperties(FUNCTION, { LoggingConfig: { LogGroup: { Ref: id } } });
    expect(grants(template).filter(({ actions }) => actions.some((action) => action.startsWith('logs:')))).toEqual([
      { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [`<${id}.Arn>`] },
    ]);
  });

  test.each<[string, (stack: Stack) => ILogGroup]>([
    ['ARN', (stack) => LogGroup.fromLogGroupArn(stack, 'Mine', 'arn:aws:logs:eu-west-1:111122223333:log-group:/own/group')],
    ['name', (stack) => LogGroup.fromLogGroupName(stack, 'Mine', '/own/group')],
  ])('may be imported by its %s', (_name, imported) => {
    const stack = newStack();
    const template = Template.fromStack(addTo(stack, { logGroup: imported(stack) }));
    template.resourceCountIs(LOG_GROUP, 0);
    template.hasResourceProperties(FUNCTION, { LoggingConfig: { LogGroup: '/own/group' } });
    const [{ resources }] = grants(template).filter(({ actions }) => actions.includes('logs:PutLogEvents')) as [Grant];
    expect(resources).toEqual([expect.stringMatching(/:log-group:\/own\/group(:\*)+$/)]);
  });

  test('does not go together with permissions, where the role is an own one too', () => {
    const stack = newStack();
    const props = { logGroup: new LogGroup(stack, 'Log'), role: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/OptOut') };
    const template = Template.fromStack(addTo(stack, props));
    template.resourceCountIs(ROLE, 0);
    template.resourceCountIs(LOG_GROUP, 1);
  });
});

describe('several in one stack', () => {
  test('share one function, wherever they are in the tree', () => {
    const stack = newStack();
    new AiServicesOptOut(stack, 'One', { targetIds: OU_1 });
    new AiServicesOptOut(new Construct(stack, 'Below'), 'Other', { targetIds: OU_2 });
    const template = Template.fromStack(stack);
    expectCounts(template, { optOuts: 2, functions: 1 });
    const tokens = resourcesOf(template, POLICY_TYPE).map(([, { Properties }]) => JSON.stringify(Properties.ServiceToken));
    expect(new Set(tokens).size).toBe(1);
  });

  test('the function is in the same place, whoever asks for it first', () => {
    const logicalIds = (stack: Stack) => [FUNCTION, ROLE, LOG_GROUP].map((type) => resourcesOf(Template.fromStack(stack), type)[0]![0]);
    const deep = newStack();
    new AiServicesOptOut(new Construct(new Construct(deep, 'A'), 'B'), 'C');
    const expected = [
      'AiServicesOptOutPolicyTypeFunctionC58C735F', 'AiServicesOptOutPolicyTypeRoleB9B9F88C', 'AiServicesOptOutPolicyTypeLogGroup42C53BE0',
    ];
    expect(logicalIds(deep)).toEqual(expected);
    expect(logicalIds(stackOf({}))).toEqual(expected);
    expect(logicalIds(stackOf({}, {}))).toEqual(expected);
  });

  test.each([
    [[1, 5], 360], [[14, 1], 900], [[2, 2], 180], [[1, undefined], 360],
  ])('with timeouts of %j minutes: the function has the longest and a minute to answer, each resource its own', (minutes, timeout) => {
    const props = minutes.map((count) => count === undefined ? {} : { enablementTimeout: Duration.minutes(count) });
    const template = Template.fromStack(stackOf(...props));
    template.hasResourceProperties(FUNCTION, { Timeout: timeout });
    expect(resourcesOf(template, POLICY_TYPE).map(([, { Properties }]) => [Properties.EnablementTimeout, Properties.ServiceTimeout]))
      .toEqual(minutes.map((count) => [(count ?? 5) * 60, (count ?? 5) * 60 + 90]));
  });

  test('follow each other, because the organization takes one change at a time', () => {
    const template = Template.fromStack(stackOf({}, {}, {}));
    const policies = resourcesOf(template, POLICY).map(([id]) => id);
    const policyTypes = resourcesOf(template, POLICY_TYPE);
    expect(policyTypes.map(([, { DependsOn }]) => DependsOn)).toEqual([undefined, [policies[0]], [policies[1]]]);
    expect(resourcesOf(template, POLICY).map(([, { DependsOn }]) => DependsOn)).toEqual(policyTypes.map(([id]) => [id]));
  });

  test('may all have the same role and log group, be they imported twice', () => {
    const stack = newStack();
    const role = (id: string) => Role.fromRoleArn(stack, id, 'arn:aws:iam::111122223333:role/OptOut');
    const logGroup = (id: string) => LogGroup.fromLogGroupName(stack, id, '/own/group');
    addTo(stack, { role: role('R1'), logGroup: logGroup('L1') }, { role: role('R2'), logGroup: logGroup('L2') });
    Template.fromStack(stack).resourceCountIs(FUNCTION, 1);
  });

  test('may all have the same role and log group made in the stack', () => {
    const stack = newStack();
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new LogGroup(stack, 'Log');
    addTo(stack, { role, logGroup }, { role, logGroup });
    Template.fromStack(stack).resourceCountIs(FUNCTION, 1);
  });

  type Both = [(stack: Stack) => AiServicesOptOutProps, (stack: Stack) => AiServicesOptOutProps];
  const imported = (id: string, name = id) => (stack: Stack): { role: IRole } => ({ role: Role.fromRoleArn(stack, id, `arn:aws:iam::111122223333:role/${name}`) });
  const own = (id: string) => (stack: Stack): { role: IRole } => ({ role: new Role(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }) });
  const log = (id: string) => (stack: Stack): { logGroup: ILogGroup } => ({ logGroup: LogGroup.fromLogGroupName(stack, id, id) });
  const none = () => ({});

  test.each<[string, 'role' | 'logGroup', Both]>([
    ['two imported roles', 'role', [imported('One'), imported('Other')]],
    ['two roles of the stack', 'role', [own('One'), own('Other')]],
    ['a role given to the first alone', 'role', [imported('One'), none]],
    ['a role given to the second alone', 'role', [none, imported('One')]],
    ['two log groups', 'logGroup', [log('One'), log('Other')]],
    ['a log group given to the first alone', 'logGroup', [log('One'), none]],
    ['a log group given to the second alone', 'logGroup', [none, log('One')]],
  ])('fails for %s', (_name, prop, [first, second]) => {
    const stack = newStack();
    const props = [first(stack), second(stack)];
    expect(() => addTo(stack, ...props)).toThrow(expect.objectContaining({
      message: `${prop} differs from that of another AiServicesOptOut in this stack; they share one function, so give all of them the same ${prop}, or none`
        + '\n  at AiOptOut/OptOut2',
    }));
  });

  test('a log group of an L1 resource can be wrapped and shared', () => {
    const stack = newStack();
    const raw = new CfnLogGroup(stack, 'Raw');
    const wrapped = (id: string) => LogGroup.fromLogGroupArn(stack, id, raw.attrArn);
    addTo(stack, { logGroup: wrapped('A') }, { logGroup: wrapped('B') });
    Template.fromStack(stack).resourceCountIs(LOG_GROUP, 1);
  });
});
