import { ALICE, HOUR, INTERVAL, MINUTE, Monitored, STACK, unlocked, type MonitoredOptions } from './monitored';
import { AiService, OptOutScope } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';

/** A message that a run could not handle is visible again after so long; then it is gathered for a minute. */
const REDELIVERY = 18 * MINUTE;

/** So that nothing but what a test is about happens at the same time. */
const QUIET = 20 * MINUTE;

let monitored: Monitored;
afterEach(async () => {
  try {
    expect(Math.max(...stateVersions().map(({ value }) => value.length))).toBeLessThan(400);
  } finally {
    await monitored.close();
  }
});

/** A deployed monitor, after which nobody looks at what was before. */
async function start(options: MonitoredOptions = {}): Promise<void> {
  monitored = await Monitored.start(options);
  await monitored.pass(QUIET);
  before = { messages: monitored.messages().length, runs: monitored.runs().length };
}
let before: { messages: number; runs: number };

const subjects = () => monitored.messages().slice(before.messages).map(({ subject }) => subject);
const lastMessage = () => monitored.messages().at(-1)!.message;
const runs = () => monitored.runs().slice(before.runs);
const errors = () => runs().map(({ error }) => error?.errorType);
const detach = async () => monitored.act('DetachPolicy', { PolicyId: monitored.policyId, TargetId: monitored.rootId });
const attach = async () => monitored.act('AttachPolicy', { PolicyId: monitored.policyId, TargetId: monitored.rootId });
const optIn = async () => monitored.act('UpdatePolicy', { PolicyId: monitored.policyId, Content: unlocked({ default: 'optIn' }) });
const disable = async () => monitored.act('DisablePolicyType', { RootId: monitored.rootId, PolicyType: POLICY_TYPE });
const invoke = async () => monitored.aws.cloudFormation.invokeFunction(monitored.runs()[0].functionArn, {});
const stateVersions = () => monitored.aws.ssm.versions(resourceLike(/^MonitorState/, 'AWS::SSM::Parameter'));
const values = (metric: string) => monitored.aws.cloudWatch.metric('AiServicesOptOut', metric, { StackName: STACK }).map(({ value }) => value);
const repairsCounted = () => values('Repairs').reduce((sum, value) => sum + value, 0);
const queue = (logicalId: RegExp) => monitored.aws.sqs.queue(resourceLike(logicalId, 'AWS::SQS::Queue'));

function resourceLike(logicalId: RegExp, wanted: string): string {
  const { resources } = monitored.aws.cloudFormation.describeStack(STACK);
  const found = resources.filter((resource) => resource.type === wanted && logicalId.test(resource.logicalId));
  expect(found.map((resource) => resource.logicalId)).toEqual([expect.stringMatching(logicalId)]);
  return found[0].physicalId;
}

const NOT_OPTED_OUT = 'AI opt-out: 4 of 4 accounts are NOT opted out';
const ALL_WELL = 'AI opt-out: all 4 accounts are opted out';
const REPAIRED = 'AI opt-out: undone and repaired, all 4 accounts are opted out';
const NO_IDEA = 'AI opt-out: the opt-out status of every account is unknown';

describe('a lost event', () => {
  test('is made up for by the schedule, which does not know who it was', async () => {
    await start();
    monitored.aws.eventBridge.faults.lose('DetachPolicy');
    await detach();
    await monitored.pass(20 * MINUTE);
    expect(runs()).toEqual([]);

    await monitored.pass(INTERVAL);

    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    expect(lastMessage()).toContain('Who did it is not known: no event was seen.');
    expect(lastMessage()).not.toContain('alice');
    expect(monitored.alarms().NotOptedOut).toBe('ALARM');
  });

  test('does not keep a repair from being made', async () => {
    await start({ repair: true });
    monitored.aws.eventBridge.faults.lose('DetachPolicy');
    await detach();
    await monitored.pass(20 * MINUTE);
    expect(monitored.changes()).toEqual([]);

    await monitored.pass(INTERVAL);

    expect(monitored.changes()).toEqual(['AttachPolicy']);
    expect(subjects()).toEqual([REPAIRED]);
    expect(lastMessage()).toContain('Who did it is not known: no event was seen.');
    expect(await monitored.optedOut()).toHaveLength(4);
  });
});

