import { ARTIFACTS, type Artifact, type Deployable, type ParameterValues } from './artifacts';
import { printedTemplate, scratch } from './printed';
import { POLICY_TYPE } from '../../../src/policy';
import { Deployed } from '../../handlers/monitoring/deployed';
import { EVENT_PATH, HOUR, INTERVAL, MANAGEMENT, MINUTE, STACK } from '../../handlers/monitoring/monitored';

const inFolder = scratch();
let deployed: Deployed;

afterEach(async () => deployed?.close());

const CASES = ['us-east-1', 'eu-west-1'].flatMap((region) => Object.entries(ARTIFACTS).map(([name, artifact]) => ({ name, region, ...artifact })));

const TOPIC = 'governance_alerts';
const topicIn = (region: string) => `arn:aws:sns:${region}:${MANAGEMENT}:${TOPIC}`;

/** Accounts that are not opted out of everything, by AWS's own answers once all changes have come through. */
async function notOptedOut(): Promise<string[]> {
  await deployed.pass(MINUTE);
  const result: string[] = [];
  for (const id of deployed.organizations.accountIds) {
    const { EffectivePolicy } = await deployed.act('DescribeEffectivePolicy', { PolicyType: POLICY_TYPE, TargetId: id });
    if (EffectivePolicy.PolicyContent !== '{"services":{"default":{"opt_out_policy":"optOut"}}}') result.push(id);
  }
  return result;
}

async function policies(): Promise<{ Id: string; Name: string }[]> {
  return (await deployed.act('ListPolicies', { Filter: POLICY_TYPE })).Policies;
}

async function detach(): Promise<void> {
  await deployed.act('DetachPolicy', { PolicyId: (await policies())[0]!.Id, TargetId: deployed.rootId });
}

async function deploy(template: object, parameters?: Record<string, string>): Promise<void> {
  const outcome = await deployed.aws.cloudFormation.createStack({ stackName: STACK, template, parameters });
  expect(outcome).toMatchObject({ status: 'CREATE_COMPLETE', failures: [] });
  await deployed.pass(EVENT_PATH);
}

const subjects = () => deployed.aws.sns.messages.map(({ subject }) => subject);

/** In us-east-1 the monitor hears of a change, elsewhere it finds out. */
const timeToNotice = (region: string) => (region === 'us-east-1' ? EVENT_PATH : INTERVAL + EVENT_PATH);

/** What is seen of an artifact that is deployed and whose policy somebody detaches then. */
async function history(region: string, has: Deployable['has'], { template, parameters }: Artifact) {
  deployed = await Deployed.start({ region });
  deployed.aws.sns.createTopic(TOPIC);
  await deploy(template, parameters);
  const atFirst = {
    notOptedOut: await notOptedOut(),
    policies: await policies(),
    policyId: deployed.aws.cloudFormation.describeStack(STACK).outputs.PolicyId,
    errors: deployed.errors(),
    alarm: has === 'nothing' ? undefined : deployed.alarm('MonitorNotOptedOutAlarm'),
  };
  if (has === 'nothing') return { atFirst, accounts: deployed.organizations.accountIds };
  await detach();
  await deployed.pass(timeToNotice(region));
  return {
    atFirst,
    accounts: deployed.organizations.accountIds,
    atLast: {
      metrics: { notOptedOut: deployed.metric('NotOptedOut'), repairs: deployed.metric('Repairs') },
      subjects: subjects(),
      notOptedOut: await notOptedOut(),
      alarm: deployed.alarm('MonitorNotOptedOutAlarm'),
      errors: deployed.errors(),
      callsOfSns: deployed.aws.sns.calls,
    },
  };
}

const histories = new Map<string, ReturnType<typeof history>>();

/** Several artifacts are the same template with the same parameters, and need to be deployed only once. */
async function historyOf({ make, has, region }: (typeof CASES)[number], values: ParameterValues) {
  const artifact = await make(inFolder(), values);
  const key = JSON.stringify([region, has, artifact]);
  if (!histories.has(key)) histories.set(key, history(region, has, artifact));
  return histories.get(key)!;
}

