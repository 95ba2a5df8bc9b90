import { RemovalPolicy, Token } from 'aws-cdk-lib';
import { MaximumExecutionFrequency } from 'aws-cdk-lib/aws-config';
import type { IConstruct } from 'constructs';
import { OptOutError } from './errors';

/** Where jsii keeps the name of a class. */
const RUNTIME_TYPE = Symbol.for('jsii.rtti');

/** What a value must be. JavaScript callers have no compiler that checks it. */
export interface Type {
  readonly expected: string;
  /** Code to copy. */
  readonly example: string;
  readonly accepts: (value: unknown) => boolean;
}

/** A type for one value, or for each item of a list. */
export type TypeOrList = Type | readonly [Type];

export const TEXT: Type = { expected: 'a string', example: '\'text\'', accepts: (value) => typeof value === 'string' || Token.isUnresolved(value) };
export const KNOWN_TEXT: Type = {
  expected: 'a string that is known at synthesis', example: '\'text\'', accepts: (value) => typeof value === 'string' && !Token.isUnresolved(value),
};
export const NUMBER: Type = { expected: 'a number', example: '25', accepts: (value) => typeof value === 'number' || Token.isUnresolved(value) };
export const DURATION = having('a Duration', 'Duration.minutes(5)', 'toMilliseconds');
export const REMOVAL_POLICY = oneOf('a RemovalPolicy', 'RemovalPolicy.RETAIN', RemovalPolicy);
export const FREQUENCY = oneOf('a MaximumExecutionFrequency', 'MaximumExecutionFrequency.ONE_HOUR', MaximumExecutionFrequency);
export const LOG_GROUP = having('an ILogGroup', 'LogGroup.fromLogGroupName(this, \'LogGroup\', \'name\')', 'logGroupArn');
export const ROLE = having('an IRole', 'Role.fromRoleName(this, \'Role\', \'name\')', 'roleArn');
export const TOPIC = having('an ITopic', 'new Topic(this, \'Topic\')', 'topicArn');
export const ALARM_ACTION = having('an IAlarmAction', 'new SnsAction(topic)', 'bind');
export const AI_SERVICE = having('an AiService', 'AiService.LEX or AiService.of(\'lex\')', 'covers');
export const SCOPE = having('an OptOutScope', 'OptOutScope.allServices()', '_optIn');
export const CHILD_OVERRIDES = having('a ChildOverrides', 'ChildOverrides.denied()', '_keys');
export const DOCUMENT = having('an OptOutPolicyDocument', 'OptOutPolicyDocument.fromJson(text)', 'namedServices');
export const OPT_OUT = having('an AiServicesOptOut', 'new AiServicesOptOut(this, \'OptOut\')', 'document');
export const ATTACHED_POLICY = having('an AttachedOptOutPolicy', '{ document }', 'document');
export const LEVEL = having('an OptOutLevel', '{ policies: [{ document }] }', 'policies');

/**
 * Checks the types of an object's members, all at once. Members that are undefined are left out, unless they are required.
 *
 * @throws OptOutError that names member, value and what to write instead.
 */
export function requireTypes(values: object, types: Record<string, TypeOrList>, required: string[] = [], scope?: IConstruct): void {
  const problems = typeof values === 'object' && values !== null
    ? Object.entries(types).flatMap(([name, type]) => {
      const value = (values as Record<string, unknown>)[name];
      return value === undefined && !required.includes(name) ? [] : problemsOf(name, value, type);
    })
    : [`the options must be an object, such as { ${Object.keys(types)[0]}: … }, got ${shown(values)}`];
  if (problems.length > 0) throw new OptOutError('TypeInvalid', problems.join('\n'), scope);
}

/** Checks the type of an argument. */
export function requireType(name: string, value: unknown, type: TypeOrList): void {
  requireTypes({ [name]: value }, { [name]: type }, [name]);
}

function problemsOf(name: string, value: unknown, type: TypeOrList): string[] {
  if ('accepts' in type) return type.accepts(value) ? [] : [`${name} must be ${type.expected}, such as ${type.example}, got ${shown(value)}`];
  const [item] = type;
  if (Token.isUnresolved(value) && item.accepts(value)) return [];
  if (!Array.isArray(value)) return [`${name} must be a list, such as [${item.example}], got ${shown(value)}`];
  return Token.isUnresolved(value) ? [] : value.flatMap((element, index) => problemsOf(`${name}[${index}]`, element, item));
}

function instance(expected: string, example: string, accepts: (value: object) => boolean): Type {
  return { expected, example, accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && accepts(value) };
}

/** Instances are known by a member and not by their class, which exists twice if the package is installed twice. */
function having(expected: string, example: string, member: string): Type {
  return instance(expected, example, (value) => member in value);
}

function oneOf(expected: string, example: string, values: object): Type {
  return { expected, example, accepts: (value) => Object.values(values).includes(value) };
}

/** The name of a class in its documentation: compiled classes of aws-cdk-lib are called `Topic2` and the like. */
function nameOf(type: Function & { [RUNTIME_TYPE]?: { readonly fqn: string } } = Object): string {
  return type[RUNTIME_TYPE]?.fqn.split('.').at(-1) ?? type.name;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return Token.isUnresolved(value) ? 'a token' : JSON.stringify(value);
  if (typeof value === 'function') return 'a function or class';
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object' || value === null) return String(value);
  const name = nameOf(value.constructor);
  return name === 'Object' ? 'an object' : `an instance of ${name}`;
}
