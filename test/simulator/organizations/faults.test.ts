import { callFromProcess, type SdkCall, type SdkOutcome } from './sdk-process';
import { AI, OPT_OUT, refusal, Simulated, until } from './simulated';
import type { FaultOptions } from '../../../simulator/organizations/organizations';

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
  expect([simulated.endpoint.active, answered]).toEqual([1, false]);
  simulated.clock.pass(30_000);
  await slow;
  await until(() => simulated.endpoint.active === 0);
  expect(simulated.endpoint.held).toBe(0);
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

const HTML = '<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>';

describe('broken answers', () => {
  /** What a fault does to the SDK, and what becomes of the calls. Each case has an operation of its own, so that one process makes all calls. */
  const cases: [what: string, fault: FaultOptions, call: SdkCall, seen: Partial<SdkOutcome>, calls: string[]][] = [
    // Newer SDKs report the status of the headers for a connection that breaks in the body.
    [
      'an answer that is cut in its body', { cutAnswer: true }, { operation: 'ListRoots' },
      { name: 'Error', message: expect.stringMatching(/^aborted/), code: 'ECONNRESET', status: 200, attempts: 3 },
      ['ConnectionDropped', 'ConnectionDropped', 'ConnectionDropped'],
    ],
    [
      'an answer that is cut once', { cutAnswer: true, calls: [1] }, { operation: 'ListAccounts' },
      { name: 'ok', status: 200, attempts: 2 }, ['ConnectionDropped', 'ok'],
    ],
    [
      'an HTTP 429 without a body', { answer: { status: 429 } }, { operation: 'ListPolicies', input: { Filter: AI } },
      { name: 'Unknown', status: 429, attempts: 3 }, ['Unknown', 'Unknown', 'Unknown'],
    ],
    [
      'an HTML error page', { answer: { status: 503, contentType: 'text/html', body: HTML } }, { operation: 'DescribeOrganization' },
      { name: 'SyntaxError', message: expect.stringContaining('is not valid JSON'), status: 503, attempts: 3 }, ['Unknown', 'Unknown', 'Unknown'],
    ],
    [
      'an HTML page without an error status', { answer: { status: 200, contentType: 'text/html', body: HTML } }, { operation: 'ListDelegatedAdministrators' },
      { name: 'SyntaxError', status: 200, attempts: 1 }, ['Unknown'],
    ],
    [
      'a wrong clock, for an SDK that does not correct its own', { clockSkewMs: 600_000 }, { operation: 'DescribeResourcePolicy' },
      { name: 'InvalidSignatureException', message: expect.stringContaining('5 min.)'), status: 400, attempts: 1 }, ['InvalidSignatureException'],
    ],
    [
      'a wrong clock, for an SDK that corrects its own', { clockSkewMs: 600_000 },
      { operation: 'DescribeEffectivePolicy', input: { PolicyType: AI }, correctsClock: true }, { name: 'ok', attempts: 2 }, ['InvalidSignatureException', 'ok'],
    ],
  ];

  test('look to the SDK as those of AWS do, and it retries as often', async () => {
    simulated.organizations.enablePolicyType(AI);
    cases.forEach(([, fault, { operation }]) => simulated.organizations.faults.add({ operation, ...fault }));
    const outcomes = await callFromProcess(simulated.url, cases.map(([, , call]) => call));
    const observed = cases.map(([what, , { operation }], index) => ({
      what,
      seen: outcomes[index],
      calls: simulated.organizations.calls.filter((call) => call.operation === operation).map(({ outcome }) => outcome),
    }));
    expect(observed).toEqual(cases.map(([what, , , seen, calls]) => ({ what, seen: expect.objectContaining(seen), calls })));
    await until(() => simulated.endpoint.active === 0);
  });

  test('come after the work, also where the answer has no body', async () => {
    const PolicyId = simulated.organizations.addPolicy({ name: 'ours', content: OPT_OUT });
    simulated.organizations.enablePolicyType(AI);
    simulated.organizations.faults.add({ operation: 'AttachPolicy', cutAnswer: true, calls: [1] });
    const input = { PolicyId, TargetId: simulated.rootId };
    expect(await callFromProcess(simulated.url, [{ operation: 'AttachPolicy', input }])).toMatchObject([{ name: 'DuplicatePolicyAttachmentException', attempts: 2 }]);
    expect(simulated.organizations.calls.map(({ outcome }) => outcome)).toEqual(['ConnectionDropped', 'DuplicatePolicyAttachmentException']);
  });

  test('are errors for callers in this process', async () => {
    const caller = { accountId: '111122223333', arn: 'arn:aws:iam::111122223333:user/Administrator' };
    const list = async () => simulated.organizations.call('ListRoots', {}, caller);
    for (const fault of [{ cutAnswer: true }, { stallAnswer: true }]) {
      simulated.organizations.faults.add({ ...fault, forMs: 1 });
      await expect(list()).rejects.toThrow('the simulated endpoint dropped the connection');
      simulated.clock.pass(1);
    }
    simulated.organizations.faults.add({ answer: { status: 429 }, forMs: 1 });
    await expect(list()).rejects.toMatchObject({ code: 'Unknown', status: 429 });
    simulated.clock.pass(1);
    // There is no signature that could be too old.
    simulated.organizations.faults.add({ clockSkewMs: 600_000 });
    await list();
  });
});

test('an answer that stalls after its headers is held until the client gives up, and the work is done', async () => {
  simulated.organizations.faults.add({ operation: 'EnablePolicyType', stallAnswer: true });
  const patience = new AbortController();
  const input = { RootId: simulated.rootId, PolicyType: AI } as const;
  const stalled = simulated.client.enablePolicyType(input, { abortSignal: patience.signal }).catch(({ name }) => name);
  await until(() => simulated.endpoint.held === 1);
  expect(simulated.endpoint.active).toBe(1);
  expect((await simulated.client.listRoots()).Roots![0].PolicyTypes).toEqual([{ Type: AI, Status: 'ENABLED' }]);
  simulated.clock.pass(3_600_000);
  expect(simulated.endpoint.held).toBe(1);
  patience.abort();
  expect(await stalled).toBe('AbortError');
  await until(() => simulated.endpoint.active === 0);
  expect(simulated.endpoint.held).toBe(0);
});

test.each([
  [600_000, /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/],
  [-600_000, /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/],
  [299_000, undefined],
])('a clock that is %d ms ahead shows in the Date header, and refuses signatures over five minutes away', async (clockSkewMs, message) => {
  simulated.organizations.faults.add({ operation: 'ListRoots', clockSkewMs });
  const response = await fetch(simulated.url, {
    method: 'POST',
    headers: {
      'x-amz-target': 'AWSOrganizationsV20161128.ListRoots',
      'x-amz-date': new Date(simulated.clock.now()).toISOString().replace(/[-:]|\.\d{3}/g, ''),
      'authorization': 'AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/organizations/aws4_request, SignedHeaders=host, Signature=0',
    },
  });
  expect(Date.parse(response.headers.get('date')!)).toBe(simulated.clock.now() + clockSkewMs);
  const body = await response.json() as { __type?: string; Message?: string };
  if (message) expect(body).toEqual({ __type: 'InvalidSignatureException', Message: expect.stringMatching(message) });
  else expect(response.status).toBe(200);
});
