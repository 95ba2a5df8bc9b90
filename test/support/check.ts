import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { taskArguments } from '../../simulator/task-arguments';

/*
 * The task `test`: runs lint and the type check beside jest, and passes its arguments to jest.
 *
 * Jest prints while it runs. Lint and the type check print when jest has finished, and only if they fail. All run at the same priority:
 * lint uses one core, so a late end of it would leave the other cores idle.
 */

const ROOT = join(__dirname, '../..');
const JEST = 'node_modules/jest/bin/jest.js';
const PROJEN = 'node_modules/projen/bin/projen';

interface Result {
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

async function main(): Promise<number> {
  const lint = run([PROJEN, 'eslint']);
  const types = run([PROJEN, 'test:types']);
  const jest = await run([JEST, '--ci', ...taskArguments()], 'inherit');
  const results = Object.entries({ Jest: jest, Lint: await lint, Types: await types });

  for (const [name, { passed, output }] of results) {
    if (!passed && output) console.log(`\n${name}:\n${output.trimEnd()}`);
  }
  console.log(`\n${results.map(([name, { passed, seconds }]) => `${name} ${passed ? 'passed' : 'FAILED'} (${seconds} s)`).join(', ')}`);
  return results.every(([, { passed }]) => passed) ? 0 : 1;
}

/** Runs a script with Node.js. Collects what it prints, unless that goes to this process's own output. */
function run(args: string[], stdio: 'inherit' | 'pipe' = 'pipe'): Promise<Result> {
  const start = Date.now();
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['inherit', stdio, stdio] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (chunk) => { output += chunk; });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ passed: code === 0, seconds: Math.round((Date.now() - start) / 1000), output }));
  });
}

void main().then((code) => { process.exitCode = code; });