describe('an event that comes twice', () => {
  test.each([['together', 1000], ['one after the other', 5 * MINUTE], ['an hour apart', HOUR]])('%s makes one message', async (_, afterMs) => {
    await start();
    monitored.aws.eventBridge.faults.duplicate('DetachPolicy', afterMs);
    await detach();
    await monitored.pass(2 * HOUR);

    expect(runs()).toHaveLength(afterMs < MINUTE ? 1 : 2);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    expect(lastMessage()).toContain(ALICE);
  });

  test.each([['together', 1000], ['one after the other', 5 * MINUTE], ['an hour apart', HOUR]])('%s makes one repair and one message', async (_, afterMs) => {
    await start({ repair: true });
    monitored.aws.eventBridge.faults.duplicate('DetachPolicy', afterMs);
    await detach();
    await monitored.pass(2 * HOUR);

    expect(monitored.changes()).toEqual(['AttachPolicy']);
    expect(subjects()).toEqual([REPAIRED]);
    expect(repairsCounted()).toBe(1);
    expect(monitored.memory().repairs).toHaveLength(1);
  });

  test('does not repair again what somebody has undone with a deployment since', async () => {
    await start({ repair: true });
    monitored.aws.eventBridge.faults.duplicate('DetachPolicy', HOUR);
    await detach();
    await monitored.pass(20 * MINUTE);
    await monitored.update({ repair: true, optOutProps: { targetIds: [monitored.ids.lab] } });
    await monitored.pass(2 * HOUR);

    expect(monitored.changes()).toEqual(['AttachPolicy']);
    expect((await monitored.act('ListTargetsForPolicy', { PolicyId: monitored.policyId })).Targets.map(({ TargetId }: any) => TargetId)).toEqual([monitored.ids.lab]);
  });

  test('is told once where Lambda delivers the schedule twice', async () => {
    await start();
    monitored.aws.eventBridge.faults.lose('DetachPolicy');
    await detach();
    monitored.aws.cloudFormation.delivery.duplicateDeliveries = [0, 1000, 30_000];
    await monitored.pass(INTERVAL);

    expect(runs()).toHaveLength(4);
    expect(errors()).toEqual([undefined, undefined, undefined, undefined]);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
  });
});

describe('events out of order', () => {
  /** What was lost arrives after all. */
  const deliverLate = () => {
    const { source, 'detail-type': detailType, detail } = monitored.aws.eventBridge.lost.at(-1)!;
    monitored.aws.eventBridge.put({ source, detailType, detail });
  };

  test('end with what is true now, not with what the last one says', async () => {
    await start();
    monitored.aws.eventBridge.faults.lose('DetachPolicy');
    await detach();
    await attach();
    await monitored.pass(MINUTE);
    deliverLate();
    await monitored.pass(20 * MINUTE);

    expect(runs().length).toBeGreaterThan(0);
    expect(subjects()).toEqual([]);
    expect(monitored.memory()).toMatchObject({ accounts: 4, blind: 0 });
  });

  test('blame the later call for what is repaired, not the one that arrived later', async () => {
    await start({ repair: true });
    monitored.aws.eventBridge.faults.lose('UpdatePolicy');
    const update = await monitored.update({ repair: true, optOutProps: { services: OptOutScope.allServices({ optIn: [AiService.LEX] }) } });
    expect(update.status).toBe('UPDATE_COMPLETE');
    await monitored.pass(QUIET);
    await detach();
    await monitored.pass(15_000);
    deliverLate();
    await monitored.pass(20 * MINUTE);

    expect(monitored.changes()).toEqual(['AttachPolicy']);
    expect(subjects().at(-1)).toContain('undone and repaired');
    expect(lastMessage()).toContain(ALICE);
  });
});

