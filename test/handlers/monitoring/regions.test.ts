import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Deployed, MEMBER, synthesize, type Place } from './deployed';
import { EVENT_PATH, HOUR, INTERVAL, MANAGEMENT, MINUTE, STACK, unlocked } from './monitored';
import type { Account } from '../../../simulator/cloudformation/account';
import { AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor, type AiServicesOptOutMonitorProps } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';
import { synthesizeOnce } from '../../support/templates';

interface Content extends Partial<Omit<AiServicesOptOutMonitorProps, 'repair'>> {
  /** @default true */
  readonly optOut?: boolean;
  readonly repair?: boolean;
}

const templateOf = synthesizeOnce((place: Place, { optOut = true, repair, ...props }: Content = {}): any => {
  return synthesize((stack) => {
    const opted = optOut ? new AiServicesOptOut(stack, 'OptOut') : undefined;
    new AiServicesOptOutMonitor(stack, 'Monitor', { notificationTopic: new Topic(stack, 'Changes'), repair: repair ? opted : undefined, ...props });
  }, place);
});

let deployed: Deployed;
afterEach(() => deployed?.close());

function subjects(stackName = STACK): string[] {
  return deployed.aws.sns.messages.filter(({ topicName }) => topicName.startsWith(`${stackName}-`)).map(({ subject }) => subject!);
}

async function detach(accountId?: string): Promise<void> {
  const [PolicyId] = deployed.resources('AWS::Organizations::Policy');
  await deployed.act('DetachPolicy', { PolicyId, TargetId: deployed.rootId }, accountId);
}

/** Actions that the function's role really has, conditions of the template decided: the simulation shows nobody its roles. */
function deployedActions(stackName = STACK): string[] {
  const name = deployed.resource('AiServicesOptOutMonitoringRole', stackName);
  const { account } = deployed.aws.cloudFormation as unknown as { account: Account };
  const role = [...account.roles.values()].find((known) => known.name === name)!;
  return [...role.policies.values()].flatMap(({ Statement }) => Statement.flatMap(({ Action }: any) => Action));
}

const ALL_OUT = 'AI opt-out: all 3 accounts are opted out';
const NONE_OUT = 'AI opt-out: 3 of 3 accounts are NOT opted out';

/** What only exists where events come. */
const EVENT_RESOURCES = ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'AWS::Lambda::EventSourceMapping'];

async function expectEvents(): Promise<void> {
  expect(EVENT_RESOURCES.map((type) => deployed.resources(type).length)).toEqual([2, 2, 1]);
  expect(deployed.resources('AWS::Events::Rule')).toHaveLength(3);
  expect(deployedActions().filter((action) => action.startsWith('sqs:'))).toEqual(['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage']);
  await detach();
  await deployed.pass(EVENT_PATH);
  expect(subjects()).toEqual([ALL_OUT, NONE_OUT]);
  expect(deployed.aws.sns.messages.at(-1)!.message).toMatch(/Calls just before:\n- \S+ DetachPolicy p-\w+ r-\w+ by arn:aws:iam::111122223333:user\/alice/);
}

async function expectScheduleOnly(region: string): Promise<void> {
  expect(EVENT_RESOURCES.map((type) => deployed.resources(type).length)).toEqual([0, 0, 0]);
  expect(deployed.resources('AWS::Events::Rule')).toEqual([deployed.resource('MonitorSchedule')]);
  expect(deployedActions().filter((action) => action.startsWith('sqs:'))).toEqual([]);

  const runs = deployed.runs().length;
  await detach();
  await deployed.pass(HOUR);
  expect(deployed.runs()).toHaveLength(runs);
  await deployed.pass(INTERVAL - HOUR);
  expect(subjects()).toEqual([ALL_OUT, NONE_OUT]);
  const { message } = deployed.aws.sns.messages.at(-1)!;
  expect(message).toContain('Who did it is not known: no event was seen. Look in CloudTrail in us-east-1');
  expect(message).toContain(`Seen by stack ${STACK} in ${region}.`);
  expect(deployed.metric('NotOptedOut').at(-1)).toBe(3);
  expect(deployed.alarm('MonitorNotOptedOutAlarm')).toBe('ALARM');
}

