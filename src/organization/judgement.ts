import { groupedBy, type Candidate, type Inquiry, type Observation } from './inquiry';
import type { PolicyPath } from './policy-paths';
import { conflictBetween, entriesFrom, type Computation, type Conflict, type Entries, type Requirement } from './requirement';
import type { PolicyTypeStatus } from './snapshot';
import type { EvidenceKind, Status } from './verification';
import { answered, coveredOnly, doubts, obstacles, optedOutBy } from './wording';
import type { EffectiveDocument } from '../policy/grammar';

/** The status about an account, and what it rests on. */
export interface Judgement extends Candidate {
  readonly status: Status;
  readonly reason: string;
  readonly evidence: EvidenceKind | undefined;

  /** What holds for the account, by the best evidence there is. */
  readonly entries?: Entries;
  readonly effective?: EffectiveDocument;

  /** Where AWS's answer, after everything had time to settle, is not what the policies come to. */
  readonly conflict?: Conflict;
}

/**
 * Weighs what was computed against what AWS answered.
 *
 * The rule above all others: "opted out" is only said where nothing speaks against it. So where two kinds of evidence differ about something that
 * is certain, the worse one counts; and what rests on an uncertain rule needs AWS's word for an account with the same policies.
 */
export class Judge {
  private readonly reasons = new Map<PolicyPath, string>();
  private readonly silences = new Map<PolicyPath, string>();

  /** For each likeness that AWS was asked about: the answer that does not fit, if there is one. */
  private readonly answers = new Map<string, { readonly misfit?: Observation }>();

  public constructor(
    private readonly policyType: PolicyTypeStatus,
    private readonly requirement: Requirement,
    private readonly inquiry: Inquiry,
  ) {
    const told = [...inquiry.observations.values()].filter(({ answer }) => answer.kind === 'document');
    for (const [likeness, observations] of groupedBy(told, ({ path }) => path.likeness)) {
      this.answers.set(likeness, { misfit: observations.find((observation) => !inquiry.fits(observation)) });
    }
  }

  public judge(candidate: Candidate): Judgement {
    const observation = this.inquiry.observations.get(candidate.account.id);
    if (this.policyType !== 'ENABLED' && this.policyType !== 'UNKNOWN') {
      const pending = this.policyType === 'DISABLED' ? '' : ` (${this.policyType})`;
      return { ...candidate, status: 'notOptedOut', reason: `the policy type is not enabled in this organization${pending}`, evidence: 'computed' };
    }
    return observation ? this.judgeAsked(observation) : this.judgeUnasked(candidate);
  }

  private judgeAsked(observation: Observation): Judgement {
    const { account, path, answer, steady } = observation;
    const candidate = { account, path };
    const computation = this.computationOf(path);
    if (answer.kind !== 'document') {
      const why = answer.kind === 'refused' ? answer.why : 'it has left the organization';
      return this.certainObstacle(candidate) ?? unknown(candidate, computation?.certain === false ? `${doubts(path)}, and ${why}` : why);
    }

    const { document: effective, entries } = answer;
    const offending = this.requirement.offending(entries);
    const found = path.decisions && conflictBetween(path.decisions, entries);
    const conflict = found && found.certain.length + found.uncertain.length > 0 ? found : undefined;
    const told = { ...candidate, evidence: 'effective' as const, entries, effective, ...(conflict && { conflict }) };

    if (offending.length > 0) {
      const reason = answer.notFound ? `AWS answers that no policy is in effect (${answer.notFound})`
        : conflict || !path.decisions ? answered(path, entries, offending) : this.reasonFor(path);
      return { ...told, status: 'notOptedOut', reason };
    }
    if (computation && !computation.met && conflict!.certain.length > 0) {
      return { ...told, status: 'notOptedOut', reason: `${obstacles(path, computation.offending, coveredOnly(path))}, although AWS answers that it is opted out` };
    }
    if (path.decisions && !conflict) return { ...told, status: 'optedOut', reason: this.reasonFor(path) };
    if (!steady || (!path.decisions && !this.inquiry.fits(observation))) {
      return { ...told, ...unknown(candidate, "AWS's answers kept changing"), entries: undefined };
    }
    return { ...told, status: 'optedOut', reason: `opted out, as AWS answers${path.missing ? `; ${path.missing}` : ''}` };
  }

