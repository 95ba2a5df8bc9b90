import type { Change } from '../../../src/handlers/monitoring/events';
import { compose, type Message } from '../../../src/handlers/monitoring/message';
import type { Repair } from '../../../src/handlers/monitoring/repair';
import type { AccountStatus, Verification } from '../../../src/handlers/monitoring/verification';

const NO_REASON = 'no policy reaches it';
const NO_TIME = 'there was no time to ask AWS';
const LONGEST_NAME = 'N'.repeat(50);
const NOTHING_DONE: Repair = { done: [] };
const DETACHED: Change = {
  name: 'DetachPolicy',
  by: 'arn:aws:iam::111122223333:user/alice',
  at: '2026-01-01T02:14:03Z',
  byCloudFormation: false,
  ids: ['p-a1b2c3d4e5', 'r-a1b2'],
};

beforeAll(() => Object.assign(process.env, { STACK_NAME: 'AiOptOut', AWS_REGION: 'us-east-1' }));

const accounts = (count: number, reason: (index: number) => string = () => NO_REASON, name = (index: number) => `Account ${index}`): AccountStatus[] => (
  Array.from({ length: count }, (_, index) => ({ id: String(100_000_000_000 + index), name: name(index), unit: 'OU Workloads', reason: reason(index) }))
);

function tell(survey: Partial<Verification> & { total?: number } | undefined, { failure, repair = NOTHING_DONE, changes = [] }: {
  failure?: string; repair?: Repair; changes?: Change[];
} = {}): Message {
  const { total = 4, ...rest } = survey ?? {};
  const whole = { organizationId: 'o-a1b2c3d4e5', rootId: 'r-a1b2', policyType: 'ENABLED', accounts: total, notOptedOut: [], unknown: [], ...rest };
  return compose(survey && whole as Verification, failure, repair, changes);
}

const paragraphs = ({ Message: text }: Message) => text.split('\n\n');

describe('the subject', () => {
  test.each<[string, Parameters<typeof tell>]>([
    ['AI opt-out: all 4 accounts are opted out', [{}]],
    ['AI opt-out: 3 of 4 accounts are NOT opted out', [{ notOptedOut: accounts(3) }]],
    ['AI opt-out: the opt-out status of 2 of 4 accounts is unknown', [{ unknown: accounts(2, () => NO_TIME) }]],
    ['AI opt-out: the opt-out status of every account is unknown', [undefined, { failure: 'AccessDeniedException: no' }]],
    ['AI opt-out: 3 of 4 accounts are NOT opted out', [{ notOptedOut: accounts(3), unknown: accounts(1, () => NO_TIME) }]],
    ['AI opt-out: undone and repaired, all 4 accounts are opted out', [{}, { repair: { done: ['enabled the policy type'] } }]],
  ])('says %s', (subject, about) => {
    expect(tell(...about).Subject).toBe(subject);
  });

  test('is at most 100 characters of ASCII, as SNS wants it, for 50,000 accounts with names in any script and whatever went wrong', () => {
    const many = accounts(50_000, (index) => `Grund ${index % 7} 失敗`, () => '本番 🚀 Zürich');
    const repair: Repair = { done: ['restored the content of the policy'], problem: 'Ausnahme: größer als 100 Zeichen '.repeat(10) };
    for (const about of [
      [{ total: 50_000, notOptedOut: many, unknown: many }],
      [{ total: 50_000, notOptedOut: many }, { repair }],
      [{ total: 50_000, unknown: many }, { repair }],
      [{ total: 50_000 }, { repair }],
      [undefined, { failure: 'é'.repeat(500), repair }],
    ] as Parameters<typeof tell>[]) {
      expect(tell(...about).Subject).toMatch(/^[\x20-\x7e]{1,100}$/);
    }
  });
});

