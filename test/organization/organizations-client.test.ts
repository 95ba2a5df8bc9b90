import { awsError, scene, start, startOptedOut } from './scene';
import { SimulatedClock } from '../../simulator/simulated-clock';
import { organizationsClient, OrganizationsError, type Operation } from '../../src/organization';
import { FULL_LOCK } from '../support/documents';

describe('the pace', () => {
  test.each([
    ['DescribeOrganization', 1, 2], ['ListRoots', 1, 2], ['DescribePolicy', 2, 2], ['ListPolicies', 5, 8], ['ListAccounts', 8, 12],
    ['ListAccountsForParent', 5, 8], ['DescribeAccount', 20, 30], ['DescribeEffectivePolicy', 2, 2], ['SomethingNew', 2, 2],
  ])('of %s never exceeds %d a second and %d at once', async (operation, perSecond, burst) => {
    const clock = new SimulatedClock();
    const times: number[] = [];
    const client = organizationsClient(async () => { times.push(clock.now()); return {}; }, { clock });

    await Promise.all(Array.from({ length: 60 }, async () => client.call(operation as Operation, {})));
    await clock.sleep(600_000);
    await Promise.all(Array.from({ length: 60 }, async () => client.call(operation as Operation, {})));

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

    expect(verification.status).toBe('optedOut');
    expect(scene.calls().filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
  });
});

describe('a call that fails', () => {
  test.each([
    ['TooManyRequestsException'], ['ThrottlingException'], ['ConcurrentModificationException'], ['PolicyChangesInProgressException'], ['ServiceException'],
  ])('for %s is made again', async (code) => {
    const { organizations } = start();
    organizations.faults.add({ operation: 'ListRoots', error: { code }, calls: [1, 2] });
    const heard: object[] = [];
    const client = scene.client({ onRetry: (retry) => heard.push(retry) });

    await expect(client.list('ListRoots', {})).resolves.toHaveLength(1);

    expect(client.calls).toEqual({ ListRoots: 3 });
    expect(heard).toEqual([500, 1000].map((inMilliseconds) => ({ kind: 'retry', operation: 'ListRoots', error: `${code}: simulated ${code}`, inMilliseconds })));
  });

  test.each([
    ['an HTTP 503', { name: 'UnknownError', $metadata: { httpStatusCode: 503 } }],
    ['an HTTP 429', { name: 'Unknown', $metadata: { httpStatusCode: 429 } }],
    ['a dropped connection', { name: 'Error', code: 'ECONNRESET' }],
    ['a connection that breaks in the middle of an answer', { name: 'Error', message: 'aborted', code: 'ECONNRESET', $metadata: { httpStatusCode: 200 } }],
    ['an error of Node.js that the SDK wrapped', { name: 'Error', message: 'Error: read ECONNRESET', $metadata: { httpStatusCode: 200 } }],
    ['an error that was caused by a dropped connection', { name: 'FetchError', cause: new Error('failed', { cause: { code: 'UND_ERR_SOCKET' } }) }],
    ['an answer that is not JSON', { name: 'SyntaxError', message: 'Unexpected token <', $metadata: { httpStatusCode: 200 } }],
    ['no answer in time', { name: 'TimeoutError' }],
    ['credentials that AWS does not know yet', { name: 'UnrecognizedClientException', $fault: 'client', $metadata: { httpStatusCode: 400 } }],
  ])('for %s is made again', async (_, properties) => {
    start();
    let failures = 2;
    scene.on('ListRoots', () => failures-- > 0 && Object.assign(new Error('failed'), properties));
    await expect(scene.client().list('ListRoots', {})).resolves.toHaveLength(1);
  });

  test.each(['AccessDeniedException', 'InvalidInputException', 'ExpiredTokenException', 'CredentialsProviderError'])(
    'for %s fails at once, as AWS said it', async (name) => {
      start();
      scene.intercept = () => { throw awsError(name); };
      const client = scene.client();
      await expect(client.call('ListRoots', {})).rejects.toMatchObject({ name });
      expect(client.calls).toEqual({ ListRoots: 1 });
    });

  test('fails at once for a mistake of ours', async () => {
    start();
    scene.on('ListRoots', () => new SyntaxError('Unexpected token'));
    const client = scene.client();
    await expect(client.call('ListRoots', {})).rejects.toThrow(SyntaxError);
    expect(client.calls).toEqual({ ListRoots: 1 });
  });

  test('fails at once for an error of the service that only mentions a connection', async () => {
    start();
    scene.on('ListRoots', () => Object.assign(awsError('InvalidInputException', 'no policy is named ECONNRESET'), { $fault: 'client' }));
    await expect(scene.client().call('ListRoots', {})).rejects.toMatchObject({ name: 'InvalidInputException' });
  });

  test.each(['UnrecognizedClientException', 'InvalidClientTokenId'])('for %s fails after a minute, as AWS said it', async (name) => {
    start();
    scene.intercept = () => { throw awsError(name); };
    const before = scene.clock.now();
    await expect(scene.client().call('ListRoots', {})).rejects.toMatchObject({ name });
    expect(scene.clock.now() - before).toBeGreaterThan(20_000);
    expect(scene.clock.now() - before).toBeLessThanOrEqual(60_000);
  });

  test.each(['InvalidSignatureException', 'RequestTimeTooSkewed', 'RequestExpired', 'SignatureDoesNotMatch'])(
    'for %s is made once more, because the SDK corrects its clock', async (name) => {
      start();
      let failures = 1;
      scene.on('ListRoots', () => failures-- > 0 && awsError(name));
      const client = scene.client();
      await expect(client.list('ListRoots', {})).resolves.toHaveLength(1);
      failures = 2;
      await expect(client.list('ListRoots', {})).rejects.toMatchObject({ name });
      expect(client.calls).toEqual({ ListRoots: 4 });
    });

  test('is retried for as long as the caller says', async () => {
    start();
    scene.organizations.faults.accessDenied('ListRoots', { forMs: 8_000 });
    const client = scene.client({ retryFor: (error) => ((error as Error).name === 'AccessDeniedException' ? 10_000 : 0) });
    await expect(client.list('ListRoots', {})).resolves.toHaveLength(1);
    scene.organizations.faults.accessDenied('ListRoots');
    await expect(client.list('ListRoots', {})).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('ends with what the listener throws', async () => {
    start();
    scene.organizations.faults.throttle('ListRoots');
    const stop = new Error('the time is up');
    await expect(scene.client({ onRetry: () => { throw stop; } }).list('ListRoots', {})).rejects.toBe(stop);
  });

  test('is not taken for an empty list when its answer has no list', async () => {
    start();
    scene.on('ListTargetsForPolicy', () => ({ Message: 'OK' }));
    await expect(scene.client().list('ListTargetsForPolicy', { PolicyId: 'p-12345678' })).rejects.toMatchObject({
      name: 'MalformedAnswer', message: 'ListTargetsForPolicy returned no list',
    });
  });

  test('fails with a clear error when throttling does not end for ten minutes', async () => {
    start();
    scene.organizations.faults.throttle(undefined, { forMs: 600_000 });
    const before = scene.clock.now();

    const failure = scene.verify();

    await expect(failure).rejects.toThrow(OrganizationsError);
    await expect(failure).rejects.toMatchObject({ code: 'throttled', message: expect.stringMatching(/^AWS throttled ListAccounts for \d+ s: .*try again later$/) });
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
    await scene.client({ random: () => 0, onRetry: (retry) => heard.push(retry) }).call('ListRoots', {});
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

test('a misspelt operation or member does not compile', () => {
  const misspelt = async () => {
    const client = scene.client();
    // @ts-expect-error there is no such operation
    await client.call('ListRoot', {});
    // @ts-expect-error the input has no such member
    await client.call('DescribePolicy', { PolicyID: 'p-12345678' });
    // @ts-expect-error the output has no such member
    (await client.call('DescribePolicy', { PolicyId: 'p-12345678' })).policy;
    // @ts-expect-error not a list
    await client.list('DescribePolicy', {});
    // @ts-expect-error an item has no such member
    (await client.list('ListRoots', {})).map(({ RootId }) => RootId);
  };
  // It compiles only if each of these lines is an error.
  expect(misspelt).toBeInstanceOf(Function);
});