describe('as it is', () => {
  test.each(CASES)('$name in $region opts everybody out', async (artifact) => {
    const { atFirst, accounts, atLast } = await historyOf(artifact, {});
    expect(atFirst).toMatchObject({
      notOptedOut: [],
      policies: [{ Id: atFirst.policyId, Name: expect.stringMatching(/^AiServicesOptOut-OptOut-[0-9a-f]{8}$/) }],
      errors: [],
    });
    if (artifact.has === 'nothing') return;
    expect(atFirst.alarm).toBe('OK');
    const repairs = artifact.has === 'a monitor that repairs';
    expect(atLast!.metrics.notOptedOut).toContain(repairs ? 0 : accounts.length);
    expect(atLast!.metrics.repairs.filter((count) => count > 0)).toHaveLength(repairs ? 1 : 0);
    expect(atLast!.notOptedOut).toHaveLength(repairs ? 0 : accounts.length);
    if (!repairs) expect(atLast!.alarm).toBe('ALARM');
    expect(atLast!.errors).toEqual([]);
    expect(atLast!.callsOfSns).toEqual([]);
  });
});

describe('with parameters', () => {
  test.each(CASES)('$name in $region: the policy has the name, and the topic gets the messages', async (artifact) => {
    const { has, region } = artifact;
    const { atFirst, atLast } = await historyOf(artifact, { PolicyName: 'Opt out: everybody', ...(has !== 'nothing' && { NotificationTopicArn: topicIn(region) }) });
    expect(atFirst.notOptedOut).toEqual([]);
    expect(atFirst.policies.map(({ Name }) => Name)).toEqual(['Opt out: everybody']);
    if (has === 'nothing') return;
    expect(atLast!.errors).toEqual([]);
    expect(atLast!.subjects.slice(0, 2)).toEqual([
      'AI opt-out: all 3 accounts are opted out',
      has === 'a monitor' ? expect.stringContaining('3 of 3 accounts are NOT opted out') : 'AI opt-out: undone and repaired, all 3 accounts are opted out',
    ]);
  });
});

describe('messages', () => {
  test('of a topic with a key of one\'s own need the key\'s ARN', async () => {
    for (const withKey of [false, true]) {
      deployed = await Deployed.start();
      const key = `arn:aws:kms:us-east-1:${deployed.accountId}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
      const NotificationTopicArn = deployed.aws.sns.createTopic('alerts', { kmsMasterKeyId: key });
      await deploy(await printedTemplate('--monitor'), { NotificationTopicArn, ...(withKey && { NotificationTopicKeyArn: key }) });
      expect(subjects()).toHaveLength(withKey ? 1 : 0);
      expect(deployed.errors().length > 0).toBe(!withKey);
      if (!withKey) await deployed.close();
    }
  });

  test('come also when nobody verifies any more, which the function cannot tell', async () => {
    deployed = await Deployed.start();
    await deploy(await printedTemplate('--monitor'), { NotificationTopicArn: deployed.aws.sns.createTopic('alerts') });
    await deployed.aws.cloudFormation.updateStack({ stackName: STACK, template: await withoutSchedule() });
    await deployed.pass(24 * HOUR);
    expect(subjects()).toEqual(['AI opt-out: all 3 accounts are opted out', expect.stringMatching(/^ALARM: .*VerificationAge/)]);
  });

  /** The same, as if somebody had disabled what starts the function. */
  async function withoutSchedule(): Promise<object> {
    const template = await printedTemplate('--monitor');
    for (const { Type, Properties } of Object.values<any>(template.Resources)) if (Type === 'AWS::Events::Rule') Properties.State = 'DISABLED';
    return template;
  }
});

test.each<[string, Record<string, string>, RegExp]>([
  ['a FIFO topic', { NotificationTopicArn: 'arn:aws:sns:us-east-1:111122223333:alerts.fifo' }, /a FIFO topic cannot be used/],
  ['a name that is too long', { PolicyName: 'x'.repeat(129) }, /up to 128/],
])('fails for %s before anything is made', async (_what, parameters, message) => {
  deployed = await Deployed.start();
  const template = await printedTemplate('--monitor');
  await expect(deployed.aws.cloudFormation.createStack({ stackName: STACK, template, parameters })).rejects.toThrow(message);
});

test('a template of today updates to one with everything, and the policy stays the same', async () => {
  deployed = await Deployed.start();
  await deploy(await printedTemplate());
  const before = await policies();
  const outcome = await deployed.update(await printedTemplate('--monitor', '--repair', '--config-rule'));
  expect(outcome).toMatchObject({ status: 'UPDATE_COMPLETE' });
  expect(await policies()).toEqual(before);
  expect(await notOptedOut()).toEqual([]);
});
