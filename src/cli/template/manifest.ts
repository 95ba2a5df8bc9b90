import type { ParameterGroup } from './parameters';

/** What a landing zone's configuration says of a template. */
export interface Deployment {
  /** Where the template is, from the configuration's folder. */
  readonly templatePath: string;
  readonly parameters: ParameterGroup[];
  /** Events of AWS Organizations come in one Region only. */
  readonly monitor: boolean;
}

export const REGION = 'us-east-1';

/** A value as YAML, of whatever version, takes it for text. */
export function quoted(text: string): string {
  return `'${text.replace(/'/g, '\'\'')}'`;
}

/** Names and values of the parameters, each with what it is for. */
export function parameterLines({ parameters }: Deployment, [nameKey, valueKey]: [string, string], indent: string): string {
  return parameters.flatMap((group) => group.parameters).map(({ name, default: value, description }) => [
    ...comment(description, indent),
    `${indent}- ${nameKey}: ${name}`,
    `${indent}  ${valueKey}: ${quoted(value)}`,
  ].join('\n')).join('\n');
}

const WIDTH = 100;

/** A sentence as comment lines. */
export function comment(text: string, indent = ''): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`${indent}# ${word}`);
  }
  return lines;
}

/** Why one Region, and which. */
export function whyOneRegion({ monitor }: Deployment): string {
  return 'One Region only: AWS Organizations is global, and a stack in another Region would do the same again. '
    + (monitor ? `${REGION} because AWS reports changes of an organization only there, so that the monitor hears of them at once.`
      : `${REGION} is a choice; any commercial Region does.`);
}