describe('two runs at once', () => {
  /** Calls take their time, so that those of one run come between those of another; no event comes between. */
  const startSlow = async (options?: MonitoredOptions) => {
    await start(options);
    monitored.aws.eventBridge.faults.lose(undefined, 1000);
    monitored.organizations.faults.add({ delayMs: 40 });
    monitored.aws.ssm.faults.add({ delayMs: 30 });
    monitored.aws.sns.faults.add({ delayMs: 60 });
  };
  const invokeApart = async (apart: number) => {
    const first = invoke();
    if (apart > 0) await monitored.pass(apart);
    await Promise.all([first, invoke()]);
    expect(errors().every((error) => error === undefined)).toBe(true);
  };

  test.each([0, 10, 50, 90, 130, 200, 1000])('%i ms apart make one message, and the memory is that of both', async (apart) => {
    await startSlow();
    await detach();
    await monitored.pass(MINUTE);
    const versions = stateVersions().length;
    await invokeApart(apart);

    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    const { since, told, verified, ...rest } = monitored.memory();
    expect(told).toBeGreaterThan(since);
    expect(verified).toBeGreaterThan(runs()[1].startedAt);
    expect(rest).toMatchObject({ accounts: 4, blind: 0 });
    // What each has found out, and that one has told it; more where one overwrote the other and made up for it.
    expect(stateVersions().length).toBeGreaterThanOrEqual(versions + 3);
    expect(stateVersions().length).toBeLessThanOrEqual(versions + 5);
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
  });

  test.each([0, 10, 50, 90, 130, 200, 1000, 4000])('%i ms apart attach once, count one repair and tell it once', async (apart) => {
    await startSlow({ repair: true });
    await detach();
    await monitored.pass(MINUTE);
    await invokeApart(apart);

    expect(await monitored.optedOut()).toHaveLength(4);
    expect(monitored.calls('AttachPolicy').filter(({ outcome }) => outcome === 'ok')).toHaveLength(1);
    expect(subjects()).toEqual([REPAIRED]);
    expect(repairsCounted()).toBe(1);
    expect(monitored.memory().repairs).toHaveLength(1);
    expect(monitored.memory().told).toBeGreaterThan(monitored.memory().since);
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([REPAIRED]);
  });

  test('do not repair more often than three times a day', async () => {
    await startSlow({ repair: true });
    for (let round = 0; round < 4; round++) {
      // In the end it stays detached.
      await detach().catch(() => {});
      await monitored.pass(MINUTE);
      await invokeApart(0);
      await monitored.pass(QUIET);
    }
    expect(monitored.memory().repairs).toHaveLength(3);
    expect(monitored.calls('AttachPolicy').filter(({ outcome }) => outcome === 'ok')).toHaveLength(3);
    expect(monitored.metric('NotOptedOut')).toBe(4);
    expect(subjects().at(-1)).toBe(NOT_OPTED_OUT);
    expect(lastMessage()).toContain('Not repaired: it was repaired 3 times within a day');
  });

  test('end with what the last one found', async () => {
    await startSlow();
    await detach();
    const first = invoke();
    await monitored.pass(700);
    await attach();
    await Promise.all([first, invoke(), invoke()]);
    await monitored.pass(INTERVAL);

    expect(errors().every((error) => error === undefined)).toBe(true);
    expect([undefined, ALL_WELL]).toContain(subjects().at(-1));
    expect(monitored.metric('OptedOut')).toBe(4);
    expect(monitored.memory()).toMatchObject({ accounts: 4, blind: 0 });
  });

  test.each([-90_000, -60_000, -30_000, 0])('of which one is the schedule\'s, the event %i ms from it, make one repair', async (from) => {
    await start({ repair: true });
    monitored.organizations.faults.add({ delayMs: 40 });
    const [rule] = monitored.aws.eventBridge.ruleNames.filter((name) => name.includes('Schedule'));
    const created = monitored.aws.cloudFormation.events.find(({ physicalId, status }) => physicalId === rule && status === 'CREATE_COMPLETE')!.time;
    // An event takes ten seconds, and then it is gathered for a minute.
    await monitored.pass(created + INTERVAL + from - monitored.aws.clock.now());
    await detach();
    await monitored.pass(HOUR);

    expect(monitored.aws.eventBridge.deliveriesOf(rule).map(({ event }) => event['detail-type'])).toContain('Scheduled Event');
    expect(monitored.calls('AttachPolicy').filter(({ outcome }) => outcome === 'ok')).toHaveLength(1);
    expect(subjects()).toEqual([REPAIRED]);
    expect(repairsCounted()).toBe(1);
  });
});

