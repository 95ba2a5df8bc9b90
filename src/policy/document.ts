import { parse, type AnyNode, type MemberNode, type ObjectNode, type ValueNode } from '@humanwhocodes/momoa';
import { ASSIGN, CONTROL, CONTROL_WORDS, SERVICE_KEY, type PolicyDocument } from './grammar';
import { hintForService, isDocumentedService } from './services';

/** Something in a policy text that keeps AWS from accepting it, or that cannot be meant. */
export interface PolicyProblem {
  /** Where, as in `services.lex.opt_out_policy`; empty for the whole document. */
  readonly path: string;
  readonly message: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Counted from 1. */
  readonly column?: number;
}

/**
 * Returns what keeps CreatePolicy and UpdatePolicy from accepting a text, as recorded from AWS, whose own error names neither place nor cause.
 * The size is not checked.
 *
 * @param allowed service keys to accept although AWS does not document them
 */
export function problemsIn(text: string, allowed: readonly string[] = []): PolicyProblem[] {
  return new Check((key) => isDocumentedService(key) || allowed.includes(key)).check(text);
}

/**
 * Returns what is wrong with a text that is meant to be used: all that AWS rejects, and settings without a value, which AWS accepts.
 *
 * @param allowed service keys to accept although AWS does not document them; by default every key of the right form
 */
export function mistakesIn(text: string, allowed?: readonly string[]): PolicyProblem[] {
  return new Check((key) => isDocumentedService(key) || (allowed ? allowed.includes(key) : SERVICE_KEY.test(key)), true).check(text);
}

/** Returns the document of a text without problems. */
export function parsePolicy(text: string): PolicyDocument {
  return JSON.parse(text) as PolicyDocument;
}

/** Words of the grammar, for the hint under a word in the wrong case. */
const WORDS = ['services', 'opt_out_policy', 'optOut', 'optIn', CONTROL, ...CONTROL_WORDS];

class Check {
  private readonly problems: PolicyProblem[] = [];

  public constructor(private readonly isService: (key: string) => boolean, private readonly settingsMustSet = false) {}

  public check(text: string): PolicyProblem[] {
    if (text.startsWith('\ufeff')) {
      return [{ path: '', message: 'starts with a byte order mark, which is not JSON: save the file as UTF-8 without it', line: 1, column: 1 }];
    }
    let root: ValueNode;
    try {
      root = parse(text, { mode: 'json' }).body;
      // The parser with positions lets control characters in strings pass.
      JSON.parse(text);
    } catch (error) {
      return [notJson(text, error as Error)];
    }
    this.document(root);
    return this.problems;
  }

  private document(node: ValueNode): void {
    const members = this.object(node, '', '{"services": {...}}');
    if (!members) return;
    let found = false;
    for (const [key, member] of members) {
      if (key === 'services') {
        found = true;
        this.services(member.value);
      } else if (key === CONTROL) {
        this.control(member.value, '');
      } else if ([ASSIGN, '@@append', '@@remove'].includes(key)) {
        this.strayOperator(key, member.value);
      } else {
        this.unknown(key, member, '', 'the document may only have "services" and a child control');
      }
    }
    if (!found) this.report(node, '', 'has no "services"');
  }

  private services(node: ValueNode): void {
    for (const [key, member] of this.object(node, 'services', 'an object with one entry for each service') ?? []) {
      if (key === CONTROL) {
        this.control(member.value, 'services');
      } else if (this.isService(key)) {
        this.service(member.value, `services.${key}`);
      } else if (key.startsWith('@@')) {
        this.unknown(key, member, 'services', `operators belong into "opt_out_policy"; here only ${CONTROL} is allowed`);
      } else {
        this.report(member.name, `services.${key}`, `"${key}" is not a service key; ${hintForService(key)}`);
        // The key is misspelt; the entry itself is checked all the same.
        if (this.isService(key.trim().toLowerCase())) this.service(member.value, `services.${key}`);
      }
    }
  }

  private service(node: ValueNode, path: string): void {
    for (const [key, member] of this.object(node, path, '{"opt_out_policy": {"@@assign": "optOut"}}') ?? []) {
      if (key === CONTROL) {
        this.control(member.value, path);
      } else if (key === 'opt_out_policy') {
        this.setting(member.value, `${path}.opt_out_policy`);
      } else {
        this.unknown(key, member, path, 'a service may only have "opt_out_policy" and a child control');
      }
    }
  }

