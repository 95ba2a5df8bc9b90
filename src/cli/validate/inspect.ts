import {
  ASSIGN, DEFAULT, MAX_POLICY_CHARACTERS, mistakesIn, parsePolicy, problemsIn, SERVICES, type PolicyDocument, type PolicyProblem, type Setting,
} from '../../policy';
import { nearest } from '../nearest';
import { lockHoles, locksOf, type Locks } from './locks';

/** What `validate` has to say about one policy text. */
export interface Inspection {
  /** What AWS would refuse. */
  readonly problems: PolicyProblem[];
  /** What AWS accepts and what is hardly meant. */
  readonly warnings: PolicyProblem[];
  readonly characters: {
    readonly limit: number;
    readonly asWritten: number;
    /** Without white space between the tokens; absent where the text is not JSON. */
    readonly compact?: number;
  };
  /** By entry, `default` first; absent where there are problems. */
  readonly sets?: { readonly [key: string]: Setting };
  readonly locks?: Locks;
}

/** @param allowedServices keys that AWS has added since this release */
export function inspect(text: string, allowedServices: readonly string[] = []): Inspection {
  const asWritten = text.length;
  if (text.startsWith('\ufeff')) {
    const message = 'starts with a byte order mark, which is no JSON: save the file as UTF-8 without it';
    return { problems: [{ path: '', message, line: 1, column: 1 }], warnings: [], characters: { limit: MAX_POLICY_CHARACTERS, asWritten } };
  }
  const compact = compactLength(text);
  const refused = problemsIn(text).filter(({ path }) => !allowedServices.includes(serviceIn(path) ?? '')).map(withHint);
  const places = new Set(problemsIn(text).map(placeOf));
  const meaningless = mistakesIn(text).filter((mistake) => !places.has(placeOf(mistake)));
  const problems = [...refused, ...tooLong(compact)];
  const base = { problems, characters: { limit: MAX_POLICY_CHARACTERS, asWritten, ...(compact === undefined ? {} : { compact }) } };
  if (problems.length > 0) return { ...base, warnings: meaningless };

  const document = parsePolicy(text);
  return {
    ...base,
    warnings: [...meaningless, ...nothingSet(document), ...onlyCompactFits(asWritten), ...lockHoles(document)],
    sets: settingsOf(document),
    locks: locksOf(document),
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

/** The service a problem at the level of the entries is about. */
function serviceIn(path: string): string | undefined {
  return path.startsWith('services.') ? path.slice('services.'.length) : undefined;
}

/** AWS's keys are closer at hand here than in the grammar, so a misspelt one gets its hint here. */
function withHint(problem: PolicyProblem): PolicyProblem {
  if (/Maximum call stack/.test(problem.message)) return { ...problem, message: 'nested far too deeply to be a policy' };
  const key = serviceIn(problem.path);
  if (key === undefined || !/is not a service key that AWS knows/.test(problem.message)) return problem;
  const close = nearest(key, [DEFAULT, ...Object.keys(SERVICES)]);
  const hint = close ? `did you mean "${close}"?` : `"${DEFAULT}" stands for all services`;
  return { ...problem, message: `"${key}" is not a service key that AWS documents; ${hint} (if AWS has added it since: --allow-service ${key})` };
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
