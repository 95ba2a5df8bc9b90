import { readOrganization, PARALLEL, type Account, type Organization } from './read';
import { POLICY_TYPE } from '../../policy/grammar';
import { inParallel } from '../concurrency';
import { effectiveDocumentIn } from '../content';
import { describeError, nameOf } from '../errors';
import type { OrganizationsClient } from '../organizations-client';
import { conflictBetween, entriesOf, Requirement, type Entries, type Required } from '../requirement';
import type { Status } from '../verification';
import { obstacles } from '../wording';

/** How often AWS is asked again, and after how long, where its answer is not what the policies come to. Changes were seen to take up to 5.3 s. */
const SETTLE_ATTEMPTS = 3;
const SETTLE_PAUSE = 8_000;

export interface SurveyOptions {
  /** Ends the survey: about whom AWS would have to be asked after that, nothing could be told. */
  readonly signal: AbortSignal;

  /** Accounts that AWS is asked about in turn, beside those that it has to be asked about. */
  readonly spotChecks: number;

  /** The `next` of the survey before. */
  readonly from?: string;

  /** @default - everything */
  readonly required?: Required;
}

export interface Survey extends Organization {
  readonly notOptedOut: SurveyedAccount[];
  readonly unknown: SurveyedAccount[];

  /** The account with which the next survey begins to ask AWS: the first that there was no time for, or whose turn it is. */
  readonly next?: string;
}

/** An account that is not opted out, or about which nothing is known for sure. */
export interface SurveyedAccount extends Pick<Account, 'id' | 'name' | 'unit'> {
  readonly reason: string;
}

/** What AWS was asked. Without entries and a refusal there was no time to. */
interface Inquiry {
  readonly account: Account;
  entries?: Entries;
  refusal?: string;

  /** How many answers in a row were that the account is opted out. */
  good: number;
}

/**
 * Finds out which accounts are not opted out, in as little code as that takes: for a function that travels inside a template.
 *
 * The rules of inheritance and the requirement are those of `verifyOrganization`. But what cannot be read ends this one, AWS is asked about fewer
 * accounts, and where that one weighs what speaks for and against, this one returns unknown: it is never the kinder of the two.
 *
 * @throws what AWS answered, where the organization cannot be read
 */
