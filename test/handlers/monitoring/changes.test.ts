import { Duration } from 'aws-cdk-lib';
import { ALICE, EVENT_PATH, HOUR, INTERVAL, MANAGEMENT, MINUTE, Monitored, type MonitoredOptions } from './monitored';
import { ALL, OPEN, OPT_IN, WEAKENINGS, prepared, type Prepared, type Weakening } from './weakenings';
import { SIMULATION_START } from '../../../simulator/simulated-clock';
import { POLICY_TYPE } from '../../../src/policy';

const GOOD = 'AI opt-out: all 4 accounts are opted out';
const OK = { NotOptedOut: 'OK', Unknown: 'OK', VerificationAge: 'OK' };
const NOBODY_SEEN = 'Who did it is not known: no event was seen. Look in CloudTrail in us-east-1.';

let monitored: Monitored;
afterEach(() => monitored.close());

const start = async (options: MonitoredOptions) => {
  monitored = await Monitored.start(options);
  expect(monitored.messages().map(({ subject }) => subject)).toEqual([GOOD]);
};

/** Messages after the one that the deployment sent, without repeated spaces. */
const messages = () => monitored.messages().slice(1).map(({ subject, message }) => ({ subject, message: message.replace(/ {2,}/g, ' ') }));

const scheduledRuns = () => monitored.runs().filter(({ event }) => event['detail-type'] === 'Scheduled Event').length;