describe('a run that dies while it repairs', () => {
  const CALLS = [
    'ssm GetParameter', 'organizations DescribePolicy', 'organizations ListRoots', 'organizations ListTargetsForPolicy',
    'cloudformation', 'ssm GetParameter', 'ssm GetParameter', 'ssm PutParameter',
    'cloudformation', 'ssm GetParameter', 'organizations UpdatePolicy',
    'cloudformation', 'ssm GetParameter', 'organizations EnablePolicyType', 'organizations ListRoots', 'organizations ListRoots',
    'cloudformation', 'ssm GetParameter', 'organizations AttachPolicy',
    'ssm GetParameter', 'organizations ListPolicies', 'organizations ListAccounts', 'organizations ListRoots', 'organizations ListTargetsForPolicy',
    'organizations DescribePolicy', 'organizations ListOrganizationalUnitsForParent', 'organizations ListAccountsWithInvalidEffectivePolicy',
    'organizations DescribeEffectivePolicy', 'organizations DescribeEffectivePolicy', 'organizations DescribeEffectivePolicy',
    'organizations DescribeEffectivePolicy',
    'ssm GetParameter', 'ssm PutParameter', 'sns', 'ssm GetParameter', 'ssm PutParameter',
  ];
  const COUNTED = 1 + CALLS.indexOf('ssm PutParameter');
  const LAST_CHANGE = 1 + CALLS.indexOf('organizations AttachPolicy');
  const TOLD = 1 + CALLS.indexOf('sns');

  /** The order of calls that a run makes at the same time is not promised: reads between two other calls are compared as a set. */
  const comparable = (calls: string[]): string[] => {
    const isRead = (call: string) => /^organizations (List|Describe)/.test(call);
    const blockOf = (index: number) => calls.slice(0, index).filter((call) => !isRead(call)).length;
    return calls.map((call, index) => ({ call, block: blockOf(index), read: isRead(call) }))
      .sort((left, right) => left.block - right.block || Number(right.read) - Number(left.read) || left.call.localeCompare(right.call))
      .map(({ call }) => call);
  };

  /** Everything is undone that can be repaired. */
  const undo = async () => {
    await start({ repair: true });
    await optIn();
    await disable();
  };

  test('the calls below are those of a run that does not die', async () => {
    await undo();
    await monitored.pass(REDELIVERY);
    expect(comparable(runs()[0].calls!)).toEqual(comparable(CALLS));
    expect(monitored.changes()).toEqual(['UpdatePolicy', 'EnablePolicyType', 'AttachPolicy']);
    expect(subjects()).toEqual([REPAIRED]);
    expect(repairsCounted()).toBe(3);
  });

  test.each(CALLS.map((call, index) => [index + 1, call]))('after call %i, %s: the message comes again, all is repaired and somebody is told', async (number) => {
    await undo();
    monitored.aws.lambda.faults.crashAfterCall = number as number;
    await monitored.pass(4 * MINUTE);
    expect(errors()[0]).toBe('Runtime.ExitError');
    await monitored.pass(REDELIVERY);

    expect(monitored.aws.lambda.faults.crashAfterCall).toBeUndefined();
    expect(errors().slice(1).every((error) => error === undefined)).toBe(true);
    expect(await monitored.optedOut()).toHaveLength(4);
    expect(monitored.changes()).toEqual(['UpdatePolicy', 'EnablePolicyType', 'AttachPolicy']);
    expect(queue(/EventsFailures/).messages).toEqual([]);

    expect(subjects().length).toBeGreaterThanOrEqual(1);
    await monitored.pass(INTERVAL);
    expect(subjects().length).toBeLessThanOrEqual(2);
    expect(subjects()[0]).toBe(LAST_CHANGE <= (number as number) && (number as number) < TOLD ? ALL_WELL : REPAIRED);
    expect(monitored.memory().told).toBeGreaterThanOrEqual(monitored.memory().since);
    expect(monitored.memory()).toMatchObject({ accounts: 4, blind: 0 });
    // A repair that was begun counts, also where it was broken off.
    expect(monitored.memory().repairs).toHaveLength(1 + Number(COUNTED <= (number as number) && (number as number) < LAST_CHANGE));
    expect(monitored.alarms()).toEqual({ NotOptedOut: 'OK', Unknown: 'OK', VerificationAge: 'OK' });
  });

  test.each(['UpdatePolicy', 'EnablePolicyType', 'AttachPolicy'])('an answer to %s that is lost does not keep it from being repaired and told', async (operation) => {
    await start({ repair: true });
    await optIn();
    await disable();
    monitored.organizations.faults.add({ operation, dropConnection: true, effect: 'after', calls: [1] });
    await monitored.pass(REDELIVERY);

    expect(await monitored.optedOut()).toHaveLength(4);
    expect(errors().every((error) => error === undefined)).toBe(true);
    expect(subjects()).toEqual([REPAIRED]);
    expect(monitored.memory().repairs).toHaveLength(1);
  });

  test('an answer that is lost to the only call of a repair, which AWS then answers as if somebody else had been faster, leaves nobody without news', async () => {
    await start({ repair: true });
    monitored.organizations.faults.add({ operation: 'AttachPolicy', dropConnection: true, effect: 'after', calls: [1] });
    await detach();
    await monitored.pass(REDELIVERY);
    expect(await monitored.optedOut()).toHaveLength(4);
    await monitored.pass(INTERVAL);
    expect(subjects()).toHaveLength(1);
  });

  test('an answer to PutParameter that is lost leaves a memory that is right', async () => {
    await start();
    monitored.aws.ssm.faults.add({ operation: 'PutParameter', dropConnection: true, effect: 'after', calls: [1, 3] });
    await detach();
    await monitored.pass(REDELIVERY);

    expect(errors()).toEqual([undefined]);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    expect(monitored.memory().told).toBeGreaterThan(0);
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
  });
});

