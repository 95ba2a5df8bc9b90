import { awsError, scene, start, startOptedOut } from './scene';
import { SimulatedClock } from '../../simulator/simulated-clock';
import { organizationsClient, OrganizationsError, type Progress } from '../../src/organization';
import { FULL_LOCK } from '../support/documents';

describe('the pace', () => {
  test.each([
    ['DescribeOrganization', 1, 2], ['ListRoots', 1, 2], ['DescribePolicy', 2, 2], ['ListPolicies', 5, 8], ['ListAccounts', 8, 12],
    ['ListAccountsForParent', 5, 8], ['DescribeAccount', 20, 30], ['DescribeEffectivePolicy', 2, 2], ['SomethingNew', 2, 2],
  ])('of %s never exceeds %d a second and %d at once', async (operation, perSecond, burst) => {
    const clock = new SimulatedClock();
    const times: number[] = [];
    const client = organizationsClient(async () => { times.push(clock.now()); }, { clock });

    await Promise.all(Array.from({ length: 60 }, async () => client.call(operation)));
    await clock.sleep(600_000);
    await Promise.all(Array.from({ length: 60 }, async () => client.call(operation)));

    // What AWS's bucket would hold at each call.
    let tokens = burst;
    times.forEach((time, index) => {
      tokens = Math.min(burst, tokens + ((time - (times[index - 1] ?? time)) * perSecond) / 1000) - 1;
      expect(tokens).toBeGreaterThanOrEqual(-1e-9);
    });
    // And no slower than it has to be.
    expect(times[59] - times[0]).toBeLessThanOrEqual(((60 - Math.max(1, burst - 1)) * 1000) / perSecond + 60);
    clock.stop();
  });

  test('keeps a whole verification from ever being throttled', async () => {
    const { zone } = start({ accounts: 120, throttling: true, undocumentedRate: { perSecond: 2, burst: 2 } });
    for (let index = 0; index < 5; index++) scene.policy(`Policy ${index}`, FULL_LOCK, zone.rootId, zone.sandboxUnitId);
    for (let index = 5; index < 30; index++) scene.policy(`Policy ${index}`, FULL_LOCK, zone.accountIds[index]);

    const verification = await scene.verify();

    expect(verification.verdict).toBe('optedOut');
    expect(scene.calls().filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  });
});

describe('a call that fails', () => {
  test.each([
    ['TooManyRequestsException'], ['ThrottlingException'], ['ConcurrentModificationException'], ['PolicyChangesInProgressException'], ['ServiceException'],
  ])('for %s is made again', async (code) => {
    const { organizations } = start();
    organizations.faults.add({ operation: 'ListRoots', error: { code }, calls: [1, 2] });
    const heard: Progress[] = [];
    const client = scene.client({ onProgress: (progress) => heard.push(progress) });

    await expect(client.list('ListRoots', 'Roots')).resolves.toHaveLength(1);

    expect(client.calls).toEqual({ ListRoots: 3 });
    expect(heard).toEqual([500, 1000].map((inMilliseconds) => ({ kind: 'retry', operation: 'ListRoots', error: `${code}: simulated ${code}`, inMilliseconds })));
  });

  test.each([
    ['an HTTP 503', { name: 'UnknownError', $metadata: { httpStatusCode: 503 } }],
    ['a dropped connection', { name: 'Error', code: 'ECONNRESET' }],
    ['no answer in time', { name: 'TimeoutError' }],
  ])('for %s is made again', async (_, properties) => {
    start();
    let failures = 2;
    scene.on('ListRoots', () => failures-- > 0 && Object.assign(new Error('failed'), properties));
    await expect(scene.client().list('ListRoots', 'Roots')).resolves.toHaveLength(1);
  });

  test.each(['AccessDeniedException', 'InvalidInputException', 'ExpiredTokenException', 'UnrecognizedClientException', 'CredentialsProviderError'])(
    'for %s fails at once, as AWS said it', async (name) => {
      start();
      scene.intercept = () => { throw awsError(name); };
      const client = scene.client();
      await expect(client.call('ListRoots')).rejects.toMatchObject({ name });
      expect(client.calls).toEqual({ ListRoots: 1 });
    });

  test('fails with a clear error when throttling does not end for ten minutes', async () => {
    start();
    scene.organizations.faults.throttle(undefined, { forMs: 600_000 });
    const before = scene.clock.now();

    const failure = scene.verify();

    await expect(failure).rejects.toThrow(OrganizationsError);
    await expect(failure).rejects.toMatchObject({ code: 'throttled', message: expect.stringMatching(/^AWS throttled DescribeOrganization for \d+ s: .*try again later$/) });
    expect(scene.clock.now() - before).toBeGreaterThan(240_000);
    expect(scene.clock.now() - before).toBeLessThanOrEqual(300_000);
  });

  test('fails with a clear error when the service does not recover', async () => {
    start();
    scene.organizations.faults.internalError('ListAccounts');
    await expect(scene.verify()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(/^ListAccounts kept failing for \d+ s: ServiceException/) });
  });

  test('fails within a minute when AWS is out of reach', async () => {
    start();
    scene.intercept = () => { throw Object.assign(new Error('getaddrinfo ENOTFOUND nowhere'), { code: 'ENOTFOUND' }); };
    const before = scene.clock.now();
    await expect(scene.verify()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('ENOTFOUND') });
    expect(scene.clock.now() - before).toBeLessThanOrEqual(60_000);
  });

  test('stops the calls beside it', async () => {
    start({ accounts: 300 });
    scene.on('ListPolicies', () => awsError('ExpiredTokenException'));
    await expect(scene.verify()).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    const made = scene.calls().length;
    await scene.clock.sleep(60_000);
    expect(scene.calls()).toHaveLength(made);
  });

  test('is spread by chance', async () => {
    start();
    scene.organizations.faults.throttle('ListRoots', { calls: [1] });
    const heard: any[] = [];
    await scene.client({ random: () => 0, onProgress: (progress) => heard.push(progress) }).call('ListRoots');
    expect(heard[0].inMilliseconds).toBe(250);
  });
});

describe('an abort', () => {
  test.each([0, 1, 5, 20, 40])('fails the work with its reason after %d calls, and nothing is called any more', async (after) => {
    startOptedOut({ accounts: 100 });
    const controller = new AbortController();
    const reason = new Error('interrupted');
    let calls = 0;
    if (after === 0) controller.abort(reason);
    scene.intercept = () => {
      calls += 1;
      if (calls === after) controller.abort(reason);
      return undefined;
    };

    await expect(scene.verify({ signal: controller.signal })).rejects.toBe(reason);

    const made = scene.calls().length;
    await scene.clock.sleep(60_000);
    expect(scene.calls()).toHaveLength(made);
    expect(made).toBeLessThanOrEqual(after);
  });

  test('ends a wait on the machine\'s own clock at once', async () => {
    const controller = new AbortController();
    const client = organizationsClient(async () => { throw awsError('TooManyRequestsException'); }, { random: () => 1 });
    // The machine's timers stand still: only the abort can end the wait.
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    try {
      const failure = expect(client.call('ListRoots', {}, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
      await new Promise(setImmediate);
      expect(jest.getTimerCount()).toBe(1);
      controller.abort();
      await failure;
    } finally {
      jest.useRealTimers();
    }
  });
});
