import {
  ASSIGN, DEFAULT, lockOf, MAX_POLICY_CHARACTERS, mistakesIn, parsePolicy, problemsIn,
  type Lock, type PolicyDocument, type PolicyProblem, type Setting,
} from '../../policy';
import { withAllowHint } from '../allow-service';
import { lockHoles } from './lock-holes';

/** The result of `validate` for one policy text. */
export interface Inspection {
  /** What AWS would reject. */
  readonly problems: PolicyProblem[];
  /** What AWS accepts, but what is probably a mistake. */
  readonly warnings: PolicyProblem[];
  readonly characters: {
    readonly limit: number;
    readonly asWritten: number;
    /** Without white space between the tokens; absent where the text is not JSON. */
    readonly compact?: number;
  };
  /** By entry, `default` first; absent where there are problems. */
  readonly sets?: { readonly [key: string]: Setting };
  readonly locks?: Lock;
}

/** @param allowedServices service keys to accept although AWS does not document them */
export function inspect(text: string, allowedServices: readonly string[] = []): Inspection {
  const asWritten = text.length;
  const compact = compactLength(text);
  const refused = problemsIn(text, allowedServices).map(withAllowHint);
  const places = new Set(refused.map(placeOf));
  const meaningless = mistakesIn(text, allowedServices).filter((mistake) => !places.has(placeOf(mistake)));
  const problems = [...refused, ...tooLong(compact)];
  const base = { problems, characters: { limit: MAX_POLICY_CHARACTERS, asWritten, ...(compact === undefined ? {} : { compact }) } };
  if (problems.length > 0) return { ...base, warnings: meaningless };

  const document = parsePolicy(text);
  return {
    ...base,
    warnings: [...meaningless, ...nothingSet(document), ...onlyCompactFits(asWritten), ...lockHoles(document)],
    sets: settingsOf(document),
    locks: lockOf(document),
  };
}

/** Every entry that has a value; `default` first, because the others are read against it. */
export function settingsOf({ services }: PolicyDocument): Record<string, Setting> {
  const entries = Object.entries(services ?? {})
    .map(([key, service]) => [key, service.opt_out_policy?.[ASSIGN]] as const)
    .filter((entry): entry is readonly [string, Setting] => entry[1] !== undefined)
    .sort(([a], [b]) => Number(b === DEFAULT) - Number(a === DEFAULT) || a.localeCompare(b, 'en'));
  return Object.fromEntries(entries);
}

function compactLength(text: string): number | undefined {
  try {
    return JSON.stringify(JSON.parse(text)).length;
  } catch {
    return undefined;
  }
}

function placeOf({ path, line, column }: PolicyProblem): string {
  return `${path}@${line}:${column}`;
}

function tooLong(compact = 0): PolicyProblem[] {
  const excess = compact - MAX_POLICY_CHARACTERS;
  if (excess <= 0) return [];
  const message = `has ${compact} characters even without white space, ${excess} more than the ${MAX_POLICY_CHARACTERS} that AWS accepts: `
    + 'split it over up to five policies on the same target';
  return [{ path: '', message }];
}

function onlyCompactFits(asWritten: number): PolicyProblem[] {
  if (asWritten <= MAX_POLICY_CHARACTERS) return [];
  const message = `has ${asWritten} characters as written, and AWS accepts ${MAX_POLICY_CHARACTERS} with white space counted: `
    + 'send it compact, as "ai-opt-out apply" and the construct do';
  return [{ path: '', message }];
}

function nothingSet(document: PolicyDocument): PolicyProblem[] {
  return Object.keys(settingsOf(document)).length > 0 ? [] : [{ path: 'services', message: 'no entry has a value: this policy opts nobody out of anything' }];
}
