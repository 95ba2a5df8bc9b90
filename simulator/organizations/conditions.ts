/** The conditions of a policy statement: operator, condition key, expected values. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The condition keys of a request. */
export type ConditionContext = Readonly<Record<string, string | string[]>>;

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?(?:String|Arn)(Not)?(Equals|EqualsIgnoreCase|Like)(IfExists)?$/;

/**
 * Whether a request meets all conditions of a statement, as IAM evaluates them. Condition keys are not case sensitive.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function meets(conditions: Conditions, context: ConditionContext): boolean {
  const actual = new Map(Object.entries(context).map(([key, values]) => [key.toLowerCase(), listOf(values).map(String)]));
  return Object.entries(conditions).every(([operator, keys]) => (
    Object.entries(keys).every(([key, expected]) => isMet(operator, listOf(expected).map(String), actual.get(key.toLowerCase())))
  ));
}

/**
 * Checks that `meets` knows every operator.
 *
 * @throws Error for one that is not simulated
 */
export function checkOperators(conditions: Conditions): void {
  const unknown = Object.keys(conditions).find((operator) => operator !== 'Null' && !OPERATOR.test(operator));
  if (unknown !== undefined) throw new Error(`the condition operator ${unknown} is not simulated`);
}

/** Whether a text fits a pattern with `*` and `?`. */
export function matches(pattern: string, text: string, caseSensitive = true): boolean {
  const expression = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${expression}$`, caseSensitive ? 's' : 'is').test(text);
}

/** IAM takes one value for a list of one. */
export function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function isMet(operator: string, expected: readonly string[], actual: readonly string[] | undefined): boolean {
  if (operator === 'Null') return expected.includes(String(actual === undefined));
  const [, quantifier, not, comparison, ifExists] = OPERATOR.exec(operator)!;
  if (actual === undefined) return ifExists !== undefined || quantifier === 'ForAllValues' || (quantifier === undefined && not !== undefined);
  const equal = comparisonOf(operator, comparison);
  const fits = (value: string) => expected.some((pattern) => equal(pattern, value)) === (not === undefined);
  return quantifier === 'ForAnyValue' ? actual.some(fits) : actual.every(fits);
}

/** `ArnEquals` and `ArnLike` behave alike. */
function comparisonOf(operator: string, comparison: string): (pattern: string, value: string) => boolean {
  if (comparison === 'Like' || /(?:^|:)Arn/.test(operator)) return (pattern, value) => matches(pattern, value);
  if (comparison === 'EqualsIgnoreCase') return (pattern, value) => pattern.toLowerCase() === value.toLowerCase();
  return (pattern, value) => pattern === value;
}
