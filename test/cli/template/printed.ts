import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { run } from '../run';

/** Options of `template` that change which resources there are. */
export const FLAGS: Record<string, string[]> = {
  'the policy': [],
  'policy and monitor': ['--monitor'],
  'policy, monitor and repair': ['--monitor', '--repair'],
  'policy and rule': ['--config-rule'],
  'everything': ['--monitor', '--repair', '--config-rule'],
};

export const EVERYTHING = FLAGS.everything!;

/** Runs the command, which has to succeed, and answers what it printed. */
export async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['template', ...args]);
  if (code !== 0) throw new Error(`${code}: ${stderr}`);
  return stdout;
}

/** What the command prints, read by a YAML 1.1 reader as CloudFormation's. */
export async function printedTemplate(...args: string[]): Promise<any> {
  return yaml(await printed(...args));
}

export function yaml(text: string): any {
  return parse(text, { version: '1.1' });
}

/** An empty folder for each test of a file. */
export function scratch(): (...path: string[]) => string {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'ai-opt-out-template-')); });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return (...path) => join(folder, ...path);
}

export function resources(template: any, type: string): any[] {
  return Object.values<any>(template.Resources).filter(({ Type }) => Type === type);
}
