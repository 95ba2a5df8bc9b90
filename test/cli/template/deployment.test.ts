import { ARTIFACTS } from './artifacts';
import { printedTemplate, scratch } from './printed';
import { POLICY_TYPE } from '../../../src/policy';
import { Deployed } from '../../handlers/monitoring/deployed';
import { EVENT_PATH, HOUR, INTERVAL, MINUTE, STACK } from '../../handlers/monitoring/monitored';

const inFolder = scratch();
let deployed: Deployed;

afterEach(async () => deployed?.close());

const CASES = ['us-east-1', 'eu-west-1'].flatMap((region) => Object.entries(ARTIFACTS).map(([name, artifact]) => ({ name, region, ...artifact })));

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

describe('as it is', () => {
  test.each(CASES)('$name in $region opts everybody out', async ({ make, has, region }) => {
    deployed = await Deployed.start({ region });
    const { template, parameters } = await make(inFolder(), {});
    await deploy(template, parameters);
    expect(await notOptedOut()).toEqual([]);
    expect(await policies()).toEqual([expect.objectContaining({ Name: expect.stringMatching(/^AiServicesOptOut-OptOut-[0-9a-f]{8}$/) })]);
    expect(deployed.aws.cloudFormation.describeStack(STACK).outputs.PolicyId).toBe((await policies())[0]!.Id);
    if (has === 'nothing') return;
    expect(deployed.errors()).toEqual([]);
    expect(deployed.alarm('MonitorNotOptedOutAlarm')).toBe('OK');
    await detach();
    await deployed.pass(timeToNotice(region));
    const repairs = has === 'a monitor that repairs';
    expect(deployed.metric('NotOptedOut')).toContain(repairs ? 0 : deployed.organizations.accountIds.length);
    expect(deployed.metric('Repairs').filter((count) => count > 0)).toHaveLength(repairs ? 1 : 0);
    expect(await notOptedOut()).toHaveLength(repairs ? 0 : deployed.organizations.accountIds.length);
    if (!repairs) expect(deployed.alarm('MonitorNotOptedOutAlarm')).toBe('ALARM');
    expect(deployed.errors()).toEqual([]);
    expect(deployed.aws.sns.calls).toEqual([]);
  });
});

describe('with parameters', () => {
  test.each(CASES)('$name in $region: the policy has the name, and the topic gets the messages', async ({ make, has, region }) => {
    deployed = await Deployed.start({ region });
    const topic = deployed.aws.sns.createTopic('governance_alerts');
    const { template, parameters } = await make(inFolder(), { PolicyName: 'Opt out: everybody', ...(has !== 'nothing' && { NotificationTopicArn: topic }) });
    await deploy(template, parameters);
    expect(await notOptedOut()).toEqual([]);
    expect((await policies()).map(({ Name }) => Name)).toEqual(['Opt out: everybody']);
    if (has === 'nothing') return;
    await detach();
    await deployed.pass(timeToNotice(region));
    expect(deployed.errors()).toEqual([]);
    expect(subjects().slice(0, 2)).toEqual([
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
  ['a name that is no ASCII', { PolicyName: 'Übergabe' }, /up to 128 letters, digits and signs of ASCII/],
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
