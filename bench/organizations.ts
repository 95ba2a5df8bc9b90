import { administratorOf } from '../simulator/http/callers';
import { controlTower } from '../simulator/organizations/landing-zone';
import { SimulatedClock } from '../simulator/simulated-clock';

const ACCOUNTS = 50_000;

/** What was done, and how many milliseconds of real time it took. */
export type Measurement = readonly [what: string, milliseconds: number];

/** Measures a simulated organization of the largest size that AWS allows. Each list is read to its end, so a call that visits all accounts shows. */
export async function measureOrganization(): Promise<Measurement[]> {
  const clock = new SimulatedClock();
  const measurements: Measurement[] = [];
  const measure = async <T>(what: string, work: () => T | Promise<T>): Promise<T> => {
    const start = performance.now();
    const result = await work();
    measurements.push([what, performance.now() - start]);
    return result;
  };

  const { organizations, accountIds } = await measure('build 50,000 accounts', () => controlTower({ clock, accounts: ACCOUNTS }));
  const caller = administratorOf(organizations.managementAccountId);
  const readAll = async (operation: string, input: object) => {
    let token: string | undefined;
    do {
      const page = await organizations.call(operation, { ...input, NextToken: token }, caller) as { NextToken?: string };
      token = page.NextToken;
    } while (token);
  };
  await measure('ListAccounts, all pages', async () => readAll('ListAccounts', {}));
  const PolicyId = organizations.addPolicy({ name: 'everywhere', content: '{"services":{}}', targetIds: accountIds });
  await measure('ListTargetsForPolicy, all pages', async () => readAll('ListTargetsForPolicy', { PolicyId }));

  const small = controlTower({ clock, accounts: 3 }).organizations;
  await measure('CreateAccount, 5,000 times', async () => {
    for (let number = 0; number < 5_000; number++) {
      await small.call('CreateAccount', { AccountName: `New ${number}`, Email: `new-${number}@example.com` }, administratorOf(small.managementAccountId));
    }
  });
  clock.stop();
  return measurements;
}
