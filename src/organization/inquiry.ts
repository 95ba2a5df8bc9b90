import { pause, type Clock } from './clock';
import { inParallel } from './concurrency';
import type { Answer, EffectiveAnswers } from './effective-answers';
import type { PolicyPath } from './policy-paths';
import type { ProgressListener } from './progress';
import { sample } from './random';
import { PARALLEL } from './reading';
import { conflictBetween, type Requirement } from './requirement';
import type { Account } from './snapshot';
import type { EvidenceMode } from './verification';

/** Up to so many accounts, `auto` asks AWS about every one. */
export const AUTO_LIMIT = 500;

/** How often AWS is asked again, and after how long, before an answer that does not fit counts: changes were seen to take up to 5.3 s. */
const SETTLE_ATTEMPTS = 6;
const SETTLE_PAUSE = 5_000;

/** How long an answer that nothing else supports has to stay the same. After the type was enabled, AWS shows what was true before it was disabled. */
const SUPPORTS_ITSELF = 10_000;

/** Accounts of one kind that are asked about until one of them gets an answer. */
const REPRESENTATIVES = 3;

/** An active account and its path. */
export interface Candidate {
  readonly account: Account;
  readonly path: PolicyPath;
}

/** What AWS has said about an account, in the end. */
export interface Observation extends Candidate {
  readonly answer: Answer;

  /** Since when AWS has been giving this answer. */
  readonly since: number;

  /** Whether it was given twice in a row, where it was asked for twice. */
  readonly steady: boolean;

  /** Whether an earlier answer did not fit. */
  readonly wavered: boolean;
}

export interface InquiryOptions {
  readonly mode: EvidenceMode;
  readonly spotChecks: number;
  readonly seed: number;

  /** Ids of accounts about which nothing may be concluded from policies. */
  readonly suspects: ReadonlySet<string>;
  readonly requirement: Requirement;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: ProgressListener;
}

/** Asks AWS about the accounts that have to be asked about. */
export class Inquiry {
  public readonly observations = new Map<string, Observation>();

  /** Accounts that were chosen at random. */
  public spotChecked = 0;
  private asked = 0;
  private total = 0;

  public constructor(private readonly answers: EffectiveAnswers, private readonly options: InquiryOptions) {}

  public async run(candidates: Candidate[]): Promise<void> {
    const { mode, spotChecks, seed } = this.options;
    if (mode === 'effective' || (mode === 'auto' && candidates.length <= AUTO_LIMIT)) {
      await this.ask(candidates);
    } else {
      await this.askRepresentatives(candidates);
      await this.ask(this.unasked(candidates.filter(({ account, path }) => this.isSuspect(account) || (mode === 'auto' && path.missing))));
      if (mode === 'auto') {
        const chosen = sample(this.unasked(candidates), spotChecks, seed);
        this.spotChecked = chosen.length;
        await this.ask(chosen);
      }
    }
    await this.settle();
  }

  /** Whether an answer is what the policies come to; one that has no policies beside it, whether it has stayed the same for long enough. */
  public fits({ path, answer, since }: Observation): boolean {
    if (answer.kind !== 'document') return true;
    if (!path.decisions) return this.options.requirement.offending(answer.entries).length > 0 || answer.at - since >= SUPPORTS_ITSELF;
    const { certain, uncertain } = conflictBetween(path.decisions, answer.entries);
    return certain.length + uncertain.length === 0;
  }

  /** Whether AWS itself says that the account's policies did not take effect. */
  public isSuspect({ id }: Account): boolean {
    return this.options.suspects.has(id);
  }

  /** AWS's answer is needed once for every path whose outcome is not certain. */
  private async askRepresentatives(candidates: Candidate[]): Promise<void> {
    const { requirement } = this.options;
    const uncertain = candidates.filter(({ path }) => path.decisions && !requirement.compute(path.decisions).certain);
    let groups = [...groupedBy(uncertain, ({ path }) => path.likeness).values()];
    for (let index = 0; index < REPRESENTATIVES && groups.length > 0; index++) {
      await this.ask(groups.map((group) => group[index]));
      groups = groups.filter((group) => group.length > index + 1 && this.observations.get(group[index].account.id)?.answer.kind !== 'document');
    }
  }

  private unasked(candidates: Candidate[]): Candidate[] {
    return candidates.filter(({ account }) => !this.observations.has(account.id));
  }

  private async ask(candidates: Candidate[]): Promise<void> {
    this.total += candidates.length;
    await inParallel(candidates, PARALLEL, async (candidate) => {
      const answer = await this.answers.ask(candidate.account.id);
      this.asked += 1;
      this.observations.set(candidate.account.id, { ...candidate, answer, since: timeOf(answer), steady: true, wavered: false });
      this.options.onProgress?.({ kind: 'step', phase: 'effective', done: this.asked, total: this.total });
    });
  }

  /** Asks again where an answer does not fit: a change may be on its way, in either direction. */
  private async settle(): Promise<void> {
    const misfits = [...this.observations.values()].filter((observation) => !this.fits(observation));
    const groups = [...groupedBy(misfits, ({ path }) => path.likeness).values()];
    let done = 0;
    await Promise.all(groups.map(async (group) => {
      await this.settleGroup(group.map(({ account }) => account.id));
      done += group.length;
      this.options.onProgress?.({ kind: 'step', phase: 'settling', done, total: misfits.length });
    }));
  }

  private async settleGroup(ids: string[]): Promise<void> {
    const { clock, signal } = this.options;
    let pending = ids;
    for (let attempt = 0; attempt < SETTLE_ATTEMPTS && pending.length > 0; attempt++) {
      await pause(clock, SETTLE_PAUSE, signal);
      const [first, ...others] = pending;
      await this.askAgain(first);
      // What has come through for one account has probably come through for all that are like it.
      if (this.fits(this.observations.get(first)!)) {
        await inParallel(others, PARALLEL, async (id) => this.askAgain(id));
        pending = others.filter((id) => !this.fits(this.observations.get(id)!));
      }
    }
    await inParallel(pending.slice(1), PARALLEL, async (id) => this.askAgain(id));
  }

  private async askAgain(id: string): Promise<void> {
    const before = this.observations.get(id)!;
    const answer = await this.answers.ask(id);
    const steady = isSame(before.answer, answer);
    const since = steady ? before.since : timeOf(answer);
    this.observations.set(id, { ...before, answer, steady, since, wavered: before.wavered || !steady });
  }
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

function timeOf(answer: Answer): number {
  return answer.kind === 'document' ? answer.at : 0;
}

function isSame(one: Answer, other: Answer): boolean {
  if (one.kind !== 'document' || other.kind !== 'document') return one.kind === other.kind;
  return one.notFound === other.notFound && one.entries.size === other.entries.size
    && [...one.entries].every(([key, setting]) => other.entries.get(key) === setting);
}