export async function surveyOrganization(client: OrganizationsClient, { signal, spotChecks, from = '', required }: SurveyOptions): Promise<Survey> {
  // Where the type is disabled or the SDK does not know the list, nothing is known to be invalid. Where it is denied (whether it can be delegated is
  // not documented) or throttled for too long, everyone may be.
  const [organization, invalid] = await Promise.all([
    readOrganization(client, signal),
    client.list('ListAccountsWithInvalidEffectivePolicy', { PolicyType: POLICY_TYPE }, signal).then((listed) => listed.map(({ Id }) => Id!))
      .catch((error) => (/^(TypeError|UnknownOperation|EffectivePolicyNotFound|UnsupportedAPIEndpoint)/.test(nameOf(error)) ? [] : undefined)),
  ]);
  const { accounts, policyType } = organization;
  const requirement = new Requirement(required);
  const suspects = new Set(invalid ?? accounts.map(({ id }) => id));
  const computed = ({ path: { decisions } }: Account) => decisions && requirement.compute(decisions);
  const isDecided = (account: Account) => computed(account)?.certain && !suspects.has(account.id);

  // AWS has to be asked about one account of every path that the rules do not decide for sure, and about everyone it has trouble with.
  const turn = Math.max(0, accounts.findIndex(({ id }) => id >= from));
  const queue = [...accounts.slice(turn), ...accounts.slice(0, turn)].filter(({ path }) => path.decisions && policyType === 'ENABLED');
  const represented = new Set();
  const needed = new Set(queue.filter((account) => {
    if (suspects.has(account.id)) return true;
    const needs = !isDecided(account) && !represented.has(account.path);
    if (needs) represented.add(account.path);
    return needs;
  }));
  const inTurn = queue.filter((account) => !needed.has(account));
  const inquiries = [...needed, ...inTurn.slice(0, spotChecks)].map((account): Inquiry => ({ account, good: 0 }));
  await inParallel(inquiries, PARALLEL, ask);

  // A change may be on its way, in either direction.
  const misfits = () => inquiries.filter((inquiry) => inquiry.entries && conflictIn(inquiry) !== 'none');
  for (let attempt = 0; attempt < SETTLE_ATTEMPTS && misfits().length > 0 && !signal.aborted; attempt++) {
    await client.clock.sleep(SETTLE_PAUSE, signal);
    await inParallel(misfits(), PARALLEL, ask);
  }
  const asked = new Map(inquiries.map((inquiry) => [inquiry.account.id, inquiry]));
  // What AWS says about one account of a path goes for the others; what does not fit, above all. Trouble goes for nobody else.
  const words = new Map([...inquiries.filter(({ entries }) => entries), ...misfits()].filter(({ account }) => !suspects.has(account.id))
    .map((inquiry) => [inquiry.account.path, inquiry]));

  const judged = accounts.map((account) => {
    const { id, name, unit } = account;
    const [status, reason] = judge(account);
    return { status, account: { id, name, unit, reason } };
  });
  const those = (wanted: Status) => judged.filter(({ status }) => status === wanted).map(({ account }) => account);
  return {
    ...organization,
    notOptedOut: those('notOptedOut'),
    unknown: those('unknown'),
    next: (inquiries.find(({ entries, refusal }) => !entries && !refusal)?.account ?? inTurn[spotChecks])?.id,
  };

  async function ask(inquiry: Inquiry): Promise<void> {
    try {
      const { EffectivePolicy } = await client.call('DescribeEffectivePolicy', { PolicyType: POLICY_TYPE, TargetId: inquiry.account.id }, signal);
      const document = effectiveDocumentIn(EffectivePolicy?.PolicyContent ?? '');
      if (!document) throw new Error(`not understood: ${EffectivePolicy?.PolicyContent}`);
      inquiry.entries = entriesOf(document);
    } catch (error) {
      if (signal.aborted) return;
      if (nameOf(error) === 'EffectivePolicyNotFoundException') inquiry.entries = new Map();
      else inquiry.refusal = `DescribeEffectivePolicy: ${describeError(error)}`;
    }
    inquiry.good = inquiry.entries && requirement.offending(inquiry.entries).length === 0 ? inquiry.good + 1 : 0;
  }

  /** Whether AWS's answer is what the policies come to, and if not, whether that could be because the rules are not certain. */
  function conflictIn({ account, entries }: Inquiry): 'none' | 'uncertain' | 'certain' {
    const { certain, uncertain } = conflictBetween(account.path.decisions!, entries!);
    return certain.length > 0 ? 'certain' : uncertain.length > 0 ? 'uncertain' : 'none';
  }

  function judge(account: Account): [Status, string] {
    const { id, path } = account;
    if (policyType !== 'ENABLED') return ['notOptedOut', 'the policy type is not enabled in this organization'];
    const computation = computed(account);
    if (!computation) return ['unknown', 'its place or a policy above it is not understood'];
    const byPolicies = (): [Status, string] => (computation.met ? ['optedOut', ''] : ['notOptedOut', obstacles(path, computation.offending)]);
    const byAws = (entries: Entries): [Status, string] => ['notOptedOut', `AWS answers that it is not opted out of ${requirement.offending(entries).join(', ')}`];
    const differs: [Status, string] = ['unknown', "AWS's answer is not what the policies come to"];

    const { entries, refusal, good } = asked.get(id) ?? {};
    const word = words.get(path);
    const answer = entries ? asked.get(id) : word;
    const conflict = answer ? conflictIn(answer) : 'none';
    if (entries && !good) return conflict === 'none' ? byPolicies() : byAws(entries);
    if (isDecided(account) && !computation.met) return byPolicies();
    if (refusal) return ['unknown', refusal];
    // Where the rules are not certain, AWS knows better, once it keeps to its answer.
    if (entries) return conflict === 'none' ? byPolicies() : conflict === 'uncertain' && good! > 1 ? ['optedOut', ''] : differs;
    if (conflict !== 'none') return conflict === 'uncertain' && !word!.good ? byAws(word!.entries!) : differs;
    return isDecided(account) || (word && !suspects.has(id)) ? byPolicies() : ['unknown', 'there was no time to ask AWS'];
  }
}
