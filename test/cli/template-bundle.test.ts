import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { flat } from './run';
import { printed } from './template/printed';
import { version } from '../../package.json';

/* The command as it is installed, and what it finds installed beside it. `npx projen bundle` makes assets/. */

const ROOT = join(__dirname, '..', '..');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'ai-opt-out-package-')));
const PACKAGE = join(folder, 'elsewhere', 'lib', 'node_modules', 'cdk-ai-services-opt-out');
const WORK = join(folder, 'work');

beforeAll(() => {
  for (const part of ['package.json', 'bin', 'assets']) cpSync(join(ROOT, part), join(PACKAGE, part), { recursive: true });
  // What jsii compiles, in a second instead of thirty.
  const sources = readdirSync(join(ROOT, 'src'), { recursive: true }).map(String).filter((path) => path.endsWith('.ts') && !/^(cli|handlers|organization)/.test(path));
  buildSync({ entryPoints: sources.map((path) => join(ROOT, 'src', path)), outbase: join(ROOT, 'src'), outdir: join(PACKAGE, 'lib'), format: 'cjs', platform: 'node' });
  link('@humanwhocodes/momoa', PACKAGE);
  mkdirSync(WORK, { recursive: true });
});

afterEach(() => {
  for (const place of [PACKAGE, WORK]) for (const name of ['aws-cdk-lib', 'constructs']) rmSync(join(place, 'node_modules', name), { recursive: true, force: true });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Installs one of this project's dependencies. */
function link(name: string, place: string): void {
  const path = join(place, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), path, 'junction');
}

function command(...args: string[]) {
  const environment = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(PACKAGE, 'bin', 'ai-opt-out'), ...args], { cwd: WORK, encoding: 'utf8', env: environment });
  return { status, stdout, stderr };
}

test.each([
  ['where the package is', PACKAGE],
  ['in the working directory', WORK],
])('prints the same as from its sources with aws-cdk-lib %s', async (_where, place) => {
  for (const name of ['aws-cdk-lib', 'constructs']) link(name, place);
  const { status, stdout, stderr } = command('template', '--config-rule');
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^(note: .*)?/) });
  expect(stdout === await printed('--config-rule')).toBe(true);
});

test('fails with 3 where it is nowhere, and says what to install', () => {
  const { status, stdout, stderr } = command('template');
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toBe(`error: this command makes the template with aws-cdk-lib, which is not installed.
Install it in this folder:
  npm install aws-cdk-lib constructs
or run the command once with everything it needs:
  npx -p cdk-ai-services-opt-out -p aws-cdk-lib -p constructs ai-opt-out template
The package also has ready-made templates, which need nothing installed.
`);
});

test('fails where constructs is missing, before anything is printed', () => {
  mkdirSync(join(WORK, 'node_modules', 'aws-cdk-lib'), { recursive: true });
  writeFileSync(join(WORK, 'node_modules', 'aws-cdk-lib', 'package.json'), '{ "version": "2.239.0" }');
  expect(command('template')).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('npm install aws-cdk-lib constructs') });
});

test.each(['2.100.0', '1.239.0', '3.0.0'])('fails with aws-cdk-lib %s, and says which is wanted', (found) => {
  const place = join(WORK, 'node_modules', 'aws-cdk-lib');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), JSON.stringify({ version: found }));
  const { status, stderr } = command('template');
  expect(status).toBe(3);
  expect(stderr).toContain(`error: this command needs aws-cdk-lib 2.239.0 or a later 2, found ${found} in ${place}.\n`);
});

test('nothing else needs it', () => {
  expect(command('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  expect(flat(command('--help').stdout)).toContain('template [options]');
  expect(command('template', '--help').status).toBe(0);
  expect(JSON.parse(command('template', '--format', 'policy').stdout)).toHaveProperty('services.default');
  writeFileSync(join(WORK, 'policy.json'), '{ "services": { "default": { "opt_out_policy": { "@@assign": "optOut" } } } }');
  expect(command('validate', 'policy.json').status).toBe(0);
});

test('wrong usage is noticed before anything is looked for', () => {
  expect(command('template', '--repair')).toEqual({ status: 3, stdout: '', stderr: 'error: --repair is done by the monitor; add --monitor\n' });
});

test('writes a folder in the working directory', () => {
  for (const name of ['aws-cdk-lib', 'constructs']) link(name, PACKAGE);
  expect(command('template', '--format', 'lza', '--out', 'lza')).toMatchObject({ status: 0, stdout: '' });
  expect(existsSync(join(WORK, 'lza', 'customizations-config.yaml'))).toBe(true);
});

test('a reader that closes early is no failure', () => {
  for (const name of ['aws-cdk-lib', 'constructs']) link(name, PACKAGE);
  const line = `set -o pipefail; "${process.execPath}" "${join(PACKAGE, 'bin', 'ai-opt-out')}" template --monitor | head -1`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], { cwd: WORK, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'AWSTemplateFormatVersion: "2010-09-09"\n' });
  expect(stderr).not.toMatch(/EPIPE|error/);
});
