import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { table, type TableUserConfig } from 'table';
import type { Figures, Way } from './verify-case';
import { SHAPES, type Shape } from './verify-scene';

/*
 * Verifying simulated organizations, on a simulated clock and against AWS's documented rates. No network: simulated time is waiting for rates.
 *
 * On its own: npx tsx bench/verify.ts [accounts…]
 */

const SIZES = [100, 1_000, 10_000, 50_000];

/** When garbage is collected is a matter of luck, so where a target depends on it, the worst of several runs counts. */
const RUNS_FOR_TARGETS = 5;

/** Above this the naive way is worked out instead of run. */
const NAIVE_RUN_UP_TO = 1_000;

interface Row {
  readonly accounts: number;
  readonly shape: Shape;
  readonly verify: Figures;
  readonly floor: Figures;
  readonly naive: Naive;
}

interface Naive {
  readonly calls: number;
  readonly simulatedMs: number;
  readonly measured: boolean;
}

/** Prints the figures, and which of the targets they meet. */
export function benchVerification(sizes: readonly number[] = SIZES): void {
  const rows: Row[] = [];
  for (const accounts of sizes) {
    const floor = run('floor', accounts, 'root');
    const naive = naiveWay(accounts, floor);
    for (const shape of Object.keys(SHAPES) as Shape[]) {
      rows.push({ accounts, shape, verify: worstOf(accounts === 50_000 ? RUNS_FOR_TARGETS : 1, accounts, shape), floor, naive });
    }
  }
  show('Verifying an organization, evidence auto', [
    ['accounts', 'policies on', 'calls', 'floor', 'naive', 'time', 'floor', 'naive', 'CPU, s', 'peak, MB', 'before, MB', 'refused', 'status'],
    ...rows.map(({ accounts, shape, verify, floor, naive }) => [
      number(accounts), SHAPES[shape],
      number(callsIn(verify)), number(callsIn(floor)), number(naive.calls),
      duration(verify.simulatedMs), duration(floor.simulatedMs), duration(naive.simulatedMs) + (naive.measured ? '' : ' *'),
      verify.cpuSeconds.toFixed(2), number(verify.peakMegabytes), number(verify.sceneMegabytes), number(verify.throttled), verify.status ?? '–',
    ]),
  ]);
  console.log([
    'calls, time: all calls made, and simulated seconds; floor: only listing the accounts, at the documented rate;',
    'naive: listing them, then DescribeEffectivePolicy one by one at 2 a second (* worked out, the others run);',
    'CPU, peak: of the whole process with the simulator in it, HTML report included, at 50,000 accounts the worst of several runs;',
    'before: memory when the organization was built; refused: calls that came too fast.',
  ].join('\n'));
  show('Calls by operation', [
    ['accounts', 'policies on', 'calls'],
    ...rows.map(({ accounts, shape, verify }) => [number(accounts), SHAPES[shape], byOperation(verify)]),
  ], { columns: { 2: { width: 100, wrapWord: true } } });
  console.log(targets(rows).join('\n'));
}

/** Its calls and its time follow from the floor; where both can be had they have to agree. */
function naiveWay(accounts: number, floor: Figures): Naive {
  const expected = { calls: callsIn(floor) + accounts, simulatedMs: floor.simulatedMs + accounts * 500 };
  if (accounts > NAIVE_RUN_UP_TO) return { ...expected, measured: false };
  const measured = run('naive', accounts, 'root');
  if (callsIn(measured) !== expected.calls || measured.simulatedMs !== expected.simulatedMs) {
    throw new Error(`the arithmetic for the naive way is wrong: ${JSON.stringify({ expected, measured })}`);
  }
  return { ...expected, measured: true };
}

function targets(rows: Row[]): string[] {
  const met = (yes: boolean, text: string) => `${yes ? 'met   ' : 'MISSED'} ${text}`;
  return rows.flatMap(({ accounts, shape, verify, floor }) => {
    const name = `${number(accounts)} accounts, ${SHAPES[shape]}:`;
    if (accounts === 10_000 && shape === 'root') {
      const [calls, time] = [callsIn(verify) / callsIn(floor), verify.simulatedMs / floor.simulatedMs];
      return [
        met(calls <= 1.1, `${name} calls ${calls.toFixed(3)} times the floor, at most 1.1 wanted`),
        met(time <= 1.2, `${name} simulated time ${time.toFixed(3)} times the floor, at most 1.2 wanted`),
      ];
    }
    if (accounts === 50_000) {
      return [
        met(verify.peakMegabytes < 300, `${name} peak ${number(verify.peakMegabytes)} MB, less than 300 wanted`),
        met(verify.cpuSeconds < 20, `${name} ${verify.cpuSeconds.toFixed(1)} s of CPU, less than 20 wanted; `
          + `the report has ${number((verify.reportBytes ?? 0) / 1e6)} MB`),
      ];
    }
    return [];
  });
}

function worstOf(runs: number, accounts: number, shape: Shape): Figures {
  const all = Array.from({ length: runs }, () => run('verify', accounts, shape));
  const worst = (of: (figures: Figures) => number) => Math.max(...all.map(of));
  return { ...all[0], peakMegabytes: worst(({ peakMegabytes }) => peakMegabytes), cpuSeconds: worst(({ cpuSeconds }) => cpuSeconds) };
}

function run(way: Way, accounts: number, shape: Shape): Figures {
  const output = execFileSync(process.execPath, ['--import', 'tsx', join(__dirname, 'verify-case.ts'), way, String(accounts), shape], {
    cwd: join(__dirname, '..'), encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(output) as Figures;
}

function callsIn({ calls }: Figures): number {
  return Object.values(calls).reduce((sum, count) => sum + count, 0);
}

function byOperation({ calls }: Figures): string {
  return Object.entries(calls).sort(([, a], [, b]) => b - a).map(([operation, count]) => `${operation} ${number(count)}`).join(', ');
}

function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 1 : 0 });
}

function show(title: string, rows: string[][], config: TableUserConfig = {}): void {
  console.log(`\n${title}\n\n${table(rows, { ...config, drawHorizontalLine: (line) => line === 1, drawVerticalLine: () => false })}`);
}

if (require.main === module) {
  const sizes = process.argv.slice(2).map(Number);
  benchVerification(sizes.length > 0 ? sizes : SIZES);
}
