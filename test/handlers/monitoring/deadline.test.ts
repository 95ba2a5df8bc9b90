import { ALICE, HOUR, INTERVAL, MINUTE, Monitored, STACK, unlocked, withoutPaths } from './monitored';
import type { Organizations } from '../../../simulator/organizations/organizations';
import { POLICY_TYPE } from '../../../src/policy';

/** Lambda gives a run so long; it keeps a minute of it to tell what it found. */
const TIMEOUT = 900_000;
const DEADLINE = 840_000;

/** A Region without events, so that there are no other runs than those of the schedule and of the deployment. */
const QUIET_REGION = 'eu-west-1';
const AWS_RATES = { organizations: { throttling: true } };

/** A process whose memory can be measured, with the heap that Lambda leaves to a function of 512 MB. */
const MEASURED = { functionProcess: { execArgv: ['--max-old-space-size=460'] } };

let monitored: Monitored;
afterEach(async () => {
  try {
    expectGoodRuns();
  } finally {
    await monitored.close();
  }
});

/** What goes for every run, whatever it had to do. */
function expectGoodRuns(): void {
  for (const run of monitored.runs()) {
    expect(run.error).toBeUndefined();
    expect(run.durationMs).toBeLessThan(TIMEOUT);
    // A line that is longer is cut by CloudWatch Logs.
    expect(Math.max(...run.logLines.map((line) => line.length))).toBeLessThan(262_144);
  }
  const { physicalId } = monitored.aws.cloudFormation.describeStack(STACK).resources.find(({ logicalId }) => logicalId.startsWith('MonitorState'))!;
  expect(Math.max(...monitored.aws.ssm.versions(physicalId).map(({ value }) => value.length))).toBeLessThan(400);
}

/** An organization like a landing zone. */
const landingZone = (accounts: number) => (organizations: Organizations) => {
  organizations.createOrganization();
  const workloads = organizations.createOrganizationalUnit('Workloads');
  const units = [
    organizations.createOrganizationalUnit('Production', workloads),
    organizations.createOrganizationalUnit('Test', workloads),
    organizations.createOrganizationalUnit('Sandbox'),
  ];
  for (let index = 1; index < accounts; index++) organizations.createAccount({ name: `Account ${index}`, parentId: units[index % 3] });
};

const detach = async () => monitored.act('DetachPolicy', { PolicyId: monitored.policyId, TargetId: monitored.rootId });
const metrics = () => ({ OptedOut: monitored.metric('OptedOut'), NotOptedOut: monitored.metric('NotOptedOut'), Unknown: monitored.metric('Unknown') });
const subjects = () => monitored.messages().map(({ subject }) => subject);

/** Ids that a run found something about, from its log. */
function found(runIndex: number, status: string): string[] {
  const lines = monitored.runs().at(runIndex)!.logLines.filter((line) => line.startsWith('{"step":"found"')).map((line) => JSON.parse(line));
  return lines.filter((line) => line.status === status).flatMap(({ accounts }) => accounts.map((text: string) => text.slice(0, 12)));
}

/** Accounts about which AWS answered during a run, in that order. */
function answered(runIndex: number): string[] {
  const { startedAt, durationMs } = monitored.runs().at(runIndex)!;
  return monitored.calls('DescribeEffectivePolicy')
    .filter(({ time, outcome }) => outcome === 'ok' && time >= startedAt && time <= startedAt + durationMs!)
    .map(({ input }: any) => input.TargetId);
}

describe('50,000 accounts, all decided at the root', () => {
  test('are told within seven minutes, opted out or not', async () => {
    monitored = await Monitored.start({ region: QUIET_REGION }, { scene: landingZone(50_000), ...AWS_RATES, ...MEASURED });
    await monitored.pass(20 * MINUTE);
    expect(metrics()).toEqual({ OptedOut: 50_000, NotOptedOut: 0, Unknown: 0 });
    expect(subjects()).toEqual(['AI opt-out: all 50000 accounts are opted out']);

    await detach();
    await monitored.pass(INTERVAL);

    expect(metrics()).toEqual({ OptedOut: 0, NotOptedOut: 50_000, Unknown: 0 });
    expect(subjects()).toEqual(['AI opt-out: all 50000 accounts are opted out', 'AI opt-out: 50000 of 50000 accounts are NOT opted out']);
    expect(monitored.messages()[1].message.length).toBeLessThan(1500);
    expect(found(1, 'notOptedOut')).toHaveLength(50_000);
    expect(monitored.runs()).toHaveLength(2);
    for (const run of monitored.runs()) {
      expect(run.durationMs).toBeLessThan(7 * MINUTE);
      expect(run.calls!.length).toBeLessThan(2600);
      // No other organization here takes as much.
      expect(run.maxMemoryUsedMegabytes).toBeLessThan(512);
    }
    expect(monitored.alarms()).toMatchObject({ NotOptedOut: 'ALARM', Unknown: 'OK' });
  });
});

