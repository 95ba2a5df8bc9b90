import { App, Stack } from 'aws-cdk-lib';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ACCOUNTS, Deployed, grantsOf, MEMBER, synthesize, withoutGrant } from './deployed';
import { EVENT_PATH, INTERVAL, MANAGEMENT, STACK, unlocked, withoutPaths } from './monitored';
import type { EvaluatedRequest } from '../../../simulator/iam';
import { AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';
import { synthesizeOnce } from '../../support/templates';

interface Features {
  /** @default 'us-east-1' - with events */
  readonly region?: string;

  /** @default true */
  readonly monitor?: boolean;

  /** @default - none */
  readonly topic?: 'plain' | 'encrypted' | 'encrypted by alias';
  readonly repair?: boolean;
  readonly rule?: boolean;
}

const EVERYTHING: Features = { topic: 'encrypted', repair: true, rule: true };

const templateOf = synthesizeOnce(({ region = 'us-east-1', monitor = true, topic, repair, rule }: Features, targetIds?: string[]): any => {
  return synthesize((stack) => {
    const optOut = new AiServicesOptOut(stack, 'OptOut', { targetIds });
    const masterKey = topic === 'encrypted' ? new Key(stack, 'Key')
      : topic === 'encrypted by alias' ? Alias.fromAliasName(stack, 'Key', 'alias/topics') : undefined;
    const notificationTopic = topic ? new Topic(stack, 'Changes', { masterKey }) : undefined;
    if (monitor) new AiServicesOptOutMonitor(stack, 'Monitor', { notificationTopic, repair: repair ? optOut : undefined });
    if (rule) new AiServicesOptOutConfigRule(stack, 'Rule');
  }, { region });
});

let deployed: Deployed;
afterEach(() => deployed?.close());

/** Makes the function call everything that it ever calls: it is told of a disabled type and of changed content, and finds targets of all kinds missing. */
async function exercise(features: Features, change = (template: any): any => template) {
  const { organizations, ids } = deployed;
  withoutPaths(deployed.organizations);
  organizations.addPolicy({ name: 'Peer', content: unlocked({ default: 'optOut' }), targetIds: [ids.workloads, ids.workload] });
  const outcome = await deployed.create(change(templateOf(features, [organizations.rootId, ids.workloads, ids.workload])));
  if (outcome.status !== 'CREATE_COMPLETE') return outcome;
  const [PolicyId] = deployed.resources('AWS::Organizations::Policy');
  await deployed.act('UpdatePolicy', { PolicyId, Content: unlocked({ default: 'optIn' }) });
  await deployed.act('DisablePolicyType', { RootId: organizations.rootId, PolicyType: POLICY_TYPE });
  // Where no event comes, the schedule notices.
  await deployed.pass(INTERVAL + EVENT_PATH);
  return outcome;
}

function requests(): EvaluatedRequest[] {
  return deployed.aws.cloudFormation.evaluatedRequests.filter(({ principal }) => principal.includes('AiServicesOptOutMonitoring'));
}

const CONFIGURATIONS: [string, Features][] = [
  ['the monitor alone, without events', { region: 'eu-west-1' }],
  ['the monitor with events', {}],
  ['the monitor with a topic', { region: 'eu-west-1', topic: 'plain' }],
  ['the monitor with an encrypted topic', { region: 'eu-west-1', topic: 'encrypted' }],
  ['the monitor with a topic encrypted by an alias', { region: 'eu-west-1', topic: 'encrypted by alias' }],
  ['the monitor with repair', { region: 'eu-west-1', repair: true }],
  ['the monitor with repair and events', { repair: true }],
  ['the monitor and a Config rule', { region: 'eu-west-1', rule: true }],
  ['a Config rule alone', { monitor: false, rule: true }],
  ['everything', EVERYTHING],
];

describe.each(ACCOUNTS)('the role of the function in %s', (_account, awsOptions) => {
  test.each(CONFIGURATIONS)('grants exactly what the function calls: %s', async (_name, features) => {
    deployed = await Deployed.start({ ...awsOptions, region: features.region });
    expect(await exercise(features)).toMatchObject({ status: 'CREATE_COMPLETE' });

    expect(requests().filter(({ allowed }) => !allowed)).toEqual([]);
    const called = new Set(requests().map(({ action }) => action));
    const granted = new Set(grantsOf(templateOf(features)).map(([, action]) => action));
    expect([...called].sort()).toEqual([...granted].sort());
    expect(deployed.errors()).toEqual([]);
  });

  test('grants changes of everything that is repaired, and of nothing else', async () => {
    deployed = await Deployed.start(awsOptions);
    await exercise(EVERYTHING);
    const { ids, organizations } = deployed;
    const [PolicyId] = deployed.resources('AWS::Organizations::Policy');
    const arn = (path: string) => `arn:aws:organizations::${MANAGEMENT}:${path}`.replace('<o>', organizations.organizationId);
    const policyArn = arn(`policy/<o>/aiservices_opt_out_policy/${PolicyId}`);

    const changes = requests().filter(({ action }) => /^organizations:(?!List|Describe)/.test(action));
    expect(new Set(changes.map(({ context }) => context['organizations:PolicyType']))).toEqual(new Set([POLICY_TYPE]));
    expect(changes.map(({ action, resources }) => [action, ...resources])).toEqual([
      ['organizations:UpdatePolicy', policyArn],
      ['organizations:EnablePolicyType', arn(`root/<o>/${organizations.rootId}`)],
      ['organizations:AttachPolicy', policyArn, arn(`root/<o>/${organizations.rootId}`)],
      ['organizations:AttachPolicy', policyArn, arn(`ou/<o>/${ids.workloads}`)],
      ['organizations:AttachPolicy', policyArn, arn(`account/<o>/${ids.workload}`)],
    ]);
  });

  test('reads two parameters and writes one', async () => {
    deployed = await Deployed.start(awsOptions);
    await exercise(EVERYTHING);
    const arnOf = (name: string) => `arn:aws:ssm:us-east-1:${deployed.accountId}:parameter/${name}`;
    const asked = (wanted: string) => [...new Set(requests().flatMap(({ action, resources }) => (action === wanted ? resources : [])))].sort();

    expect(asked('ssm:GetParameter')).toEqual([arnOf(deployed.resource('MonitorState')), arnOf(deployed.resource('OptOutDeclared'))].sort());
    expect(asked('ssm:PutParameter')).toEqual([arnOf(deployed.resource('MonitorState'))]);
    expect(asked('cloudformation:DescribeStacks')).toEqual([deployed.aws.cloudFormation.describeStack(STACK).stackId]);
  });
});

describe('the role grants', () => {
  test.each(CONFIGURATIONS)('no wildcard action and no metrics by API: %s', (_name, features) => {
    const actions = grantsOf(templateOf(features)).map(([, action]) => action);
    expect(actions.filter((action) => !/^[a-z]+:[A-Z][A-Za-z]+$/.test(action))).toEqual([]);
    expect(actions.filter((action) => action.startsWith('cloudwatch:'))).toEqual([]);
    expect(actions.filter((action) => /:(Delete(?!Message)|Detach|Disable|Create(?!LogStream)|Move|Leave|Remove|Tag|PutResourcePolicy)/.test(action))).toEqual([]);
  });

  test('no change of the organization without repair', () => {
    const actions = grantsOf(templateOf({ ...EVERYTHING, repair: false })).map(([, action]) => action);
    expect(actions.filter((action) => /^organizations:(?!List|Describe)/.test(action))).toEqual([]);
    expect(actions.filter((action) => action.startsWith('cloudformation:'))).toEqual([]);
  });
});

describe('without one action of the role', () => {
  const ACCOUNT_COUNT = 3;

  /** Everything that people get to see: messages, failures of the function, failures of the deployment. */
  async function complaintsWithout(policy: string, action: string) {
    deployed = await Deployed.start();
    const outcome = await exercise({ ...EVERYTHING, repair: policy === 'Repair' }, (template) => withoutGrant(template, policy, action));
    return [
      ...outcome.failures.map(({ reason }) => reason),
      ...deployed.aws.sns.messages.map(({ message }) => message),
      ...outcome.status === 'CREATE_COMPLETE' ? deployed.errors() : [],
    ].join('\n');
  }

  /** Everything that says that all accounts are opted out. */
  function claims(): unknown[] {
    return [
      ...deployed.aws.sns.messages.map(({ subject }) => subject).filter((subject) => /all \d+ accounts are opted out/.test(subject!)),
      ...deployed.metric('OptedOut').filter((count) => count === ACCOUNT_COUNT),
      ...deployed.aws.config.evaluations(deployed.resources('AWS::Config::ConfigRule')[0]).filter(({ complianceType }) => complianceType === 'COMPLIANT'),
    ];
  }

  const grants = grantsOf(templateOf(EVERYTHING));
  const granted = (policy: string, service = '') => grants.filter(([name, action]) => name === policy && action.startsWith(service)).map(([, action]) => action);

  test('there are all of them in the tables below', () => {
    const tables = [
      ...granted('Verification', 'organizations:'), ...granted('Verification', 'logs:'), ...granted('Monitor', 'ssm:'), ...granted('Monitor', 'sns:'),
      ...granted('Monitor', 'kms:'), ...granted('Monitor', 'sqs:'), ...granted('Repair'), ...granted('ConfigRule'),
    ];
    expect(tables).toEqual(grants.map(([, action]) => action));
    expect(tables.length).toBeGreaterThan(20);
  });

  /** Whoever lacks this one asks AWS about every account instead. */
  const INSTEAD = 'organizations:ListAccountsWithInvalidEffectivePolicy';

  test(`${INSTEAD}, AWS is asked about every account`, async () => {
    await complaintsWithout('Verification', INSTEAD);
    const asked = deployed.organizations.calls.filter(({ operation, callerArn }) => operation === 'DescribeEffectivePolicy' && callerArn.includes('Monitoring'));
    expect(new Set(asked.map(({ input }) => (input as { TargetId?: string }).TargetId)).size).toBe(ACCOUNT_COUNT);
    expect(requests().some(({ action, allowed }) => action === INSTEAD && !allowed)).toBe(true);
  });

  /** Without these, there is no result for an account. Instead of the others, AWS's effective policies are read. */
  const ESSENTIAL = ['ListRoots', 'ListAccounts', 'DescribeEffectivePolicy'].map((operation) => `organizations:${operation}`);
  const replaceable = granted('Verification', 'organizations:').filter((action) => action !== INSTEAD && !ESSENTIAL.includes(action));

  test.each(replaceable)('%s, the effective policies decide, and the log names the gap', async (action) => {
    await complaintsWithout('Verification', action);
    const gaps = deployed.runs().flatMap(({ logLines }) => logLines.filter((line) => line.startsWith('{"step":"gaps"')));
    expect(gaps.join('\n')).toContain(`not authorized to perform: ${action} on resource`);
    expect(requests().some((request) => request.action === action && !request.allowed)).toBe(true);
  });

  test.each(ESSENTIAL)('%s, no account is reported as opted out, and the message says why', async (action) => {
    const complaints = await complaintsWithout('Verification', action);
    expect(claims()).toEqual([]);
    expect(complaints).toContain(`not authorized to perform: ${action} on resource`);
    expect(Math.max(...deployed.metric('Unknown'))).toBeGreaterThan(0);
  });

  test.each(granted('Verification', 'logs:'))('%s, there are no metrics, and the alarm about the age goes off', async (action) => {
    await complaintsWithout('Verification', action);
    await deployed.pass(INTERVAL);
    expect(deployed.metric('OptedOut')).toEqual([]);
    expect(deployed.alarm('MonitorVerificationAgeAlarm')).toBe('ALARM');
    expect(deployed.runs().every(({ logsDelivered }) => logsDelivered === false)).toBe(true);
  });

  test.each(granted('Monitor', 'ssm:'))('%s, the function fails, and the alarm about the age goes off', async (action) => {
    const complaints = await complaintsWithout('Monitor', action);
    await deployed.pass(INTERVAL);
    expect(complaints).toContain(`not authorized to perform: ${action} on resource: arn:aws:ssm:us-east-1:${MANAGEMENT}:parameter/${deployed.resource('MonitorState')}`);
    expect(deployed.aws.sns.messages).toEqual([]);
    expect(deployed.metric('OptedOut')).toEqual([]);
    expect(deployed.alarm('MonitorVerificationAgeAlarm')).toBe('ALARM');
  });

  test.each([...granted('Monitor', 'sns:'), ...granted('Monitor', 'kms:')])('%s, the function fails', async (action) => {
    const complaints = await complaintsWithout('Monitor', action);
    expect(complaints.toLowerCase()).toContain(`not authorized to perform: ${action} on resource`.toLowerCase());
    expect(deployed.aws.sns.messages).toEqual([]);
    // The alarms tell people all the same.
    expect(deployed.alarm('MonitorNotOptedOutAlarm')).toBe('ALARM');
  });

  test.each(granted('Monitor', 'sqs:'))('%s, the deployment fails', async (action) => {
    const complaints = await complaintsWithout('Monitor', action);
    expect(complaints).toContain(`The provided execution role does not have permissions to call ${action.slice('sqs:'.length)} on SQS`);
    expect(deployed.aws.cloudFormation.describeStack(STACK).status).toBe('ROLLBACK_COMPLETE');
  });

  test.each(granted('Repair'))('%s for repair, it is said what is not repaired', async (action) => {
    const complaints = await complaintsWithout('Repair', action);
    expect(complaints).toMatch(new RegExp(`Not repaired: .*not authorized to perform: ${action} on resource`));
    expect(deployed.metric('NotOptedOut').at(-1)).toBe(ACCOUNT_COUNT);
    expect(deployed.metric('OptedOut').at(-1)).toBe(0);
    expect(deployed.alarm('MonitorNotOptedOutAlarm')).toBe('ALARM');
  });

  test.each(granted('ConfigRule'))('%s, the function fails and nothing is reported', async (action) => {
    const complaints = await complaintsWithout('ConfigRule', action);
    expect(complaints).toContain(`not authorized to perform: ${action} on resource`);
    expect(deployed.aws.config.evaluations(deployed.resources('AWS::Config::ConfigRule')[0])).toEqual([]);
  });
});

test('repair of an opt-out in another stack asks about both stacks', async () => {
  // GIVEN
  deployed = await Deployed.start();
  const app = new App({ analyticsReporting: false });
  const env = { region: 'us-east-1' };
  const policies = new Stack(app, 'Policies', { env });
  const monitoring = new Stack(app, STACK, { env });
  new AiServicesOptOutMonitor(monitoring, 'Monitor', { repair: new AiServicesOptOut(policies, 'OptOut') });
  const assembly = app.synth();
  const { Outputs: exported, ...first } = assembly.getStackByName('Policies').template;
  const Outputs = Object.fromEntries(Object.entries<any>(exported).map(([name, { Export, ...output }]) => [name, output]));
  await deployed.create({ ...first, Outputs }, 'Policies');
  const values = deployed.aws.cloudFormation.describeStack('Policies').outputs;
  const imported = JSON.stringify(assembly.getStackByName(STACK).template)
    .replace(/\{"Fn::ImportValue":"Policies:(\w+)"\}/g, (_, name) => JSON.stringify(values[name]));
  expect(imported).not.toContain('Fn::ImportValue');
  await deployed.create(JSON.parse(imported));

  // WHEN
  const [PolicyId] = deployed.resources('AWS::Organizations::Policy', 'Policies');
  await deployed.act('DetachPolicy', { PolicyId, TargetId: deployed.rootId });
  await deployed.pass(EVENT_PATH);

  // THEN
  const { stackId: own } = deployed.aws.cloudFormation.describeStack(STACK);
  const { stackId: other } = deployed.aws.cloudFormation.describeStack('Policies');
  const asked = requests().filter(({ action }) => action === 'cloudformation:DescribeStacks');
  expect(new Set(asked.flatMap(({ resources }) => resources))).toEqual(new Set([own, other]));
  expect(requests().filter(({ allowed }) => !allowed)).toEqual([]);
  expect(deployed.metric('Repairs').filter((count) => count > 0)).toEqual([1]);
  expect(deployed.metric('OptedOut').at(-1)).toBe(3);
});

describe.each([
  ['without repair', false],
  ['with repair', true],
])('the role %s', (_name, repair) => {
  /** Runs in place of the function, with its role. */
  const PROBE = `exports.handler = async ({ client, operation, input }) => {
    if (!client) return 'not asked';
    const sdk = require('@aws-sdk/client-' + client);
    const constructor = Object.keys(sdk).find((name) => /^(Organizations|SSM|SNS|ConfigService|CloudFormation)Client$/.test(name));
    return new sdk[constructor]({}).send(new sdk[operation + 'Command'](input)).then(() => 'allowed', ({ name, message }) => name + ': ' + message);
  };`;
  let probed: Deployed;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    probed = await Deployed.start({ scene: (organizations) => organizations.enablePolicyType('SERVICE_CONTROL_POLICY') });
    const template = templateOf({ topic: 'plain', repair, rule: repair });
    for (const [logicalId, { Properties }] of Object.entries<any>(template.Resources)) {
      if (logicalId.startsWith('AiServicesOptOutMonitoringFunction')) Properties.Code.ZipFile = PROBE;
    }
    expect(await probed.create(template)).toMatchObject({ status: 'CREATE_COMPLETE' });
    Object.assign(ids, {
      root: probed.rootId,
      unit: probed.ids.workloads,
      account: probed.ids.workload,
      own: probed.resources('AWS::Organizations::Policy')[0],
      other: probed.organizations.addPolicy({ name: 'Other', content: unlocked({ default: 'optOut' }) }),
      scp: probed.organizations.addPolicy({ name: 'Guard', type: 'SERVICE_CONTROL_POLICY', content: '{"Version":"2012-10-17","Statement":[]}' }),
      state: probed.resource('MonitorState'),
      declared: repair ? probed.resource('OptOutDeclared') : 'none',
      parameter: probed.aws.ssm.put('/somebody/else', 'x') && '/somebody/else',
      topic: probed.resources('AWS::SNS::Topic')[0],
      otherTopic: probed.aws.sns.createTopic('Other'),
      stack: probed.aws.cloudFormation.describeStack(STACK).stackId,
      otherStack: `arn:aws:cloudformation:us-east-1:${MANAGEMENT}:stack/other/00000000-0000-4000-8000-000000000000`,
    });
  });
  afterAll(() => probed?.close());

  const ALLOWED = /^(allowed|PolicyTypeAlreadyEnabledException|DuplicatePolicyAttachmentException|InvalidResultTokenException)/;
  const SERVICES: Record<string, string> = { 'ssm': 'ssm', 'sns': 'SNS', 'config-service': 'config' };

  async function ask(client: string, operation: string, input: object): Promise<string> {
    const { result, error } = await probed.aws.cloudFormation.invokeFunction(probed.functionArn(), { client, operation, input });
    expect(error).toBeUndefined();
    return result as string;
  }

  /** Ids that deployment made, by their names above. */
  const resolved = (input: object) => JSON.parse(JSON.stringify(input).replace(/<(\w+)>/g, (_, name) => ids[name]));

  const CONTENT = unlocked({ default: 'optOut' });
  const ALWAYS = true;
  const NEVER = false;

  test.each([
    ['organizations', 'EnablePolicyType', { RootId: '<root>', PolicyType: POLICY_TYPE }, repair],
    ['organizations', 'EnablePolicyType', { RootId: '<root>', PolicyType: 'TAG_POLICY' }, NEVER],
    ['organizations', 'DisablePolicyType', { RootId: '<root>', PolicyType: POLICY_TYPE }, NEVER],
    ['organizations', 'AttachPolicy', { PolicyId: '<own>', TargetId: '<root>' }, repair],
    ['organizations', 'AttachPolicy', { PolicyId: '<own>', TargetId: '<unit>' }, repair],
    ['organizations', 'AttachPolicy', { PolicyId: '<own>', TargetId: '<account>' }, repair],
    ['organizations', 'AttachPolicy', { PolicyId: '<other>', TargetId: '<root>' }, NEVER],
    ['organizations', 'AttachPolicy', { PolicyId: '<other>', TargetId: '<account>' }, NEVER],
    ['organizations', 'AttachPolicy', { PolicyId: '<scp>', TargetId: '<root>' }, NEVER],
    ['organizations', 'DetachPolicy', { PolicyId: '<own>', TargetId: '<root>' }, NEVER],
    ['organizations', 'UpdatePolicy', { PolicyId: '<own>', Content: CONTENT }, repair],
    ['organizations', 'UpdatePolicy', { PolicyId: '<other>', Content: CONTENT }, NEVER],
    ['organizations', 'UpdatePolicy', { PolicyId: '<scp>', Content: '{}' }, NEVER],
    ['organizations', 'DeletePolicy', { PolicyId: '<own>' }, NEVER],
    ['organizations', 'CreatePolicy', { Name: 'New', Description: 'New', Type: POLICY_TYPE, Content: CONTENT }, NEVER],
    ['organizations', 'MoveAccount', { AccountId: '<account>', SourceParentId: '<unit>', DestinationParentId: '<root>' }, NEVER],
    ['organizations', 'ListRoots', {}, ALWAYS],
    ['organizations', 'ListPolicies', { Filter: POLICY_TYPE }, ALWAYS],
    ['organizations', 'ListPolicies', { Filter: 'SERVICE_CONTROL_POLICY' }, NEVER],
    ['organizations', 'DescribePolicy', { PolicyId: '<other>' }, ALWAYS],
    ['organizations', 'DescribePolicy', { PolicyId: '<scp>' }, NEVER],
    ['organizations', 'ListTargetsForPolicy', { PolicyId: '<other>' }, ALWAYS],
    ['organizations', 'ListTargetsForPolicy', { PolicyId: '<scp>' }, NEVER],
    ['organizations', 'ListPoliciesForTarget', { TargetId: '<account>', Filter: POLICY_TYPE }, ALWAYS],
    ['organizations', 'ListPoliciesForTarget', { TargetId: '<account>', Filter: 'SERVICE_CONTROL_POLICY' }, NEVER],
    ['organizations', 'DescribeEffectivePolicy', { TargetId: '<account>', PolicyType: POLICY_TYPE }, ALWAYS],
    ['organizations', 'DescribeEffectivePolicy', { TargetId: '<account>', PolicyType: 'TAG_POLICY' }, NEVER],
    ['organizations', 'DescribeAccount', { AccountId: '<account>' }, NEVER],
    ['organizations', 'DescribeResourcePolicy', {}, NEVER],
    ['ssm', 'GetParameter', { Name: '<state>' }, ALWAYS],
    ['ssm', 'GetParameter', { Name: '<state>:1' }, ALWAYS],
    ['ssm', 'GetParameter', { Name: '<declared>' }, repair],
    ['ssm', 'GetParameter', { Name: '<parameter>' }, NEVER],
    ['ssm', 'PutParameter', { Name: '<state>', Value: '{}', Overwrite: true }, ALWAYS],
    ['ssm', 'PutParameter', { Name: '<declared>', Value: '{}', Overwrite: true }, NEVER],
    ['ssm', 'PutParameter', { Name: '<parameter>', Value: '{}', Overwrite: true }, NEVER],
    ['sns', 'Publish', { TopicArn: '<topic>', Message: 'x' }, ALWAYS],
    ['sns', 'Publish', { TopicArn: '<otherTopic>', Message: 'x' }, NEVER],
    ['cloudformation', 'DescribeStacks', { StackName: '<stack>' }, repair],
    ['cloudformation', 'DescribeStacks', { StackName: '<otherStack>' }, NEVER],
    // The rule is there together with repair.
    ['config-service', 'PutEvaluations', { ResultToken: 'x', Evaluations: [] }, repair],
  ])('%s %s %j: allowed is %s', async (client, operation, input, allowed) => {
    const answer = await ask(client, operation, resolved(input));
    if (allowed) expect(answer).toMatch(ALLOWED);
    else expect(answer).toContain(`is not authorized to perform: ${SERVICES[client] ?? client}:${operation} on resource`);
  });
});

test('an account that nothing is delegated to is told by AWS Organizations itself, and says so', async () => {
  deployed = await Deployed.start({ accountId: MEMBER });
  await deployed.create(templateOf({ topic: 'plain' }));
  const told = deployed.metric('OptedOut').length;
  deployed.organizations.faults.accessDenied();
  await deployed.pass(2 * INTERVAL);
  expect(deployed.metric('Unknown').slice(told)).toEqual([3, 3]);
  expect(deployed.metric('OptedOut')).toEqual(Array(told).fill(3));
  expect(deployed.aws.sns.messages.at(-1)!.subject).toBe('AI opt-out: the opt-out status of every account is unknown');
  expect(deployed.aws.sns.messages.at(-1)!.message)
    .toContain('The organization could not be read: OrganizationsError: the organization may not be read: ListRoots: AccessDeniedException: You don\'t have permissions to access this resource.');
});
