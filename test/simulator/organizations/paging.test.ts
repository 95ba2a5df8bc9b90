import { paginateListAccounts } from '@aws-sdk/client-organizations';
import { AI, MANAGEMENT, refusal, Simulated } from './simulated';

let simulated: Simulated;
afterEach(async () => { await simulated.stop(); });

test('25 accounts are two pages, each account on one of them', async () => {
  const { zone } = simulated = await Simulated.landingZone();
  const first = await simulated.client.listAccounts();
  expect(first.Accounts).toHaveLength(20);
  const second = await simulated.client.listAccounts({ NextToken: first.NextToken });
  expect(second.NextToken).toBeUndefined();
  expect([...first.Accounts!, ...second.Accounts!].map(({ Id }) => Id)).toEqual(zone.accountIds);
});

test('a list that fits exactly has no token', async () => {
  simulated = await Simulated.organization();
  for (let index = 2; index <= 20; index++) simulated.organizations.createAccount({ name: `Account ${index}` });
  const { Accounts, NextToken } = await simulated.client.listAccounts();
  expect(Accounts).toHaveLength(20);
  expect(NextToken).toBeUndefined();
});

test('MaxResults and the pageSize setting make pages smaller, never larger', async () => {
  simulated = await Simulated.landingZone();
  expect((await simulated.client.listAccounts({ MaxResults: 3 })).Accounts).toHaveLength(3);
  simulated.organizations.settings.pageSize = 2;
  expect((await simulated.client.listAccounts({ MaxResults: 3 })).Accounts).toHaveLength(2);
  simulated.organizations.settings.pageSize = 100;
  expect((await simulated.client.listAccounts()).Accounts).toHaveLength(20);
});

test('a first page can be empty and still carry a token', async () => {
  const { zone } = simulated = await Simulated.landingZone({ emptyPages: ['ListAccounts', 'ListRoots'] });
  const first = await simulated.client.listAccounts();
  expect(first).toMatchObject({ Accounts: [], NextToken: expect.any(String) });
  expect(await simulated.client.listRoots()).toMatchObject({ Roots: [], NextToken: expect.any(String) });

  const seen: string[] = [];
  for await (const page of paginateListAccounts({ client: simulated.client }, {})) seen.push(...page.Accounts!.map(({ Id }) => Id!));
  expect(seen).toEqual(zone.accountIds);
});

test('every list operation can be paged one by one', async () => {
  const { zone } = simulated = await Simulated.landingZone({ pageSize: 1 });
  const { organizations, client, rootId } = simulated;
  organizations.enablePolicyType(AI);
  for (const name of ['first', 'second']) organizations.addPolicy({ name, content: '{"services":{}}', targetIds: [rootId, MANAGEMENT] });
  for (const id of zone.accountIds.slice(1, 3)) organizations.delegateAdministrator(id, 'account.amazonaws.com');
  const [{ Id: PolicyId }] = (await client.listPolicies({ Filter: AI })).Policies!;
  await client.tagResource({ ResourceId: rootId, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }] });

  const lists: [string, (NextToken?: string) => Promise<object>, number][] = [
    ['Accounts', (NextToken) => client.listAccounts({ NextToken }), 25],
    ['Accounts', (NextToken) => client.listAccountsForParent({ ParentId: zone.securityUnitId, NextToken }), 2],
    ['OrganizationalUnits', (NextToken) => client.listOrganizationalUnitsForParent({ ParentId: rootId, NextToken }), 3],
    ['Children', (NextToken) => client.listChildren({ ParentId: zone.workloadsUnitId, ChildType: 'ORGANIZATIONAL_UNIT', NextToken }), 2],
    ['Parents', (NextToken) => client.listParents({ ChildId: MANAGEMENT, NextToken }), 1],
    ['Roots', (NextToken) => client.listRoots({ NextToken }), 1],
    ['Policies', (NextToken) => client.listPolicies({ Filter: AI, NextToken }), 2],
    ['Policies', (NextToken) => client.listPoliciesForTarget({ TargetId: rootId, Filter: AI, NextToken }), 2],
    ['Targets', (NextToken) => client.listTargetsForPolicy({ PolicyId, NextToken }), 2],
    ['DelegatedAdministrators', (NextToken) => client.listDelegatedAdministrators({ NextToken }), 2],
    ['Tags', (NextToken) => client.listTagsForResource({ ResourceId: rootId, NextToken }), 2],
  ];
  for (const [member, list, length] of lists) {
    const items: unknown[] = [];
    let token: string | undefined;
    do {
      const page = await list(token) as Record<string, unknown>;
      items.push(...page[member] as unknown[]);
      token = page.NextToken as string | undefined;
    } while (token);
    expect([member, new Set(items.map((item) => JSON.stringify(item))).size]).toEqual([member, length]);
  }
});

test.each([
  [{ MaxResults: 0 }, 'MIN_VALUE_EXCEEDED:MAX_RESULTS'],
  [{ MaxResults: 21 }, 'MAX_VALUE_EXCEEDED:MAX_RESULTS'],
  [{ NextToken: '' }, 'INVALID_NEXT_TOKEN'],
  [{ NextToken: 'made up' }, 'INVALID_NEXT_TOKEN'],
])('fails for %j with Reason %s', async (request, reason) => {
  simulated = await Simulated.organization();
  expect(await refusal(simulated.client.listOrganizationalUnitsForParent({ ParentId: simulated.rootId, ...request }))).toMatchObject(
    { name: 'InvalidInputException', reason });
});

test("fails for another operation's token, and for one that came with other parameters", async () => {
  const { zone } = simulated = await Simulated.landingZone();
  const { NextToken } = await simulated.client.listAccountsForParent({ ParentId: zone.productionUnitId, MaxResults: 1 });
  const invalid = { name: 'InvalidInputException', reason: 'INVALID_NEXT_TOKEN' };
  expect(await refusal(simulated.client.listAccounts({ NextToken }))).toMatchObject(invalid);
  expect(await refusal(simulated.client.listAccountsForParent({ ParentId: zone.testUnitId, NextToken }))).toMatchObject(invalid);
});
