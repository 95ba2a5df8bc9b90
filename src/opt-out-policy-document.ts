import { AiService } from './ai-service';
import { ChildOverrides } from './child-overrides';
import type { OptOutScope } from './opt-out-scope';
import {
  ASSIGN, CONTROL, DEFAULT, MAX_POLICY_CHARACTERS, SERVICE_KEY, compose, isDocumentedService, mistakesIn, parsePolicy, type Composition,
  type PolicyDocument, type PolicyProblem,
} from './policy';
import { OptOutError } from './private/errors';
import { isPlaceholder } from './private/placeholders';
import { AI_SERVICE, CHILD_OVERRIDES, KNOWN_TEXT, requireType, requireTypes, SCOPE } from './private/types';

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
 * Options of `OptOutPolicyDocument.fromJson`.
 */
export interface FromJsonOptions {
  /**
   * Services that the text may name although this release does not know them, for example `[AiService.of('newservice')]`.
   *
   * @default - none: AWS rejects a policy that names a service it does not know
   */
  readonly allowServices?: AiService[];
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
    requireTypes({ scope, childOverrides }, { scope: SCOPE, childOverrides: CHILD_OVERRIDES }, ['scope']);
    const isFirstPass = [...scope._optOut, ...scope._optIn, ...childOverrides._keys].some(isPlaceholder);
    const uncovered = isFirstPass || scope.coversFutureServices ? [] : childOverrides._keys.filter((key) => !scope._optOut.includes(key));
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
    if (!isFirstPass) checkSize(document, () => howToShrink(composition));
    return new OptOutPolicyDocument(document, isFirstPass);
  }

  /**
   * A document from its text, for example one exported from the console.
   *
   * White space does not count: the policy is deployed in its compact form.
   *
   * @param text JSON as AWS takes it.
   * @throws when something is wrong with it; the message lists every problem with its line and column.
   */
  public static fromJson(text: string, options: FromJsonOptions = {}): OptOutPolicyDocument {
    const problems = OptOutPolicyDocument.problemsIn(text, options);
    if (isPlaceholder(text)) return OptOutPolicyDocument.placeholder();
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
   * Returns what is wrong with a policy text: everything that AWS rejects, with its place and cause, and settings that set nothing. Empty if
   * `fromJson` accepts the text.
   *
   * @param text JSON as AWS takes it.
   */
  public static problemsIn(text: string, options: FromJsonOptions = {}): OptOutPolicyProblem[] {
    requireType('text', text, KNOWN_TEXT);
    requireTypes(options, { allowServices: [AI_SERVICE] });
    if (isPlaceholder(text)) return [];
    const problems = mistakesIn(text, (options.allowServices ?? []).map(({ key }) => key));
    if (problems.length > 0) return problems.map(withWayToAllow);
    const { length } = JSON.stringify(parsePolicy(text));
    return length <= MAX_POLICY_CHARACTERS ? [] : [{ path: '', message: tooLarge(length, 'drop entries that repeat what "default" says') }];
  }

  /** The document of the first synthesis, while the text has not been looked up yet. */
  private static placeholder(): OptOutPolicyDocument {
    return new OptOutPolicyDocument(compose({ byDefault: true, optOut: [], optIn: [], unlocked: false, unlockedKeys: [] }), true);
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

  /**
   * Whether the content depends on a value that the CDK has not looked up yet.
   *
   * @internal
   */
  public readonly _isPlaceholder: boolean;

  private readonly document: PolicyDocument;

  private constructor(document: PolicyDocument, isFirstPass = false) {
    this.document = document;
    this._isPlaceholder = isFirstPass;
    this.characters = this.toString().length;
    const keys = Object.keys(document.services ?? {}).filter((key) => key !== CONTROL && key !== DEFAULT);
    this.namedServices = keys.map((key) => AiService.of(key));
    this.defaultSetting = this.settingOf(DEFAULT);
  }

  /**
   * What this document alone says about a service; undefined (None, null, in Go an empty text) where it says nothing.
   */
  public settingFor(service: AiService): OptOutSetting | undefined {
    requireType('service', service, AI_SERVICE);
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

/** Adds how to accept a service key that AWS may have added since this release. */
function withWayToAllow(problem: PolicyProblem): PolicyProblem {
  const key = /^services\.([^.]*)$/.exec(problem.path)?.[1];
  if (key === undefined || !SERVICE_KEY.test(key) || isDocumentedService(key)) return problem;
  return { ...problem, message: `${problem.message}; if AWS has added it since this release, allow it with allowServices: [AiService.of('${key}')]` };
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
