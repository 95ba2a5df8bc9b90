import { pause } from './clock';
import { inParallel } from './concurrency';
import { effectiveDocumentIn } from './content';
import { describeError, isDenied, nameOf, OrganizationsError } from './errors';
import type { OrganizationsClient } from './organizations-client';
import type { PolicyPath } from './policy-paths';
import type { ProgressListener } from './progress';
import { isGap, PARALLEL } from './reading';
import { conflictBetween, entriesOf, type Entries, type Requirement } from './requirement';
import type { Account, PolicyTypeStatus } from './snapshot';
import type { EvidenceMode } from './verification';
import { POLICY_TYPE, type EffectiveDocument } from '../policy/grammar';

/** How often an effective policy is read again that differs from the policies, and after how long. Changes were seen to take up to 5.3 s. */
const SETTLE_ATTEMPTS = 6;
const SETTLE_PAUSE = 5_000;

/**
 * How long an effective policy has to stay the same if nothing else supports it. After the policy type was enabled, AWS returns for a while what was
 * in effect before it was disabled.
 */
const SUPPORTS_ITSELF = 10_000;

/** How many accounts with the same policies are queried until one of them has a result. */
const REPRESENTATIVES = 3;

/** After this many denied calls and not a single result, the caller may not make the call at all. */
const DENIALS = 5;

/** An active account and its path. */
export interface Candidate {
  readonly account: Account;
  readonly path: PolicyPath;
}

/**
 * The result of DescribeEffectivePolicy for an account:
 * - `document`: its effective policy, and when it was read. If no policy is in effect, it is empty, and `notFound` is the error;
 * - `failed`: the call failed, and why;
 * - `late`: there was no time for the call;
 * - `left`: the account is no longer in the organization.
 */
export type EffectiveResult =
  | { readonly kind: 'document'; readonly document: EffectiveDocument; readonly entries: Entries; readonly notFound?: string; readonly at: number }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'late' }
  | { readonly kind: 'left' };

/** The last result for an account. */
export interface Observation extends Candidate {
  readonly result: EffectiveResult;

  /** Since when the result is the same. */
  readonly since: number;

  /** Whether two calls in a row had the same result. A result is only checked again if it differs from the policies. */
  readonly steady: boolean;

  /** Whether an earlier call had another result. */
  readonly wavered: boolean;
}

/** How much is queried. This is all that differs between a verification by a person and one by the monitor. */
export interface QueryBudget {
  /** @default 'auto' */
  readonly evidence?: EvidenceMode;

  /**
   * Up to this many accounts, `auto` queries all of them.
   *
   * @default 500
   */
  readonly queryAllUpTo?: number;

  /**
   * How many more accounts are queried than necessary.
   *
   * @default 25 if `evidence` is `auto`, otherwise none
   */
  readonly spotChecks?: number;

  /** Chooses the spot checks. */
  readonly choose?: (candidates: Candidate[], count: number) => Candidate[];

  /** Chooses the spot checks in turn instead, beginning at this account: the `next` of the verification before. */
  readonly from?: string;

  /** Ends the work: accounts that were not queried by then are unknown. An organization that was not read by then is an error. */
  readonly deadline?: AbortSignal;
}

const QUERY_ALL_UP_TO = 500;
const SPOT_CHECKS = 25;

export interface QueryContext {
  readonly client: OrganizationsClient;
  readonly signal: AbortSignal;
  readonly onProgress?: ProgressListener;
  readonly requirement: Requirement;
  readonly policyType: PolicyTypeStatus;

  /** Ids of the accounts with an invalid effective policy; undefined if the list could not be read. */
  readonly invalid: ReadonlySet<string> | undefined;
}

/** Whether a result is what the policies come to. If the policies are unknown: whether it has stayed the same for long enough. */
export function fits({ path, result, since }: Observation, requirement: Requirement): boolean {
  if (result.kind !== 'document') return true;
  if (!path.decisions) return requirement.offending(result.entries).length > 0 || result.at - since >= SUPPORTS_ITSELF;
  const { certain, uncertain } = conflictBetween(path.decisions, result.entries);
  return certain.length + uncertain.length === 0;
}