describe('in another Region than us-east-1', () => {
  test('the monitor lives by its schedule', async () => {
    deployed = await Deployed.start({ region: 'eu-west-1' });
    expect(await deployed.create(templateOf({ region: 'eu-west-1' }))).toMatchObject({ status: 'CREATE_COMPLETE' });
    await expectScheduleOnly('eu-west-1');
    expect(deployed.errors()).toEqual([]);
  });

  test('the schedule has the interval that was asked for', async () => {
    deployed = await Deployed.start({ region: 'eu-west-1' });
    await deployed.create(templateOf({ region: 'eu-west-1' }, { interval: Duration.minutes(15) }));
    const before = deployed.runs().length;
    await deployed.pass(2 * HOUR);
    const times = deployed.runs().slice(before).map(({ startedAt }) => startedAt);
    expect(times).toHaveLength(8);
    expect(times.map((time) => time - times[0])).toEqual([...times.keys()].map((index) => index * 15 * MINUTE));
    expect(deployed.alarm('MonitorVerificationAgeAlarm')).toBe('OK');
  });

  test('repairs by the schedule', async () => {
    deployed = await Deployed.start({ region: 'eu-west-1' });
    await deployed.create(templateOf({ region: 'eu-west-1' }, { repair: true }));
    await detach();
    await deployed.pass(INTERVAL);
    expect(subjects().at(-1)).toBe('AI opt-out: undone and repaired, all 3 accounts are opted out');
    expect(deployed.metric('Repairs').at(-1)).toBe(1);
    expect(deployed.metric('OptedOut').at(-1)).toBe(3);
  });
});

describe('a template that does not know its Region', () => {
  test('has events in us-east-1', async () => {
    deployed = await Deployed.start();
    expect(await deployed.create(templateOf({}))).toMatchObject({ status: 'CREATE_COMPLETE' });
    await expectEvents();
    expect(deployed.errors()).toEqual([]);
  });

  test('does without in another Region', async () => {
    deployed = await Deployed.start({ region: 'eu-west-1' });
    expect(await deployed.create(templateOf({}))).toMatchObject({ status: 'CREATE_COMPLETE' });
    await expectScheduleOnly('eu-west-1');
    expect(deployed.errors()).toEqual([]);
  });

  test.each(['us-east-1', 'eu-west-1'])('repairs, reports to AWS Config and goes with its stack in %s', async (region) => {
    deployed = await Deployed.start({ region });
    const template = synthesize((stack) => {
      new AiServicesOptOutMonitor(stack, 'Monitor', { repair: new AiServicesOptOut(stack, 'OptOut') });
      new AiServicesOptOutConfigRule(stack, 'Rule');
    });
    expect(await deployed.create(template)).toMatchObject({ status: 'CREATE_COMPLETE' });
    await detach();
    await deployed.pass(24 * HOUR);

    expect(deployed.metric('Repairs').filter((count) => count > 0)).toEqual([1]);
    expect(deployed.metric('OptedOut').at(-1)).toBe(3);
    const [rule] = deployed.resources('AWS::Config::ConfigRule');
    expect(deployed.aws.config.evaluations(rule).map(({ complianceType }) => complianceType)).toEqual(['COMPLIANT', 'COMPLIANT']);
    expect(deployed.errors()).toEqual([]);
    expect(await deployed.aws.cloudFormation.deleteStack(STACK)).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(deployed.aws.eventBridge.ruleNames).toEqual([]);
  });

  test('is the same for both Regions as the template that knows it, but for the condition', () => {
    const conditional = templateOf({});
    const known = templateOf({ region: 'us-east-1' });
    const [condition] = Object.keys(conditional.Conditions).filter((name) => name.startsWith('Monitor'));
    expect(conditional.Conditions[condition]).toEqual({ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] });
    const bound = Object.entries<any>(conditional.Resources).flatMap(([logicalId, { Condition }]) => (Condition ? [[logicalId, Condition]] : []));
    expect(new Set(bound.map(([, name]) => name))).toEqual(new Set([condition]));
    expect(bound.map(([logicalId]) => logicalId).sort()).toEqual(Object.keys(known.Resources).filter((id) => id.startsWith('MonitorEvents')).sort());
    expect(Object.keys(conditional.Resources).sort()).toEqual(Object.keys(known.Resources).sort());
  });
});