  private setting(node: ValueNode, path: string): void {
    const members = this.object(node, path, '{"@@assign": "optOut"} or {"@@assign": "optIn"}');
    if (!members) return;
    for (const [key, member] of members) {
      if (key === CONTROL) {
        this.control(member.value, path);
      } else if (key === ASSIGN) {
        const value = member.value.type === 'String' ? member.value.value : undefined;
        if (value !== 'optOut' && value !== 'optIn') {
          this.report(member.value, `${path}.${ASSIGN}`, `must be "optOut" or "optIn", got ${describe(member.value)}${hint(value)}`);
        }
      } else if (key.startsWith('@@')) {
        this.unknown(key, member, path, `the operator ${key} is not available in this policy type; only ${ASSIGN} is`);
      } else {
        this.unknown(key, member, path, `a setting may only have ${ASSIGN} and a child control`);
      }
    }
    if (this.settingsMustSet && members.length === 0) {
      this.report(node, path, `has no ${ASSIGN}: write {"${ASSIGN}": "optOut"}`);
    }
  }

  private control(node: ValueNode, parent: string): void {
    const path = at(parent, CONTROL);
    if (node.type !== 'Array' || node.elements.length === 0) {
      this.report(node, path, `must be a list of ${CONTROL_WORDS.join(', ')}, such as ["@@none"], got ${describe(node)}`);
      return;
    }
    const seen = new Set<string>();
    for (const [index, { value }] of node.elements.entries()) {
      const word = value.type === 'String' ? value.value : undefined;
      if (word === undefined || !CONTROL_WORDS.includes(word)) {
        this.report(value, `${path}[${index}]`, `must be one of ${CONTROL_WORDS.join(', ')}, got ${describe(value)}${hint(word)}`);
      } else if (seen.has(word)) {
        this.report(value, `${path}[${index}]`, `lists ${word} twice`);
      }
      if (word !== undefined) seen.add(word);
    }
    if (seen.has('@@none') && seen.size > 1) this.report(node, path, '@@none cannot be combined with another operator');
  }

  /** AWS admits operators that mean nothing at the top of a document, unless their value holds an object or a list in a list. */
  private strayOperator(key: string, node: ValueNode): void {
    const nested = node.type === 'Object' || (node.type === 'Array' && node.elements.some(({ value }) => value.type === 'Object' || value.type === 'Array'));
    if (nested) this.report(node, key, `${key} does not belong at the top of the document`);
  }

  /** The members of an object by key; a second member of the same key is reported and left out. */
  private object(node: ValueNode, path: string, expected: string): [string, MemberNode][] | undefined {
    if (node.type !== 'Object') {
      this.report(node, path, `must be ${expected}, got ${describe(node)}`);
      return undefined;
    }
    const members = new Map<string, MemberNode>();
    for (const member of (node as ObjectNode).members) {
      const key = member.name.type === 'String' ? member.name.value : member.name.name;
      if (members.has(key)) {
        this.report(member.name, at(path, key), `duplicate key "${key}"; the first one is in line ${members.get(key)!.loc.start.line}`);
      } else {
        members.set(key, member);
      }
    }
    return [...members];
  }

  private unknown(key: string, member: MemberNode, parent: string, message: string): void {
    this.report(member.name, at(parent, key), `unknown key "${key}"${hint(key)}; ${message}`);
  }

  private report(node: AnyNode, path: string, message: string): void {
    this.problems.push({ path, message, line: node.loc.start.line, column: node.loc.start.column });
  }
}

function notJson(text: string, { message, ...place }: Error & { line?: number; column?: number }): PolicyProblem {
  if (/Maximum call stack/.test(message)) return { path: '', message: 'nested too deeply to be a policy' };
  const position = /at position (\d+)/.exec(message);
  const before = position ? text.slice(0, Number(position[1])).split('\n') : undefined;
  return {
    path: '',
    message: `not valid JSON: ${message.replace(/ in JSON at position.*| \(\d+:\d+\)$/s, '')}`,
    line: before?.length ?? place.line,
    column: before ? before[before.length - 1].length + 1 : place.column,
  };
}

function at(parent: string, key: string): string {
  return parent === '' ? key : `${parent}.${key}`;
}

function describe(node: ValueNode): string {
  switch (node.type) {
    case 'String': return JSON.stringify(node.value);
    case 'Object': return node.members.length === 0 ? 'an empty object' : 'an object';
    case 'Array': return node.elements.length === 0 ? 'an empty list' : 'a list';
    case 'Null': return 'null';
    default: return String((node as { value?: unknown }).value);
  }
}

function hint(word: string | undefined): string {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
  const close = word && WORDS.find((candidate) => plain(candidate) === plain(word));
  return close && close !== word ? ` (did you mean "${close}"?)` : '';
}