describe('the message', () => {
  test('of good news is two sentences', () => {
    expect(paragraphs(tell({}, { changes: [DETACHED] }))).toEqual(['Organization o-a1b2c3d4e5: all 4 accounts are opted out.', 'Seen by stack AiOptOut in us-east-1.']);
  });

  test('of bad news says how bad, why, who, what to do and where it comes from, in this order', () => {
    const [state, why, who, remedy, source, ...rest] = paragraphs(tell({ notOptedOut: accounts(2) }, { changes: [DETACHED] }));
    expect(state).toBe('Organization o-a1b2c3d4e5: 2 of 4 accounts are NOT opted out.');
    expect(why).toBe(`${NO_REASON}:\n- 100000000000 Account 0 (OU Workloads)\n- 100000000001 Account 1 (OU Workloads)`);
    expect(who).toContain('- 2026-01-01T02:14:03Z DetachPolicy p-a1b2c3d4e5 r-a1b2 by arn:aws:iam::111122223333:user/alice');
    expect(remedy).toMatch(/^What to do: attach the opt-out policy where none reaches; .* ai-opt-out verify"/);
    expect(source).toBe('Seen by stack AiOptOut in us-east-1.');
    expect(rest).toEqual([]);
  });

  test('names five accounts of a reason and counts the others', () => {
    const [, why] = paragraphs(tell({ total: 50_000, notOptedOut: accounts(50_000) }));
    expect(why.split('\n')).toHaveLength(7);
    expect(why).toContain('- 100000000004 Account 4 (OU Workloads)\n- and 49995 more');
    expect(why).not.toContain('Account 5');
  });

  test('names all of five accounts', () => {
    const [, why] = paragraphs(tell({ total: 5, notOptedOut: accounts(5) }));
    expect(why.split('\n')).toHaveLength(6);
    expect(why).not.toContain('more');
  });

  test('gives five reasons and says that there are others', () => {
    const { Message: text } = tell({ total: 400, notOptedOut: accounts(400, (index) => `lex is opted in by policy "P" on account ${index}`) });
    expect(text).toContain('on account 4:');
    expect(text).not.toContain('on account 5:');
    expect(text).toMatch(/395 more/);
  });

  test('does not pass over what is unknown in favour of what is worse', () => {
    const { Message: text } = tell({ notOptedOut: accounts(2), unknown: accounts(2, () => NO_TIME) });
    expect(text).toContain('2 of 4 accounts are NOT opted out');
    expect(text).toContain(`Unknown: ${NO_TIME}:\n- 100000000000 Account 0`);
  });

  test.each([['DisablePolicyType', ['r-a1b2', 'AISERVICES_OPT_OUT_POLICY']], ['LeaveOrganization', []]])('writes %s without gaps', (name, ids) => {
    const { Message: text } = tell({ notOptedOut: accounts(1) }, { changes: [{ ...DETACHED, name, ids }] });
    expect(text).toContain(`- ${[DETACHED.at, name, ...ids].join(' ')} by arn:aws:iam::111122223333:user/alice`);
    expect(text).not.toMatch(/ {2}/);
  });

  test('shows the last five calls', () => {
    const changes = Array.from({ length: 1000 }, (_, index) => ({ ...DETACHED, ids: [`p-${index}`] }));
    const { Message: text } = tell({ notOptedOut: accounts(1) }, { changes });
    expect(text.match(/- 2026-/g)).toHaveLength(5);
    expect(text).toContain('p-999');
    expect(text).not.toContain('p-994 ');
  });

  test('says where to look where nobody knows who it was', () => {
    expect(tell({ notOptedOut: accounts(1) }).Message).toContain('CloudTrail in us-east-1');
  });

  test('gives the command where the policy type is disabled', () => {
    expect(tell({ policyType: undefined, notOptedOut: accounts(4, () => 'the policy type is not enabled in this organization') }).Message)
      .toContain('What to do: aws organizations enable-policy-type --root-id r-a1b2 --policy-type AISERVICES_OPT_OUT_POLICY, then attach the policies again');
  });

  test('says what was repaired, and does not ask for anything to be done', () => {
    const { Message: text } = tell({}, { repair: { done: ['enabled the policy type', 'attached the policy to r-a1b2'], cause: DETACHED } });
    expect(text).toContain('Repaired: enabled the policy type; attached the policy to r-a1b2.');
    expect(text).toContain('user/alice');
    expect(text).not.toContain('What to do');
    expect(text).not.toContain('Not repaired');
  });

  test.each(['AccessDeniedException: You don\'t have permissions to access this resource.', 'somebody keeps undoing it'])('ends its sentences once: %s', (problem) => {
    const { Message: text } = tell({ notOptedOut: accounts(1) }, { repair: { done: [], problem } });
    expect(text).toContain(`Not repaired: ${problem.replace(/\.$/, '')}`);
    expect(text).not.toMatch(/\.\./);
  });

  test('says why the organization could not be read', () => {
    const { Message: text } = tell(undefined, { failure: 'AccessDeniedException: no' });
    expect(text).toContain('The organization could not be read: AccessDeniedException: no');
    expect(text).toContain('What to do: wait for the next run');
    expect(text).not.toContain('undefined');
  });

  test('keeps names as they are, also long ones and those in other scripts', () => {
    const names = ['本番 🚀', 'Zürich', LONGEST_NAME, '<b>&"quoted"'];
    const { Message: text } = tell({ notOptedOut: accounts(4, () => NO_REASON, (index) => names[index]) });
    for (const name of names) expect(text).toContain(` ${name} (OU Workloads)`);
  });

  test('fits two screens of a phone, forty columns wide, however large the organization', () => {
    const { Message: text } = tell({ total: 50_000, notOptedOut: accounts(50_000), unknown: [] }, { changes: [DETACHED] });
    const lines = text.split('\n').map((line) => Math.max(1, Math.ceil(line.length / 40)));
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(40);
  });

  test('reads the reason of each account at most twice, whether 50,000 accounts share one or have one each', () => {
    let reads = 0;
    const counted = (all: AccountStatus[]) => all.map(({ reason, ...account }) => ({ ...account, get reason() { reads += 1; return reason; } }));
    tell({ total: 50_000, notOptedOut: counted(accounts(50_000)), unknown: counted(accounts(50_000, (index) => `reason ${index}`)) });
    expect(reads).toBeGreaterThanOrEqual(100_000);
    expect(reads).toBeLessThanOrEqual(200_000);
  });
});