describe('right after a deployment', () => {
  const bySchedule = () => deployed.runs().filter(({ trigger }) => trigger!.arn.includes('Schedule'));
  const ended = (status: string) => (
    deployed.aws.cloudFormation.events.filter((event) => event.type === 'AWS::CloudFormation::Stack' && event.status === status).at(-1)!.time
  );

  test('the organization is verified, and people are told', async () => {
    deployed = await Deployed.start({ region: 'eu-west-1' });
    await deployed.create(templateOf({ region: 'eu-west-1' }));

    const [run, ...others] = bySchedule();
    expect(others).toEqual([]);
    expect(run.event['detail-type']).toBe('CloudFormation Stack Status Change');
    expect(run.startedAt - ended('CREATE_COMPLETE')).toBeLessThan(10_000);
    expect(deployed.metric('OptedOut')).toEqual([3]);
    expect(deployed.metric('VerificationAge')).toEqual([0]);
    expect(subjects()).toEqual([ALL_OUT]);
    expect(deployed.memory()).toMatchObject({ accounts: 3, blind: 0 });
  });

  test('that is an update as well, and again after one that was rolled back', async () => {
    deployed = await Deployed.start({ region: 'eu-west-1' });
    await deployed.create(templateOf({ region: 'eu-west-1' }));
    await deployed.update(templateOf({ region: 'eu-west-1' }, { spotChecks: 30 }));
    expect(bySchedule()).toHaveLength(2);
    expect(bySchedule()[1].startedAt - ended('UPDATE_COMPLETE')).toBeLessThan(10_000);

    deployed.organizations.faults.accessDenied('CreatePolicy');
    const broken = synthesize((stack) => {
      new AiServicesOptOut(stack, 'OptOut');
      new AiServicesOptOut(stack, 'Broken', { policyName: 'Broken' });
      new AiServicesOptOutMonitor(stack, 'Monitor', { notificationTopic: new Topic(stack, 'Changes'), spotChecks: 30 });
    }, { region: 'eu-west-1' });
    expect((await deployed.update(broken)).status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(bySchedule()).toHaveLength(3);
    expect(bySchedule()[2].startedAt - ended('UPDATE_ROLLBACK_COMPLETE')).toBeLessThan(10_000);
    // Nothing has changed: nobody is told.
    expect(subjects()).toEqual([ALL_OUT]);
  });

  test('of another stack nothing happens', async () => {
    deployed = await Deployed.start({ region: 'eu-west-1' });
    await deployed.create(templateOf({ region: 'eu-west-1' }));
    await deployed.create(synthesize((stack) => new Topic(stack, 'Topic'), { name: 'Other', region: 'eu-west-1' }), 'Other');
    expect(deployed.runs()).toHaveLength(1);
  });

  test('that failed nothing is left to verify', async () => {
    deployed = await Deployed.start({ region: 'eu-west-1' });
    deployed.organizations.faults.accessDenied('CreatePolicy');
    expect((await deployed.create(templateOf({ region: 'eu-west-1' }))).status).toBe('ROLLBACK_COMPLETE');
    await deployed.pass(INTERVAL);
    expect(deployed.runs()).toEqual([]);
    expect(deployed.aws.eventBridge.ruleNames).toEqual([]);
  });
});

describe('a monitor without AiServicesOptOut', () => {
  test('watches a policy that somebody made by hand', async () => {
    deployed = await Deployed.start();
    deployed.organizations.enablePolicyType(POLICY_TYPE);
    const PolicyId = deployed.organizations.addPolicy({ name: 'By hand', content: unlocked({ default: 'optOut' }), targetIds: [deployed.rootId] });
    await deployed.create(templateOf({ region: 'us-east-1' }, { optOut: false }));
    expect(subjects()).toEqual([ALL_OUT]);
    expect(deployed.resources('AWS::Organizations::Policy')).toEqual([]);
    expect(deployed.resources('AWS::Lambda::Function')).toHaveLength(1);

    await deployed.act('UpdatePolicy', { PolicyId, Content: unlocked({ default: 'optOut', lex: 'optIn' }) });
    await deployed.pass(EVENT_PATH);
    expect(subjects()).toEqual([ALL_OUT, NONE_OUT]);
    expect(deployed.aws.sns.messages.at(-1)!.message).toContain('lex is opted in by policy "By hand" on the root');
    expect(deployed.organizations.calls.filter(({ callerArn, operation }) => callerArn.includes('Monitoring') && !/^(List|Describe)/.test(operation))).toEqual([]);
  });

  test('says that nothing is there yet, and when somebody has made it', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf({ region: 'us-east-1' }, { optOut: false }));
    expect(subjects()).toEqual([NONE_OUT]);
    expect(deployed.metric('PolicyTypeEnabled')).toEqual([0]);

    await deployed.act('EnablePolicyType', { RootId: deployed.rootId, PolicyType: POLICY_TYPE });
    const { Policy } = await deployed.act('CreatePolicy', { Name: 'By hand', Description: '', Type: POLICY_TYPE, Content: unlocked({ default: 'optOut' }) });
    await deployed.act('AttachPolicy', { PolicyId: Policy.PolicySummary.Id, TargetId: deployed.rootId });
    await deployed.pass(EVENT_PATH);
    expect(subjects()).toEqual([NONE_OUT, ALL_OUT]);
    expect(deployed.metric('PolicyTypeEnabled').at(-1)).toBe(1);
  });
});

