'use strict';
/**
 * What runs a function: an execution environment of Lambda, in a thread of its own or, where `node` itself matters, in a process of its own.
 *
 * It follows the simulated clock. Date, performance.now, process.hrtime, setTimeout, setInterval (also of node:timers and node:timers/promises) and
 * AbortSignal.timeout use the time that the parent sets. Whenever nothing moves any more without an answer to a request or without time passing, the
 * parent gets a "rest" message. Requests in flight are only counted: the parent knows which of them a server holds back on purpose.
 *
 * After an invocation the thread blocks, as Lambda freezes an environment, until the parent thaws it for the next one.
 *
 * Math.random is seeded at every invocation, so that jitter is the same in every run.
 *
 * Plain CommonJS without dependencies: it runs as it is, on every version of Node.js that a function may run on.
 */
const diagnostics = require('node:diagnostics_channel');
const http = require('node:http');
const https = require('node:https');
const Module = require('node:module');
const path = require('node:path');
const timers = require('node:timers');
const timersPromises = require('node:timers/promises');
const util = require('node:util');
const vm = require('node:vm');
const { parentPort, workerData } = require('node:worker_threads');

const RealDate = Date;
const realSetImmediate = setImmediate;
const send = parentPort ? parentPort.postMessage.bind(parentPort) : process.send.bind(process);
// A function must not find out that it has a parent.
delete process.send;

/** Shared with the parent: the time, and how often it has thawed the thread. A process gets the time in messages. */
const sharedTime = parentPort ? new Float64Array(workerData.shared, 0, 1) : new Float64Array(1);
const thaws = parentPort ? new Int32Array(workerData.shared, 8, 1) : undefined;
let freezes = 0;

let origin = 0;

// --- time -------------------------------------------------------------------------------------------------------------------------------------

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});
RealDate.prototype.constructor = globalThis.Date;

function now() {
  return sharedTime[0];
}

Object.defineProperty(performance, 'now', { value: () => now() - origin, configurable: true, writable: true });
Object.defineProperty(performance, 'timeOrigin', { get: () => origin, configurable: true });
process.uptime = () => (now() - origin) / 1000;
process.hrtime = (previous) => {
  const milliseconds = now() - origin;
  const seconds = Math.floor(milliseconds / 1000) - (previous ? previous[0] : 0);
  const nanoseconds = (milliseconds % 1000) * 1e6 - (previous ? previous[1] : 0);
  return nanoseconds < 0 ? [seconds - 1, nanoseconds + 1e9] : [seconds, nanoseconds];
};
process.hrtime.bigint = () => BigInt(now() - origin) * 1000000n;

// --- timers -----------------------------------------------------------------------------------------------------------------------------------

let nextTimerId = 1;
/** By id; insertion order decides between timers that are due at the same moment. */
const pending = new Map();

class SimulatedTimeout {
  constructor(callback, delay, args, repeats) {
    this.id = nextTimerId++;
    this.callback = callback;
    // As Node.js: anything that is not a positive 32-bit number means 1 ms.
    this.delay = delay >= 1 && delay <= 2147483647 ? Math.trunc(delay) : 1;
    this.args = args;
    this.repeats = repeats;
    this.refresh();
  }

  refresh() {
    moved();
    pending.delete(this.id);
    this.due = now() + this.delay;
    pending.set(this.id, this);
    return this;
  }

  close() {
    clearSimulated(this);
    return this;
  }

  ref() { return this; }

  unref() { return this; }

  hasRef() { return true; }

  [Symbol.toPrimitive]() { return this.id; }
}
if (Symbol.dispose) SimulatedTimeout.prototype[Symbol.dispose] = function () { this.close(); };

function clearSimulated(timer) {
  const id = typeof timer === 'object' && timer !== null ? timer.id : Number(timer);
  if (pending.delete(id)) moved();
}

function earliest() {
  let first;
  for (const timer of pending.values()) {
    if (!first || timer.due < first.due) first = timer;
  }
  return first;
}

function fireEarliest() {
  const timer = earliest();
  if (!timer || timer.due > now()) return;
  moved();
  pending.delete(timer.id);
  if (timer.repeats) timer.refresh();
  timer.callback(...timer.args);
}