describe('two runs at once, of 10,000 accounts, share the rates of AWS', () => {
  test('and both come to an end, with one message', async () => {
    monitored = await Monitored.start({}, { scene: landingZone(10_000), ...AWS_RATES });
    await monitored.pass(10 * MINUTE);
    await detach();
    await monitored.pass(MINUTE);
    const functionArn = monitored.runs()[0].functionArn;
    await Promise.all([0, 1].map(async () => monitored.aws.cloudFormation.invokeFunction(functionArn, {})));
    await monitored.pass(10 * MINUTE);

    expect(metrics()).toEqual({ OptedOut: 0, NotOptedOut: 10_000, Unknown: 0 });
    expect(subjects().slice(1)).toEqual(['AI opt-out: 10000 of 10000 accounts are NOT opted out']);
    expect(Math.max(...monitored.runs().map(({ durationMs }) => durationMs!))).toBeLessThan(5 * MINUTE);
  });
});

describe('an SDK that does not know the paths of accounts', () => {
  test('has to walk the tree, and says the same', async () => {
    const scene = (organizations: Organizations) => {
      landingZone(2000)(organizations);
      withoutPaths(organizations);
    };
    monitored = await Monitored.start({ region: QUIET_REGION }, { scene, ...AWS_RATES });
    await monitored.pass(20 * MINUTE);
    expect(metrics()).toEqual({ OptedOut: 2000, NotOptedOut: 0, Unknown: 0 });
    expect(monitored.runs()[0].calls!.filter((call) => call.endsWith('ListAccountsForParent')).length).toBeGreaterThan(100);

    const [unit] = (await monitored.act('ListOrganizationalUnitsForParent', { ParentId: monitored.rootId })).OrganizationalUnits.filter(({ Name }: any) => Name === 'Sandbox');
    await detach();
    await monitored.act('AttachPolicy', { PolicyId: monitored.policyId, TargetId: unit.Id });
    await monitored.pass(INTERVAL);

    expect(metrics()).toEqual({ OptedOut: 666, NotOptedOut: 1334, Unknown: 0 });
    expect(monitored.messages().at(-1)!.message).toContain('(OU Production)');
  });
});

describe('paths that the rules do not decide for sure', () => {
  /** Accounts, each of which has two policies of its own that contradict each other: which one holds depends on the order in which they were attached. */
  const contradictory = (accounts: number) => (organizations: Organizations) => {
    organizations.createOrganization();
    organizations.enablePolicyType(POLICY_TYPE);
    const ids = Array.from({ length: accounts }, (_, index) => organizations.createAccount({ name: `Account ${index + 1}` }));
    organizations.addPolicy({ name: 'Root', content: unlocked({ default: 'optOut' }), targetIds: [organizations.rootId] });
    organizations.addPolicy({ name: 'In, first', content: unlocked({ lex: 'optIn' }), targetIds: ids.filter((_, index) => index % 2 === 1) });
    organizations.addPolicy({ name: 'Out', content: unlocked({ lex: 'optOut' }), targetIds: ids });
    organizations.addPolicy({ name: 'In, second', content: unlocked({ lex: 'optIn' }), targetIds: ids.filter((_, index) => index % 2 === 0) });
    optedIn = new Set(ids.filter((_, index) => index % 2 === 1));
    uncertain = [...ids].sort();
  };
  let optedIn: Set<string>;
  let uncertain: string[];

  test('are 1,200: each run ends in time, says only what it knows and goes on where the last one stopped, until everybody was told about', async () => {
    monitored = await Monitored.start({ optOut: false, region: QUIET_REGION }, { scene: contradictory(1200), ...AWS_RATES });
    await monitored.pass(20 * MINUTE);
    const toldAbout = new Set<string>();
    let next: string | undefined;
    for (let run = 0; run < 2; run++) {
      const told = answered(run);
      expect(told.length).toBeGreaterThan(500);
      expect(new Set(told).size).toBe(told.length);
      const unreached = uncertain.filter((id) => !told.includes(id));
      const wrong = told.filter((id) => optedIn.has(id));
      expect(monitored.runs()[run].durationMs).toBeLessThanOrEqual(DEADLINE + 1000);
      expect(found(run, 'unknown')).toEqual(unreached);
      expect(found(run, 'notOptedOut')).toEqual([...wrong].sort());
      expect(metrics()).toEqual({ OptedOut: 1201 - unreached.length - wrong.length, NotOptedOut: wrong.length, Unknown: unreached.length });
      if (next) expect(told[0]).toBe(next);
      ({ next } = monitored.memory());
      expect(next).toBe(uncertain[(uncertain.indexOf(told.at(-1)!) + 1) % uncertain.length]);
      told.forEach((id) => toldAbout.add(id));
      await monitored.pass(INTERVAL);
    }
    expect([...toldAbout].sort()).toEqual(uncertain);
    expect(monitored.memory()).toMatchObject({ accounts: 1201, blind: 3 });
    expect(monitored.alarms()).toEqual({ NotOptedOut: 'ALARM', Unknown: 'ALARM', VerificationAge: 'OK' });
  });

  test('are 300 OUs of five accounts each: one account is asked for each, and everybody is told about', async () => {
    monitored = await Monitored.start({ optOut: false, region: QUIET_REGION }, {
      scene: (organizations) => {
        organizations.createOrganization();
        organizations.enablePolicyType(POLICY_TYPE);
        const units = Array.from({ length: 300 }, (_, index) => organizations.createOrganizationalUnit(`Team ${index + 1}`));
        for (const parentId of units) for (let index = 0; index < 5; index++) organizations.createAccount({ name: `Account ${index}`, parentId });
        organizations.addPolicy({ name: 'Root', content: unlocked({ default: 'optOut' }), targetIds: [organizations.rootId] });
        organizations.addPolicy({ name: 'Out', content: unlocked({ lex: 'optOut' }), targetIds: units });
        organizations.addPolicy({ name: 'In', content: unlocked({ lex: 'optIn' }), targetIds: units });
      },
      ...AWS_RATES,
    });
    await monitored.pass(20 * MINUTE);

    expect(metrics()).toEqual({ OptedOut: 1501, NotOptedOut: 0, Unknown: 0 });
    expect(answered(0)).toHaveLength(325);
    expect(monitored.runs()[0].durationMs).toBeLessThan(DEADLINE);
  });
});

