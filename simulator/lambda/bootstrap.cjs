'use strict';
/**
 * What Lambda's Node.js runtime does with one invocation: loads the handler, calls it with the event and a context, and reports its result, its
 * error and what it printed. Only async handlers: callbacks are gone since Node.js 24.
 */
const path = require('node:path');
const util = require('node:util');

const send = process.send.bind(process);
// A function must not find out that it has a parent.
delete process.send;

let invocation;

process.on('message', (message) => {
  if (message.type !== 'invoke') return;
  invocation = message;
  run().then(
    (value) => finish({ type: 'result', value: value === undefined ? null : value }),
    (error) => fail(error),
  );
});
process.on('uncaughtException', (error) => fail(error, 'Runtime.UncaughtException'));
process.on('unhandledRejection', (reason) => fail(reason, 'Runtime.UnhandledPromiseRejection'));

async function run() {
  const [file, name] = invocation.handler.split('.');
  const handler = load(file)[name];
  if (typeof handler !== 'function') throw named('Runtime.HandlerNotFound', `${invocation.handler} is undefined or not exported`);
  if (handler.length > 2) {
    throw named('Runtime.CallbackHandlerDeprecated', 'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24.');
  }
  const { deadline, ...context } = invocation.context;
  return handler(invocation.event, {
    ...context,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  });
}

function load(file) {
  try {
    return require(path.join(process.env.LAMBDA_TASK_ROOT, file));
  } catch (error) {
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', `${error.name}: ${error.message}`);
    if (error && error.code === 'MODULE_NOT_FOUND') throw named('Runtime.ImportModuleError', `Error: ${error.message}`);
    throw error;
  }
}

function named(name, message) {
  return Object.assign(new Error(message), { name });
}

function fail(error, wrapper) {
  const isError = util.types.isNativeError(error) || error instanceof Error;
  const errorType = wrapper || (isError ? error.name : typeof error);
  const errorMessage = isError ? (wrapper ? `${error.name}: ${error.message}` : error.message) : String(error);
  const trace = isError && error.stack ? error.stack.split('\n') : [];
  log('ERROR', `Invoke Error ${JSON.stringify({ errorType, errorMessage, stack: trace })}`);
  finish({ type: 'error', errorType, errorMessage, trace });
}

function finish(message) {
  try {
    JSON.stringify(message);
    send(message);
  } catch (error) {
    send({ type: 'error', errorType: 'Runtime.MarshalError', errorMessage: `Unable to stringify response body: ${error.message}`, trace: [] });
  }
}

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
