import * as fc from 'fast-check';
import { KEYS, policyDocument } from './arbitraries';
import { CONTROL, CONTROL_WORDS, SERVICES } from '../../src/policy';

/** JSON whose objects can have a key twice. */
type Json = string | number | boolean | null | readonly Json[] | JsonObject;

interface JsonObject {
  readonly members: readonly (readonly [key: string, value: Json])[];
}

/** A change of one node, and which node it changes. */
interface Mistake {
  readonly where: number;
  change(node: Json): Json;
}

const SOME_KEYS = [
  ...KEYS, ...Object.keys(SERVICES), 'services', 'opt_out_policy', CONTROL, ...CONTROL_WORDS, '@@enforced_for',
  'LEX', 'Default', 'lex ', '', 's3', '*', 'connecthealth', 'constructor', '__proto__',
];
const SOME_VALUES: Json[] = [
  'optOut', 'optIn', 'optout', '', ...CONTROL_WORDS, null, true, 0, [], ['@@none'], ['@@none', '@@all'], ['@@assign', '@@assign'], ['@@append', '@@remove'],
  [null], [[]], [{ members: [] }], { members: [] }, { members: [['@@assign', 'optOut']] }, { members: [['opt_out_policy', { members: [] }]] },
];

/** A text that AWS admits, or one with a few mistakes in its content or its JSON. */
export function policyTextWithMistakes(): fc.Arbitrary<string> {
  const document = policyDocument(fc.constantFrom(...KEYS, ...Object.keys(SERVICES)));
  return fc.tuple(document, fc.array(mistake(), { maxLength: 2 }), fc.option(slip(), { freq: 4 }))
    .map(([correct, mistakes, slipped]) => {
      const content = mistakes.reduce((json, { where, change }) => changed(json, where % size(json), change), fromValue(correct));
      return slipped ? slipped(text(content)) : text(content);
    });
}

function mistake(): fc.Arbitrary<Mistake> {
  const key = fc.constantFrom(...SOME_KEYS);
  const value = fc.constantFrom(...SOME_VALUES);
  const members = (alter: (list: JsonObject['members']) => JsonObject['members']) => (node: Json) => (
    isObject(node) ? { members: alter(node.members) } : node
  );
  const change = fc.oneof(
    value.map((other) => () => other),
    fc.tuple(key, value).map(([added, content]) => members((list) => [...list, [added, content]])),
    fc.tuple(key, fc.nat(3)).map(([other, which]) => members((list) => list.map(([old, content], index) => (
      [index === which ? other : old, content]
    )))),
    fc.nat(3).map((which) => members((list) => list.filter((_member, index) => index !== which))),
    fc.nat(3).map((which) => members((list) => list.flatMap((member, index) => index === which ? [member, member] : [member]))),
  );
  return fc.record({ where: fc.nat(30), change });
}

/** One more or one fewer character somewhere. */
function slip(): fc.Arbitrary<(text: string) => string> {
  const characters = ['', ' ', '\n', ',', ':', '"', '{', '}', '[', ']', '\\', '\\u0061', '\u0001', '\ufeff', '1', 'a', '//'];
  const edit = fc.record({ where: fc.nat(400), removed: fc.nat(1), added: fc.constantFrom(...characters) });
  return edit.map(({ where, removed, added }) => (content: string) => {
    const place = where % (content.length + 1);
    return content.slice(0, place) + added + content.slice(place + removed);
  });
}

function fromValue(value: unknown): Json {
  if (Array.isArray(value)) return value.map(fromValue);
  if (typeof value !== 'object' || value === null) return value as Json;
  return { members: Object.entries(value).map(([key, member]) => [key, fromValue(member)]) };
}

function isObject(node: Json): node is JsonObject {
  return typeof node === 'object' && node !== null && 'members' in node;
}

function size(node: Json): number {
  return 1 + (isObject(node) ? node.members.reduce((sum, [, member]) => sum + size(member), 0) : 0);
}

/** Changes the node with this number; nodes are numbered from the outermost, each before its members. */
function changed(node: Json, where: number, change: Mistake['change']): Json {
  if (where === 0) return change(node);
  if (!isObject(node)) return node;
  let next = 1;
  return {
    members: node.members.map(([key, member]) => {
      const inner = where - next;
      next += size(member);
      return [key, inner >= 0 && where < next ? changed(member, inner, change) : member];
    }),
  };
}

function text(node: Json): string {
  if (isObject(node)) return `{${node.members.map(([key, member]) => `${JSON.stringify(key)}: ${text(member)}`).join(', ')}}`;
  return Array.isArray(node) ? `[${node.map(text).join(', ')}]` : JSON.stringify(node);
}
