import { execFileSync } from 'child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

const PROJECT = join(__dirname, '..');

/** The second process runs on this one, where the environment names it; CI names a Node.js 24. */
const OTHER_NODE = process.env.NODE24 ?? process.execPath;

interface Synthesized {
  readonly node: string;
  readonly flags: { readonly plain: Record<string, string>; readonly recommended: Record<string, string> };
}

const folders: string[] = [];

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Synthesizes in a new process, from a copy of the library in a folder of its own. */
function synthesizeIn(parent: string, node: string): Synthesized {
  const folder = mkdtempSync(join(tmpdir(), parent));
  folders.push(folder);
  for (const part of ['package.json', 'src', 'assets', join('test', 'support')]) cpSync(join(PROJECT, part), join(folder, part), { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const output = execFileSync(node, ['--import', 'tsx', join('test', 'support', 'synthesize.ts')], { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 });
  return JSON.parse(output);
}

describe(`two processes, in different folders, the second on ${OTHER_NODE === process.execPath ? 'the same Node.js (NODE24 is not set)' : OTHER_NODE}`, () => {
  const one = synthesizeIn('one-', process.execPath);
  const other = synthesizeIn('another-folder-', OTHER_NODE);

  test('ran on the Node.js they were meant to run on', () => {
    const version = (node: string) => execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    expect([one.node, other.node]).toEqual([process.version, version(OTHER_NODE)]);
  });

  test('synthesize something', () => {
    expect(Object.keys(one.flags.plain).sort()).toEqual([
      'EveryProp', 'Monitor', 'MonitorEveryProp', 'MonitorRepairRule', 'OneLine', 'Rule', 'Services', 'Two',
    ]);
    expect(one.flags.plain.OneLine).toContain('AISERVICES_OPT_OUT_POLICY');
  });

  test.each(Object.keys(one.flags.plain))('synthesize %s to the same bytes', (stack) => {
    expect(other.flags.plain[stack]).toBe(one.flags.plain[stack]);
    expect(other.flags.recommended[stack]).toBe(one.flags.recommended[stack]);
  });

  test.each(Object.keys(one.flags.plain))('synthesize %s to the same bytes with and without the CDK\'s recommended feature flags', (stack) => {
    expect(one.flags.recommended[stack]).toBe(one.flags.plain[stack]);
  });

  test('leave no trace of the folder', () => {
    for (const folder of folders) expect(JSON.stringify([one, other])).not.toContain(folder);
  });
});
