import { AI, MANAGEMENT, StoppedClock } from './simulated';
import { administratorOf } from '../../../simulator/http/callers';
import { OPERATIONS } from '../../../simulator/organizations/operations';
import { Organizations, type Settings } from '../../../simulator/organizations/organizations';
import { DEFAULT_UNDOCUMENTED_RATE, DOCUMENTED_RATES, UNDOCUMENTED, type Rate } from '../../../simulator/organizations/rates';

const MEMBERS = ['444455556666', '777788889999'];

let clock: StoppedClock;
let organizations: Organizations;

function start(settings: Partial<Settings> = {}) {
  clock = new StoppedClock();
  organizations = new Organizations({ clock, throttling: true, ...settings }).createOrganization();
  for (const id of MEMBERS) {
    organizations.createAccount({ name: `Member ${id}`, id });
    organizations.delegateAdministrator(id);
  }
}

beforeEach(() => start());

/** Whether the service had time for a call. What else it has to say about it is not of interest here. */
async function accepted(operation: string, accountId = MANAGEMENT): Promise<boolean> {
  return organizations.call(operation, {}, administratorOf(accountId)).then(() => true, ({ code }) => code !== 'TooManyRequestsException');
}

/** How many of so many calls at once are accepted. */
async function burst(operation: string, calls: number, accountId?: string): Promise<number> {
  let count = 0;
  for (let call = 0; call < calls; call++) if (await accepted(operation, accountId)) count += 1;
  return count;
}

const PER_ACCOUNT: [string, Rate][] = [
  ...Object.entries(DOCUMENTED_RATES).map(([operation, { account }]): [string, Rate] => [operation, account]),
  ...UNDOCUMENTED.map((operation): [string, Rate] => [operation, DEFAULT_UNDOCUMENTED_RATE]),
];

describe('without the setting', () => {
  test('nobody is throttled', async () => {
    start({ throttling: false });
    expect(await burst('ListRoots', 100)).toBe(100);
  });
});

describe.each(PER_ACCOUNT)('%s', (operation, { perSecond, burst: size }) => {
  test('lets a client at the documented rate through, for as long as it likes', async () => {
    for (let second = 0; second < 60; second++) {
      for (let call = 0; call < perSecond; call++) {
        expect(await accepted(operation)).toBe(true);
        clock.pass(1000 / perSecond);
      }
    }
  });

  test('lets a rested client make its burst and throttles the call after it; every fraction of a second brings one more', async () => {
    expect(await burst(operation, size + 5)).toBe(size);
    clock.pass(1000 / perSecond);
    expect(await burst(operation, 2)).toBe(1);
    clock.pass(60_000);
    expect(await burst(operation, size + 5)).toBe(size);
  });
});

test('a client a little faster than the documented rate is throttled in the end', async () => {
  const outcomes: boolean[] = [];
  for (let call = 0; call < 200; call++) {
    outcomes.push(await accepted('ListAccounts'));
    clock.pass(1000 / 9);
  }
  expect(outcomes.slice(0, 12)).not.toContain(false);
  expect(outcomes).toContain(false);
});

test('accounts have buckets of their own', async () => {
  expect(await burst('DescribeOrganization', 3)).toBe(2);
  for (const member of MEMBERS) expect(await burst('DescribeOrganization', 3, member)).toBe(2);
});

test('accounts share the bucket of their organization, which takes nothing from a call that it refuses', async () => {
  expect(await burst('ListAccounts', 20)).toBe(12);
  expect(await burst('ListAccounts', 20, MEMBERS[0])).toBe(3);
  clock.pass(1000);
  // Nine have come into the organization's bucket; the member's own still had its nine and has twelve again.
  expect(await burst('ListAccounts', 20, MEMBERS[0])).toBe(9);
});

test("an account outside the organization is throttled by itself and does not touch the organization's bucket", async () => {
  expect(await burst('ListRoots', 20, '999999999999')).toBe(2);
  expect(await burst('ListRoots', 3)).toBe(2);
});

test('operations have buckets of their own', async () => {
  await burst('ListPolicies', 20);
  expect(await accepted('ListTargetsForPolicy')).toBe(true);
});

test('operations without a documented rate take the one of the settings, and the others none', async () => {
  start({ undocumentedRate: { perSecond: 2, burst: 4 } });
  expect(await burst('DescribeEffectivePolicy', 10)).toBe(4);
  expect(await burst('DescribeOrganizationalUnit', 100)).toBe(100);
});

test('every operation in the table is one of the simulator', () => {
  expect([...Object.keys(DOCUMENTED_RATES), ...UNDOCUMENTED].filter((operation) => !OPERATIONS.has(operation))).toEqual([]);
});

test('a throttled call changes nothing, is kept as such, and a reset fills the buckets', async () => {
  const input = { RootId: organizations.rootId, PolicyType: AI };
  await organizations.call('EnablePolicyType', input, administratorOf(MANAGEMENT));
  await organizations.call('EnablePolicyType', { ...input, PolicyType: 'TAG_POLICY' }, administratorOf(MANAGEMENT)).catch(() => undefined);
  expect(organizations.calls.map(({ outcome }) => outcome)).toEqual(['ok', 'TooManyRequestsException']);
  organizations.reset();
  organizations.createOrganization();
  await organizations.call('EnablePolicyType', input, administratorOf(MANAGEMENT));
});
