import { AiService } from './ai-service';
import { ChildOverrides } from './child-overrides';
import type { OptOutScope } from './opt-out-scope';
import {
  ASSIGN, CONTROL, DEFAULT, MAX_POLICY_CHARACTERS, compose, mistakesIn, parsePolicy, type Composition, type PolicyDocument,
} from './policy';
import { OptOutError } from './private/errors';

/**
 * What a policy says about a service. In JavaScript the values are the ones AWS uses.
 */
export enum OptOutSetting {
  /**
   * AWS does not use the content to improve the service, and deletes what it had kept for that.
   */
  OPT_OUT = 'optOut',

  /**
   * AWS may store the content and use it to improve the service.
   */
  OPT_IN = 'optIn',
}

/**
 * Something in a policy text that is wrong, and where.
 */
export interface OptOutPolicyProblem {
  /**
   * The place, for example `services.lex.opt_out_policy`; empty for the document as a whole.
   */
  readonly path: string;

  /**
   * What is wrong and what is allowed.
   */
  readonly message: string;

  /**
   * Line in the text, counted from 1.
   *
   * @default - the problem has no place in the text
   */
  readonly line?: number;

  /**
   * Column in the text, counted from 1.
   *
   * @default - the problem has no place in the text
   */
  readonly column?: number;
}

/**
 * The content of an AI services opt-out policy.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html
 */
export class OptOutPolicyDocument {
  /**
   * The document that opts out of a scope.
   *
   * @param scope which services.
   * @param childOverrides whether OUs and accounts may change it; by default nobody below may opt back in.
   * @throws when `childOverrides` names a service that the scope does not cover, and when the document is larger than AWS allows.
   */
  public static fromScope(scope: OptOutScope, childOverrides: ChildOverrides = ChildOverrides.denied()): OptOutPolicyDocument {
    const uncovered = scope.coversFutureServices ? [] : childOverrides._keys.filter((key) => !scope._optOut.includes(key));
    if (uncovered.length > 0) {
      throw new OptOutError('AllowedForUncovered',
        `allowedFor names ${uncovered.join(', ')}, which the policy does not cover; it covers ${scope._optOut.join(', ')}`);
    }
    const composition = {
      byDefault: scope.coversFutureServices,
      optOut: scope._optOut,
      optIn: scope._optIn,
      unlocked: childOverrides._all,
      unlockedKeys: childOverrides._keys,
    };
    const document = compose(composition);
    checkSize(document, () => howToShrink(composition));
    return new OptOutPolicyDocument(document);
  }

  /**
   * A document from its text, for example one exported from the console.
   *
   * White space does not count: the policy is deployed in its compact form.
   *
   * @param text JSON as AWS takes it.
   * @throws when something is wrong with it; the message lists every problem with its line and column.
   */
  public static fromJson(text: string): OptOutPolicyDocument {
    const problems = OptOutPolicyDocument.problemsIn(text);
    if (problems.length > 0) {
      const list = problems.map(({ path, message, line, column }) => {
        const place = [line === undefined ? '' : `line ${line}, column ${column}`, path].filter((part) => part !== '').join(', ');
        return `\n  ${place === '' ? '' : `${place}: `}${message}`;
      });
      throw new OptOutError('PolicyDocumentInvalid',
        `the policy document has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:${list.join('')}`);
    }
    return new OptOutPolicyDocument(parsePolicy(text));
  }

  /**
   * What is wrong with a policy text: everything that keeps AWS from accepting it, which AWS itself says without a place or cause, and
   * settings that set nothing. Empty where `fromJson` takes the text.
   *
   * A service key that this release does not know is no problem here, because AWS adds keys; the construct warns of it.
   */
  public static problemsIn(text: string): OptOutPolicyProblem[] {
    const problems = mistakesIn(text);
    if (problems.length > 0) return problems;
    const { length } = JSON.stringify(parsePolicy(text));
    return length <= MAX_POLICY_CHARACTERS ? [] : [{ path: '', message: tooLarge(length, 'drop entries that repeat what "default" says') }];
  }

