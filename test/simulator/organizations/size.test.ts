import { MANAGEMENT, StoppedClock } from './simulated';
import { administratorOf } from '../../../simulator/http/callers';
import { controlTower } from '../../../simulator/organizations/landing-zone';

const CALLER = administratorOf(MANAGEMENT);

// The limits are ten times what it takes on a slow machine, and a tenth of what one walk through all accounts per call would take.
test('an organization of 50,000 accounts starts in seconds, and is listed in seconds', async () => {
  const start = performance.now();
  const { organizations, productionUnitId } = controlTower({ clock: new StoppedClock(), accounts: 50_000 });
  expect(performance.now() - start).toBeLessThan(10_000);

  for (const [operation, input, member, length] of [
    ['ListAccounts', {}, 'Accounts', 50_000],
    ['ListAccountsForParent', { ParentId: productionUnitId }, 'Accounts', 16_666],
  ] as const) {
    const ids = new Set<string>();
    let token: string | undefined;
    do {
      const page = await organizations.call(operation, { ...input, NextToken: token }, CALLER) as Record<string, any>;
      for (const { Id } of page[member]) ids.add(Id);
      token = page.NextToken;
    } while (token);
    expect([operation, ids.size]).toEqual([operation, length]);
  }
  expect(performance.now() - start).toBeLessThan(20_000);
}, 60_000);

test('the last page costs no more than the first, also of the targets of a policy', async () => {
  const { organizations, accountIds } = controlTower({ clock: new StoppedClock(), accounts: 50_000 });
  const PolicyId = organizations.addPolicy({ name: 'everywhere', content: '{"services":{}}', targetIds: accountIds });
  const start = performance.now();
  let token: string | undefined;
  let pages = 0;
  do {
    const page = await organizations.call('ListTargetsForPolicy', { PolicyId, NextToken: token }, CALLER) as { NextToken?: string };
    token = page.NextToken;
    pages += 1;
  } while (token);
  expect(pages).toBe(2_500);
  expect(performance.now() - start).toBeLessThan(10_000);
}, 60_000);

test('thousands of accounts can be created one by one', async () => {
  const { organizations } = controlTower({ clock: new StoppedClock(), accounts: 3 });
  const start = performance.now();
  for (let number = 0; number < 5_000; number++) {
    await organizations.call('CreateAccount', { AccountName: `New ${number}`, Email: `new-${number}@example.com` }, CALLER);
  }
  expect(organizations.accountIds).toHaveLength(5_003);
  expect(performance.now() - start).toBeLessThan(20_000);
}, 60_000);