describe('a list that does not come to its end', () => {
  const nineOfTen = Array.from({ length: 2000 }, (_, index) => index + 1).filter((call) => call % 10 > 0);
  const somebodyElse = {
    throttled: () => monitored.organizations.faults.throttle('ListAccounts', { calls: nineOfTen }),
    slow: () => monitored.organizations.faults.add({ operation: 'ListAccounts', delayMs: 15_000 }),
  };

  test.each(['throttled', 'slow'] as const)('because it is %s: unknown for as many accounts as there were last time', async (how) => {
    monitored = await Monitored.start({}, { scene: landingZone(2000), ...AWS_RATES });
    const [optedOut, notOptedOut] = ['OptedOut', 'NotOptedOut'].map((name) => monitored.aws.cloudWatch.metric('AiServicesOptOut', name, { StackName: STACK }).length);
    const fault = somebodyElse[how]();
    await monitored.pass(INTERVAL + 20 * MINUTE);

    expect(monitored.runs().at(-1)!.durationMs).toBeGreaterThanOrEqual(DEADLINE);
    expect(monitored.runs().at(-1)!.durationMs).toBeLessThan(DEADLINE + MINUTE);
    expect(monitored.metric('Unknown')).toBe(2000);
    expect(monitored.metric('VerificationAge')).toBeGreaterThan(INTERVAL / 1000);
    expect(monitored.aws.cloudWatch.metric('AiServicesOptOut', 'OptedOut', { StackName: STACK })).toHaveLength(optedOut);
    expect(monitored.aws.cloudWatch.metric('AiServicesOptOut', 'NotOptedOut', { StackName: STACK })).toHaveLength(notOptedOut);
    expect(subjects()).toEqual(['AI opt-out: all 2000 accounts are opted out']);

    await monitored.pass(INTERVAL);
    expect(subjects().slice(1)).toEqual(['AI opt-out: the opt-out status of every account is unknown']);
    expect(monitored.messages()[1].message).toContain('the time of the function is up');

    fault.remove();
    await monitored.pass(INTERVAL);
    expect(subjects().slice(2)).toEqual(['AI opt-out: all 2000 accounts are opted out']);
    expect(monitored.metric('Unknown')).toBe(0);
  });

  test('in the first run: one account is unknown, because the number of accounts is unknown', async () => {
    monitored = await Monitored.start({ optOut: false, region: QUIET_REGION }, {
      scene: (organizations) => {
        landingZone(2000)(organizations);
        organizations.faults.throttle('ListAccounts');
      },
      ...AWS_RATES,
    });
    await monitored.pass(20 * MINUTE);
    expect(metrics()).toEqual({ OptedOut: undefined, NotOptedOut: undefined, Unknown: 1 });
    expect(monitored.metric('VerificationAge')).toBeUndefined();
    expect(subjects()).toEqual([]);
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual(['AI opt-out: the opt-out status of every account is unknown']);
  });

  test('while a repair is due: it is repaired all the same', async () => {
    monitored = await Monitored.start({ repair: true }, { scene: landingZone(2000), ...AWS_RATES });
    monitored.organizations.faults.add({ operation: 'ListAccounts', delayMs: 15_000 });
    await detach();
    await monitored.pass(HOUR);

    expect(monitored.changes()).toEqual(['AttachPolicy']);
    expect(subjects()[1]).toBe('AI opt-out: undone and repaired, the opt-out status of every account is unknown');
    expect(monitored.messages()[1].message).toContain(ALICE);
    expect(monitored.messages()[1].message).toContain(`Repaired: attached the policy to ${monitored.rootId}.`);
  });
});
