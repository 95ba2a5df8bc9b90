import { AI, refusal, Simulated, until } from './simulated';

let simulated: Simulated;
beforeEach(async () => { simulated = await Simulated.organization(); });
afterEach(async () => { await simulated.stop(); });

test('a fault strikes the chosen calls, counted since it was added', async () => {
  await simulated.client.listRoots();
  const fault = simulated.organizations.faults.add({ operation: 'ListRoots', error: { code: 'ServiceException', status: 500 }, calls: [1, 3] });
  const outcomes: unknown[] = [];
  for (let call = 1; call <= 4; call++) outcomes.push(await simulated.client.listRoots().then(() => 'ok', ({ name }) => name));
  await simulated.client.listAccounts();
  expect(outcomes).toEqual(['ServiceException', 'ok', 'ServiceException', 'ok']);
  expect(fault.strikes).toBe(2);
});

test('a fault ends after its time, or when it is removed', async () => {
  simulated.organizations.faults.policyChangesInProgress('ListRoots', { forMs: 60_000 });
  simulated.clock.pass(59_999);
  expect(await refusal(simulated.client.listRoots())).toMatchObject({ name: 'PolicyChangesInProgressException' });
  simulated.clock.pass(1);
  await simulated.client.listRoots();

  const fault = simulated.organizations.faults.accessDenied();
  expect(await refusal(simulated.client.listRoots())).toMatchObject({ name: 'AccessDeniedException' });
  expect(await refusal(simulated.client.listAccounts())).toMatchObject({ name: 'AccessDeniedException' });
  fault.remove();
  await simulated.client.listRoots();
});

test.each([
  ['throttle', 'TooManyRequestsException', 400],
  ['concurrentModification', 'ConcurrentModificationException', 400],
  ['policyChangesInProgress', 'PolicyChangesInProgressException', 400],
  ['internalError', 'ServiceException', 500],
  ['accessDenied', 'AccessDeniedException', 400],
] as const)('the preset %s answers %s with status %d', async (preset, name, status) => {
  simulated.organizations.faults[preset]('EnablePolicyType');
  expect(await refusal(simulated.enable())).toMatchObject({ name, status, message: expect.stringMatching(/\w/) });
  expect((await simulated.client.listRoots()).Roots![0].PolicyTypes).toEqual([]);
});

test('the SDK tries again by itself after throttling and after a failure of the service', async () => {
  simulated.organizations.faults.throttle('ListRoots', { calls: [1] });
  simulated.organizations.faults.internalError('ListRoots', { calls: [2] });
  await simulated.clientOf('test', 3).listRoots();
  expect(simulated.organizations.calls.map(({ outcome }) => outcome)).toEqual(['TooManyRequestsException', 'ServiceException', 'ok']);
});

test('a fault carries any code, text, Reason and status', async () => {
  simulated.organizations.faults.add({ error: { code: 'ConstraintViolationException', message: 'wait', reason: 'WAIT_PERIOD_ACTIVE', status: 409 } });
  expect(await refusal(simulated.enable())).toEqual(
    { name: 'ConstraintViolationException', message: 'wait', reason: 'WAIT_PERIOD_ACTIVE', status: 409 });
});

test('a slow answer takes simulated time, and is counted as held meanwhile', async () => {
  simulated.organizations.faults.add({ operation: 'ListRoots', delayMs: 30_000 });
  let answered = false;
  const slow = simulated.client.listRoots().then(() => { answered = true; });
  await until(() => simulated.endpoint.held === 1);
  expect([simulated.endpoint.active, simulated.organizations.held, answered]).toEqual([1, 1, false]);
  simulated.clock.pass(30_000);
  await slow;
  await until(() => simulated.endpoint.active === 0);
  expect([simulated.endpoint.held, simulated.organizations.held]).toEqual([0, 0]);
});

test('a slow answer can come before the change or after it', async () => {
  simulated.organizations.faults.add({ operation: 'EnablePolicyType', delayMs: 1_000, effect: 'after' });
  const slow = simulated.enable();
  await until(() => simulated.endpoint.held === 1);
  expect((await simulated.client.listRoots()).Roots![0].PolicyTypes).toEqual([{ Type: AI, Status: 'ENABLED' }]);
  simulated.clock.pass(1_000);
  await slow;
});

test.each([
  ['before', []],
  ['after', [{ Type: AI, Status: 'ENABLED' }]],
] as const)('a connection dropped %s the effect leaves %j', async (effect, types) => {
  simulated.organizations.faults.add({ operation: 'EnablePolicyType', dropConnection: true, effect });
  expect(await refusal(simulated.enable())).toMatchObject({ status: undefined });
  expect((await simulated.client.listRoots()).Roots![0].PolicyTypes).toEqual(types);
  expect(simulated.organizations.calls[0]).toMatchObject({ operation: 'EnablePolicyType', outcome: 'ConnectionDropped' });
  await until(() => simulated.endpoint.active === 0);
});

test('a lost reply makes the second attempt find the work already done', async () => {
  simulated.organizations.faults.add({ operation: 'EnablePolicyType', dropConnection: true, effect: 'after', calls: [1] });
  const client = simulated.clientOf('test', 3);
  expect(await refusal(client.enablePolicyType({ RootId: simulated.rootId, PolicyType: AI }))).toMatchObject(
    { name: 'PolicyTypeAlreadyEnabledException' });
});
