import { validationError, type ParameterDefinition, type Template } from './template';

/** A parameter's value as `Ref` returns it. */
export type ParameterValue = string | string[];

/**
 * Values for a template's parameters: given ones, else defaults.
 *
 * A parameter that names an SSM parameter has that parameter's value when `ssm` knows it, and its own text otherwise: CDK's `BootstrapVersion`
 * needs no bootstrapped account here.
 */
export function parameterValues(
  template: Template,
  given: Record<string, string>,
  ssm: (name: string) => string | undefined,
): Record<string, ParameterValue> {
  const definitions = template.Parameters ?? {};
  const unknown = Object.keys(given).filter((name) => !(name in definitions));
  if (unknown.length > 0) throw validationError(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const missing = Object.keys(definitions).filter((name) => given[name] === undefined && definitions[name].Default === undefined);
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  return Object.fromEntries(Object.entries(definitions).map(([name, definition]) => {
    const text = String(given[name] ?? definition.Default);
    check(name, text, definition);
    return [name, typed(name, text, definition.Type, ssm)];
  }));
}

function typed(name: string, text: string, type: string, ssm: (name: string) => string | undefined): ParameterValue {
  if (type === 'AWS::SSM::Parameter::Value<String>') return ssm(text) ?? text;
  if (type === 'CommaDelimitedList' || type.startsWith('List<')) return text === '' ? [] : text.split(',').map((member) => member.trim());
  if (type === 'Number' && (text.trim() === '' || Number.isNaN(Number(text)))) throw validationError(`Parameter '${name}' must be a number.`);
  if (type === 'String' || type === 'Number' || type.startsWith('AWS::')) return text;
  throw validationError(`Template format error: Unrecognized parameter type: ${type}`);
}

function check(name: string, text: string, definition: ParameterDefinition): void {
  const number = Number(text);
  const failures: Array<[boolean, string]> = [
    [definition.AllowedValues !== undefined && !definition.AllowedValues.map(String).includes(text), 'must be one of AllowedValues'],
    [definition.AllowedPattern !== undefined && !new RegExp(`^(?:${definition.AllowedPattern})$`).test(text), `must match pattern ${definition.AllowedPattern}`],
    [definition.MinLength !== undefined && text.length < Number(definition.MinLength), `must contain at least ${definition.MinLength} characters`],
    [definition.MaxLength !== undefined && text.length > Number(definition.MaxLength), `must contain at most ${definition.MaxLength} characters`],
    [definition.MinValue !== undefined && number < Number(definition.MinValue), `must be a number not less than ${definition.MinValue}`],
    [definition.MaxValue !== undefined && number > Number(definition.MaxValue), `must be a number not greater than ${definition.MaxValue}`],
  ];
  const failed = failures.find(([fails]) => fails);
  if (!failed) return;
  throw validationError(definition.ConstraintDescription
    ? `Parameter ${name} failed to satisfy constraint: ${definition.ConstraintDescription}`
    : `Parameter '${name}' ${failed[1]}`);
}