/** Reads the effective policies of the accounts whose status needs them. (Members have no comments of their own: those would travel in templates.) */
export class EffectivePolicies {
  public readonly observations = new Map<string, Observation>();
  public spotChecksWanted = 0;
  public spotChecked: Candidate[] = [];
  public next?: string;

  private denials = 0;
  private documents = 0;
  private lasting?: EffectiveResult;
  private queried = 0;
  private total = 0;

  public constructor(private readonly context: QueryContext, private readonly budget: QueryBudget) {}

  public async query(candidates: Candidate[]): Promise<void> {
    const { evidence = 'auto', queryAllUpTo = QUERY_ALL_UP_TO, choose = (unread, count) => unread.slice(0, count), from, spotChecks = evidence === 'auto' ? SPOT_CHECKS : 0 } = this.budget;
    if (evidence === 'effective' || (evidence === 'auto' && candidates.length <= queryAllUpTo)) {
      await this.read(candidates);
    } else {
      const ordered = from === undefined ? candidates : inTurn(candidates, from);
      await this.readRepresentatives(ordered);
      await this.read(this.unread(ordered.filter((candidate) => this.isNeeded(candidate, evidence))));
      const late = () => ordered.find(({ account }) => this.observations.get(account.id)?.result.kind === 'late');
      const neededNext = late();
      const unread = this.unread(ordered);
      this.spotChecked = choose(unread, spotChecks);
      this.spotChecksWanted = Math.min(spotChecks, unread.length);
      await this.read(this.spotChecked);
      this.next = (neededNext ?? late() ?? unread[spotChecks])?.account.id;
    }
    await this.settle();
  }

  private isNeeded({ account, path }: Candidate, evidence: EvidenceMode): boolean {
    const { invalid, requirement, policyType } = this.context;
    if (invalid?.has(account.id)) return true;
    if (evidence === 'computed') return false;
    const computed = path.decisions && requirement.compute(path.decisions);
    return !computed || ((invalid === undefined || policyType === 'UNKNOWN') && (computed.met || !computed.certain));
  }

  private async readRepresentatives(candidates: Candidate[]): Promise<void> {
    const { requirement, invalid } = this.context;
    const uncertain = candidates.filter(({ account, path }) => (
      path.decisions && !requirement.compute(path.decisions).certain && !invalid?.has(account.id)
    ));
    let groups = [...groupedBy(uncertain, ({ path }) => path.equivalenceKey).values()];
    for (let index = 0; index < REPRESENTATIVES && groups.length > 0; index++) {
      await this.read(groups.map((group) => group[index]));
      groups = groups.filter((group) => group.length > index + 1 && this.observations.get(group[index].account.id)?.result.kind !== 'document');
    }
  }

  private unread(candidates: Candidate[]): Candidate[] {
    return candidates.filter(({ account }) => !this.observations.has(account.id));
  }

  private async read(candidates: Candidate[]): Promise<void> {
    this.total += candidates.length;
    await inParallel(candidates, PARALLEL, async (candidate) => {
      const result = await this.describe(candidate.account.id);
      this.queried += 1;
      this.observations.set(candidate.account.id, { ...candidate, result, since: timeOf(result), steady: false, wavered: false });
      this.context.onProgress?.({ kind: 'step', phase: 'effective', done: this.queried, total: this.total });
    });
  }

  // A change may be in progress, in either direction. Once it is in effect for one account, it most likely is for all with the same policies.
  private async settle(): Promise<void> {
    const { client, signal, requirement, onProgress } = this.context;
    const isSettled = ({ account }: Candidate) => fits(this.observations.get(account.id)!, requirement);
    const readAgain = async (candidates: Candidate[]) => inParallel(candidates, PARALLEL, async ({ account }) => this.readAgain(account.id));
    const misfits = [...this.observations.values()].filter((observation) => !fits(observation, requirement));
    let groups = [...groupedBy(misfits, ({ path }) => path.equivalenceKey).values()];
    for (let attempt = 0; attempt < SETTLE_ATTEMPTS && groups.length > 0 && !this.isLate(); attempt++) {
      await pause(client.clock, SETTLE_PAUSE, signal).catch((error) => { if (!this.isLate()) throw error; });
      await readAgain(groups.map(([first]) => first));
      const settled = groups.filter(([first]) => isSettled(first));
      await readAgain(settled.flatMap((group) => group.slice(1)));
      groups = groups.map((group) => (isSettled(group[0]) ? group.filter((candidate) => !isSettled(candidate)) : group))
        .filter((group) => group.length > 0);
      const left = groups.reduce((sum, group) => sum + group.length, 0);
      onProgress?.({ kind: 'step', phase: 'settling', done: misfits.length - left, total: misfits.length });
    }
    await readAgain(groups.flatMap((group) => group.slice(1)));
  }