describe('an own role and an own log group', () => {
  const ROLE = `arn:aws:iam::${MANAGEMENT}:role/AiOptOut`;
  const LOGS = '/governance/ai-opt-out';
  const GUIDE = readFileSync(join(__dirname, '../../../docs/monitoring.md'), 'utf8');

  /** What the guide says that such a role needs, with the names that it proposes. */
  function statements(kind: string): any[] {
    const text = new RegExp(`<!-- ${kind}-role -->\n\`\`\`json\n([^\`]+)\`\`\``).exec(GUIDE)![1];
    const names: Record<string, string> = {
      'log group': LOGS,
      'state parameter': '*MonitorState*',
      'parameter with what to restore': '*OptOutDeclared*',
      'topic': 'AiOptOut-Changes*',
      'key of the topic': '*',
      'queue': 'AiOptOut-MonitorEventsQueue*',
      'management account': MANAGEMENT,
      'organization': '*',
      'policy': '*',
      'id of the monitor\'s stack': `arn:aws:cloudformation:us-east-1:${MANAGEMENT}:stack/${STACK}/*`,
      'id of the opt-out\'s stack, if it is another': `arn:aws:cloudformation:us-east-1:${MANAGEMENT}:stack/${STACK}/*`,
    };
    return JSON.parse(text.replace(/<([^>]+)>/g, (_, name) => names[name]));
  }

  async function start(...kinds: string[]): Promise<void> {
    deployed = await Deployed.start();
    deployed.aws.cloudFormation.registerRole(ROLE, { Version: '2012-10-17', Statement: kinds.flatMap(statements) });
  }

  async function create(...kinds: string[]) {
    return deployed.create(synthesize((stack) => {
      const own = { role: Role.fromRoleArn(stack, 'Role', ROLE), logGroup: LogGroup.fromLogGroupName(stack, 'Logs', LOGS) };
      const repair = kinds.includes('repair') ? new AiServicesOptOut(stack, 'OptOut') : undefined;
      if (kinds.includes('monitor')) new AiServicesOptOutMonitor(stack, 'Monitor', { notificationTopic: new Topic(stack, 'Changes'), repair, ...own });
      if (kinds.includes('config-rule')) new AiServicesOptOutConfigRule(stack, 'Rule', own);
    }, { region: 'us-east-1' }));
  }

  const requests = () => deployed.aws.cloudFormation.evaluatedRequests.filter(({ principal }) => principal.includes(':assumed-role/AiOptOut/'));

  test('are used as they are: what the guide lists is enough', async () => {
    await start('verification', 'monitor', 'repair', 'config-rule');
    expect(await create('monitor', 'repair', 'config-rule')).toMatchObject({ status: 'CREATE_COMPLETE' });
    await detach();
    await deployed.pass(EVENT_PATH);

    expect(deployed.resources('AWS::IAM::Role').filter((name) => name.includes('Monitoring'))).toEqual([]);
    expect(deployed.resources('AWS::Logs::LogGroup').filter((name) => name.includes('Monitoring'))).toEqual([]);
    expect(requests().filter(({ allowed }) => !allowed)).toEqual([]);
    expect(deployed.errors()).toEqual([]);
    expect(subjects()).toEqual([ALL_OUT, 'AI opt-out: undone and repaired, all 3 accounts are opted out']);
    expect(deployed.aws.config.evaluations(deployed.resources('AWS::Config::ConfigRule')[0])).toHaveLength(1);
    const logs = requests().filter(({ action }) => action.startsWith('logs:')).flatMap(({ resources }) => resources);
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.filter((arn) => !arn.startsWith(`arn:aws:logs:us-east-1:${MANAGEMENT}:log-group:${LOGS}:log-stream:`))).toEqual([]);
  });

  test('may do less where there is less: a Config rule alone', async () => {
    await start('verification', 'config-rule');
    await create('config-rule');
    expect(requests().filter(({ allowed }) => !allowed)).toEqual([]);
    expect(deployed.aws.config.evaluations(deployed.resources('AWS::Config::ConfigRule')[0])).toMatchObject([{ complianceType: 'NON_COMPLIANT' }]);
  });

  test('of which something is missing fail visibly: without the queue the deployment, without repair the repair', async () => {
    await start('verification', 'config-rule');
    const { status, failures } = await create('monitor');
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(failures[0].reason).toContain('does not have permissions to call ReceiveMessage on SQS');
    await deployed.close();

    await start('verification', 'monitor');
    expect(await create('monitor', 'repair')).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(subjects().at(-1)).toBe(ALL_OUT);
    expect(deployed.aws.sns.messages.at(-1)!.message).toMatch(/Not repaired: .*not authorized to perform: ssm:GetParameter on resource: \S+OptOutDeclared/);
  });
});

