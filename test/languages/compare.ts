import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { filesBelow } from './packages';

/** What a language synthesized and answered. */
export interface Outcome {
  /** Templates by file name, as text with sorted keys. */
  readonly templates: ReadonlyMap<string, string>;
  readonly answers: Answers;
}

export interface Answers {
  readonly values: Record<string, unknown>;
  /** Messages; null where nothing was raised. */
  readonly errors: Record<string, string | null>;
}

export function outcomeIn(folder: string): Outcome {
  const templates = filesBelow(folder, /\.template\.json$/)
    .map((file): [string, string] => [relative(folder, file), sorted(JSON.parse(readFileSync(file, 'utf8')))]);
  return { templates: new Map(templates), answers: JSON.parse(readFileSync(`${folder}/answers.json`, 'utf8')) };
}

/** How an outcome differs from that of TypeScript, in words. */
export function differences(got: Outcome, wanted: Outcome): string[] {
  return [...templateDifferences(got, wanted), ...valueDifferences(got, wanted), ...errorDifferences(got, wanted)];
}

function templateDifferences(got: Outcome, wanted: Outcome): string[] {
  const names = [...new Set([...wanted.templates.keys(), ...got.templates.keys()])].sort();
  return names.flatMap((name) => {
    const one = got.templates.get(name);
    const other = wanted.templates.get(name);
    if (one === undefined) return [`${name}: missing`];
    if (other === undefined) return [`${name}: TypeScript has no such template`];
    return one === other ? [] : [`${name}: ${firstDifference(JSON.parse(one), JSON.parse(other))}`];
  });
}

function valueDifferences(got: Outcome, wanted: Outcome): string[] {
  const one = got.answers.values;
  const other = wanted.answers.values;
  return sorted(one) === sorted(other) ? [] : [`values: ${firstDifference(one, other)}`];
}

/** A language may put words around our message, but has to bring all of it. */
function errorDifferences(got: Outcome, wanted: Outcome): string[] {
  return Object.entries(wanted.answers.errors).flatMap(([name, message]) => {
    const raised = got.answers.errors[name];
    return message !== null && raised?.includes(message) ? [] : [`error ${name}: got ${JSON.stringify(raised)}, in TypeScript ${JSON.stringify(message)}`];
  });
}

export function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part
  ), 1);
}

function firstDifference(got: unknown, wanted: unknown, path = ''): string {
  if (!isObject(got) || !isObject(wanted) || Array.isArray(got) !== Array.isArray(wanted)) {
    return `${path || 'the whole'} is ${shortened(got)}, in TypeScript ${shortened(wanted)}`;
  }
  const key = [...new Set([...Object.keys(wanted), ...Object.keys(got)])].find((name) => sorted(got[name]) !== sorted(wanted[name]))!;
  return firstDifference(got[key], wanted[key], `${path}/${key}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object';
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
