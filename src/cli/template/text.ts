import { stringify } from 'yaml';

export function jsonText(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** For people: code in blocks as it was written, and no line broken. Version 1.1 is what CloudFormation reads: `yes` and dates get quotes. */
export function yamlText(value: object): string {
  return stringify(value, { version: '1.1', lineWidth: 0, blockQuote: 'literal', aliasDuplicateObjects: false });
}