describe('a topic that takes nothing', () => {
  const FAULTS: [string, object][] = [
    ['throttles', { error: { code: 'Throttled', status: 429 } }],
    ['fails', { error: { code: 'InternalError', status: 500 } }],
    ['is not allowed', { error: { code: 'AuthorizationError', status: 403 } }],
    ['drops the connection', { dropConnection: true }],
  ];

  test.each(FAULTS)('for one call, because it %s, is only seen by Lambda where the SDK does not try again', async (_, fault) => {
    await start();
    monitored.aws.sns.faults.add({ operation: 'Publish', ...fault, calls: [1] });
    await detach();
    await monitored.pass(4 * MINUTE + REDELIVERY);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    expect(monitored.memory().told).toBeGreaterThan(0);
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
  });

  test.each(FAULTS)('for ten minutes, because it %s, gets its message with the next delivery of the event', async (_, fault) => {
    await start();
    monitored.aws.sns.faults.add({ operation: 'Publish', ...fault, forMs: 10 * MINUTE });
    await detach();
    await monitored.pass(5 * MINUTE);
    expect(errors()).toEqual([expect.any(String)]);
    // What does not need the topic is known all the same.
    expect(monitored.metric('NotOptedOut')).toBe(4);
    expect(monitored.alarms().NotOptedOut).toBe('ALARM');
    expect(monitored.memory().told).toBe(0);

    await monitored.pass(REDELIVERY);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    expect(lastMessage()).toContain(ALICE);
    expect(monitored.memory().told).toBeGreaterThan(0);
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
  });

  test('while the schedule runs gets its message with the next schedule at the latest', async () => {
    await start();
    monitored.aws.eventBridge.faults.lose('DetachPolicy');
    await detach();
    const fault = monitored.aws.sns.faults.internalError('Publish');
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([]);
    fault.remove();
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
  });

  test('for a day gets one message when it works again, about what is true then', async () => {
    await start();
    const fault = monitored.aws.sns.faults.internalError('Publish');
    await detach();
    await monitored.pass(12 * HOUR);
    await attach();
    await monitored.pass(12 * HOUR);
    expect(subjects()).toEqual([]);
    fault.remove();
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([ALL_WELL]);
  });

  test('does not keep it quiet that something was amiss and was repaired', async () => {
    await start({ repair: true });
    monitored.aws.sns.faults.internalError('Publish', { forMs: 10 * MINUTE });
    await detach();
    await monitored.pass(5 * MINUTE + REDELIVERY);
    expect(await monitored.optedOut()).toHaveLength(4);
    expect(subjects()).toHaveLength(1);
    await monitored.pass(INTERVAL);
    expect(subjects()).toHaveLength(1);
  });
});