  private judgeUnasked(candidate: Candidate): Judgement {
    const { path } = candidate;
    const computation = this.computationOf(path);
    if (!computation) return unknown(candidate, path.missing!);
    const obstacle = this.certainObstacle(candidate);
    if (obstacle) return obstacle;
    if (this.policyType === 'UNKNOWN') return unknown(candidate, 'whether the policy type is enabled could not be read');

    const computed = { ...candidate, status: statusOf(computation), reason: this.reasonFor(path), entries: entriesFrom(path.decisions!) };
    const answers = this.answers.get(path.likeness);
    if (answers?.misfit) return this.judgeByMisfit(candidate, answers.misfit);
    if (computation.certain) return { ...computed, evidence: 'computed' };
    if (answers) return { ...computed, evidence: 'path' };
    return unknown(candidate, this.silenceAbout(path));
  }

  /** AWS has contradicted the computation for an account with the same policies. */
  private judgeByMisfit(candidate: Candidate, misfit: Observation): Judgement {
    const answer = misfit.answer as Extract<Observation['answer'], { kind: 'document' }>;
    const offending = this.requirement.offending(answer.entries);
    const { certain } = conflictBetween(misfit.path.decisions!, answer.entries);
    // Where the rules are uncertain, AWS has just shown what they are. That is believed in the bad case only.
    if (certain.length === 0 && misfit.steady && offending.length > 0) {
      const reason = `${answered(candidate.path, answer.entries, offending)}; asked about account ${misfit.account.id}, which has the same policies`;
      return { ...candidate, status: 'notOptedOut', reason, evidence: 'path', entries: answer.entries };
    }
    return unknown(candidate, `AWS's answer for account ${misfit.account.id}, which has the same policies, is not what they come to`);
  }

  /** What is certain from the policies alone and bad needs no other evidence. */
  private certainObstacle(candidate: Candidate): Judgement | undefined {
    const computation = this.computationOf(candidate.path);
    if (!computation || computation.met || !computation.certain || this.inquiry.isSuspect(candidate.account)) return undefined;
    const { path } = candidate;
    return { ...candidate, status: 'notOptedOut', reason: this.reasonFor(path), evidence: 'computed', entries: entriesFrom(path.decisions!) };
  }

  /** Why AWS's answer would be needed, and why it is not there. */
  private silenceAbout(path: PolicyPath): string {
    const known = this.silences.get(path);
    if (known) return known;
    const asked = [...this.inquiry.observations.values()].find((other) => other.path.likeness === path.likeness && other.answer.kind === 'refused');
    const silence = `${doubts(path)}, and ${asked?.answer.kind === 'refused' ? asked.answer.why : 'AWS was not asked'}`;
    this.silences.set(path, silence);
    return silence;
  }

  private computationOf(path: PolicyPath): Computation | undefined {
    return path.decisions && this.requirement.compute(path.decisions);
  }

  private reasonFor(path: PolicyPath): string {
    const known = this.reasons.get(path);
    if (known) return known;
    const { met, offending } = this.computationOf(path)!;
    const reason = met ? optedOutBy(path, this.requirement) : obstacles(path, offending, coveredOnly(path));
    this.reasons.set(path, reason);
    return reason;
  }
}

function statusOf({ met }: Computation): Status {
  return met ? 'optedOut' : 'notOptedOut';
}

function unknown(candidate: Candidate, why: string): Judgement {
  return { ...candidate, status: 'unknown', reason: `unknown: ${why}`, evidence: undefined };
}
