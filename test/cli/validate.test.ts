import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flat, run } from './run';
import { documentOf, entry, LOCKED, NONE } from '../support/documents';

const directory = mkdtempSync(join(tmpdir(), 'ai-opt-out-validate-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const service = (key: string, setting: object) => JSON.stringify({ services: { [key]: { opt_out_policy: setting } } });

test('a policy in order: what it sets, its locks and its size', async () => {
  const path = file('locked.json', JSON.stringify(JSON.parse(LOCKED), undefined, 2));
  const { code, stdout, stderr } = await run(['validate', path]);

  expect(code).toBe(0);
  expect(stdout).toBe([
    `${path}: ok`,
    '  sets: default optOut (every service without an entry, future ones included)',
    '  locks: services locked, default locked, values locked',
    '  size: 337 of 2,500 characters as written, 221 compact',
    '',
  ].join('\n'));
  expect(stderr).toBe('');
});

test('a problem comes with line, column, path, what is wrong and what is meant', async () => {
  const path = file('optout.json', '{\n  "services": {\n    "lex": {"opt_out_policy": {"@@assign": "optout"}}\n  }\n}\n');
  const { code, stdout } = await run(['validate', path]);

  expect(code).toBe(1);
  expect(stdout).toContain(`${path}: 1 problem\n`);
  expect(stdout).toContain(`${path}:3:44: error: services.lex.opt_out_policy.@@assign: must be "optOut" or "optIn", got "optout" (did you mean "optOut"?)`);
});

test('a misspelt service key gets the one that was meant', async () => {
  const { code, stdout } = await run(['validate', '-'], { stdin: service('rekogniton', { '@@assign': 'optOut' }) });

  expect(code).toBe(1);
  expect(stdout).toContain('"rekogniton" is not a service key; did you mean "rekognition"? (if AWS has added it since this release: --allow-service rekogniton)');
});

test('a service key that AWS has added since is accepted when it is named', async () => {
  const path = file('new.json', service('brandnew', { ...NONE, '@@assign': 'optOut' }));

  expect((await run(['validate', path])).code).toBe(1);
  expect(await run(['validate', path, '--allow-service', 'brandnew'])).toMatchObject({ code: 0, stdout: expect.stringContaining('sets: brandnew optOut') });
});

test('--allow-service takes service keys only', async () => {
  expect(await run(['validate', '-', '--allow-service', 'Brand New'], { stdin: LOCKED })).toMatchObject({ code: 3, stderr: expect.stringContaining('got "Brand New"') });
});

describe('holes in the locks', () => {
  const document = (services: object, container: object, value: object) => (
    JSON.stringify(documentOf({ ...services, default: { ...container, ...entry('optOut', value) } }))
  );

  test.each([
    ['nothing locked', document({}, {}, {}), ['services.default.opt_out_policy: not locked', 'services: not locked']],
    ['the value open', document(NONE, NONE, {}), ['services.default.opt_out_policy: not locked']],
    ['entries can be added', document({}, NONE, NONE), ['services: not locked']],
    ['entries can perhaps be added: only @@none is documented', document({ '@@operators_allowed_for_child_policies': ['@@append'] }, NONE, NONE), ['services: not locked']],
    ['the middle one missing', document(NONE, {}, NONE), ['services.default: the third lock']],
    ['a control that leaves @@assign', document(NONE, NONE, { '@@operators_allowed_for_child_policies': ['@@assign'] }), ['services.default.opt_out_policy: not locked']],
    ['a locked optIn', service('lex', { ...NONE, '@@assign': 'optIn' }), ['services.lex.opt_out_policy: locked to optIn']],
    ['a lock that keeps OUs from opting out', JSON.stringify(documentOf({ ...NONE, lex: entry('optOut', NONE) })), ['services: locked without a value']],
  ])('%s', async (_, text, holes) => {
    const { code, stdout } = await run(['validate', '-'], { stdin: text });

    expect(code).toBe(0);
    expect(stdout.match(/warning: /g)).toHaveLength(holes.length);
    for (const hole of holes) expect(stdout).toContain(`warning: ${hole}`);
  });
});

test('a policy that sets nothing is a warning, because AWS accepts it', async () => {
  const { code, stdout } = await run(['validate', '-'], { stdin: '{"services": {"lex": {"opt_out_policy": {}}}}' });

  expect(code).toBe(0);
  expect(stdout).toContain('has no @@assign');
  expect(stdout).toContain('this policy opts nobody out of anything');
});

test('too long only as written is a warning, too long compact a problem', async () => {
  const padded = await run(['validate', '-'], { stdin: LOCKED + ' '.repeat(2500) });
  const long = await run(['validate', '-'], { stdin: JSON.stringify({ 'services': {}, '@@assign': 'x'.repeat(2500) }) });

  expect(padded).toMatchObject({ code: 0, stdout: expect.stringContaining('has 2721 characters as written') });
  expect(long).toMatchObject({ code: 1, stdout: expect.stringMatching(/even without white space, \d+ more than the 2500/) });
});

test('malformed JSON is placed', async () => {
  const path = file('malformed.json', '{\n  "services": {,}\n}');
  const { code, stdout } = await run(['validate', path]);

  expect(code).toBe(1);
  expect(stdout).toMatch(/malformed\.json:2:16: error: not valid JSON/);
});

test('nesting without end is a problem and no crash', async () => {
  const { code, stdout } = await run(['validate', '-'], { stdin: '['.repeat(200_000) });

  expect(code).toBe(1);
  expect(stdout).toContain('nested too deeply to be a policy');
});

test.each([
  ['missing', () => join(directory, 'nowhere.json'), 'there is no such file'],
  ['a directory', () => directory, 'is a directory: name a policy file'],
  ['empty', () => file('empty.json', ' \n'), 'is empty'],
  ['10 MB', () => file('huge.json', Buffer.alloc(10 * 1024 * 1024, 'x')), 'has more than 1 MB'],
  ['UTF-16', () => file('utf16.json', Buffer.from('\ufeff{}', 'utf16le')), 'is UTF-16 text: save it as UTF-8'],
  ['not text', () => file('binary.json', Buffer.from([0xc3, 0x28])), 'is not UTF-8 text'],
])('a file that is %s ends with 3 and one line', async (_, path, message) => {
  const { code, stdout, stderr } = await run(['validate', path()]);

  expect(code).toBe(3);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  expect(stderr).toContain(message);
});

test('a byte order mark is a problem, because AWS gets it too', async () => {
  expect(await run(['validate', '-'], { stdin: `\ufeff${LOCKED}` })).toMatchObject({ code: 1, stdout: expect.stringContaining('byte order mark') });
});

test('several files: the others are checked although one cannot be read', async () => {
  const good = file('good.json', LOCKED);
  const bad = file('bad.json', '{}');
  const { code, stdout, stderr } = await run(['validate', good, join(directory, 'nowhere.json'), bad]);

  expect(code).toBe(3);
  expect(stdout).toContain(`${good}: ok`);
  expect(stdout).toContain(`${bad}: 1 problem`);
  expect(flat(stderr)).toContain('nowhere.json: there is no such file');
});

test('standard input is read once', async () => {
  expect(await run(['validate', '-', '-'], { stdin: LOCKED })).toMatchObject({ code: 3, stderr: expect.stringContaining('only once') });
});

test('JSON for machines', async () => {
  const bad = file('bad-too.json', service('lex', { '@@assign': 'optout' }));
  const { code, stdout } = await run(['validate', bad, '-', '--output', 'json'], { stdin: LOCKED });

  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 1,
    ok: false,
    files: [
      { file: bad, ok: false, problems: [{ path: 'services.lex.opt_out_policy.@@assign', line: 1, column: expect.any(Number) }] },
      {
        file: '-',
        ok: true,
        problems: [],
        warnings: [],
        characters: { limit: 2500, asWritten: 221, compact: 221 },
        sets: { default: 'optOut' },
        locks: { services: true, default: true, value: true },
      },
    ],
  });
});