describe('a parameter store that does not work', () => {
  const FAULTS: [string, object][] = [
    ['denies', { error: { code: 'AccessDeniedException', message: 'not authorized' } }],
    ['fails', { error: { code: 'InternalServerError', status: 500 } }],
    ['throttles', { error: { code: 'ThrottlingException' } }],
  ];

  test.each(FAULTS)('because it %s makes the run fail, the event come again and end in the failure queue', async (_, fault) => {
    await start();
    monitored.aws.ssm.faults.add(fault);
    await detach();
    await monitored.pass(5 * MINUTE);
    expect(errors()).toEqual([expect.any(String)]);
    expect(queue(/EventsFailures/).messages).toHaveLength(0);
    expect(queue(/EventsQueue/).messages).toHaveLength(1);

    await monitored.pass(3 * REDELIVERY);

    expect(runs()).toHaveLength(3);
    expect(queue(/EventsFailures/).messages).toHaveLength(1);
    expect(JSON.parse(queue(/EventsFailures/).messages[0].body).detail.eventName).toBe('DetachPolicy');
    expect(subjects()).toEqual([]);
  });

  test.each([undefined, 'GetParameter', 'PutParameter'])('(%s) sets off the alarm for the age after twice the interval and a half, and recovers', async (operation) => {
    await start();
    const fault = monitored.aws.ssm.faults.add({ operation, error: { code: 'AccessDeniedException', message: 'not authorized' } });
    await monitored.pass(INTERVAL + HOUR);
    expect(monitored.alarms().VerificationAge).toBe('OK');
    await detach();
    await monitored.pass(1.5 * INTERVAL);
    expect(errors().every((error) => error === 'AccessDeniedException')).toBe(true);
    expect(monitored.alarms().VerificationAge).toBe('ALARM');

    fault.remove();
    await monitored.pass(INTERVAL);

    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    expect(monitored.alarms()).toMatchObject({ VerificationAge: 'OK', NotOptedOut: 'ALARM' });
  });

  test('for five seconds is nothing that anybody notices', async () => {
    await start({ repair: true });
    monitored.aws.ssm.faults.throttle(undefined, { calls: [1, 2, 5] });
    await detach();
    await monitored.pass(5 * MINUTE);
    expect(errors()).toEqual([undefined]);
    expect(subjects()).toEqual([REPAIRED]);
  });

  test('(what is declared) says so and reports all the same', async () => {
    await start({ repair: true });
    const declared = resourceLike(/Declared/, 'AWS::SSM::Parameter');
    const value = monitored.aws.ssm.value(declared)!;
    monitored.aws.ssm.delete(declared);
    await detach();
    await monitored.pass(5 * MINUTE);
    expect(errors()).toEqual([undefined]);
    expect(monitored.changes()).toEqual([]);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    expect(lastMessage()).toContain('Not repaired: ParameterNotFound');

    monitored.aws.ssm.put(declared, value);
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NOT_OPTED_OUT, REPAIRED]);
  });
});

