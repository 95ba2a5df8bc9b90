import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Worker } from 'node:worker_threads';
import { taskArguments } from '../../simulator/task-arguments';

/*
 * The task `test:stress`: runs jest several times, each time in another random order, while busy loops keep every core occupied.
 * A test that depends on the order of tests, on real time or on the load of the machine fails here.
 */

const ROOT = join(__dirname, '../..');

const USAGE = `usage: npx projen test:stress -- [--runs N] [--loops N] [--seed N] [arguments of jest]

  --runs N    how often jest runs (default: 5)
  --loops N   busy loops beside jest (default: two for each core)
  --seed N    seed of the first run, to repeat it (default: random, as in the other runs)`;

interface Options {
  readonly runs: number;
  readonly loops: number;
  readonly seed: number;
  readonly jest: string[];
}

interface Run {
  readonly seed: number;
  readonly seconds: number;
  readonly code: number | null;
  readonly stopped: boolean;
  readonly failures: string[];
}

async function main(): Promise<number> {
  const options = optionsFrom(taskArguments());
  if (!options) {
    console.log(USAGE);
    return 2;
  }
  // Threads end with the process, whatever ends it.
  for (let i = 0; i < options.loops; i++) new Worker('for (;;);', { eval: true }).unref();

  const runs: Run[] = [];
  for (let seed = options.seed; runs.length < options.runs; seed = randomSeed()) {
    console.log(`\nRun ${runs.length + 1} of ${options.runs}: seed ${seed}, ${options.loops} busy loops`);
    const run = await runJest(seed, options.jest);
    runs.push(run);
    if (run.stopped) break;
  }

  console.log('\nRun         Seed    Time  Result');
  runs.forEach((run, i) => console.log(`${String(i + 1).padStart(3)}  ${String(run.seed).padStart(11)}  ${String(run.seconds).padStart(4)} s  ${resultOf(run)}`));
  const failed = runs.filter(({ code, stopped }) => code !== 0 && !stopped);
  for (const { seed, failures } of failed) {
    const repeat = `--seed=${seed}${options.jest.map((argument) => ` '${argument}'`).join('')}`;
    console.log([
      `\nSeed ${seed}:`,
      ...failures.map((failure) => `  ${failure}`),
      `  Repeat without load: npx jest ${repeat}`,
      `  Repeat under load:   npx projen test:stress -- --runs=1 --loops=${options.loops} ${repeat}`,
    ].join('\n'));
  }
  return runs.every(({ code }) => code === 0) ? 0 : 1;
}

/** Returns undefined if an option is not as the usage says. */
function optionsFrom(args: string[]): Options | undefined {
  const numbers = { runs: 5, loops: 2 * availableParallelism(), seed: randomSeed() };
  const jest: string[] = [];
  const rest = args.flatMap((argument) => (/^--(runs|loops|seed)=/.test(argument) ? argument.split('=') : [argument]));
  while (rest.length > 0) {
    const argument = rest.shift()!;
    const name = argument.slice(2);
    if (argument === '--help') return undefined;
    if (!argument.startsWith('--') || !(name in numbers)) {
      jest.push(argument);
      continue;
    }
    const value = rest.shift() ?? '';
    if (!/^-?\d+$/.test(value)) return undefined;
    numbers[name as keyof typeof numbers] = Number(value);
  }
  return numbers.runs >= 1 && numbers.loops >= 0 ? { ...numbers, jest } : undefined;
}

function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

async function runJest(seed: number, args: string[]): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'ai-opt-out-stress-'));
  const report = join(folder, 'report.json');
  const start = Date.now();
  const child = spawn(process.execPath, ['node_modules/jest/bin/jest.js', '--ci', `--seed=${seed}`, '--json', `--outputFile=${report}`, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'], // With --json, jest prints for people to standard error.
  });
  let stopped = false;
  const stop = () => {
    stopped = true;
    child.kill();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { seed, seconds: Math.round((Date.now() - start) / 1000), code, stopped, failures: code === 0 ? [] : failuresIn(report) };
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lists the failed tests of a report by file and name. A file that could not run is listed without a name. */
function failuresIn(report: string): string[] {
  let results;
  try {
    ({ testResults: results } = JSON.parse(readFileSync(report, 'utf8')));
  } catch {
    return []; // Jest ended before it wrote the report.
  }
  return results.filter(({ status }: any) => status === 'failed').flatMap(({ name, assertionResults }: any) => {
    const file = relative(ROOT, name);
    const tests = assertionResults.filter(({ status }: any) => status === 'failed').map(({ fullName }: any) => `${file}: ${fullName}`);
    return tests.length > 0 ? tests : [file];
  });
}

function resultOf({ code, stopped, failures }: Run): string {
  if (stopped) return 'stopped';
  if (code === 0) return 'passed';
  return failures.length === 0 ? `exit code ${code}` : `${failures.length} failed`;
}

main().then((code) => process.exit(code), (error) => {
  console.error(error);
  process.exit(1);
});
