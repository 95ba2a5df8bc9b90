import { PassThrough } from 'node:stream';
import type { CommandContext } from '../../src/cli/command-context';
import { progressDisplay } from '../../src/cli/progress';

let now = 0;
let text = '';

function context(isTTY: boolean): CommandContext {
  now = 1_000_000;
  text = '';
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80, cursorTo: () => true, clearLine: () => true, moveCursor: () => true });
  stream.on('data', (chunk) => { text += chunk; });
  const stderr = { isTTY, columns: 80, colour: false, stream, write: (line: string) => { text += line; } };
  return { stderr, now: () => new Date(now) } as unknown as CommandContext;
}

test('in a log: a line for each phase, and then one now and then', () => {
  const { onProgress, stop } = progressDisplay(context(false));
  onProgress({ kind: 'step', phase: 'accounts', done: 20 });
  for (let done = 0; done <= 1000; done++) {
    now += 60;
    onProgress({ kind: 'step', phase: 'effective', done, total: 1000 });
  }
  stop();

  const lines = text.split('\n');
  expect(lines.slice(0, 3)).toEqual(['listing accounts', 'asking AWS for effective policies (1000)', 'asking AWS for effective policies: 100 of 1000']);
  expect(lines.length).toBeLessThanOrEqual(13);
});

test('in a log: retries are told, but not every one', () => {
  const { onProgress } = progressDisplay(context(false));
  for (let attempt = 0; attempt < 10; attempt++) {
    now += 1_000;
    onProgress({ kind: 'retry', operation: 'ListAccounts', error: 'TooManyRequestsException: slow down', inMilliseconds: 700 });
  }

  expect(text.split('\n').filter(Boolean)).toEqual(Array(2).fill('AWS: TooManyRequestsException for ListAccounts, trying again in 1 s'));
});

test('on a terminal: a bar that is gone in the end', () => {
  const { onProgress, stop } = progressDisplay(context(true));
  onProgress({ kind: 'step', phase: 'accounts', done: 20 });
  onProgress({ kind: 'step', phase: 'effective', done: 5, total: 10 });
  stop();

  expect(text).toContain('listing accounts 20');
  expect(text).toMatch(/asking AWS for effective policies \[=+-+\] 5 of 10/);
});

test('--quiet says nothing', () => {
  const { onProgress, stop } = progressDisplay(context(false), true);
  onProgress({ kind: 'step', phase: 'accounts', done: 20 });
  stop();

  expect(text).toBe('');
});