  /**
   * How many characters AWS counts; 2,500 are allowed.
   */
  public readonly characters: number;

  /**
   * The services that have an entry of their own, in the document's order. `default` is not among them.
   */
  public readonly namedServices: AiService[];

  /**
   * What the document says about every service without an entry of its own, those included that AWS adds in future.
   *
   * @default - nothing: those services are left as they are
   */
  public readonly defaultSetting?: OptOutSetting;

  private readonly document: PolicyDocument;

  private constructor(document: PolicyDocument) {
    this.document = document;
    this.characters = this.toString().length;
    const keys = Object.keys(document.services ?? {}).filter((key) => key !== CONTROL && key !== DEFAULT);
    this.namedServices = keys.map((key) => AiService.of(key));
    this.defaultSetting = this.settingOf(DEFAULT);
  }

  /**
   * What this document alone says about a service; undefined (None, null, in Go an empty text) where it says nothing.
   */
  public settingFor(service: AiService): OptOutSetting | undefined {
    return this.settingOf(service.key) ?? this.defaultSetting;
  }

  /**
   * The document as an object, for `CfnPolicy.content`.
   */
  public toJson(): any {
    return JSON.parse(this.toString());
  }

  /**
   * The document in its compact form, as AWS stores it.
   */
  public toString(): string {
    return JSON.stringify(this.document);
  }

  private settingOf(key: string): OptOutSetting | undefined {
    return this.document.services?.[key]?.opt_out_policy?.[ASSIGN] as OptOutSetting | undefined;
  }
}

function checkSize(document: PolicyDocument, advice: () => string): void {
  const { length } = JSON.stringify(document);
  if (length > MAX_POLICY_CHARACTERS) throw new OptOutError('PolicyDocumentTooLarge', tooLarge(length, advice()));
}

function tooLarge(characters: number, advice: string): string {
  const count = (value: number) => value.toLocaleString('en-US');
  return `the policy document has ${count(characters)} characters, ${count(characters - MAX_POLICY_CHARACTERS)} more than the `
    + `${count(MAX_POLICY_CHARACTERS)} that AWS allows; ${advice}`;
}

/** How many of the named services fit, and what says the same in fewer characters. */
function howToShrink(composition: Composition): string {
  const fitting = (trim: (keep: number) => Composition) => {
    let keep = 0;
    while (JSON.stringify(compose(trim(keep + 1))).length <= MAX_POLICY_CHARACTERS) keep++;
    return keep;
  };
  const { byDefault, optOut, optIn, unlockedKeys } = composition;
  if (!byDefault) {
    const first = (n: number) => (key: string) => optOut.indexOf(key) < n;
    const keep = fitting((n) => ({ ...composition, optOut: optOut.filter(first(n)), unlockedKeys: unlockedKeys.filter(first(n)) }));
    return `services names ${optOut.length} services, of which ${keep} fit: drop ${optOut.length - keep}, for example `
      + `${optOut.slice(keep).join(', ')}, or use OptOutScope.allServices(), which covers all of them in 221 characters`;
  }
  const named = [...new Set([...optIn, ...unlockedKeys])].sort();
  const first = (n: number) => (key: string) => named.indexOf(key) < n;
  const keep = fitting((n) => ({ ...composition, optIn: optIn.filter(first(n)), unlockedKeys: unlockedKeys.filter(first(n)) }));
  const parameters = [...(optIn.length > 0 ? ['optIn'] : []), ...(unlockedKeys.length > 0 ? ['allowedFor'] : [])];
  return `${parameters.join(' and ')} ${parameters.length > 1 ? 'name' : 'names'} ${named.length} services, of which ${keep} fit: drop ${named.length - keep}, `
    + `for example ${named.slice(keep).join(', ')}`;
}
