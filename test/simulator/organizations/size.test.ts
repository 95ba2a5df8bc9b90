import { MANAGEMENT, StoppedClock } from './simulated';
import { administratorOf } from '../../../simulator/http/callers';
import { controlTower } from '../../../simulator/organizations/landing-zone';

const CALLER = administratorOf(MANAGEMENT);

// `npx projen bench` prints how long this takes.
test('an organization of 50,000 accounts can be listed to its end', async () => {
  const { organizations, productionUnitId } = controlTower({ clock: new StoppedClock(), accounts: 50_000 });
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
});

test('a policy on 50,000 accounts lists all of them as targets', async () => {
  const { organizations, accountIds } = controlTower({ clock: new StoppedClock(), accounts: 50_000 });
  const PolicyId = organizations.addPolicy({ name: 'everywhere', content: '{"services":{}}', targetIds: accountIds });
  const targets = new Set<string>();
  let token: string | undefined;
  let pages = 0;
  do {
    const page = await organizations.call('ListTargetsForPolicy', { PolicyId, NextToken: token }, CALLER) as Record<string, any>;
    for (const { TargetId } of page.Targets) targets.add(TargetId);
    token = page.NextToken;
    pages += 1;
  } while (token);
  expect([targets.size, pages]).toEqual([50_000, 2_500]);
});

test('thousands of accounts can be created one by one', async () => {
  const { organizations } = controlTower({ clock: new StoppedClock(), accounts: 3 });
  for (let number = 0; number < 5_000; number++) {
    await organizations.call('CreateAccount', { AccountName: `New ${number}`, Email: `new-${number}@example.com` }, CALLER);
  }
  expect(organizations.accountIds).toHaveLength(5_003);
});
