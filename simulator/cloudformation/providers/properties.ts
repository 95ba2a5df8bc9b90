/** Says what is wrong with a value at a path such as `#/Targets/0/Arn`. */
export type Check = (value: any, path: string) => string[];

/** A text. */
export function text(options: { min?: number; max?: number; pattern?: RegExp; oneOf?: readonly string[] } = {}): Check {
  const { min = 0, max = Infinity, pattern, oneOf } = options;
  return (value, path) => {
    if (typeof value !== 'string') return [`${path}: expected type: String, found: ${typeName(value)}`];
    if (value.length < min) return [`${path}: expected minLength: ${min}, actual: ${value.length}`];
    if (value.length > max) return [`${path}: expected maxLength: ${max}, actual: ${value.length}`];
    if (pattern && !pattern.test(value)) return [`${path}: failed validation constraint for keyword [pattern]`];
    if (oneOf && !oneOf.includes(value)) return [`${path}: ${value} is not a valid enum value`];
    return [];
  };
}

/** A whole number. CloudFormation takes a text of digits for one. */
export function integer(minimum: number, maximum: number): Check {
  return (value, path) => {
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (!Number.isInteger(number)) return [`${path}: expected type: Integer, found: ${typeName(value)}`];
    if (number < minimum) return [`${path}: ${number} is not greater or equal to ${minimum}`];
    return number > maximum ? [`${path}: ${number} is not less or equal to ${maximum}`] : [];
  };
}

/** True or false, also as a text. */
export const flag: Check = (value, path) => (
  [true, false, 'true', 'false'].includes(value) ? [] : [`${path}: expected type: Boolean, found: ${typeName(value)}`]
);

export function list(member: Check, options: { min?: number; max?: number } = {}): Check {
  const { min = 0, max = Infinity } = options;
  return (value, path) => {
    if (!Array.isArray(value)) return [`${path}: expected type: JSONArray, found: ${typeName(value)}`];
    if (value.length < min) return [`${path}: expected minimum item count: ${min}, found: ${value.length}`];
    if (value.length > max) return [`${path}: expected maximum item count: ${max}, found: ${value.length}`];
    return value.flatMap((each, index) => member(each, `${path}/${index}`));
  };
}

/** An object with these members and no others. */
export function object(members: Record<string, Check>, required: readonly string[] = []): Check {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: expected type: JSONObject, found: ${typeName(value)}`];
    return [
      ...Object.keys(value).filter((name) => !(name in members)).map((name) => `${path}: extraneous key [${name}] is not permitted`),
      ...required.filter((name) => value[name] === undefined).map((name) => `${path}: required key [${name}] not found`),
      ...Object.entries(members).flatMap(([name, check]) => (value[name] === undefined ? [] : check(value[name], `${path}/${name}`))),
    ];
  };
}

/** An object, or its JSON text. */
export const json: Check = (value, path) => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return [];
  try {
    if (typeof JSON.parse(value) === 'object') return [];
  } catch {
    // Answered below.
  }
  return [`${path}: expected type: JSONObject, found: ${typeName(value)}`];
};

export const tags = list(object({ Key: text({ min: 1, max: 128 }), Value: text({ max: 256 }) }, ['Key', 'Value']), { max: 50 });

/** A member that AWS knows and the simulation does not. */
export const notSimulated: Check = (_, path) => [`${path}: the simulation does not support it`];

/** Fails a resource whose properties are not what its type's schema says. */
export function requireValid(logicalId: string, properties: any, check: Check): void {
  const problems = check(properties, '#');
  if (problems.length === 0) return;
  throw new Error(`Properties validation failed for resource ${logicalId} with message:\n[${problems.join(', ')}]`);
}

/** What a property of type json holds. */
export function parsedJson(value: any): any {
  return typeof value === 'string' ? JSON.parse(value) : value;
}

/** A flag's value; an absent one is what AWS's default says. */
export function isTrue(value: unknown, byDefault: boolean): boolean {
  return value === undefined ? byDefault : String(value) === 'true';
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'JSONArray';
  if (value === null) return 'Null';
  const names: Record<string, string> = { string: 'String', boolean: 'Boolean', object: 'JSONObject', number: Number.isInteger(value) ? 'Integer' : 'Double' };
  return names[typeof value];
}
