import { effectiveDocumentIn } from './content';
import { describeError, isDenied, nameOf } from './errors';
import type { OrganizationsClient } from './organizations-client';
import { entriesOf, type Entries } from './requirement';
import { POLICY_TYPE, type EffectiveDocument } from '../policy/grammar';

/**
 * What AWS said about an account:
 * - `document`: its effective policy; an empty one where the policy type is not enabled, with AWS's words for that;
 * - `refused`: nothing, and why;
 * - `left`: the account is no longer in the organization.
 */
export type Answer =
  | { readonly kind: 'document'; readonly document: EffectiveDocument; readonly entries: Entries; readonly notFound?: string; readonly at: number }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'left' };

/** After so many refusals and not one answer, the caller is not allowed at all, and asking on would only take hours. */
const REFUSALS = 5;

/** Asks for effective policies. */
export class EffectiveAnswers {
  private refusals = 0;
  private documents = 0;
  private lastRefusal?: Answer;

  public constructor(private readonly client: OrganizationsClient, private readonly signal: AbortSignal) {}

  public async ask(accountId: string): Promise<Answer> {
    if (this.documents === 0 && this.refusals >= REFUSALS) return this.lastRefusal!;
    const answer = await this.answerFor(accountId);
    if (answer.kind === 'document') this.documents += 1;
    return answer;
  }

  private async answerFor(accountId: string): Promise<Answer> {
    const at = () => this.client.clock.now();
    try {
      const { EffectivePolicy } = await this.client.call('DescribeEffectivePolicy', { PolicyType: POLICY_TYPE, TargetId: accountId }, this.signal);
      const document = effectiveDocumentIn(EffectivePolicy?.PolicyContent ?? '{}');
      if (!document) return { kind: 'refused', why: `AWS's answer is not what this version understands: ${EffectivePolicy?.PolicyContent}` };
      return { kind: 'document', document, entries: entriesOf(document), at: at() };
    } catch (error) {
      if (nameOf(error) === 'EffectivePolicyNotFoundException') {
        return { kind: 'document', document: {}, entries: new Map(), notFound: describeError(error), at: at() };
      }
      if (isDenied(error)) {
        this.refusals += 1;
        this.lastRefusal = { kind: 'refused', why: `DescribeEffectivePolicy was denied (${(error as Error).message})` };
        return this.lastRefusal;
      }
      if (nameOf(error) === 'TargetNotFoundException' && await this.hasLeft(accountId)) return { kind: 'left' };
      if (/^(TargetNotFound|ConstraintViolation|InvalidInput|UnsupportedAPIEndpoint)Exception$/.test(nameOf(error))) {
        return { kind: 'refused', why: `DescribeEffectivePolicy failed (${describeError(error)})` };
      }
      throw error;
    }
  }

  /** An account that has only just joined may not be found either. */
  private async hasLeft(accountId: string): Promise<boolean> {
    try {
      await this.client.call('DescribeAccount', { AccountId: accountId }, this.signal);
      return false;
    } catch (error) {
      if (nameOf(error) === 'AccountNotFoundException') return true;
      if (isDenied(error)) return false;
      throw error;
    }
  }
}