describe('two monitors in two stacks of one account', () => {
  const First: Place = { region: 'us-east-1', name: 'First' };
  const Second: Place = { region: 'us-east-1', name: 'Second' };

  async function startBoth(): Promise<void> {
    deployed = await Deployed.start();
    await deployed.create(templateOf(First, { optOut: false, interval: Duration.hours(1) }), 'First');
    await deployed.create(templateOf(Second, { optOut: true, interval: Duration.hours(3) }), 'Second');
  }

  test('put metrics of their own', async () => {
    await startBoth();
    const counts = () => ['First', 'Second'].map((name) => deployed.metric('VerificationAge', name).length);
    expect(deployed.metric('NotOptedOut', 'First')[0]).toBe(3);
    expect(deployed.metric('NotOptedOut', 'Second')[0]).toBe(0);
    const dimensions = deployed.aws.cloudWatch.listMetrics().filter(({ namespace }) => namespace === 'AiServicesOptOut').map((metric) => metric.dimensions);
    expect(new Set(dimensions.map((names) => JSON.stringify(names)))).toEqual(new Set(['{"StackName":"First"}', '{"StackName":"Second"}']));

    const [first, second] = counts();
    await deployed.pass(6 * HOUR);
    expect(counts()).toEqual([first + 6, second + 2]);
  });

  test('have memories, messages and alarms of their own', async () => {
    await startBoth();
    expect(deployed.resource('MonitorState', 'First')).not.toBe(deployed.resource('MonitorState', 'Second'));
    expect(subjects('First')).toEqual([NONE_OUT, ALL_OUT]);
    expect(subjects('Second')).toEqual([ALL_OUT]);
    const read = (stack: string) => deployed.aws.cloudFormation.evaluatedRequests
      .filter(({ action, principal }) => action.startsWith('ssm:') && principal.includes(`/${stack}-AiServicesOptOutMonitoring`)).flatMap(({ resources }) => resources);
    for (const stack of ['First', 'Second']) {
      expect(new Set(read(stack))).toEqual(new Set([`arn:aws:ssm:us-east-1:${MANAGEMENT}:parameter/${deployed.resource('MonitorState', stack)}`]));
    }

    // Only one of them can see.
    const before = deployed.memory('First');
    const alarms = () => ['First', 'Second'].map((name) => deployed.alarm('MonitorUnknownAlarm', name));
    deployed.aws.eventBridge.removeRule(deployed.resource('MonitorSchedule', 'First'));
    deployed.organizations.faults.accessDenied('ListRoots');
    await deployed.pass(7 * HOUR);
    expect(deployed.memory('First')).toEqual(before);
    expect(deployed.memory('Second')).toMatchObject({ blind: 2 });
    expect(subjects('First')).toHaveLength(2);
    expect(subjects('Second').at(-1)).toBe('AI opt-out: the opt-out status of every account is unknown');
    expect(alarms()).toEqual(['OK', 'ALARM']);
  });

  test('see the same change, each for itself', async () => {
    await startBoth();
    const [PolicyId] = deployed.resources('AWS::Organizations::Policy', 'Second');
    await deployed.act('DetachPolicy', { PolicyId, TargetId: deployed.rootId });
    await deployed.pass(EVENT_PATH);
    expect(subjects('First').at(-1)).toBe(NONE_OUT);
    expect(subjects('Second').at(-1)).toBe(NONE_OUT);
    expect(deployed.aws.sns.messages.slice(-2).map(({ message }) => /Seen by stack (\w+)/.exec(message)![1]).sort()).toEqual(['First', 'Second']);
  });
});

