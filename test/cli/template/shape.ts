/** What a value has to look like, as far as the schemas of landing zones say it. */
export type Shape = 'text' | 'filledText' | 'number' | 'boolean' | 'date' | 'any' | ListShape | MapShape | ChoiceShape;

interface ListShape {
  readonly list: Shape;
}

/** Other keys are refused. */
interface MapShape {
  readonly map: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
}

interface ChoiceShape {
  readonly oneOf: readonly string[];
}

/** Everything in a value that is not as it has to be. */
export function mismatches(value: unknown, shape: Shape, path = ''): string[] {
  const at = path === '' ? 'the document' : path;
  if (typeof shape === 'string') return simple(value, shape) ? [] : [`${at} is no ${shape}`];
  if ('oneOf' in shape) return shape.oneOf.includes(value as string) ? [] : [`${at} is none of ${shape.oneOf.join(', ')}`];
  if ('list' in shape) {
    return Array.isArray(value) ? value.flatMap((member, index) => mismatches(member, shape.list, `${path}[${index}]`)) : [`${at} is no list`];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at} is no map`];
  return [
    ...(shape.required ?? []).filter((key) => !(key in value)).map((key) => `${at} lacks ${key}`),
    ...Object.entries(value).flatMap(([key, member]) => (
      key in shape.map ? mismatches(member, shape.map[key]!, path === '' ? key : `${path}.${key}`) : [`${at} may not have ${key}`]
    )),
  ];
}

function simple(value: unknown, shape: 'text' | 'filledText' | 'number' | 'boolean' | 'date' | 'any'): boolean {
  switch (shape) {
    case 'any': return true;
    case 'text': return typeof value === 'string';
    case 'filledText': return typeof value === 'string' && value.length > 0;
    case 'date': return value instanceof Date;
    default: return typeof value === shape;
  }
}