function simulatedSetTimeout(callback, delay, ...args) {
  if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function.');
  return new SimulatedTimeout(callback, delay, args, false);
}

function simulatedSetInterval(callback, delay, ...args) {
  if (typeof callback !== 'function') throw new TypeError('The "callback" argument must be of type function.');
  return new SimulatedTimeout(callback, delay, args, true);
}

function sleep(delay, value, options = {}) {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    const aborted = () => {
      clearSimulated(timer);
      reject(Object.assign(new Error('The operation was aborted', { cause: signal.reason }), { name: 'AbortError', code: 'ABORT_ERR' }));
    };
    const timer = simulatedSetTimeout(() => {
      if (signal) signal.removeEventListener('abort', aborted);
      resolve(value);
    }, delay);
    if (signal && signal.aborted) aborted();
    else if (signal) signal.addEventListener('abort', aborted, { once: true });
  });
}

async function* intervals(delay, value, options) {
  for (;;) {
    await sleep(delay, undefined, options);
    yield value;
  }
}

Object.defineProperty(simulatedSetTimeout, util.promisify.custom, { value: sleep });
for (const target of [globalThis, timers]) {
  target.setTimeout = simulatedSetTimeout;
  target.setInterval = simulatedSetInterval;
  target.clearTimeout = clearSimulated;
  target.clearInterval = clearSimulated;
  target.setImmediate = function setImmediate(callback, ...args) {
    moved();
    return realSetImmediate((...given) => {
      moved();
      callback(...given);
    }, ...args);
  };
  Object.defineProperty(target.setImmediate, util.promisify.custom, { value: timersPromises.setImmediate });
}
timersPromises.setTimeout = sleep;
timersPromises.setInterval = intervals;
timersPromises.scheduler.wait = (delay, options) => sleep(delay, undefined, options);

AbortSignal.timeout = (delay) => {
  const controller = new AbortController();
  simulatedSetTimeout(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), delay);
  return controller.signal;
};

// --- requests in flight -----------------------------------------------------------------------------------------------------------------------

const inFlight = new Set();

/** Connections that are open, for when the environment is discarded. */
const sockets = new Set();

