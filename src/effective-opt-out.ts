import type { AiService } from './ai-service';
import { OptOutSetting, type OptOutPolicyDocument } from './opt-out-policy-document';
import { DEFAULT, effectiveDocument, evaluate, type Decision, type Overruling, type PolicyLevel } from './policy';
import { AI_SERVICE, ATTACHED_POLICY, DOCUMENT, LEVEL, requireType, requireTypes, TEXT } from './private/types';

/**
 * A policy that is attached somewhere.
 */
export interface AttachedOptOutPolicy {
  /**
   * Its content.
   */
  readonly document: OptOutPolicyDocument;

  /**
   * How decisions name it.
   *
   * @default - its place in its level, for example `policy 1`
   */
  readonly name?: string;
}

/**
 * The root, an OU or an account, with what is attached directly to it.
 */
export interface OptOutLevel {
  /**
   * The policies in the order in which they were attached: where two assign a value, the first one wins.
   */
  readonly policies: AttachedOptOutPolicy[];

  /**
   * How decisions name it.
   *
   * @default - its place on the way, for example `level 1`
   */
  readonly name?: string;
}

/**
 * What applies for one entry, and why.
 */
export interface OptOutDecision {
  /**
   * The service's key, or `default`.
   */
  readonly key: string;

  /**
   * The setting that applies.
   */
  readonly setting: OptOutSetting;

  /**
   * The level that decided it.
   */
  readonly level: string;

  /**
   * The policy that decided it.
   */
  readonly policy: string;

  /**
   * What other policies say and why that has no effect, in words; empty where nobody says anything else.
   */
  readonly overruled: string[];

  /**
   * Whether the setting is the same however AWS handles unrecorded cases: the order of policies on one target, child controls on `services`, on a
   * service without a value and on the document, and `@@assign` on the document.
   */
  readonly certain: boolean;
}

const WHY: Record<Overruling, string> = {
  replaced: 'replaced further down',
  peer: 'a policy attached earlier to the same target wins',
  locked: 'locked further up',
  container: 'no entries may be added, by a control further up',
};

/**
 * What several policies together mean for an account, by AWS's rules of inheritance.
 *
 * Use it in unit tests of an organization's policies, or to see before a change what it would do.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
 */
export class EffectiveOptOut {
  /**
   * Merges the policies on the way to an account.
   *
   * @param levels the organization root first, then the OUs, the account last.
   */
  public static evaluate(levels: OptOutLevel[]): EffectiveOptOut {
    requireLevels(levels);
    return new EffectiveOptOut(levels.map(({ name, policies }, level) => ({
      name: name ?? `level ${level + 1}`,
      policies: policies.map((policy, index) => ({ name: policy.name ?? `policy ${index + 1}`, document: policy.document.toJson() })),
    })));
  }

  /**
   * Whether the account is opted out of every service, those included that AWS adds in future.
   */
  public readonly optedOutOfEverything: boolean;

  /**
   * A decision for `default` and for every service that some policy names, ordered by key. Services whose entries were all dropped
   * appear with what `default` says of them.
   */
  public readonly decisions: OptOutDecision[];

  private readonly document: object;

  private constructor(levels: PolicyLevel[]) {
    this.document = effectiveDocument(levels);
    this.decisions = evaluate(levels).flatMap(decided);
    this.optedOutOfEverything = this.decisionOf(DEFAULT)?.setting === OptOutSetting.OPT_OUT
      && this.decisions.every(({ setting }) => setting === OptOutSetting.OPT_OUT);
  }

  /**
   * The setting of a service: its own entry's, or else that of `default`; undefined (None, null, in Go an empty text) where no policy says
   * anything.
   */
  public settingFor(service: AiService): OptOutSetting | undefined {
    return this.decisionFor(service)?.setting;
  }

  /**
   * What decided the setting of a service; undefined where no policy says anything.
   */
  public decisionFor(service: AiService): OptOutDecision | undefined {
    requireType('service', service, AI_SERVICE);
    return this.decisionOf(service.key) ?? this.decisionOf(DEFAULT);
  }

  /**
   * The effective policy as DescribeEffectivePolicy answers it.
   */
  public toJson(): any {
    return structuredClone(this.document);
  }

  private decisionOf(key: string): OptOutDecision | undefined {
    return this.decisions.find((decision) => decision.key === key);
  }
}

function requireLevels(levels: OptOutLevel[]): void {
  requireType('levels', levels, [LEVEL]);
  for (const level of levels) {
    requireTypes(level, { policies: [ATTACHED_POLICY], name: TEXT }, ['policies']);
    for (const policy of level.policies) requireTypes(policy, { document: DOCUMENT, name: TEXT }, ['document']);
  }
}

function decided({ key, winner, overruled, certain }: Decision): OptOutDecision[] {
  if (!winner) return [];
  return [{
    key,
    setting: winner.setting as OptOutSetting,
    level: winner.level,
    policy: winner.policy,
    overruled: overruled.map(({ policy, level, setting, why }) => `${policy} on ${level} says ${setting}: ${WHY[why]}`),
    certain,
  }];
}
