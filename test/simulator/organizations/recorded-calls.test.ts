import { AI, MANAGEMENT, refusal, Simulated } from './simulated';

let simulated: Simulated;
beforeEach(async () => { simulated = await Simulated.organization(); });
afterEach(async () => { await simulated.stop(); });

test('every call is kept with time, caller, input and outcome', async () => {
  const start = simulated.clock.now();
  await simulated.client.listRoots({ MaxResults: 5 });
  simulated.clock.pass(1_000);
  await refusal(simulated.clientOf('999999999999').describeOrganization());
  expect(simulated.organizations.calls).toEqual([
    {
      time: start,
      accountId: MANAGEMENT,
      callerArn: `arn:aws:iam::${MANAGEMENT}:user/Administrator`,
      operation: 'ListRoots',
      input: { MaxResults: 5 },
      outcome: 'ok',
    },
    {
      time: start + 1_000,
      accountId: '999999999999',
      callerArn: 'arn:aws:iam::999999999999:user/Administrator',
      operation: 'DescribeOrganization',
      input: {},
      outcome: 'AWSOrganizationsNotInUseException',
    },
  ]);
});

test('setting a scene leaves no trace', () => {
  simulated.organizations.enablePolicyType(AI);
  simulated.organizations.createAccount({ name: 'Member' });
  expect(simulated.organizations.calls).toEqual([]);
});

test('callers in the same process get what an SDK would return', async () => {
  const caller = { accountId: MANAGEMENT, arn: `arn:aws:iam::${MANAGEMENT}:role/CloudFormation` };
  const answer = await simulated.organizations.call('DescribeAccount', { AccountId: MANAGEMENT }, caller);
  expect(answer).toMatchObject({ Account: { JoinedTimestamp: new Date(simulated.clock.now()) } });
  await expect(simulated.organizations.call('ListAccounts', { NextToken: undefined, MaxResults: 21 }, caller)).rejects.toMatchObject(
    { code: 'InvalidInputException', reason: 'MAX_VALUE_EXCEEDED:MAX_RESULTS', status: 400 });
});
