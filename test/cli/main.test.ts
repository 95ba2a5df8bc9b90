import { run } from './run';
import { version } from '../../package.json';

test('--help lists the commands', async () => {
  const { code, stdout } = await run(['--help']);

  expect(code).toBe(0);
  for (const command of ['verify', 'plan', 'apply', 'remove', 'validate', 'template']) expect(stdout).toContain(`  ${command} `);
});

test.each(['verify', 'validate'])('the help of %s documents the exit codes', async (command) => {
  const { code, stdout } = await run([command, '--help']);

  expect(code).toBe(0);
  expect(stdout).toContain('Exit codes:');
});

test('--version prints the version of the package', async () => {
  expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
});

test.each([
  ['an unknown command', ['verfy'], /unknown command 'verfy'\n\(Did you mean verify\?\)/],
  ['an unknown option', ['verify', '--outptu', 'json'], /unknown option '--outptu'\n\(Did you mean --output\?\)/],
  ['a value that is not offered', ['verify', '--output', 'yaml'], /Allowed choices are table, json, junit/],
  ['a number that is none', ['verify', '--spot-checks', '-1'], /It has to be a whole number/],
  ['spot checks that are not made', ['verify', '--evidence', 'computed', '--spot-checks', '5'], /--spot-checks has no effect with --evidence computed/],
  ['a seed that chooses nothing', ['verify', '--evidence', 'effective', '--seed', '5'], /--seed has no effect with --evidence effective/],
  ['a missing argument', ['validate'], /missing required argument 'file'/],
  ['an argument too many', ['verify', 'everything'], /too many arguments/],
])('%s is told and ends with 3', async (_, args, message) => {
  const { code, stdout, stderr } = await run(args);

  expect(code).toBe(3);
  expect(stderr).toMatch(message);
  expect(stdout).toBe('');
});

test('no command at all shows the help on stderr and ends with 3', async () => {
  const { code, stdout, stderr } = await run([]);

  expect(code).toBe(3);
  expect(stderr).toContain('Usage: ai-opt-out');
  expect(stdout).toBe('');
});
