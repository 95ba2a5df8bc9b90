import { sceneOf, type Scene, type Shape } from './verify-scene';
import { DOCUMENTED_RATES } from '../simulator/organizations/rates';
import { reportChunks } from '../src/cli/output/report';
import { verifyOrganization } from '../src/organization';
import { POLICY_TYPE } from '../src/policy';

/*
 * One case of the verification benchmark, in a process of its own: the peak of a process's memory never goes down again.
 *
 * Arguments: way, accounts, shape. Prints one line of JSON.
 */

/** Ways to look at an organization. */
export type Way = 'verify' | 'floor' | 'naive';

export interface Figures {
  /** By operation, refused ones included. */
  readonly calls: Readonly<Record<string, number>>;
  readonly throttled: number;
  readonly simulatedMs: number;

  /** Of this process and its simulator, from the first call to the last byte of the report. */
  readonly cpuSeconds: number;

  /** Of the whole process, the organization inside it included. */
  readonly peakMegabytes: number;

  /** Of that, when the organization was there and nothing had been asked. */
  readonly sceneMegabytes: number;
  readonly status?: string;
  readonly reportBytes?: number;
}

const WAYS: Record<Way, (scene: Scene) => Promise<Pick<Figures, 'status' | 'reportBytes' | 'simulatedMs'>>> = {
  verify: async ({ client, clock, askedBy }) => {
    const start = clock.now();
    const verification = await verifyOrganization(client, { askedBy, evidence: 'auto', seed: 1 });
    const simulatedMs = clock.now() - start;
    let reportBytes = 0;
    for (const chunk of reportChunks(verification, { version: 'bench' })) reportBytes += Buffer.byteLength(chunk);
    return { status: verification.status, reportBytes, simulatedMs };
  },

  floor: async (scene) => {
    const start = scene.clock.now();
    await listAccounts(scene);
    return { simulatedMs: scene.clock.now() - start };
  },

  naive: async (scene) => {
    const { clock, send } = scene;
    const start = clock.now();
    for (const TargetId of await listAccounts(scene)) {
      await clock.sleep(NAIVE_PAUSE);
      await send('DescribeEffectivePolicy', { PolicyType: POLICY_TYPE, TargetId });
    }
    return { simulatedMs: clock.now() - start };
  },
};

/** Two a second. */
const NAIVE_PAUSE = 500;

/** All accounts, each page at the very moment at which AWS's documented rate allows it. */
async function listAccounts({ clock, send }: Scene): Promise<string[]> {
  const { perSecond, burst } = DOCUMENTED_RATES.ListAccounts.account;
  const start = clock.now();
  const ids: string[] = [];
  let NextToken: string | undefined;
  let calls = 0;
  do {
    calls += 1;
    const due = start + Math.max(0, (calls - burst) * 1000 / perSecond);
    if (due > clock.now()) await clock.sleep(due - clock.now());
    const page = await send('ListAccounts', { NextToken });
    for (const { Id } of page.Accounts!) ids.push(Id!);
    NextToken = page.NextToken;
  } while (NextToken);
  return ids;
}

async function main(): Promise<void> {
  const [way, accounts, shape] = process.argv.slice(2) as [Way, string, Shape];
  const scene = sceneOf(Number(accounts), shape);
  const sceneMegabytes = process.memoryUsage().rss / 1e6;
  const before = process.cpuUsage();
  const outcome = await WAYS[way](scene);
  const { user, system } = process.cpuUsage(before);

  const calls: Record<string, number> = {};
  for (const { operation } of scene.organizations.calls) calls[operation] = (calls[operation] ?? 0) + 1;
  const figures: Figures = {
    ...outcome,
    calls,
    throttled: scene.organizations.calls.filter((call) => call.outcome === 'TooManyRequestsException').length,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: process.resourceUsage().maxRSS * 1024 / 1e6,
    sceneMegabytes,
  };
  console.log(JSON.stringify(figures));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