describe('reads that fail', () => {
  const READS = ['ListRoots', 'ListPolicies', 'DescribePolicy', 'ListTargetsForPolicy', 'ListAccounts', 'ListOrganizationalUnitsForParent'];

  /** Without these, AWS's effective policies show nothing either. */
  const ESSENTIAL = ['ListRoots', 'ListAccounts', undefined];
  const FAULTS: [string, (operation?: string) => { remove(): void }, string][] = [
    ['denied', (operation) => monitored.organizations.faults.accessDenied(operation), 'AccessDeniedException'],
    ['throttled', (operation) => monitored.organizations.faults.throttle(operation), 'the time of the function is up'],
    ['answered with 500', (operation) => monitored.organizations.faults.internalError(operation), 'the time of the function is up'],
    ['cut off', (operation) => monitored.organizations.faults.add({ operation, dropConnection: true }), 'the time of the function is up'],
  ];
  const CASES = FAULTS.flatMap(([how, add, why]) => (how === 'denied' ? ESSENTIAL : [...READS, undefined]).map((operation) => [operation ?? 'everything', how, operation, add, why] as const));

  test.each(CASES)('%s %s: unknown, and no notification before the second time', async (_, __, operation, add, why) => {
    await start();
    const put = { optedOut: values('OptedOut').length, notOptedOut: values('NotOptedOut').length };
    const fault = add(operation);
    await monitored.pass(INTERVAL);

    expect(errors()).toEqual([undefined]);
    expect(monitored.metric('Unknown')).toBe(4);
    expect(subjects()).toEqual([]);
    expect(monitored.alarms()).toEqual({ NotOptedOut: 'OK', Unknown: 'OK', VerificationAge: 'OK' });
    expect(monitored.memory()).toMatchObject({ accounts: 4, blind: 1 });

    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NO_IDEA]);
    expect(lastMessage()).toContain('The organization could not be read: ');
    expect(lastMessage()).toContain(why);
    expect(values('OptedOut')).toHaveLength(put.optedOut);
    expect(values('NotOptedOut')).toHaveLength(put.notOptedOut);
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NO_IDEA]);
    expect(monitored.alarms()).toMatchObject({ NotOptedOut: 'OK', Unknown: 'ALARM', VerificationAge: 'ALARM' });
    expect(Math.max(...runs().map(({ durationMs }) => durationMs!))).toBeLessThan(900_000);

    fault.remove();
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NO_IDEA, ALL_WELL]);
    expect(monitored.memory()).toMatchObject({ accounts: 4, blind: 0 });
    await monitored.pass(INTERVAL);
    expect(monitored.alarms()).toEqual({ NotOptedOut: 'OK', Unknown: 'OK', VerificationAge: 'OK' });
  });

  test.each(READS.filter((operation) => !ESSENTIAL.includes(operation)))('%s denied: the effective policies decide', async (operation) => {
    await start();
    monitored.organizations.faults.accessDenied(operation);
    await monitored.pass(INTERVAL);
    expect([monitored.metric('OptedOut'), monitored.metric('Unknown')]).toEqual([4, 0]);
    await detach();
    await monitored.pass(INTERVAL);
    expect([monitored.metric('NotOptedOut'), monitored.metric('Unknown')]).toEqual([4, 0]);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
  });

  test('leave an alarm that has gone off as it is, and what AWS does not say is not said to be well', async () => {
    await start();
    await detach();
    await monitored.pass(5 * MINUTE);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    monitored.organizations.faults.accessDenied('ListAccounts');
    await monitored.pass(2 * INTERVAL);
    await attach();
    await monitored.pass(INTERVAL);

    expect(monitored.alarms().NotOptedOut).toBe('ALARM');
    expect(subjects()).toEqual([NOT_OPTED_OUT, NO_IDEA]);
    expect(values('OptedOut').at(-1)).toBe(0);
  });

  test('once do not undo what was told before', async () => {
    await start();
    await detach();
    await monitored.pass(5 * MINUTE);
    const fault = monitored.organizations.faults.accessDenied('ListAccounts');
    await monitored.pass(INTERVAL);
    fault.remove();
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
  });

  test('once are nothing to tell anybody about where the monitor repairs, either', async () => {
    await start({ repair: true });
    const fault = monitored.organizations.faults.accessDenied('DescribePolicy');
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([]);
    fault.remove();
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([]);
  });

  test('for a minute are waited for', async () => {
    await start();
    await detach();
    monitored.organizations.faults.throttle(undefined, { forMs: 3 * MINUTE });
    await monitored.pass(10 * MINUTE);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    expect(monitored.metric('Unknown')).toBe(0);
  });

  test.each(['UnknownOperationException', 'AccessDeniedException'])('of invalid effective policies (%s) do not matter where there is time to ask AWS about everyone', async (code) => {
    await start();
    monitored.organizations.faults.add({ operation: 'ListAccountsWithInvalidEffectivePolicy', error: { code } });
    await monitored.pass(2 * INTERVAL);
    expect(runs().length).toBeGreaterThan(1);
    expect(monitored.metric('OptedOut')).toBe(4);
    expect(subjects()).toEqual([]);
  });

  test('of invalid effective policies, throttled until the time is up, leave everyone uncertain', async () => {
    await start();
    monitored.organizations.faults.throttle('ListAccountsWithInvalidEffectivePolicy');
    await monitored.pass(INTERVAL);
    expect(monitored.metric('Unknown')).toBe(4);
    expect(monitored.metric('NotOptedOut')).toBe(0);
    expect(subjects()).toEqual([]);
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual(['AI opt-out: the opt-out status of 4 of 4 accounts is unknown']);
    expect(lastMessage()).toContain('Unknown: whether its effective policy is valid could not be read (');
    expect(lastMessage()).toContain('and there was no time to call DescribeEffectivePolicy');
  });

  test.each([
    ['denied', { error: { code: 'AccessDeniedException', message: 'no' } }, 'DescribeEffectivePolicy was denied (no)'],
    ['throttled', { error: { code: 'TooManyRequestsException' } }, 'there was no time'],
  ])('of effective policies, %s: the accounts whose turn it was are those about which it is unknown', async (_, fault, why) => {
    await start();
    monitored.organizations.faults.add({ operation: 'DescribeEffectivePolicy', ...fault });
    await monitored.pass(2 * INTERVAL);
    if (why.startsWith('there')) {
      // Everyone is decided by the rules; AWS was only to be asked in turn.
      expect(monitored.metric('Unknown')).toBe(0);
      expect(monitored.metric('OptedOut')).toBe(4);
      expect(subjects()).toEqual([]);
    } else {
      expect(monitored.metric('Unknown')).toBe(4);
      expect(monitored.metric('OptedOut')).toBe(0);
      expect(subjects()).toEqual(['AI opt-out: the opt-out status of 4 of 4 accounts is unknown']);
      expect(lastMessage()).toContain(why);
    }
    expect(monitored.metric('NotOptedOut')).toBe(0);
  });
});

