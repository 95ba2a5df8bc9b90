import { validationError } from './template';

/** Where intrinsic functions find their values. */
export interface Scope {
  readonly mappings: Record<string, Record<string, Record<string, unknown>>>;

  /** Parameters, pseudo parameters and physical ids. `undefined`: there is nothing of that name. */
  ref(name: string): unknown;

  attribute(logicalId: string, name: string): unknown;
  condition(name: string): boolean;

  /** What another stack exports under a name. */
  imported(exportName: string): unknown;
}

/** What `AWS::NoValue` stands for while a value is being resolved: it takes its property with it. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: any, scope: Scope) => unknown;

const INTRINSICS: Record<string, Intrinsic> = {
  'Ref': (name: string, scope) => {
    const value = scope.ref(name);
    if (value === undefined) throw validationError(`Template format error: Unresolved resource dependencies [${name}] in the Resources block of the template`);
    return value;
  },
  'Fn::GetAtt': (argument: string | [string, unknown], scope) => {
    const [logicalId, name] = typeof argument === 'string' ? splitOnce(argument) : [argument[0], String(resolveRaw(argument[1], scope))];
    return scope.attribute(logicalId, name);
  },
  'Fn::Join': ([separator, values]: [string, unknown], scope) => resolveList(values, scope).map(asText).join(separator),
  'Fn::Sub': (argument: string | [string, Record<string, unknown>], scope) => substitute(argument, scope),
  'Fn::Select': ([index, values]: [unknown, unknown], scope) => {
    const list = resolveList(values, scope);
    const position = Number(resolveRaw(index, scope));
    if (!(position in list)) throw validationError(`Template error: Fn::Select cannot select nonexistent value at index ${position}`);
    return list[position];
  },
  'Fn::Split': ([separator, text]: [string, unknown], scope) => String(resolveRaw(text, scope)).split(separator),
  'Fn::If': ([name, whenTrue, whenFalse]: [string, unknown, unknown], scope) => resolveRaw(scope.condition(name) ? whenTrue : whenFalse, scope),
  'Fn::FindInMap': (keys: unknown[], scope) => {
    const [map, first, second] = keys.slice(0, 3).map((key) => String(resolveRaw(key, scope)));
    const value = scope.mappings[map]?.[first]?.[second];
    if (value === undefined) throw validationError(`Template error: Unable to get mapping for ${map}::${first}::${second}`);
    return value;
  },
  'Fn::ImportValue': (name: unknown, scope) => scope.imported(asText(resolveRaw(name, scope))),
  'Fn::Base64': (text: unknown, scope) => Buffer.from(String(resolveRaw(text, scope))).toString('base64'),
};

const CONDITION_FUNCTIONS: Record<string, (argument: any, scope: Scope) => boolean> = {
  'Condition': (name: string, scope) => scope.condition(name),
  'Fn::Equals': ([left, right]: unknown[], scope) => asText(resolveRaw(left, scope)) === asText(resolveRaw(right, scope)),
  'Fn::And': (conditions: unknown[], scope) => conditions.every((condition) => evaluateCondition(condition, scope)),
  'Fn::Or': (conditions: unknown[], scope) => conditions.some((condition) => evaluateCondition(condition, scope)),
  'Fn::Not': ([condition]: unknown[], scope) => !evaluateCondition(condition, scope),
  // The next three exist in rules only.
  'Fn::Contains': ([values, value]: unknown[], scope) => resolveList(values, scope).map(asText).includes(asText(resolveRaw(value, scope))),
  'Fn::EachMemberEquals': ([values, value]: unknown[], scope) => {
    const expected = asText(resolveRaw(value, scope));
    return resolveList(values, scope).every((member) => asText(member) === expected);
  },
  'Fn::EachMemberIn': ([values, allowed]: unknown[], scope) => {
    const known = resolveList(allowed, scope).map(asText);
    return resolveList(values, scope).every((member) => known.includes(asText(member)));
  },
};

/** A value with every intrinsic function replaced by what it stands for. */
export function resolve(value: unknown, scope: Scope): any {
  const resolved = resolveRaw(value, scope);
  return resolved === NO_VALUE ? undefined : resolved;
}

