import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveLandingZone } from './endpoint';
import { version } from '../../package.json';
import { LOCKED } from '../support/documents';

/* The command as it is installed: one file and bin/ai-opt-out. `npx projen bundle` makes it. */

const ROOT = join(__dirname, '..', '..');
const BIN = join(ROOT, 'bin', 'ai-opt-out');
const BUNDLE = join(ROOT, 'assets', 'cli', 'index.js');
const ENVIRONMENT = { PATH: process.env.PATH, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', HOME: '/nowhere' };

test('runs without anything installed beside it', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, '--version'], { encoding: 'utf8', env: { ...ENVIRONMENT, NODE_PATH: '' } });

  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  const required = [...readFileSync(BUNDLE, 'utf8').matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name).filter((name) => !isBuiltin(name));
  // The SDK tries the first one and does without; the second stands in a text for generated code.
  expect([...new Set(required)].sort()).toEqual(['@aws-sdk/signature-v4-crt', 'ajv/dist/runtime/equal']);
});

test('stays lean', () => {
  expect(statSync(BUNDLE).size).toBeLessThan(1_200_000);
});

test('--help evaluates neither the SDK nor a table', () => {
  const script = `
    const names = [];
    const { Module } = require('node:module');
    const load = Module._load;
    Module._load = (name, ...rest) => { names.push(name); return load(name, ...rest); };
    process.argv = ['node', 'ai-opt-out', '--help'];
    require(${JSON.stringify(BIN)});
    process.on('exit', () => console.error(JSON.stringify(names)));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: ENVIRONMENT });

  expect(stdout).toContain('Usage: ai-opt-out');
  // The SDK cannot be evaluated without these.
  expect(JSON.parse(stderr).filter((name: string) => /^(node:)?(https?|http2|crypto|os|readline)$/.test(name))).toEqual([]);
});

test('validates standard input', () => {
  const { status, stdout } = spawnSync(process.execPath, [BIN, 'validate', '-'], { encoding: 'utf8', env: ENVIRONMENT, input: LOCKED });

  expect(status).toBe(0);
  expect(stdout).toContain('-: ok');
});

test('a reader that closes early does not change the exit code', () => {
  const { status, stderr } = spawnSync('bash', ['-c', `set -o pipefail; "${process.execPath}" "${BIN}" validate nowhere.json --output json | true; echo "\${PIPESTATUS[0]}" >&2`], {
    encoding: 'utf8', env: ENVIRONMENT,
  });

  expect(status).toBeDefined();
  expect(stderr.trim()).toBe('3');
});

describe('against a simulated organization', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ai-opt-out-bundle-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** The server is in this process, so the command must not block it. */
  async function command(args: string[], interruptWhen: () => boolean = () => false) {
    const child = spawn(process.execPath, [BIN, ...args], { env: ENVIRONMENT });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => { stdout += chunk; });
    child.stderr.on('data', (chunk) => { stderr += chunk; });
    const timer = setInterval(() => { if (interruptWhen()) child.kill('SIGINT'); }, 50);
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    clearInterval(timer);
    return { code, stdout, stderr };
  }

  test('verifies and writes the report', async () => {
    const { url } = await serveLandingZone(({ organizations, rootId }) => {
      organizations.addPolicy({ name: 'OptOut', content: LOCKED, targetIds: [rootId] });
    });
    const report = join(directory, 'report.html');
    const { code, stdout, stderr } = await command(['verify', '--endpoint-url', url, '--report', report]);

    expect(stdout).toMatch(/^Opted out: all 5 active accounts are\.\n/);
    expect(stderr).toContain('listing accounts\n');
    expect(stderr).not.toMatch(/Warning|error/);
    expect(readFileSync(report, 'utf8')).toContain('Opted out: all 5 active accounts are.');
    expect(code).toBe(0);
  });

  test('Ctrl-C ends it at once with 130 and without a report', async () => {
    const neverAnswers = { now: () => Date.now(), sleep: async () => new Promise<void>(() => {}) };
    const { url, organizations } = await serveLandingZone((zone) => {
      zone.organizations.faults.add({ operation: 'ListAccounts', delayMs: 1 });
    }, neverAnswers);
    let interrupted = false;
    const listings = () => organizations.calls.filter(({ operation }) => operation === 'ListAccounts').length;
    const { code, stderr } = await command(['verify', '--endpoint-url', url, '--quiet', '--report', join(directory, 'interrupted.html')], () => {
      if (interrupted || listings() === 0) return false;
      interrupted = true;
      return true;
    });

    expect(stderr).toBe('error: interrupted\n');
    expect(code).toBe(130);
    // It did not wait until the call was given up and repeated.
    expect(listings()).toBe(1);
    expect(readdirSync(directory).filter((name) => name.includes('interrupted'))).toEqual([]);
  });
});
