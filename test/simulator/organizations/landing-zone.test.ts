import { Simulated, StoppedClock } from './simulated';
import { controlTower } from '../../../simulator/organizations/landing-zone';

test('is what Control Tower sets up', async () => {
  const simulated = await Simulated.landingZone();
  const { zone, client } = simulated;
  const names = async (ParentId: string) => ({
    units: (await client.listOrganizationalUnitsForParent({ ParentId })).OrganizationalUnits!.map(({ Name }) => Name),
    accounts: (await client.listAccountsForParent({ ParentId })).Accounts!.map(({ Name }) => Name),
  });
  expect(await names(zone.rootId)).toEqual({ units: ['Security', 'Workloads', 'Sandbox'], accounts: ['Management'] });
  expect(await names(zone.securityUnitId)).toEqual({ units: [], accounts: ['Log Archive', 'Audit'] });
  expect(await names(zone.workloadsUnitId)).toEqual({ units: ['Production', 'Test'], accounts: [] });
  expect((await names(zone.sandboxUnitId)).accounts).toHaveLength(7);
  expect((await client.listRoots()).Roots![0].PolicyTypes).toEqual([{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }]);
  await simulated.stop();
});

test('has the same ids every time, no two alike and all well-formed', () => {
  const build = () => controlTower({ clock: new StoppedClock(), accounts: 1_000 });
  const { organizations: _, ...ids } = build();
  const { organizations: __, ...again } = build();
  expect(again).toEqual(ids);
  expect(new Set(ids.accountIds).size).toBe(1_000);
  expect(ids.accountIds.filter((id) => !/^\d{12}$/.test(id))).toEqual([]);
});

test('grows to 50,000 accounts', () => {
  expect(controlTower({ clock: new StoppedClock(), accounts: 50_000 }).accountIds).toHaveLength(50_000);
});

test('fails with fewer accounts than Control Tower makes itself', () => {
  expect(() => controlTower({ clock: new StoppedClock(), accounts: 2 })).toThrow('a landing zone has at least 3 accounts, got 2');
});
