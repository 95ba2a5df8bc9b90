import { existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { type Caller } from '../../simulator/caller';
import { LambdaFunction, type LambdaEnvironment, type LambdaFunctionProps } from '../../simulator/lambda/lambda-function';
import { LambdaService } from '../../simulator/lambda/lambda-service';
import { SIMULATION_START, SimulatedClock } from '../../simulator/simulated-clock';

const ROLE: Caller = { accountId: '111122223333', arn: 'arn:aws:sts::111122223333:assumed-role/Role/Function' };
const FIRST = { requestId: '00000000-0000-4000-8000-000000000001', attempt: 1 };

let clock: SimulatedClock;
let functions: { close(): void }[] = [];
let server: Server;
let url: string;
const registered = new Map<string, Caller>();

beforeEach(async () => {
  clock = new SimulatedClock();
  registered.clear();
  const traffic = { active: 0, held: 0 };
  clock.watch(traffic);
  server = createServer((request, response) => {
    traffic.active += 1;
    response.once('close', () => { traffic.active -= 1; });
    request.resume().once('end', async () => {
      if (request.url === '/held') {
        traffic.held += 1;
        await clock.sleep(7000);
        traffic.held -= 1;
      }
      response.end('x'.repeat(request.url === '/big' ? 300_000 : 2));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  for (const one of functions.splice(0)) one.close();
  clock.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function propsFor(code: string, props: Partial<LambdaFunctionProps> = {}): LambdaFunctionProps {
  return {
    name: 'Function',
    arn: 'arn:aws:lambda:us-east-1:111122223333:function:Function',
    code,
    handler: 'index.handler',
    timeoutSeconds: 900,
    role: ROLE,
    ...props,
  };
}

function environment(): LambdaEnvironment {
  return {
    clock,
    region: 'eu-west-1',
    endpointUrl: url,
    registerCaller: (accessKeyId: string, caller: Caller) => { registered.set(accessKeyId, caller); },
    coldStartMs: 0,
  };
}

function lambdaFunction(code: string, props: Partial<LambdaFunctionProps> = {}, changes: Partial<LambdaEnvironment> = {}): LambdaFunction {
  const created = new LambdaFunction(propsFor(code, props), { ...environment(), ...changes });
  functions.push(created);
  return created;
}

/** The code of a module with a handler. */
function moduleOf(body: string, before = ''): string {
  return `const url = '${url}';\nconst sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));\n${before}\n`
    + `exports.handler = async (event, context) => {\n${body}\n};`;
}

async function run(body: string, props: Partial<LambdaFunctionProps> = {}, event: unknown = {}, changes: Partial<LambdaEnvironment> = {}) {
  return lambdaFunction(moduleOf(body), props, changes).invoke(event, FIRST);
}

async function resultOf(body: string, props: Partial<LambdaFunctionProps> = {}) {
  const invocation = await run(body, props);
  expect(invocation.error).toBeUndefined();
  return invocation.result;
}

describe('a function', () => {
  test('gets its event and a context like Lambda\'s', async () => {
    const invocation = await run('return [event, context.functionName, context.invokedFunctionArn, context.awsRequestId, context.logGroupName];', {}, { a: [1] });

    expect(invocation.result).toEqual([{ a: [1] }, 'Function', propsFor('').arn, FIRST.requestId, '/aws/lambda/Function']);
  });

  test('sees Lambda\'s environment and nothing of the machine\'s', async () => {
    process.env.SECRET_OF_THE_MACHINE = 'secret';
    const seen = await resultOf('return process.env;', { environment: { OWN: 'value' } }) as Record<string, string>;
    delete process.env.SECRET_OF_THE_MACHINE;

    expect(seen).toMatchObject({
      OWN: 'value',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'Function',
      AWS_ENDPOINT_URL: url,
      AWS_SESSION_TOKEN: expect.any(String),
      AWS_SECRET_ACCESS_KEY: expect.any(String),
    });
    expect(Object.keys(seen)).not.toContain('SECRET_OF_THE_MACHINE');
    expect(registered.get(seen.AWS_ACCESS_KEY_ID)).toBe(ROLE);
  });

  test('finds the AWS SDK, and no other package of the project', async () => {
    expect(await resultOf('return typeof require(\'@aws-sdk/client-organizations\').OrganizationsClient;')).toBe('function');
    expect((await run('require(\'aws-cdk-lib\');')).error?.errorMessage).toMatch(/Cannot find module 'aws-cdk-lib'/);
  });

  test('prints log lines with time and request id', async () => {
    const { logLines } = await run('console.log("a", { b: 1 }); await sleep(1500); console.error("late"); process.stdout.write("raw\\n");');

    expect(logLines).toEqual([
      `2026-01-01T00:00:00.000Z\t${FIRST.requestId}\tINFO\ta { b: 1 }`,
      `2026-01-01T00:00:01.500Z\t${FIRST.requestId}\tERROR\tlate`,
      'raw',
    ]);
  });

  test('leaves no files behind', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('simulated-lambda-'));
    const directory = await resultOf('return __dirname;') as string;
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('simulated-lambda-') && !before.includes(name));

    expect(existsSync(directory)).toBe(false);
    expect(after.filter((name) => directory.includes(name))).toEqual([]);
  });

  test('draws the same numbers in every run', async () => {
    const [first, second] = [await resultOf('return Math.random();'), await resultOf('return Math.random();')];

    expect(first).toBe(second);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(1);
  });
});

describe('the time of a function', () => {
  test('fourteen minutes pass in a moment', async () => {
    const invocation = await run('for (let poll = 0; poll < 168; poll++) { await fetch(url); await sleep(5000); } return Date.now();');

    expect(invocation.result).toBe(SIMULATION_START + 14 * 60_000);
    expect(invocation.durationMs).toBe(14 * 60_000);
  });

  test.each([
    ['Date', 'const at = new Date(); await sleep(1000); return [new Date() - at, Date.now() - at, new Date(0).getTime(), typeof Date(), at instanceof Date];',
      [1000, 1000, 0, 'string', true]],
    ['performance.now', 'const at = performance.now(); await sleep(1000); return performance.now() - at;', 1000],
    ['process.hrtime', 'const at = process.hrtime(); await sleep(1500); return process.hrtime(at);', [1, 500_000_000]],
    ['node:timers', 'const at = Date.now(); await new Promise((r) => require("node:timers").setTimeout(r, 1000)); return Date.now() - at;', 1000],
    ['node:timers/promises', 'const at = Date.now(); const v = await require("node:timers/promises").setTimeout(1000, "v"); return [v, Date.now() - at];',
      ['v', 1000]],
    ['util.promisify', 'const at = Date.now(); await require("node:util").promisify(setTimeout)(1000); return Date.now() - at;', 1000],
    ['setInterval', 'const at = Date.now(); let n = 0; await new Promise((r) => { const i = setInterval(() => { if (++n === 3) { clearInterval(i); r(); } }, 100); }); '
      + 'return Date.now() - at;', 300],
    ['clearTimeout', 'let fired = false; const t = setTimeout(() => { fired = true; }, 10); clearTimeout(t); await sleep(100); return fired;', false],
    ['AbortSignal.timeout', 'const at = Date.now(); try { await fetch(url + "/held", { signal: AbortSignal.timeout(2000) }); } catch (e) { return [e.name, Date.now() - at]; }',
      ['TimeoutError', 2000]],
    ['getRemainingTimeInMillis', 'await sleep(1000); return context.getRemainingTimeInMillis();', 899_000],
  ])('%s follows the simulated clock', async (_, body, expected) => {
    expect(await resultOf(body)).toEqual(expected);
  });

  test('passes while a server holds a request back, with fetch and with node:http', async () => {
    const viaHttp = 'new Promise((resolve, reject) => require("node:http").get(url + "/held", (r) => { r.resume(); r.on("end", resolve); }).on("error", reject))';

    expect(await resultOf('await fetch(url + "/held"); return Date.now();')).toBe(SIMULATION_START + 7000);
    expect(await resultOf(`await ${viaHttp}; return Date.now();`)).toBe(SIMULATION_START + 14_000);
  });

  test('does not pass while an answer is on its way, however big it is', async () => {
    expect(await resultOf('const text = await (await fetch(url + "/big")).text(); return [text.length, Date.now()];')).toEqual([300_000, SIMULATION_START]);
  });

  test('an answer that nobody reads stops nothing', async () => {
    await run('await new Promise((resolve) => require("node:http").get(url, resolve)); await sleep(1000);');
    await run('await fetch(url); await sleep(1000);');

    expect(clock.now()).toBe(SIMULATION_START + 2000);
  });

  test('is the same for functions that run at once', async () => {
    const order: string[] = [];
    await Promise.all(['1', '2', '3'].map(async (name) => {
      const { result } = await run(`for (let i = 0; i < 20; i++) { await fetch(url); await sleep(${name}00); } return Date.now();`, { name });
      order.push(`${name}:${(result as number) - SIMULATION_START}`);
    }));

    expect(order).toEqual(['1:2000', '2:4000', '3:6000']);
  });
});

describe('a function fails', () => {
  test.each([
    ['by an exception', 'throw new TypeError("broken");', 'TypeError', 'broken'],
    ['by throwing something else', 'throw "text";', 'string', 'text'],
    ['by an unhandled rejection', 'Promise.reject(new Error("forgotten")); await sleep(1000);', 'Runtime.UnhandledPromiseRejection', 'Error: forgotten'],
    ['by leaving', 'process.exit(3);', 'Runtime.ExitError', 'Runtime exited with error: exit status 3'],
    ['by a signal', 'process.kill(process.pid, "SIGKILL"); await sleep(10);', 'Runtime.ExitError', 'Runtime exited with error: signal: SIGKILL'],
    ['by a result that is not JSON', 'const a = {}; a.a = a; return a;', 'Runtime.MarshalError', 'Unable to stringify response body'],
  ])('%s', async (_, body, errorType, message) => {
    const { error, result } = await run(body);

    expect(error).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
    expect(result).toBeUndefined();
  });

  test.each([
    ['a syntax error', 'exports.handler = async () => {', 'Runtime.UserCodeSyntaxError'],
    ['an ES module', 'export const handler = async () => 1;', 'Runtime.UserCodeSyntaxError'],
    ['a missing package', 'require("nothing-of-that-name"); exports.handler = async () => 1;', 'Runtime.ImportModuleError'],
    ['no handler', 'exports.other = async () => 1;', 'Runtime.HandlerNotFound'],
    ['a callback handler', 'exports.handler = (event, context, callback) => callback(null, 1);', 'Runtime.CallbackHandlerDeprecated'],
  ])('with %s', async (_, code, errorType) => {
    const { error } = await lambdaFunction(code).invoke({}, FIRST);

    expect(error?.errorType).toBe(errorType);
  });

  test('when its simulated time is over', async () => {
    const { error, durationMs, logLines } = await run('for (;;) await sleep(1000);', { timeoutSeconds: 5 });

    expect(error).toMatchObject({ errorType: 'Sandbox.Timedout', errorMessage: `${FIRST.requestId} Task timed out after 5.00 seconds` });
    expect(durationMs).toBe(5000);
    expect(logLines.at(-1)).toMatch(/Task timed out after 5.00 seconds$/);
  });

  test('when its time is over while it waits for an answer, or for nothing at all', async () => {
    expect((await run('await fetch(url + "/held");', { timeoutSeconds: 5 })).error?.errorType).toBe('Sandbox.Timedout');
    expect((await run('await new Promise(() => {});', { timeoutSeconds: 5 })).error?.errorType).toBe('Sandbox.Timedout');
  });
});

test('a function that computes without end breaks the simulation with a clear error', async () => {
  clock = new SimulatedClock({ patience: 500 });

  await expect(run('for (;;);')).rejects.toThrow('function Function kept the simulated clock from moving for 0.5 real seconds');
});

describe('a function in a process of its own', () => {
  test('runs on the Node.js that the scene names, and cannot start without it', async () => {
    expect((await run('return process.execPath;', {}, {}, { process: {} })).result).toBe(process.execPath);
    await expect(run('return 1;', {}, {}, { process: { execPath: '/nowhere/node' } })).rejects.toThrow('function Function did not start: spawn /nowhere/node ENOENT');
  });

  test('follows the simulated clock, and its memory is measured', async () => {
    const { result, maxMemoryUsedMegabytes } = await run('await fetch(url + "/held"); await sleep(1000); return Date.now();', {}, {}, { process: {} });

    expect(result).toBe(SIMULATION_START + 8000);
    expect(maxMemoryUsedMegabytes).toBeGreaterThan(10);
    expect(maxMemoryUsedMegabytes).toBeLessThan(400);
  });

  test('ends when it takes more memory than it has', async () => {
    const hungry = 'const all = []; for (;;) all.push(new Array(1_000_000).fill(all.length));';
    const { error, logLines } = await run(hungry, {}, {}, { process: { execArgv: ['--max-old-space-size=40'] } });

    expect(error).toMatchObject({ errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited with error: signal: SIGABRT' });
    expect(logLines.join()).toContain('heap out of memory');
  });
});

describe('an execution environment', () => {
  const COUNTING = 'return [++count, Date.now()];';
  const counting = () => lambdaFunction(moduleOf(COUNTING, 'let count = 0;'));
  const countsOf = (invocations: { result?: unknown }[]) => invocations.map(({ result }) => (result as number[])[0]);

  test('is used again, and its module keeps its state', async () => {
    const counter = counting();

    const invocations = [await counter.invoke({}, FIRST), await counter.invoke({}, FIRST)];

    expect(countsOf(invocations)).toEqual([1, 2]);
    expect(invocations.map(({ coldStart }) => coldStart)).toEqual([true, false]);
  });

  test('knows the new time when it is thawed: nothing happens in it before', async () => {
    const ticking = lambdaFunction(moduleOf('const seen = ticks.splice(0); await sleep(1); return [seen, ticks.length, Date.now()];', `
      const ticks = [];
      setInterval(() => ticks.push(Date.now()), 60_000);
    `));

    await ticking.invoke({}, FIRST);
    await clock.sleep(5 * 60_000);
    const { result, startedAt } = await ticking.invoke({}, FIRST);

    expect(result).toEqual([[], 1, startedAt + 1]);
  });

  test('goes on with what it left unfinished', async () => {
    const unfinished = lambdaFunction(moduleOf('const seen = answer; fetch(url + "/held").then(() => { answer = "late"; }); await sleep(1000); return seen;',
      'let answer = "none";'));

    expect((await unfinished.invoke({ first: true }, FIRST)).result).toBe('none');
    await clock.sleep(10_000);
    await unfinished.invoke({}, FIRST);
    expect((await unfinished.invoke({}, FIRST)).result).toBe('late');
  });

  test('serves one invocation at a time', async () => {
    const counter = lambdaFunction(moduleOf('await sleep(1000); return [++count];', 'let count = 0;'));

    const first = await Promise.all([1, 2].map(async () => counter.invoke({}, FIRST)));
    const second = await Promise.all([1, 2, 3].map(async () => counter.invoke({}, FIRST)));

    expect(countsOf(first)).toEqual([1, 1]);
    expect(countsOf(second).sort()).toEqual([1, 2, 2]);
  });

  test.each([
    ['its function timed out', 'if (event.first) await sleep(60_000);'],
    ['it crashed', 'if (event.first) process.exit(1);'],
    ['it was killed', 'if (event.first) process.kill(process.pid, "SIGKILL");'],
    ['it forgot a rejection', 'if (event.first) { Promise.reject(new Error()); await sleep(1); }'],
    ['it threw outside of the handler', 'if (event.first) { setTimeout(() => { throw new Error(); }, 1); await sleep(2); }'],
  ])('is discarded after %s', async (_, body) => {
    const counter = lambdaFunction(moduleOf(`count += 1; ${body} return [count];`, 'let count = 0;'), { timeoutSeconds: 5 });

    expect((await counter.invoke({ first: true }, FIRST)).error).toBeDefined();
    const invocation = await counter.invoke({}, FIRST);

    expect(invocation).toMatchObject({ coldStart: true, result: [1] });
  });

  test('stays after an error of its handler', async () => {
    const counter = lambdaFunction(moduleOf('count += 1; if (event.first) throw new Error(); return [count];', 'let count = 0;'));

    await counter.invoke({ first: true }, FIRST);

    expect(await counter.invoke({}, FIRST)).toMatchObject({ coldStart: false, result: [2] });
  });

  test('is discarded after ten idle minutes, and when a scene asks for a cold start', async () => {
    const counter = counting();

    await counter.invoke({}, FIRST);
    await clock.sleep(10 * 60_000);
    const afterTen = await counter.invoke({}, FIRST);
    await clock.sleep(10 * 60_000 + 1);
    const afterMore = await counter.invoke({}, FIRST);
    counter.discardEnvironments();

    expect(countsOf([afterTen, afterMore, await counter.invoke({}, FIRST)])).toEqual([2, 1, 1]);
  });

  test('does not survive a change of the function', async () => {
    const lambda = new LambdaService(environment(), {}, (error) => { throw error; });
    functions.push(lambda);
    const results: unknown[] = [];
    for (const code of ['return ["old", ++count];', 'return ["old", ++count];', 'return ["new", ++count];']) {
      lambda.put(propsFor(moduleOf(code, 'let count = 0;')));
      for (let call = 0; call < 2; call++) results.push((await lambda.invoke(propsFor('').arn, {})).result);
    }

    expect(results).toEqual([['old', 1], ['old', 2], ['old', 1], ['old', 2], ['new', 1], ['new', 2]]);
  });

  test('a thread that is used again shows nothing of the function before', async () => {
    await run('setTimeout(() => {}, 1000); return 1;', { environment: { SECRET: 'of the first' } });
    functions.pop()!.close();

    expect(await resultOf('await sleep(5000); return [process.env.SECRET ?? null, Date.now()];')).toEqual([null, SIMULATION_START + 5000]);
  });
});

test('a function without permission to write its log still runs', async () => {
  const asked: string[] = [];
  const authorize = async ({ action, resources }: { action: string; resources: string[] }) => {
    asked.push(`${action} ${resources[0]}`);
    return action !== 'logs:PutLogEvents';
  };
  const { result, logsDelivered } = await run('return 1;', { role: { ...ROLE, authorize }, logGroupName: 'Group' });

  expect(result).toBe(1);
  expect(logsDelivered).toBe(false);
  expect(asked).toEqual([
    expect.stringMatching(/^logs:CreateLogStream arn:aws:logs:eu-west-1:111122223333:log-group:Group:log-stream:2026\/01\/01\/\[\$LATEST\]/),
    expect.stringMatching(/^logs:PutLogEvents /),
  ]);
});

describe('an asynchronous invocation', () => {
  const arn = propsFor('').arn;

  function service(code: string, duplicateDeliveries: number[] = []): LambdaService {
    const lambda = new LambdaService(environment(), { duplicateDeliveries }, (error) => { throw error; });
    functions.push(lambda);
    lambda.put(propsFor(code));
    return lambda;
  }

  function startsOf(lambda: LambdaService): number[] {
    return lambda.invocations.map(({ startedAt }) => startedAt - SIMULATION_START);
  }

  test('is tried twice more after a failure, with the same event and request id', async () => {
    const lambda = service('exports.handler = async () => { throw new Error("again"); };');

    lambda.invokeAsync(arn, { id: 1 });
    await clock.sleep(600_000);

    expect(startsOf(lambda)).toEqual([0, 60_000, 180_000]);
    expect(lambda.invocations.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(new Set(lambda.invocations.map(({ requestId }) => requestId)).size).toBe(1);
    expect(lambda.invocations.map(({ event }) => event)).toEqual([{ id: 1 }, { id: 1 }, { id: 1 }]);
  });

  test('is not repeated after a success', async () => {
    const lambda = service('exports.handler = async () => 1;');

    lambda.invokeAsync(arn, {});
    await clock.sleep(600_000);

    expect(startsOf(lambda)).toEqual([0]);
  });

  test('can be delivered more than once', async () => {
    const lambda = service('exports.handler = async () => 1;', [0, 5000]);

    lambda.invokeAsync(arn, {});
    await clock.sleep(600_000);

    expect(startsOf(lambda)).toEqual([0, 0, 5000]);
  });

  test('of an unknown function is refused', () => {
    const lambda = service('exports.handler = async () => 1;');

    expect(() => lambda.invokeAsync('arn:aws:lambda:us-east-1:111122223333:function:Other', {})).toThrow('Function not found');
  });
});
