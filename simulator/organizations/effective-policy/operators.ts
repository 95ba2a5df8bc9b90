/**
 * The operators of policies that follow AWS's common inheritance syntax.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
 */
export const ASSIGN = '@@assign';
export const APPEND = '@@append';
export const REMOVE = '@@remove';
export const CHILD_CONTROL = '@@operators_allowed_for_child_policies';

/** Value operators that child policies may use on a node. */
export type AllowedOperators = readonly string[];

/** What a node without a child control allows. */
export const ALL_OPERATORS: AllowedOperators = [ASSIGN, APPEND, REMOVE];

/** The value operators that a child control allows. */
export function allowedBy(control: readonly string[]): AllowedOperators {
  return control.includes('@@all') ? ALL_OPERATORS : ALL_OPERATORS.filter((operator) => control.includes(operator));
}

/** The operators that both allow. */
export function intersection(one: AllowedOperators, other: AllowedOperators): AllowedOperators {
  if (other === ALL_OPERATORS) return one;
  return one.filter((operator) => other.includes(operator));
}