describe('in a delegated administrator account', () => {
  const runs = () => deployed.runs().length;

  test('what the account itself does is noticed at once', async () => {
    deployed = await Deployed.start({ accountId: MEMBER });
    await deployed.create(templateOf({ region: 'us-east-1' }));
    await detach();
    await deployed.pass(EVENT_PATH);
    expect(subjects()).toEqual([ALL_OUT, NONE_OUT]);
    expect(deployed.aws.sns.messages.at(-1)!.message).toContain(`by arn:aws:iam::${MEMBER}:user/alice`);
  });

  test('what the management account does only the schedule notices', async () => {
    deployed = await Deployed.start({ accountId: MEMBER });
    await deployed.create(templateOf({ region: 'us-east-1' }));
    const before = runs();
    await detach(MANAGEMENT);
    await deployed.pass(HOUR);
    expect([runs(), subjects()]).toEqual([before, [ALL_OUT]]);
    await deployed.pass(INTERVAL);
    expect(subjects()).toEqual([ALL_OUT, NONE_OUT]);
    expect(deployed.aws.sns.messages.at(-1)!.message).toContain('Who did it is not known: no event was seen.');
  });

  test('accounts that join are noticed by the schedule only', async () => {
    deployed = await Deployed.start({ accountId: MEMBER });
    await deployed.create(templateOf({ region: 'us-east-1' }));
    const before = runs();
    deployed.organizations.createAccount({ name: 'New' });
    await deployed.pass(HOUR);
    expect(runs()).toBe(before);
    await deployed.pass(INTERVAL);
    expect(deployed.metric('OptedOut').at(-1)).toBe(4);
  });

  test('the policy is repaired by the account', async () => {
    deployed = await Deployed.start({ accountId: MEMBER });
    await deployed.create(templateOf({ region: 'us-east-1' }, { repair: true }));
    await detach(MANAGEMENT);
    await deployed.pass(INTERVAL + EVENT_PATH);
    expect(subjects().at(-1)).toBe('AI opt-out: undone and repaired, all 3 accounts are opted out');
    const [attached] = deployed.organizations.calls.filter(({ operation, callerArn }) => operation === 'AttachPolicy' && callerArn.includes('Monitoring'));
    expect(attached).toMatchObject({ accountId: MEMBER, outcome: 'ok' });
  });
});

describe('in the management account', () => {
  test('what a delegated administrator does only the schedule notices', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf({ region: 'us-east-1' }));
    const before = deployed.runs().length;
    await detach(MEMBER);
    await deployed.pass(HOUR);
    expect(deployed.runs()).toHaveLength(before);
    await deployed.pass(INTERVAL);
    expect(subjects()).toEqual([ALL_OUT, NONE_OUT]);
  });

  test('what the management account does is noticed at once, and an account that joins as well', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf({ region: 'us-east-1' }));
    deployed.organizations.createAccount({ name: 'New' });
    await deployed.pass(EVENT_PATH);
    expect(deployed.metric('OptedOut').at(-1)).toBe(4);
    await detach();
    await deployed.pass(EVENT_PATH);
    expect(subjects()).toEqual([ALL_OUT, 'AI opt-out: 4 of 4 accounts are NOT opted out']);
  });

  test('a call that a delegated administrator\'s bus forwards is noticed at once', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf({ region: 'us-east-1' }));
    await detach(MEMBER);
    const [PolicyId] = deployed.resources('AWS::Organizations::Policy');
    // There is one bus in the simulation: this is what arrives from another account, but for `account`, which no rule looks at.
    deployed.aws.eventBridge.put({
      source: 'aws.organizations',
      detailType: 'AWS API Call via CloudTrail',
      detail: {
        userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${MEMBER}:user/bob`, accountId: MEMBER },
        eventTime: '2026-01-01T00:05:00Z',
        eventSource: 'organizations.amazonaws.com',
        eventName: 'DetachPolicy',
        requestParameters: { policyId: PolicyId, targetId: deployed.rootId },
        readOnly: false,
        recipientAccountId: MEMBER,
      },
    });
    await deployed.pass(EVENT_PATH);
    expect(subjects()).toEqual([ALL_OUT, NONE_OUT]);
    expect(deployed.aws.sns.messages.at(-1)!.message).toContain(`- 2026-01-01T00:05:00Z DetachPolicy ${PolicyId} ${deployed.rootId} by arn:aws:iam::${MEMBER}:user/bob`);
    const rules = deployed.resources('AWS::Events::Rule').map((name) => JSON.stringify(deployed.aws.eventBridge.rule(name)!.eventPattern));
    expect(rules.filter((pattern) => pattern.includes('"account"'))).toEqual([]);
  });
});
