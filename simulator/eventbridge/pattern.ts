/** A pattern that EventBridge refuses, or that the simulation does not know. */
export class InvalidPattern extends Error {
  public constructor(reason: string) {
    super(`Event pattern is not valid. Reason: ${reason}`);
    this.name = 'InvalidEventPatternException';
  }
}

type Matcher = (value: unknown) => boolean;
type Test = (event: unknown) => boolean;

/** What a field without a value holds: a missing member, and an empty list. */
const ABSENT = Symbol('absent');

/** AWS's default quota. */
const MAX_CHARACTERS = 2048;

/**
 * Reads an event pattern.
 *
 * Fields that the pattern names have to match, others may be anything. A list in the event matches when one of its members does. Matchers:
 * `exists`, `prefix`, `suffix`, `equals-ignore-case`, `anything-but` (values, `prefix`, `suffix`), and `$or`.
 *
 * @throws InvalidPattern for anything else: a matcher that is not understood must not look like an event that does not match
 */
export function compilePattern(pattern: unknown): Test {
  if (!isObject(pattern) || Object.keys(pattern).length === 0) throw new InvalidPattern('it is not an object with at least one member');
  if (JSON.stringify(pattern).length > MAX_CHARACTERS) throw new InvalidPattern(`it is longer than ${MAX_CHARACTERS} characters`);
  return compileObject(pattern, '');
}

function compileObject(pattern: Record<string, unknown>, path: string): Test {
  const tests = Object.entries(pattern).map(([name, value]) => (name === '$or' ? compileOr(value, path) : compileField(name, value, path)));
  return (event) => tests.every((test) => test(event));
}

function compileOr(alternatives: unknown, path: string): Test {
  const valid = Array.isArray(alternatives) && alternatives.length > 1 && alternatives.every((one) => isObject(one) && Object.keys(one).length > 0);
  if (!valid) throw new InvalidPattern(`"${path}$or" must be a list of at least two objects`);
  const tests = alternatives.map((alternative) => compileObject(alternative, path));
  return (event) => tests.some((test) => test(event));
}

function compileField(name: string, value: unknown, path: string): Test {
  const field = `${path}${name}`;
  if (Array.isArray(value)) {
    if (value.length === 0) throw new InvalidPattern(`Empty arrays are not allowed: "${field}"`);
    const matchers = value.map((member) => compileMatcher(member, field));
    return (event) => valuesOf(event, name).some((found) => matchers.some((matcher) => matcher(found)));
  }
  if (!isObject(value)) throw new InvalidPattern(`"${field}" must be an object or an array`);
  if (Object.keys(value).length === 0) throw new InvalidPattern(`Empty objects are not allowed: "${field}"`);
  const test = compileObject(value, `${field}.`);
  // Nothing there is an object without members: `exists: false` below it holds.
  return (event) => valuesOf(event, name).some((found) => test(isObject(found) ? found : {}));
}

function compileMatcher(matcher: unknown, field: string): Matcher {
  if (!isObject(matcher)) {
    if (Array.isArray(matcher)) throw new InvalidPattern(`"${field}": a list can not hold a list`);
    return (value) => value === matcher;
  }
  const [[name, argument], ...others] = Object.entries(matcher);
  if (others.length > 0) throw new InvalidPattern(`"${field}": only one matcher in an object, found ${Object.keys(matcher).join(', ')}`);
  switch (name) {
    case 'exists':
      if (typeof argument !== 'boolean') throw new InvalidPattern(`"${field}": exists takes true or false`);
      // Only what is no object itself can exist.
      return (value) => (value !== ABSENT && !isObject(value)) === argument;
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
      return textMatcher(name, argument, field);
    case 'anything-but':
      return anythingBut(argument, field);
    default:
      throw new InvalidPattern(`Unrecognized match type ${name} at "${field}"`);
  }
}

function textMatcher(name: 'prefix' | 'suffix' | 'equals-ignore-case', argument: unknown, field: string): Matcher {
  if (typeof argument !== 'string') throw new InvalidPattern(`"${field}": ${name} takes a text`);
  const tests = {
    'prefix': (value: string) => value.startsWith(argument),
    'suffix': (value: string) => value.endsWith(argument),
    'equals-ignore-case': (value: string) => value.toLowerCase() === argument.toLowerCase(),
  };
  return (value) => typeof value === 'string' && tests[name](value);
}

/** A missing field is not anything: it does not match. */
function anythingBut(argument: unknown, field: string): Matcher {
  if (isObject(argument)) {
    const [[name, text]] = Object.entries(argument);
    if (Object.keys(argument).length !== 1 || (name !== 'prefix' && name !== 'suffix')) {
      throw new InvalidPattern(`Unrecognized match type anything-but ${Object.keys(argument).join(', ')} at "${field}"`);
    }
    const excluded = textMatcher(name, text, field);
    return (value) => value !== ABSENT && !excluded(value);
  }
  const excluded = [argument].flat();
  if (excluded.length === 0 || excluded.some((value) => typeof value !== 'string' && typeof value !== 'number')) {
    throw new InvalidPattern(`"${field}": anything-but takes texts or numbers`);
  }
  return (value) => value !== ABSENT && !excluded.includes(value as string | number);
}

/** All values of a field: a list stands for its members. */
function valuesOf(event: unknown, name: string): unknown[] {
  const value = isObject(event) && name in event ? event[name] : ABSENT;
  if (!Array.isArray(value)) return [value];
  return value.length === 0 ? [ABSENT] : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
