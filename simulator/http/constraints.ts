import { AwsError } from '../aws-error';

/** What the service model demands of a member. */
export interface Constraint {
  readonly required?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
}

/** One breach of the service model, as AWS words it. `path` is in lower camel case, list members are counted from 1. */
export function violation(path: string, value: unknown, { required, min = 0, max = Infinity, values }: Constraint): string | undefined {
  if (value === undefined || value === null) return required ? `Value null at '${path}' failed to satisfy constraint: Member must not be null` : undefined;
  const size = Array.isArray(value) ? value.length : [...String(value)].length;
  const failed = (text: string) => `Value '${Array.isArray(value) ? JSON.stringify(value) : String(value)}' at '${path}' failed to satisfy constraint: ${text}`;
  if (values && !values.includes(String(value))) return failed(`Member must satisfy enum value set: [${values.join(', ')}]`);
  if (size < min) return failed(`Member must have length greater than or equal to ${min}`);
  if (size > max) return failed(`Member must have length less than or equal to ${max}`);
  return undefined;
}

/** Throws a ValidationException that names every breach. */
export function refuseViolations(violations: Array<string | undefined>): void {
  const found = violations.filter((text) => text !== undefined);
  if (found.length === 0) return;
  throw new AwsError('ValidationException', `${found.length} validation error${found.length === 1 ? '' : 's'} detected: ${found.join('; ')}`);
}

/** The JSON type of a member; AWS does not even look at what has another one. */
export function checkType(path: string, value: unknown, type: 'string' | 'number' | 'boolean'): void {
  if (value === undefined || value === null || typeof value === type) return;
  throw new AwsError('SerializationException', `${path} has to be a ${type}`);
}