/** The value of a condition or of a rule's assertion. */
export function evaluateCondition(condition: unknown, scope: Scope): boolean {
  const call = asCall(condition);
  const evaluate = call && CONDITION_FUNCTIONS[call.name];
  if (!evaluate) throw validationError(`Template format error: ${JSON.stringify(condition)} is not a condition that the simulation supports`);
  return evaluate(call.argument, scope);
}

/** Names of the functions in a value that the simulation does not know. */
export function unsupportedFunctions(value: unknown): string[] {
  const call = asCall(value);
  const own = call && !(call.name in INTRINSICS) && !(call.name in CONDITION_FUNCTIONS) ? [call.name] : [];
  return [...own, ...children(value).flatMap(unsupportedFunctions)];
}

/** Everything that a value refers to: logical ids, parameters, pseudo parameters. */
export function references(value: unknown): string[] {
  const call = asCall(value);
  switch (call?.name) {
    case 'Ref':
      return [String(call.argument)];
    case 'Fn::GetAtt':
      return [typeof call.argument === 'string' ? splitOnce(call.argument)[0] : call.argument[0]];
    case 'Fn::Sub': {
      const [text, variables] = [call.argument].flat() as [string, Record<string, unknown>?];
      const names = [...text.matchAll(PLACEHOLDER)].map((match) => match[1].trim()).filter((name) => !name.startsWith('!') && !(name in (variables ?? {})));
      return [...names.map((name) => splitOnce(name)[0]), ...references(variables)];
    }
    default:
      return children(value).flatMap(references);
  }
}

const PLACEHOLDER = /\$\{([^}]*)\}/g;

function resolveRaw(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((member) => resolveRaw(member, scope)).filter((member) => member !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const call = asCall(value);
  if (call && call.name in INTRINSICS) return INTRINSICS[call.name](call.argument, scope);
  if (call && call.name in CONDITION_FUNCTIONS && call.name !== 'Condition') return evaluateCondition(value, scope);
  return Object.fromEntries(Object.entries(value)
    .map(([key, member]) => [key, resolveRaw(member, scope)] as const)
    .filter(([, member]) => member !== NO_VALUE));
}

function substitute(argument: string | [string, Record<string, unknown>], scope: Scope): string {
  const [text, variables] = typeof argument === 'string' ? [argument, {} as Record<string, unknown>] : argument;
  return text.replace(PLACEHOLDER, (_, inner: string) => {
    const name = inner.trim();
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (name in variables) return asText(resolveRaw(variables[name], scope));
    const [logicalId, attribute] = splitOnce(name);
    return asText(attribute === '' ? INTRINSICS.Ref(name, scope) : scope.attribute(logicalId, attribute));
  });
}

function resolveList(value: unknown, scope: Scope): unknown[] {
  const list = resolveRaw(value, scope);
  if (!Array.isArray(list)) throw validationError(`Template error: ${JSON.stringify(value)} is not a list`);
  return list;
}

/** An object with a single member that is named like a function. `Condition` with an object is a part of an IAM policy. */
function asCall(value: unknown): { name: string; argument: any } | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length !== 1) return undefined;
  const [name, argument] = entries[0];
  const isCall = name.startsWith('Fn::') || ((name === 'Ref' || name === 'Condition') && typeof argument === 'string');
  return isCall ? { name, argument } : undefined;
}

function children(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function splitOnce(text: string): [string, string] {
  const dot = text.indexOf('.');
  return dot === -1 ? [text, ''] : [text.slice(0, dot), text.slice(dot + 1)];
}

function asText(value: unknown): string {
  if (typeof value === 'object' && value !== null) throw validationError(`Template error: ${JSON.stringify(value)} is not a string`);
  return String(value);
}
