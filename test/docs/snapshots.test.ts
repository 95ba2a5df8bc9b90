import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { blocksOf, ROOT } from './markdown';
import { FEATURES } from '../support/every-feature';
import { HANDLER } from '../support/stacks';

/* docs/snapshots.md: what consumers may rely on, as far as test/determinism.test.ts does not show it. */

const EXAMPLE = blocksOf('docs/snapshots.md').filter(({ file }) => file === 'template.test.ts');

function synthesized(): Record<string, string> {
  return Object.fromEntries(Object.entries(FEATURES).map(([name, define]) => [name, JSON.stringify(Template.fromStack(define(new App())).toJSON())]));
}

describe('templates do not depend on', () => {
  const now = synthesized();
  afterEach(() => jest.useRealTimers());

  test('the day', () => {
    for (const day of ['1999-12-31T23:59:59Z', '2038-01-19T03:14:08Z']) {
      jest.useFakeTimers({ now: new Date(day) });
      expect(new Date().toISOString().slice(0, 4)).toBe(day.slice(0, 4));
      expect(synthesized()).toEqual(now);
    }
  });

  test.each([
    { TZ: 'Pacific/Kiritimati' },
    { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' },
    { AWS_REGION: 'eu-central-1', AWS_DEFAULT_REGION: 'eu-central-1', AWS_PROFILE: 'nobody', CDK_DEFAULT_REGION: 'eu-central-1', CDK_DEFAULT_ACCOUNT: '999900001111' },
  ])('the environment: %j', (variables) => {
    const before = { ...process.env };
    try {
      Object.assign(process.env, variables);
      expect(synthesized()).toEqual(now);
    } finally {
      process.env = before;
    }
  });

  test('chance', () => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.123);
    expect(synthesized()).toEqual(now);
    random.mockRestore();
  });
});

describe('the serializer of the document', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ai-opt-out-snapshot-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The example as it stands there, in a project of its own. */
  async function jestInFolder(...options: string[]): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, [join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), ...options], { cwd: folder, env: { ...process.env, CI: '' } });
    let output = '';
    child.stdout.on('data', (chunk) => { output += chunk; });
    child.stderr.on('data', (chunk) => { output += chunk; });
    return { code: await new Promise((resolve) => child.on('close', resolve)), output };
  }

  test('elides the code and nothing else', async () => {
    expect(EXAMPLE).toHaveLength(1);
    writeFileSync(join(folder, EXAMPLE[0]!.file!), EXAMPLE[0]!.text);
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    writeFileSync(join(folder, 'package.json'), JSON.stringify({
      name: 'consumer',
      jest: {
        transform: { '\\.ts$': ['@swc/jest', { swcrc: false, jsc: { parser: { syntax: 'typescript' } } }] },
        moduleNameMapper: { '^cdk-ai-services-opt-out$': join(ROOT, 'src', 'index.ts') },
      },
    }));

    const written = await jestInFolder('--ci=false');
    expect(written).toMatchObject({ code: 0, output: expect.stringContaining('1 snapshot written') });
    const snapshot = readFileSync(join(folder, '__snapshots__', 'template.test.ts.snap'), 'utf8');
    expect(snapshot).toContain('"ZipFile": "(inline code)"');
    // No line of the code that is long enough to be one.
    expect(HANDLER.split('\n').filter((line) => line.trim().length > 20 && snapshot.includes(line.trim()))).toEqual([]);
    for (const type of ['AWS::Lambda::Function', 'AWS::Organizations::Policy', 'Custom::AiServicesOptOutPolicyType']) expect(snapshot).toContain(type);
    expect(snapshot.length).toBeLessThan(15_000);

    expect(await jestInFolder('--ci')).toMatchObject({ code: 0, output: expect.stringContaining('1 passed') });
    writeFileSync(join(folder, EXAMPLE[0]!.file!), EXAMPLE[0]!.text.replace('\'OptOut\')', '\'Another\')'));
    expect(await jestInFolder('--ci')).toMatchObject({ code: 1 });
  });
});
