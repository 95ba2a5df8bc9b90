import { ALICE, EVENT_PATH, HOUR, INTERVAL, MINUTE, Monitored, unlocked, type MonitoredOptions } from './monitored';
import { ALL, OPT_IN, WEAKENINGS, prepared } from './weakenings';
import { SIMULATION_START } from '../../../simulator/simulated-clock';
import { POLICY_TYPE } from '../../../src/policy';

const GOOD = 'AI opt-out: all 4 accounts are opted out';
const REPAIRED = 'AI opt-out: undone and repaired, all 4 accounts are opted out';
const OK = { NotOptedOut: 'OK', Unknown: 'OK', VerificationAge: 'OK' };
const NOBODY_SEEN = 'Who did it is not known: no event was seen. Look in CloudTrail in us-east-1.';

const SANDBOX = 'ou-a1b2-d9dedz5h';
const DEV = '432098765450';
const SEVERAL: MonitoredOptions = { repair: true, optOutProps: { targetIds: ['r-a1b2', SANDBOX, DEV] } };

let monitored: Monitored;
afterEach(() => monitored.close());

const start = async (options: MonitoredOptions = {}) => {
  monitored = await Monitored.start({ repair: true, ...options });
  expect(monitored.messages().map(({ subject }) => subject)).toEqual([GOOD]);
  expect(monitored.changes()).toEqual([]);
};

/** Messages after the one that the deployment sent, without repeated spaces. */
const messages = () => monitored.messages().slice(1).map(({ subject, message }) => ({ subject, message: message.replace(/ {2,}/g, ' ') }));
const subjects = () => messages().map(({ subject }) => subject);

