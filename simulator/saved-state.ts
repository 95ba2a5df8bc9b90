import { EventEmitter } from 'node:events';

/** What an object held: the members of an object or an array, the entries of a map, the values of a set. */
type Content =
  | { readonly kind: 'object'; readonly members: readonly (readonly [string | symbol, unknown])[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [unknown, unknown])[] }
  | { readonly kind: 'set'; readonly values: readonly unknown[] };

/**
 * The content of everything that can be reached from an object, to be put back later.
 *
 * Objects keep their identity: `restore` changes them in place, so that closures over them stay right. What the language hides is not saved: variables
 * of closures, `#private` fields, WeakMaps, promises, and everything that belongs to the machine, like servers. State of the simulator is therefore in
 * plain fields.
 */
export class SavedState {
  private readonly contents = new Map<object, Content>();

  public constructor(root: object) {
    const open: object[] = [root];
    for (let next = open.pop(); next; next = open.pop()) {
      if (this.contents.has(next) || isOpaque(next)) continue;
      const content = contentOf(next);
      this.contents.set(next, content);
      for (const value of valuesOf(content)) {
        if (typeof value === 'object' && value !== null) open.push(value);
      }
    }
  }

  /** Puts everything back. */
  public restore(): void {
    for (const [target, content] of this.contents) {
      if (content.kind === 'map') restoreMap(target as Map<unknown, unknown>, content.entries);
      else if (content.kind === 'set') restoreSet(target as Set<unknown>, content.values);
      else restoreMembers(target, content.members);
    }
  }
}

/** Objects whose content is not ours to change. */
function isOpaque(value: object): boolean {
  return value instanceof EventEmitter || value instanceof EventTarget || ArrayBuffer.isView(value) || Object.isFrozen(value)
    || ['Promise', 'Date', 'RegExp', 'Error', 'AsyncLocalStorage', 'AbortController', 'WeakMap', 'WeakSet'].includes(value.constructor?.name ?? '');
}

function contentOf(value: object): Content {
  if (isMap(value)) return { kind: 'map', entries: [...value] };
  if (isSet(value)) return { kind: 'set', values: [...value] };
  return { kind: 'object', members: membersOf(value) };
}

/** A test may run in a realm of its own, with its own Map and Set. */
const isMap = (value: object): value is Map<unknown, unknown> => Object.prototype.toString.call(value) === '[object Map]';
const isSet = (value: object): value is Set<unknown> => Object.prototype.toString.call(value) === '[object Set]';

function membersOf(value: object): (readonly [string | symbol, unknown])[] {
  return Reflect.ownKeys(value).flatMap((key) => {
    const { get, set, writable } = Reflect.getOwnPropertyDescriptor(value, key)!;
    return get || set || !writable ? [] : [[key, (value as any)[key]] as const];
  });
}

function valuesOf(content: Content): Iterable<unknown> {
  if (content.kind === 'map') return content.entries.flat();
  return content.kind === 'set' ? content.values : content.members.map(([, value]) => value);
}

/** Also the order of members is state: it shows wherever they are listed. */
function restoreMembers(target: any, members: readonly (readonly [string | symbol, unknown])[]): void {
  const now = membersOf(target);
  if (now.length === members.length && now.every(([key, value], index) => key === members[index][0] && Object.is(value, members[index][1]))) return;
  if (Array.isArray(target)) target.length = 0;
  else for (const [key] of now) delete target[key];
  for (const [key, value] of members) target[key] = value;
}

function restoreMap(target: Map<unknown, unknown>, entries: readonly (readonly [unknown, unknown])[]): void {
  target.clear();
  for (const [key, value] of entries) target.set(key, value);
}

function restoreSet(target: Set<unknown>, values: readonly unknown[]): void {
  target.clear();
  for (const value of values) target.add(value);
}