function track(request) {
  moved();
  request.once('socket', (socket) => {
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const entry = { response: undefined };
  inFlight.add(entry);
  const finished = () => {
    if (inFlight.delete(entry)) moved();
  };
  request.once('response', (response) => {
    moved();
    entry.response = response;
    response.once('close', finished);
    response.once('end', finished);
  });
  // Without an own listener for the response the request drops it, and `once` above must not change that.
  request.prependListener('response', (response) => {
    if (request.listenerCount('response') <= 1) response.resume();
  });
  request.once('close', finished);
  return request;
}

/** An answer that has arrived in full but that nobody reads keeps nobody waiting. */
function requestsInFlight() {
  for (const entry of inFlight) {
    const { response } = entry;
    if (response && (response.complete || response.destroyed)) inFlight.delete(entry);
  }
  return inFlight.size;
}

for (const module of [http, https]) {
  const { request } = module;
  module.request = (...args) => {
    // The simulated response URL is plain HTTP on this machine, where CloudFormation's is HTTPS.
    const simulated = module === https && isLoopback(args[0]) ? http.request.real : request;
    return track(simulated(...args));
  };
  module.request.real = request;
  module.get = (...args) => {
    const sent = module.request(...args);
    sent.end();
    return sent;
  };
}

function isLoopback(target) {
  const url = typeof target === 'string' ? new URL(target) : target;
  return url.protocol === 'http:' && url.hostname === '127.0.0.1';
}

/** fetch() does not go through node:http. */
const fetches = new Set();
diagnostics.subscribe('undici:request:create', ({ request }) => {
  moved();
  fetches.add(request);
});
for (const end of ['undici:request:trailers', 'undici:request:error']) {
  diagnostics.subscribe(end, ({ request }) => {
    moved();
    fetches.delete(request);
  });
}
diagnostics.subscribe('undici:request:headers', () => { moved(); });

// --- at rest ----------------------------------------------------------------------------------------------------------------------------------

/** What an idle environment holds open. Anything else (a file being read, a connection being made) means that something is about to happen. */
const RESTING = /^(PipeWrap|TTYWrap|TCPSocketWrap|TCPServerWrap|TLSWrap|MessagePort|Timeout|Immediate|FSEventWrap|CloseReq|FileHandle)$/;
const CALM_TURNS = 3;

/** Everything that happens here adds to it. */
let activity = 0;
let watching = false;

/** Number of the last message from the parent that set something in motion. */
let seen = 0;

function moved() {
  activity += 1;
  if (watching || !invocation) return;
  watching = true;
  watch(activity, 0);
}

/** Reports that nothing moves after a few turns of the event loop without any activity. */
function watch(before, calm) {
  realSetImmediate(() => {
    const moving = activity !== before || process.getActiveResourcesInfo().some((resource) => !RESTING.test(resource));
    if (moving || calm + 1 < CALM_TURNS) return watch(activity, moving ? 0 : calm + 1);
    watching = false;
    const timer = earliest();
    send({ type: 'rest', seen, requestsInFlight: requestsInFlight() + fetches.size, nextTimer: timer && timer.due });
  });
}

// --- messages of the parent -------------------------------------------------------------------------------------------------------------------

const { modules, preload } = parentPort ? workerData : JSON.parse(process.argv[2]);

(parentPort || process).on('message', (message) => {
  if (message.type === 'fire' || message.type === 'invoke') seen = message.number;
  switch (message.type) {
    case 'time':
      sharedTime[0] = message.now;
      send({ type: 'time' });
      break;
    case 'fire':
      moved();
      fireEarliest();
      break;
    case 'invoke':
      sharedTime[0] = message.now;
      if (message.code !== undefined) begin(message);
      invoke(message);
      break;
    case 'reset':
      for (const socket of sockets) socket.destroy();
      // What waits for one of these never goes on.
      pending.clear();
      handler = undefined;
      send({ type: 'ready' });
      break;
  }
});
// Without its parent nobody would ever tell the time again.
if (!parentPort) process.on('disconnect', () => process.exit());

// --- the environment and its invocations ------------------------------------------------------------------------------------------------------

let code;
let handler;

/** The invocation that runs. */
let invocation;

/** What it has called, in the order of the answers: the service, and the operation where the request names it outside its body. */
let calls = [];

/** A new environment: the cold start. The handler is loaded when it is called, so that an error in it belongs to that invocation. */
function begin(message) {
  code = message.code;
  handler = undefined;
  origin = message.now;
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, message.environment);
}

function invoke(message) {
  invocation = message;
  calls = [];
  seed(message.seed);
  moved();
  run().then(
    (value) => finish({ type: 'result', value: value === undefined ? null : value }),
    (error) => fail(error, undefined, handler === undefined),
  );
}

async function run() {
  const [file, name] = invocation.handler.split('.');
  const loaded = handler || load(file)[name];
  if (typeof loaded !== 'function') throw named('Runtime.HandlerNotFound', `${invocation.handler} is undefined or not exported`);
  if (loaded.length > 2) {
    throw named('Runtime.CallbackHandlerDeprecated', 'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.');
  }
  handler = loaded;
  const { deadline, ...context } = invocation.context;
  return handler(invocation.event, {
    ...context,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  });
}

/** A text of code is compiled once for all environments of this thread. */
const compiled = new Map();

/** Loads index.js. It is CommonJS: Lambda does not guess a module's format from its syntax. */
function load(file) {
  const filename = `/var/task/${file}.js`;
  try {
    if (file !== 'index') throw notFound(filename);
    let script = compiled.get(code);
    if (!script) {
      script = new vm.Script(Module.wrap(code), { filename, importModuleDynamically: vm.constants && vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
      compiled.set(code, script);
    }
    const module = new Module(filename);
    module.filename = filename;
    script.runInThisContext().call(module.exports, module.exports, requireInLambda, module, filename, '/var/task');
    return module.exports;
  } catch (error) {
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', `${error.name}: ${error.message}`);
    if (error && error.code === 'MODULE_NOT_FOUND') throw named('Runtime.ImportModuleError', `Error: ${error.message}`);
    throw error;
  }
}

const requireInstalled = Module.createRequire(path.join(modules, 'index.js'));

/** The function sees the AWS SDK of the project, as it sees the runtime's in Lambda, and no other package. */
function requireInLambda(id) {
  if (Module.isBuiltin(id)) return require(id);
  if (/^@(aws-sdk|smithy)\//.test(id)) return requireInstalled(id);
  throw notFound(id);
}

function notFound(id) {
  return Object.assign(new Error(`Cannot find module '${id}'`), { code: 'MODULE_NOT_FOUND' });
}

function named(name, message) {
  return Object.assign(new Error(message), { name });
}

process.on('uncaughtException', (error) => fail(error, 'Runtime.UncaughtException', true));
process.on('unhandledRejection', (reason) => fail(reason, 'Runtime.UnhandledPromiseRejection', true));

function fail(error, wrapper, fatal) {
  const isError = util.types.isNativeError(error) || error instanceof Error;
  const errorType = wrapper || (isError ? error.name : typeof error);
  const errorMessage = isError ? (wrapper ? `${error.name}: ${error.message}` : error.message) : String(error);
  const trace = isError && error.stack ? error.stack.split('\n') : [];
  log('ERROR', `Invoke Error ${JSON.stringify({ errorType, errorMessage, stack: trace })}`);
  finish({ type: 'error', errorType, errorMessage, trace, fatal });
}

function finish(outcome) {
  const facts = {
    calls,
    reusable: requestsInFlight() + fetches.size === 0,
    maxMemoryUsedMegabytes: process.resourceUsage().maxRSS / 1024,
  };
  try {
    JSON.stringify(outcome);
    send({ ...outcome, ...facts });
  } catch (error) {
    send({ type: 'error', errorType: 'Runtime.MarshalError', errorMessage: `Unable to stringify response body: ${error.message}`, trace: [], ...facts });
  }
  freeze();
}

/** Blocks the thread until the parent thaws it. A process is ended by the parent instead. */
function freeze() {
  invocation = undefined;
  freezes += 1;
  // The parent may have thawed it before it is frozen.
  while (thaws && Atomics.load(thaws, 0) < freezes) Atomics.wait(thaws, 0, freezes - 1);
}

/** In a thread, a signal to the own process must not reach the whole process. */
if (parentPort) {
  const { kill } = process;
  process.kill = (pid, signal = 'SIGTERM') => {
    if (pid !== process.pid) return kill.call(process, pid, signal);
    send({ type: 'killed', signal });
    return freeze();
  };
}

diagnostics.subscribe('http.client.response.finish', ({ request }) => {
  if (!invocation) return;
  const [, service] = /\/([a-z]+)\/aws4_request/.exec(request.getHeader('authorization')) || [];
  if (!service) return;
  const [, operation] = String(request.getHeader('x-amz-target') || '').split('.');
  calls.push(operation ? `${service} ${operation}` : service);
  if (calls.length === invocation.crashAfterCall) process.kill(process.pid, 'SIGKILL');
});

// --- log lines --------------------------------------------------------------------------------------------------------------------------------

function log(level, text) {
  const requestId = invocation ? invocation.context.awsRequestId : undefined;
  send({ type: 'log', line: `${new Date().toISOString()}\t${requestId}\t${level}\t${text}` });
}

const LEVELS = { debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR', trace: 'TRACE' };
for (const [method, level] of Object.entries(LEVELS)) {
  console[method] = (...args) => log(level, util.format(...args));
}
process.stdout.write = (chunk) => {
  send({ type: 'log', line: String(chunk).replace(/\n$/, '') });
  return true;
};

// --- chance -----------------------------------------------------------------------------------------------------------------------------------

let state = 1;

function seed(value) {
  state = value;
}

/** A linear congruential generator, good enough for jitter. */
Math.random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 4294967296;
};

Module.syncBuiltinESMExports();

for (const id of preload) requireInstalled(id);
send({ type: 'ready' });
