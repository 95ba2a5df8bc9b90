import type { Output } from '../command-context';
import { paintFor, type Paint } from './terminal';
import { number } from './words';
import { DEFAULT, type PolicyProblem } from '../../policy';
import { visible, visibleJson } from '../../text/visible';
import type { Inspection } from '../validate/inspect';

/** One file that was looked at, or could not be. */
export interface FileReport {
  readonly file: string;
  readonly ok: boolean;
  /** Why it could not be read; then nothing else is here. */
  readonly error?: string;
  readonly inspection?: Inspection;
}

/** The JSON of `validate`, version 1. */
export function validationJson(files: readonly FileReport[]): string {
  const flat = files.map(({ inspection, ...file }) => ({ ...file, ...inspection }));
  return `${visibleJson({ schemaVersion: 1, ok: files.every(({ ok }) => ok), files: flat }, 2)}\n`;
}

/** For people and for editors, which make links of `file:line:column`. */
export function validationText(files: readonly FileReport[], output: Output): string {
  const paint = paintFor(output);
  return files.filter(({ inspection }) => inspection).map(({ file, inspection }) => fileText(visible(file), inspection!, paint)).join('\n');
}

function fileText(file: string, { problems, warnings, characters, sets, locks }: Inspection, paint: Paint): string {
  const verdict = problems.length === 0 ? paint('green', 'ok') : paint('red', problems.length === 1 ? '1 problem' : `${problems.length} problems`);
  const limit = number(characters.limit);
  const compact = characters.compact === undefined ? '' : `, ${number(characters.compact)} compact`;
  return [
    `${paint('bold', file)}: ${verdict}`,
    ...problems.map((problem) => `  ${place(file, problem)}${paint('red', 'error')}: ${where(problem)}${visible(problem.message)}`),
    ...warnings.map((warning) => `  ${place(file, warning)}${paint('yellow', 'warning')}: ${where(warning)}${visible(warning.message)}`),
    ...(sets ? [`  sets: ${settings(sets)}`] : []),
    ...(locks ? [`  locks: services ${yesNo(locks.services)}, default ${yesNo(locks.default)}, values ${yesNo(locks.value)}`] : []),
    `  size: ${number(characters.asWritten)} of ${limit} characters as written${compact}`,
    '',
  ].join('\n');
}

function place(file: string, { line, column }: PolicyProblem): string {
  return line === undefined ? '' : `${file}:${line}:${column ?? 1}: `;
}

function where({ path }: PolicyProblem): string {
  return path === '' ? '' : `${visible(path)}: `;
}

function settings(sets: NonNullable<Inspection['sets']>): string {
  const parts = Object.entries(sets).map(([key, setting]) => `${key} ${setting}${key === DEFAULT ? ' (every service without an entry, future ones included)' : ''}`);
  return parts.join(', ') || 'nothing';
}

function yesNo(value: boolean): string {
  return value ? 'locked' : 'open';
}