const now = () => new Date(monitored.aws.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
const passUntil = async (milliseconds: number) => monitored.pass(SIMULATION_START + milliseconds - monitored.aws.clock.now());

/** All values of a metric. */
const series = (name: string) => monitored.aws.cloudWatch.metric('AiServicesOptOut', name, { StackName: 'AiOptOut' }).map(({ value }) => value);

const act = async (operation: string, input: object = {}) => monitored.act(operation, { PolicyId: monitored.policyId, ...input });
const detach = async (TargetId = monitored.rootId) => act('DetachPolicy', { TargetId });
const disable = async () => monitored.act('DisablePolicyType', { RootId: monitored.rootId, PolicyType: POLICY_TYPE });

const content = async () => JSON.parse((await act('DescribePolicy')).Policy.Content);
const targets = async () => (await act('ListTargetsForPolicy')).Targets.map(({ TargetId }: any) => TargetId);

/** What the function did to the organization, with what it gave. */
const changes = () => monitored.calls().filter(({ operation }) => !/^(List|Describe)/.test(operation)).map(({ operation, input }) => [operation, input]);
const attached = (TargetId = monitored.rootId) => ['AttachPolicy', { PolicyId: monitored.policyId, TargetId }];
const enabled = () => ['EnablePolicyType', { RootId: monitored.rootId, PolicyType: POLICY_TYPE }];
const restored = (text: string) => ['UpdatePolicy', { PolicyId: monitored.policyId, Content: text }];

const told = (done: string, blame: string, region = 'us-east-1') => ({
  subject: REPAIRED,
  message: [
    `Organization ${monitored.organizations.organizationId}: undone and repaired, all 4 accounts are opted out.`,
    `Repaired: ${done}.`,
    blame,
    `Seen by stack AiOptOut in ${region}.`,
  ].join('\n\n'),
});

/** What is done about those that are undone, in words and in calls. */
const REPAIRS: Record<string, { words: string; calls: (text: string) => unknown[] }> = {
  'detaches our policy': { words: 'attached the policy to r-a1b2', calls: () => [attached()] },
  'lets our policy opt in': { words: 'restored the content of the policy', calls: (text) => [restored(text)] },
  'lets our policy opt in one service': { words: 'restored the content of the policy', calls: (text) => [restored(text)] },
  'leaves our policy one service only': { words: 'restored the content of the policy', calls: (text) => [restored(text)] },
  'disables the policy type': { words: 'enabled the policy type; attached the policy to r-a1b2', calls: () => [enabled(), attached()] },
};
const UNDONE = WEAKENINGS.filter(({ repair }) => repair === 'undoes').map((weakening) => ({ ...weakening, ...REPAIRS[weakening.does] }));

describe('repair', () => {
  test.each(UNDONE)('undoes it when somebody $does, and says who it was', async (weakening) => {
    await start();
    const done = await prepared(monitored, weakening);
    const at = now();
    await weakening.act(monitored, done);
    await monitored.pass(EVENT_PATH);

    const [call] = weakening.seen(monitored, done);
    expect(messages()).toEqual([told(weakening.words, `Calls just before:\n- ${at} ${call} by ${ALICE}`)]);
    expect(changes()).toEqual(weakening.calls(done.content));
    expect(await content()).toEqual(JSON.parse(done.content));
    expect(await targets()).toEqual([monitored.rootId]);
    expect(await monitored.optedOut()).toEqual(monitored.organizations.accountIds);
    expect(series('Repairs').filter((count) => count > 0)).toEqual([weakening.calls('').length]);
    expect(series('NotOptedOut').every((count) => count === 0)).toBe(true);
    expect(monitored.metric('PolicyTypeEnabled')).toBe(1);
    expect(monitored.alarms()).toEqual(OK);

    await monitored.pass(6 * INTERVAL);
    expect(messages()).toHaveLength(1);
    expect(changes()).toHaveLength(weakening.calls('').length);
  });

  describe.each([
    { because: 'its events were lost', region: 'us-east-1' },
    { because: 'events do not come to eu-west-1', region: 'eu-west-1' },
  ])('waits for the schedule where $because', ({ region }) => {
    test.each(UNDONE)('and undoes it when somebody $does', async (weakening) => {
      await start({ region });
      const done = await prepared(monitored, weakening);
      monitored.aws.eventBridge.faults.lose(undefined, Infinity);
      await weakening.act(monitored, done);
      await passUntil(INTERVAL);
      expect(changes()).toEqual([]);

      await monitored.pass(2 * MINUTE);
      expect(changes()).toEqual(weakening.calls(done.content));
      expect(messages()).toEqual([told(weakening.words, NOBODY_SEEN, region)]);
      expect(await monitored.optedOut()).toHaveLength(4);
      expect(monitored.alarms()).toEqual(OK);
    });
  });

  test('cannot bring a deleted policy back, and says what can', async () => {
    const weakening = WEAKENINGS.find(({ repair }) => repair === 'cannot')!;
    await start();
    const done = await prepared(monitored, weakening);
    const at = now();
    await weakening.act(monitored, done);
    await monitored.pass(EVENT_PATH);

    expect(subjects()).toEqual(['AI opt-out: 4 of 4 accounts are NOT opted out']);
    const [{ message }] = messages();
    expect(message).toContain('\n\nNot repaired: the policy was deleted; deploy it again under another construct id\n\n');
    expect(message).toContain(`\n- ${at} DeletePolicy ${done.policyId} by ${ALICE}\n`);
    expect(changes()).toEqual([]);
    expect(monitored.metric('Repairs')).toBe(0);
    expect(monitored.alarms()).toEqual({ ...OK, NotOptedOut: 'ALARM' });
    await monitored.pass(3 * INTERVAL);
    expect(messages()).toHaveLength(1);
  });

  test.each(WEAKENINGS.filter(({ repair }) => repair === 'ignores'))('touches nothing when somebody $does, and reports it', async (weakening) => {
    await start({ ...weakening.options });
    const done = await prepared(monitored, weakening);
    await monitored.pass(EVENT_PATH);
    await weakening.act(monitored, done);
    await monitored.pass(EVENT_PATH + INTERVAL);

    expect(subjects()).toEqual([`AI opt-out: ${weakening.accounts.length} of 4 accounts are NOT opted out`]);
    const [{ message }] = messages();
    expect(message).toContain([`${weakening.reason(done)}:`, ...weakening.accounts.map((account) => `- ${account}`)].join('\n'));
    expect(message).not.toMatch(/repaired/i);
    for (const call of weakening.seen(monitored, done)) expect(message).toContain(`Z ${call} by ${ALICE}`);
    expect(changes()).toEqual([]);
    expect(Math.max(...series('Repairs'))).toBe(0);
    expect(monitored.alarms()).toEqual({ ...OK, NotOptedOut: 'ALARM' });
  });

  test('leaves what somebody else has attached and detached alone', async () => {
    await start();
    const TargetId = monitored.ids.sandbox;
    const other = await monitored.otherPolicy('Harmless', unlocked({ lex: 'optOut' }));
    await act('AttachPolicy', { TargetId });
    await act('AttachPolicy', { PolicyId: other, TargetId });
    await monitored.pass(EVENT_PATH);
    await act('DetachPolicy', { TargetId });
    await act('DeletePolicy', { PolicyId: await monitored.otherPolicy('Short-lived', OPT_IN) });
    await act('UpdatePolicy', { Name: 'Another name', Description: 'Another description' });
    await monitored.pass(EVENT_PATH + INTERVAL);
    expect(changes()).toEqual([]);
    expect(messages()).toEqual([]);
  });

  test('says so when it helped nobody: behind a policy that was put in its place', async () => {
    await start();
    const other = await monitored.otherPolicy('Young hand', OPT_IN);
    await detach();
    await act('AttachPolicy', { PolicyId: other, TargetId: monitored.rootId });
    await monitored.pass(EVENT_PATH);

    expect(changes()).toEqual([attached()]);
    expect(subjects()).toEqual(['AI opt-out: undone and repaired, 4 of 4 accounts are NOT opted out']);
    expect(messages()[0].message).toContain('opted in by policy "Young hand" on the root:\n');
    expect(messages()[0].message).toContain('Repaired: attached the policy to r-a1b2.');
    expect(messages()[0].message).toContain(`DetachPolicy ${monitored.policyId} r-a1b2 by ${ALICE}`);
    expect(messages()[0].message).toContain('What to do: ');
    expect(monitored.alarms()).toEqual({ ...OK, NotOptedOut: 'ALARM' });
  });

  test('undoes several things at once', async () => {
    await start();
    const text = JSON.stringify(await content());
    await disable();
    await act('UpdatePolicy', { Content: OPT_IN });
    await monitored.pass(EVENT_PATH);

    expect(changes()).toEqual([restored(text), enabled(), attached()]);
    expect(subjects()).toEqual([REPAIRED]);
    expect(messages()[0].message).toContain('Repaired: restored the content of the policy; enabled the policy type; attached the policy to r-a1b2.');
    expect(series('Repairs').filter((count) => count > 0)).toEqual([3]);
    expect(await monitored.optedOut()).toHaveLength(4);
  });

  test('waits until a type that is still being disabled can be enabled, and is', async () => {
    await start();
    monitored.organizations.settings.disableDelayMs = 3 * MINUTE;
    monitored.organizations.settings.enableDelayMs = 2 * MINUTE;
    await disable();
    await monitored.pass(10 * MINUTE);

    const succeeded = (operation: string) => monitored.calls(operation).filter(({ outcome }) => outcome === 'ok').length;
    expect(new Set(changes().map(([operation]) => operation))).toEqual(new Set(['EnablePolicyType', 'AttachPolicy']));
    expect([succeeded('EnablePolicyType'), succeeded('AttachPolicy')]).toEqual([1, 1]);
    expect(await monitored.optedOut()).toHaveLength(4);
  });

  test('is told and counted once where its own call sets off another run before it is done', async () => {
    await start();
    monitored.organizations.settings.enableDelayMs = 2 * MINUTE;
    await disable();
    await monitored.pass(10 * MINUTE);

    expect(subjects()).toEqual([REPAIRED]);
    expect(series('Repairs').filter((count) => count > 0)).toEqual([2]);
    expect(monitored.memory().repairs).toHaveLength(1);
  });

  test('that AWS refuses is a problem that is told', async () => {
    await start();
    monitored.organizations.faults.accessDenied('AttachPolicy');
    await detach();
    await monitored.pass(EVENT_PATH);

    expect(subjects()).toEqual(['AI opt-out: 4 of 4 accounts are NOT opted out']);
    expect(messages()[0].message).toContain('Not repaired: AccessDeniedException: ');
    expect(monitored.calls('AttachPolicy').map(({ outcome }) => outcome)).toEqual(['AccessDeniedException']);
    expect(series('Repairs').every((count) => count === 0)).toBe(true);
    expect(monitored.alarms()).toEqual({ ...OK, NotOptedOut: 'ALARM' });

    // Tried again by every run, told again once a day.
    await monitored.pass(24 * HOUR);
    expect(monitored.calls('AttachPolicy').length).toBeGreaterThan(3);
    expect(messages()).toHaveLength(2);
    for (const { message } of messages()) expect(message).not.toContain('it was repaired');
  });
});

describe('repair of a policy with several targets', () => {
  test('attaches it to those that it was detached from', async () => {
    await start(SEVERAL);
    expect(SANDBOX).toBe(monitored.ids.sandbox);
    expect(DEV).toBe(monitored.ids.dev);
    await detach(SANDBOX);
    await detach(DEV);
    await monitored.pass(EVENT_PATH);

    expect(changes()).toEqual([attached(SANDBOX), attached(DEV)]);
    expect((await targets()).sort()).toEqual([DEV, SANDBOX, 'r-a1b2']);
    expect(subjects()).toEqual([REPAIRED]);
    expect(messages()[0].message).toContain(`Repaired: attached the policy to ${SANDBOX}; attached the policy to ${DEV}.`);
    expect(series('Repairs').filter((count) => count > 0)).toEqual([2]);
  });

  test('attaches it to all of them after the type was disabled', async () => {
    await start(SEVERAL);
    await disable();
    await monitored.pass(EVENT_PATH);

    expect(changes()).toEqual([enabled(), attached(), attached(SANDBOX), attached(DEV)]);
    expect((await targets()).sort()).toEqual([DEV, SANDBOX, 'r-a1b2']);
    expect(await monitored.optedOut()).toHaveLength(4);
  });

  test('goes on after one that is gone, and says which', async () => {
    await start({ optOutProps: { targetIds: ['ou-a1b2-eiqsryay', 'r-a1b2'] } });
    await detach(monitored.ids.lab);
    await detach();
    await monitored.act('DeleteOrganizationalUnit', { OrganizationalUnitId: monitored.ids.lab });
    await monitored.pass(EVENT_PATH);

    expect(await targets()).toEqual(['r-a1b2']);
    expect(await monitored.optedOut()).toHaveLength(4);
    expect(messages()[0].message).toContain('Not repaired: TargetNotFoundException: ');
  });

  test('still has its repairs when one target is gone for good', async () => {
    await start({ optOutProps: { targetIds: ['r-a1b2', 'ou-a1b2-eiqsryay'] } });
    await detach(monitored.ids.lab);
    await monitored.act('DeleteOrganizationalUnit', { OrganizationalUnitId: monitored.ids.lab });
    await monitored.pass(3 * INTERVAL + EVENT_PATH);

    await detach();
    await monitored.pass(EVENT_PATH);
    expect(await targets()).toEqual(['r-a1b2']);
  });
});

describe('repair never fights', () => {
  test('undoes three times within a day, says so the fourth time, and a day later undoes again', async () => {
    await start();
    for (const time of [1, 2, 3]) {
      await detach();
      await monitored.pass(30 * MINUTE);
      expect(subjects()).toEqual(Array(time).fill(REPAIRED));
      expect(changes()).toHaveLength(time);
    }

    const at = now();
    await detach();
    await monitored.pass(30 * MINUTE);
    expect(changes()).toEqual([attached(), attached(), attached()]);
    expect(messages()).toHaveLength(4);
    expect(messages()[3].subject).toBe('AI opt-out: 4 of 4 accounts are NOT opted out');
    expect(messages()[3].message).toContain(`no policy reaches it:\n${ALL.map((account) => `- ${account}`).join('\n')}\n\n`);
    expect(messages()[3].message).toContain('Not repaired: it was repaired 3 times within a day, and somebody keeps undoing it\n\n'
      + `Calls just before:\n- ${at} DetachPolicy ${monitored.policyId} r-a1b2 by ${ALICE}\n\nWhat to do: attach the opt-out policy where none reaches; `);
    expect(monitored.metric('Repairs')).toBe(0);
    expect(monitored.metric('NotOptedOut')).toBe(4);
    expect(monitored.alarms()).toEqual({ ...OK, NotOptedOut: 'ALARM' });

    // The three were in the first two hours, so that they still count in the run after eighteen hours.
    await passUntil(23 * HOUR);
    expect(changes()).toHaveLength(3);
    expect(messages()).toHaveLength(4);
    expect(await targets()).toEqual([]);
    expect(monitored.alarms()).toEqual({ ...OK, NotOptedOut: 'ALARM' });

    await passUntil(31 * HOUR);
    expect(changes()).toHaveLength(4);
    expect(messages()).toHaveLength(5);
    expect(messages()[4]).toEqual(told('attached the policy to r-a1b2', NOBODY_SEEN));
    expect(await monitored.optedOut()).toHaveLength(4);
    expect(monitored.alarms()).toEqual(OK);
  });

  test('counts whatever is undone, and together what is undone at once', async () => {
    await start(SEVERAL);
    await detach(SANDBOX);
    await detach(DEV);
    await monitored.pass(EVENT_PATH);
    await act('UpdatePolicy', { Content: OPT_IN });
    await monitored.pass(EVENT_PATH);
    await disable();
    await monitored.pass(EVENT_PATH);
    expect(subjects()).toEqual([REPAIRED, REPAIRED, REPAIRED]);

    const before = changes().length;
    await act('UpdatePolicy', { Content: OPT_IN });
    await monitored.pass(EVENT_PATH);
    expect(changes()).toHaveLength(before);
    expect(messages()[3].message).toContain('it was repaired 3 times within a day');
  });

  test('says so also where everybody is opted out all the same', async () => {
    await start(SEVERAL);
    for (let time = 0; time < 4; time++) {
      await detach(DEV);
      await monitored.pass(EVENT_PATH);
    }
    expect(changes()).toHaveLength(3);
    expect(messages()[3].subject).toContain('all 4 accounts are opted out');
    expect(messages()[3].message).toContain('Not repaired: it was repaired 3 times within a day, and somebody keeps undoing it');
  });
});