/** Seconds are enough for CloudTrail. */
const now = () => new Date(monitored.aws.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');

const figures = () => Object.fromEntries(['OptedOut', 'NotOptedOut', 'Unknown', 'PolicyTypeEnabled', 'Repairs', 'VerificationAge']
  .map((name) => [name, monitored.metric(name)]));

const badFigures = ({ accounts, disabled = false }: Weakening) => ({
  OptedOut: 4 - accounts.length, NotOptedOut: accounts.length, Unknown: 0, PolicyTypeEnabled: Number(!disabled), Repairs: 0, VerificationAge: 0,
});
const GOOD_FIGURES = { OptedOut: 4, NotOptedOut: 0, Unknown: 0, PolicyTypeEnabled: 1, Repairs: 0, VerificationAge: 0 };

const complaint = (weakening: Weakening, done: Prepared, blame: string, region = 'us-east-1') => {
  const state = `${weakening.accounts.length} of 4 accounts are NOT opted out`;
  return {
    subject: `AI opt-out: ${state}`,
    message: [
      `Organization ${monitored.organizations.organizationId}: ${state}.`,
      [`${weakening.reason(done)}:`, ...weakening.accounts.map((account) => `- ${account}`)].join('\n'),
      blame,
      weakening.disabled
        ? `What to do: aws organizations enable-policy-type --root-id ${monitored.rootId} --policy-type ${POLICY_TYPE}, `
          + 'then attach the policies again: disabling detached them.'
        : 'What to do: attach the opt-out policy where none reaches; detach or change what opts in. '
          + '"npx -p cdk-ai-services-opt-out ai-opt-out verify" shows every account.',
      `Seen by stack AiOptOut in ${region}.`,
    ].join('\n\n'),
  };
};

const recovery = (region = 'us-east-1') => ({
  subject: GOOD,
  message: `Organization ${monitored.organizations.organizationId}: all 4 accounts are opted out.\n\nSeen by stack AiOptOut in ${region}.`,
});

/** Time passes until so long after the simulation began. */
const passUntil = async (milliseconds: number) => monitored.pass(SIMULATION_START + milliseconds - monitored.aws.clock.now());

describe('when somebody', () => {
  test.each(WEAKENINGS)('$does, the event path alone says who did what to whom, once, and again when it is good', async (weakening) => {
    await start({ ...weakening.options });
    const done = await prepared(monitored, weakening);
    await monitored.pass(EVENT_PATH);
    expect(messages()).toEqual([]);
    expect(monitored.alarms()).toEqual(OK);

    const at = now();
    await weakening.act(monitored, done);
    await monitored.pass(EVENT_PATH);

    const blame = ['Calls just before:', ...weakening.seen(monitored, done).map((call) => `- ${at} ${call} by ${ALICE}`)].join('\n');
    expect(messages()).toEqual([complaint(weakening, done, blame)]);
    expect(scheduledRuns()).toBe(0);
    expect(figures()).toEqual(badFigures(weakening));
    expect(monitored.alarms()).toEqual({ ...OK, NotOptedOut: 'ALARM' });
    expect(monitored.changes()).toEqual([]);

    await monitored.pass(3 * INTERVAL);
    expect(scheduledRuns()).toBe(3);
    expect(messages()).toHaveLength(1);
    expect(monitored.alarms()).toEqual({ ...OK, NotOptedOut: 'ALARM' });

    await weakening.restore(monitored, done);
    await monitored.pass(EVENT_PATH);
    expect(messages().slice(1)).toEqual([recovery()]);
    expect(figures()).toEqual(GOOD_FIGURES);
    expect(monitored.alarms()).toEqual(OK);

    await monitored.pass(6 * INTERVAL);
    expect(messages()).toHaveLength(2);
    expect(monitored.changes()).toEqual([]);
  });

  describe.each([
    { because: 'its events were lost', region: 'us-east-1' },
    { because: 'events do not come to eu-west-1', region: 'eu-west-1' },
  ])('and $because', ({ region }) => {
    test.each(WEAKENINGS)('$does, the schedule alone notices it, and when it is good again', async (weakening) => {
      await start({ ...weakening.options, region });
      const done = await prepared(monitored, weakening);
      await monitored.pass(EVENT_PATH);
      monitored.aws.eventBridge.faults.lose(undefined, Infinity);
      const runs = monitored.runs().length;

      await weakening.act(monitored, done);
      await passUntil(INTERVAL);
      expect(monitored.runs()).toHaveLength(runs);
      expect(messages()).toEqual([]);
      expect(monitored.alarms()).toEqual(OK);

      await monitored.pass(2 * MINUTE);
      expect(scheduledRuns()).toBe(1);
      expect(messages()).toEqual([complaint(weakening, done, NOBODY_SEEN, region)]);
      expect(figures()).toEqual(badFigures(weakening));
      expect(monitored.alarms()).toEqual({ ...OK, NotOptedOut: 'ALARM' });

      await weakening.restore(monitored, done);
      await passUntil(2 * INTERVAL);
      expect(messages()).toHaveLength(1);
      await monitored.pass(2 * MINUTE);
      expect(messages().slice(1)).toEqual([recovery(region)]);
      expect(figures()).toEqual(GOOD_FIGURES);
      expect(monitored.alarms()).toEqual(OK);
      expect(monitored.runs()).toHaveLength(runs + 2);
      expect(monitored.changes()).toEqual([]);
    });
  });
});

describe('a state that stays bad', () => {
  const [DETACHED] = WEAKENINGS;

  test('is told again once a day', async () => {
    await start({});
    const done = await prepared(monitored, DETACHED);
    await DETACHED.act(monitored, done);
    await monitored.pass(EVENT_PATH);
    expect(messages()).toHaveLength(1);

    await passUntil(19 * HOUR);
    expect(messages()).toHaveLength(1);
    await passUntil(31 * HOUR);
    expect(messages()).toHaveLength(2);
    expect(messages()[1]).toEqual(complaint(DETACHED, done, NOBODY_SEEN));

    await passUntil(103 * HOUR);
    const reminders = monitored.messages().slice(2).map(({ time }) => time);
    expect(reminders.slice(1).map((time, index) => Math.round((time - reminders[index]) / HOUR))).toEqual([24, 24, 24]);
  });

  test('is told by every run that comes once a day', async () => {
    await start({ monitorProps: { interval: Duration.days(1) } });
    monitored.aws.eventBridge.faults.lose(undefined, Infinity);
    await DETACHED.act(monitored, await prepared(monitored, DETACHED));
    for (const day of [1, 2, 3]) {
      await passUntil(day * 24 * HOUR + 2 * MINUTE);
      expect(scheduledRuns()).toBe(day);
      expect(messages()).toHaveLength(day);
    }
  });

  test('is told anew when it becomes another, and only then', async () => {
    await start(OPEN);
    const first = await monitored.otherPolicy('First', OPT_IN);
    const second = await monitored.otherPolicy('Second', OPT_IN);
    const attach = async (PolicyId: string, TargetId: string) => monitored.act('AttachPolicy', { PolicyId, TargetId });

    await attach(first, monitored.ids.sandbox);
    await monitored.pass(EVENT_PATH);
    await attach(first, monitored.ids.lab);
    await monitored.pass(EVENT_PATH);
    expect(messages().map(({ subject }) => subject)).toEqual(['AI opt-out: 2 of 4 accounts are NOT opted out']);

    await attach(second, monitored.ids.dev);
    await monitored.pass(EVENT_PATH);
    expect(messages()).toHaveLength(2);
    expect(messages()[1].subject).toBe('AI opt-out: 3 of 4 accounts are NOT opted out');
    expect(messages()[1].message).toContain(`"First" on OU Sandbox:\n- ${ALL[2]}\n- ${ALL[3]}\n\n`);
    expect(messages()[1].message).toContain('opted in by policy "Second" on account 432098765450:\n- 432098765450 Dev (the root)\n\n');
  });

  test('that an event tells twice is told once', async () => {
    await start({});
    monitored.aws.eventBridge.faults.duplicate('DetachPolicy', 5 * MINUTE);
    await DETACHED.act(monitored, await prepared(monitored, DETACHED));
    await monitored.pass(EVENT_PATH);
    const runs = monitored.runs().length;
    await monitored.pass(2 * EVENT_PATH);
    expect(monitored.runs()).toHaveLength(runs + 1);
    expect(messages()).toHaveLength(1);
  });

  test('and good again before anybody looked is not told at all', async () => {
    await start({});
    const done = await prepared(monitored, DETACHED);
    await DETACHED.act(monitored, done);
    await monitored.pass(20_000);
    await DETACHED.restore(monitored, done);
    await monitored.pass(EVENT_PATH);
    expect(monitored.runs().at(-1)!.event.Records).toHaveLength(2);
    expect(messages()).toEqual([]);
    expect(monitored.alarms()).toEqual(OK);
  });
});

describe('a locked policy', () => {
  test.each([
    {
      what: 'a policy that opts in on an OU below',
      act: async () => monitored.act('AttachPolicy', { PolicyId: await monitored.otherPolicy('Lab rats', OPT_IN), TargetId: monitored.ids.sandbox }),
      event: 'AttachPolicy',
    },
    {
      what: 'a policy that opts in on an account below',
      act: async () => monitored.act('AttachPolicy', { PolicyId: await monitored.otherPolicy('Lab rats', OPT_IN), TargetId: monitored.ids.dev }),
      event: 'AttachPolicy',
    },
    {
      what: 'a younger policy that opts in on the same target',
      act: async () => monitored.act('AttachPolicy', { PolicyId: await monitored.otherPolicy('Young hand', OPT_IN), TargetId: monitored.rootId }),
      event: 'AttachPolicy',
    },
    {
      what: 'an account that moves under an OU that opts in',
      act: async () => {
        await monitored.act('AttachPolicy', { PolicyId: await monitored.otherPolicy('Lab rats', OPT_IN), TargetId: monitored.ids.lab });
        await monitored.act('MoveAccount', { AccountId: monitored.ids.dev, SourceParentId: monitored.rootId, DestinationParentId: monitored.ids.lab });
      },
      event: 'MoveAccount',
    },
  ])('holds against $what: looked into, nothing to tell', async ({ act, event }) => {
    await start({});
    const runs = monitored.runs().length;
    await act();
    await monitored.pass(EVENT_PATH);

    const lastEventOf = ({ event: { Records } }: any) => JSON.parse(Records.at(-1).body).detail.eventName;
    expect(monitored.runs().slice(runs).map(lastEventOf)).toEqual([event]);
    await monitored.pass(2 * INTERVAL);
    expect(messages()).toEqual([]);
    expect(figures()).toEqual(GOOD_FIGURES);
    expect(monitored.alarms()).toEqual(OK);
    expect(await monitored.optedOut()).toHaveLength(4);
  });
});

describe('what no administrator called starts a run', () => {
  /** The run that was set off, and that it was the only one. */
  const runAfter = async (act: () => unknown) => {
    const runs = monitored.runs().length;
    await act();
    await monitored.pass(EVENT_PATH);
    expect(scheduledRuns()).toBe(0);
    expect(monitored.runs()).toHaveLength(runs + 1);
    return monitored.runs().at(-1)!;
  };
  const eventNames = (run: any): string[] => run.event.Records.map(({ body }: any) => JSON.parse(body).detail.eventName);

  test('an account that was invited, and is opted out with all others', async () => {
    await start({});
    const run = await runAfter(() => monitored.organizations.createAccount({ name: 'New' }));
    expect(eventNames(run)).toEqual(['AccountJoinedOrganization']);
    expect(figures()).toEqual({ ...GOOD_FIGURES, OptedOut: 5 });
    expect(messages()).toEqual([]);
  });

  test('an account that was created', async () => {
    await start({});
    const run = await runAfter(async () => monitored.act('CreateAccount', { AccountName: 'New', Email: 'new@example.com' }));
    expect(eventNames(run)).toEqual(['AccountJoinedOrganization']);
    expect(figures()).toEqual({ ...GOOD_FIGURES, OptedOut: 5 });
  });

  test('an account that comes to where it is opted in', async () => {
    await start(OPEN);
    const PolicyId = await monitored.otherPolicy('Lab rats', OPT_IN);
    await monitored.act('AttachPolicy', { PolicyId, TargetId: monitored.ids.lab });
    await monitored.pass(EVENT_PATH);
    expect(messages()).toEqual([]);

    const at = now();
    const id = monitored.organizations.createAccount({ name: 'New', parentId: monitored.ids.lab });
    await monitored.pass(EVENT_PATH);
    expect(messages()).toHaveLength(1);
    expect(messages()[0].subject).toBe('AI opt-out: 1 of 5 accounts are NOT opted out');
    expect(messages()[0].message).toContain(`opted in by policy "Lab rats" on OU Lab:\n- ${id} New (OU Lab)\n\n`);
    expect(messages()[0].message).toContain(`Calls just before:\n- ${at} AccountJoinedOrganization by AWS Internal\n\n`);
    expect(figures()).toEqual({ ...GOOD_FIGURES, OptedOut: 4, NotOptedOut: 1 });
    expect(monitored.alarms()).toEqual({ ...OK, NotOptedOut: 'ALARM' });
  });

  test('an account that is removed: together with the call that did it', async () => {
    await start({});
    const run = await runAfter(async () => monitored.act('RemoveAccountFromOrganization', { AccountId: monitored.ids.tests }));
    expect(eventNames(run).sort()).toEqual(['AccountDepartedOrganization', 'RemoveAccountFromOrganization']);
    expect(figures()).toEqual({ ...GOOD_FIGURES, OptedOut: 3 });
    expect(messages()).toEqual([]);
  });

  test('an account that leaves, whose own call is in its own trail', async () => {
    await start({});
    const accountId = monitored.ids.tests;
    const arn = `arn:aws:iam::${accountId}:user/bob`;
    const run = await runAfter(async () => monitored.organizations.call('LeaveOrganization', {}, { accountId, arn }));
    expect(eventNames(run)).toEqual(['AccountDepartedOrganization']);
    expect(figures()).toEqual({ ...GOOD_FIGURES, OptedOut: 3 });
  });

  test('an effective policy that is valid again, and the run finds nothing', async () => {
    await start({});
    const run = await runAfter(() => monitored.organizations.emitEffectivePolicyValidation({
      accountId: monitored.ids.dev, policyType: POLICY_TYPE, state: 'VALID',
    }));
    expect(eventNames(run)).toEqual(['EffectivePolicyValidation']);
    expect(run.error).toBeUndefined();
    expect(messages()).toEqual([]);
    expect(figures()).toEqual(GOOD_FIGURES);
  });

  test('an effective policy that is invalid: the account keeps the old one, which AWS tells and the policies do not', async () => {
    await start(OPEN);
    const PolicyId = await monitored.otherPolicy('Lab rats', OPT_IN);
    await monitored.act('AttachPolicy', { PolicyId, TargetId: monitored.ids.dev });
    await monitored.pass(EVENT_PATH);
    expect(messages()).toHaveLength(1);
    expect(messages()[0].message).toContain('opted in by policy "Lab rats" on account 432098765450');

    const at = now();
    monitored.organizations.setInvalidEffectivePolicy(monitored.ids.dev, [{ code: 'KEY_REQUIRED', message: 'a key is missing' }]);
    monitored.organizations.emitEffectivePolicyValidation({ accountId: monitored.ids.dev, policyType: POLICY_TYPE, state: 'INVALID' });
    monitored.aws.eventBridge.faults.lose('DetachPolicy');
    await monitored.act('DetachPolicy', { PolicyId, TargetId: monitored.ids.dev });
    await monitored.pass(EVENT_PATH);

    expect(messages()).toHaveLength(2);
    expect(messages()[1].subject).toBe('AI opt-out: 1 of 4 accounts are NOT opted out');
    expect(messages()[1].message).toContain('by its effective policy, everything without an entry of its own is opted in:\n- 432098765450 Dev (the root)\n\n');
    expect(messages()[1].message).toContain(`Calls just before:\n- ${at} EffectivePolicyValidation by AWS Internal\n\n`);
    expect(figures()).toEqual({ ...GOOD_FIGURES, OptedOut: 3, NotOptedOut: 1 });
    expect(monitored.organizations.managementAccountId).toBe(MANAGEMENT);

    monitored.organizations.setInvalidEffectivePolicy(monitored.ids.dev, []);
    monitored.organizations.emitEffectivePolicyValidation({ accountId: monitored.ids.dev, policyType: POLICY_TYPE, state: 'VALID' });
    await monitored.pass(EVENT_PATH);
    expect(messages().slice(2)).toEqual([recovery()]);
    expect(monitored.alarms()).toEqual(OK);
  });
});

describe('nothing is looked into', () => {
  test.each([
    {
      what: 'a call that AWS refused',
      act: async () => monitored.act('DetachPolicy', { PolicyId: monitored.policyId, TargetId: monitored.ids.lab }).catch(() => {}),
    },
    {
      what: 'another policy type that is enabled',
      act: async () => monitored.act('EnablePolicyType', { RootId: monitored.rootId, PolicyType: 'TAG_POLICY' }),
    },
    {
      what: 'a policy that is made and attached nowhere',
      act: async () => monitored.otherPolicy('Lab rats', OPT_IN),
    },
    {
      what: 'what somebody only reads',
      act: async () => monitored.act('ListRoots', {}),
    },
  ])('for $what', async ({ act }) => {
    await start({});
    const runs = monitored.runs().length;
    await act();
    await monitored.pass(EVENT_PATH);
    expect(monitored.runs()).toHaveLength(runs);
    expect(messages()).toEqual([]);
  });
});
