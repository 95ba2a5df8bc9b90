import { join } from 'node:path';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- jest loads its reporters as CommonJS, which has no types to import
const SlowestFilesReporter = require('./slowest-files-reporter.cjs');

/** Returns what the reporter prints about files that took this many seconds. */
async function printed(seconds: number[]): Promise<string> {
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    new SlowestFilesReporter({ rootDir: '/project' }).onRunComplete(new Set(), {
      testResults: seconds.map((duration, i) => ({ testFilePath: join('/project', 'test', `${i}.test.ts`), perfStats: { start: 5_000, end: 5_000 + duration * 1000 } })),
    });
    await new Promise(setImmediate);
    return write.mock.calls.map(([text]) => text).join('');
  } finally {
    write.mockRestore();
  }
}

test('the five slowest files are listed, the slowest first', async () => {
  expect(await printed([1, 100.04, 3, 0.5, 2, 4])).toBe([
    '\nSlowest files:',
    '   100.0 s  test/1.test.ts',
    '     4.0 s  test/5.test.ts',
    '     3.0 s  test/2.test.ts',
    '     2.0 s  test/4.test.ts',
    '     1.0 s  test/0.test.ts\n',
  ].join('\n'));
});

test('nothing is listed for a single file', async () => {
  expect(await printed([1])).toBe('');
});