  private async readAgain(id: string): Promise<void> {
    const before = this.observations.get(id)!;
    const result = await this.describe(id);
    if (result.kind === 'late') return;
    const steady = isSame(before.result, result);
    const since = steady ? before.since : timeOf(result);
    this.observations.set(id, { ...before, result, steady, since, wavered: before.wavered || !steady });
  }

  private async describe(TargetId: string): Promise<EffectiveResult> {
    if (this.lasting) return this.lasting;
    const { client, signal } = this.context;
    try {
      const { EffectivePolicy } = await client.call('DescribeEffectivePolicy', { PolicyType: POLICY_TYPE, TargetId }, signal);
      const document = effectiveDocumentIn(EffectivePolicy?.PolicyContent ?? '');
      if (!document) return failed(`this version does not understand the result: ${EffectivePolicy?.PolicyContent}`);
      this.documents += 1;
      return { kind: 'document', document, entries: entriesOf(document), at: client.clock.now() };
    } catch (error) {
      if (this.isLate()) return { kind: 'late' };
      signal.throwIfAborted();
      if (nameOf(error) === 'EffectivePolicyNotFoundException') {
        this.documents += 1;
        return { kind: 'document', document: {}, entries: new Map(), notFound: describeError(error), at: client.clock.now() };
      }
      if (nameOf(error) === 'TargetNotFoundException') return await this.hasLeft(TargetId) ? { kind: 'left' } : failed(describeError(error));
      if (!isGap(error)) throw error;
      const result: EffectiveResult = isDenied(error)
        ? { kind: 'failed', why: `DescribeEffectivePolicy was denied (${(error as Error).message})` } : failed(describeError(error));
      if (isDenied(error)) this.denials += 1;
      // What was retried for minutes, or is not offered, fails for every other account as well.
      if (error instanceof OrganizationsError || /^Un(knownOperation|supportedAPIEndpoint)/.test(nameOf(error))
        || (this.denials >= DENIALS && this.documents === 0)) this.lasting = result;
      return result;
    }
  }

  // AWS may not find an account either that has only just joined.
  private async hasLeft(AccountId: string): Promise<boolean> {
    const { client, signal } = this.context;
    try {
      await client.call('DescribeAccount', { AccountId }, signal);
      return false;
    } catch (error) {
      if (nameOf(error) === 'AccountNotFoundException') return true;
      if (this.isLate() || isGap(error)) return false;
      throw error;
    }
  }

  private isLate(): boolean {
    return this.budget.deadline?.aborted ?? false;
  }
}

/** The accounts in order of their ids, beginning at one of them. */
function inTurn(candidates: Candidate[], from: string): Candidate[] {
  const sorted = [...candidates].sort((a, b) => (a.account.id < b.account.id ? -1 : 1));
  const start = Math.max(0, sorted.findIndex(({ account }) => account.id >= from));
  return [...sorted.slice(start), ...sorted.slice(0, start)];
}

export function groupedBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function failed(why: string): EffectiveResult {
  return { kind: 'failed', why: `DescribeEffectivePolicy failed (${why})` };
}

function timeOf(result: EffectiveResult): number {
  return result.kind === 'document' ? result.at : 0;
}

function isSame(one: EffectiveResult, other: EffectiveResult): boolean {
  if (one.kind !== 'document' || other.kind !== 'document') return one.kind === other.kind;
  return one.notFound === other.notFound && one.entries.size === other.entries.size
    && [...one.entries].every(([key, setting]) => other.entries.get(key) === setting);
}
