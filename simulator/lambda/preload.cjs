'use strict';
/**
 * Loaded before anything else in the child process that runs a function: replaces the machine's time by the simulated clock's.
 *
 * Date, performance.now, process.hrtime, setTimeout, setInterval (also of node:timers and node:timers/promises) and AbortSignal.timeout follow the
 * time that the parent tells. The parent asks whether the process is at rest ("probe"); the answer comes once the event loop does nothing more
 * by itself. Requests in flight are only counted: the parent knows which of them a server holds back on purpose.
 *
 * Math.random is seeded, so that jitter is the same in every run.
 *
 * Plain CommonJS without dependencies: it runs as it is, on every version of Node.js that a function may run on.
 */
const diagnostics = require('node:diagnostics_channel');
const http = require('node:http');
const https = require('node:https');
const Module = require('node:module');
const timers = require('node:timers');
const timersPromises = require('node:timers/promises');
const util = require('node:util');

const RealDate = Date;
const realSetImmediate = setImmediate;
const send = process.send.bind(process);

let now = 0;
let origin = 0;
/** Everything that happens in this process adds to it. */
let activity = 0;

// --- time -------------------------------------------------------------------------------------------------------------------------------------

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now] : args, newTarget),
  apply: () => new RealDate(now).toString(),
  get: (target, key, receiver) => (key === 'now' ? simulatedNow : Reflect.get(target, key, receiver)),
});
RealDate.prototype.constructor = globalThis.Date;

function simulatedNow() {
  return now;
}

Object.defineProperty(performance, 'now', { value: () => now - origin, configurable: true, writable: true });
Object.defineProperty(performance, 'timeOrigin', { get: () => origin, configurable: true });
process.uptime = () => (now - origin) / 1000;
process.hrtime = (previous) => {
  const milliseconds = now - origin;
  const seconds = Math.floor(milliseconds / 1000) - (previous ? previous[0] : 0);
  const nanoseconds = (milliseconds % 1000) * 1e6 - (previous ? previous[1] : 0);
  return nanoseconds < 0 ? [seconds - 1, nanoseconds + 1e9] : [seconds, nanoseconds];
};
process.hrtime.bigint = () => BigInt(now - origin) * 1000000n;

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
    activity += 1;
    pending.delete(this.id);
    this.due = now + this.delay;
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
  if (pending.delete(id)) activity += 1;
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
  if (!timer || timer.due > now) return;
  activity += 1;
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
    activity += 1;
    return realSetImmediate((...given) => {
      activity += 1;
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

function track(request) {
  activity += 1;
  const entry = { response: undefined };
  inFlight.add(entry);
  const finished = () => {
    if (inFlight.delete(entry)) activity += 1;
  };
  request.once('response', (response) => {
    activity += 1;
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
  activity += 1;
  fetches.add(request);
});
for (const end of ['undici:request:trailers', 'undici:request:error']) {
  diagnostics.subscribe(end, ({ request }) => {
    activity += 1;
    fetches.delete(request);
  });
}
diagnostics.subscribe('undici:request:headers', () => { activity += 1; });

// --- at rest ----------------------------------------------------------------------------------------------------------------------------------

/** What an idle process holds open. Anything else (a file being read, a connection being made) means that something is about to happen. */
const RESTING = /^(PipeWrap|TTYWrap|TCPSocketWrap|TCPServerWrap|TLSWrap|MessagePort|Timeout|Immediate|FSEventWrap|CloseReq|FileHandle)$/;
const CALM_TURNS = 3;

function whenAtRest(callback) {
  let calm = 0;
  let seen = activity;
  const turn = () => {
    const moving = activity !== seen || process.getActiveResourcesInfo().some((resource) => !RESTING.test(resource));
    seen = activity;
    calm = moving ? 0 : calm + 1;
    if (calm >= CALM_TURNS) callback();
    else realSetImmediate(turn);
  };
  realSetImmediate(turn);
}

// Without its parent nobody would ever tell the time again.
process.on('disconnect', () => process.exit());

process.on('message', (message) => {
  switch (message.type) {
    case 'probe':
      whenAtRest(() => {
        const timer = earliest();
        send({ type: 'answer', id: message.id, requestsInFlight: requestsInFlight() + fetches.size, nextTimer: timer && timer.due, activity });
      });
      break;
    case 'time':
      now = message.now;
      send({ type: 'answer', id: message.id });
      break;
    case 'fire':
      fireEarliest();
      break;
    case 'invoke':
      activity += 1;
      now = message.now;
      origin = message.now;
      seed(message.seed);
      break;
  }
});

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