describe('a repair that AWS does not let through', () => {
  test.each(['AttachPolicy', 'EnablePolicyType', 'UpdatePolicy'])('(%s, over and over) leaves time to find out and say what is wrong', async (operation) => {
    await start({ repair: true });
    await optIn();
    await disable();
    monitored.organizations.faults.concurrentModification(operation);
    await monitored.pass(REDELIVERY);

    expect(errors().every((error) => error === undefined)).toBe(true);
    expect(monitored.metric('NotOptedOut')).toBe(4);
    expect(monitored.alarms().NotOptedOut).toBe('ALARM');
    expect(subjects()[0]).toBe(NOT_OPTED_OUT);
    expect(lastMessage()).toContain('Not repaired:');
  });

  test('(denied) is told at once, and repaired as soon as it may be', async () => {
    await start({ repair: true });
    const fault = monitored.organizations.faults.accessDenied('AttachPolicy');
    await detach();
    await monitored.pass(5 * MINUTE);
    expect(subjects()).toEqual([NOT_OPTED_OUT]);
    expect(lastMessage()).toContain('Not repaired: AccessDeniedException: You don\'t have permissions to access this resource.');
    expect(repairsCounted()).toBe(0);
    fault.remove();
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([NOT_OPTED_OUT, REPAIRED]);
  });
});
