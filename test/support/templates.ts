import { keyOf } from './shared-scenes';

/**
 * Makes a function that synthesizes a template synthesize it only once per test file for the same arguments. A synthesis takes 50 ms.
 *
 * Each call returns its own copy. A single argument that holds constructs, functions or other instances is known by its identity, so it must not change.
 */
export function synthesizeOnce<Args extends unknown[]>(synthesize: (...args: Args) => object): (...args: Args) => any {
  const templates = new Map<unknown, string>();
  return (...args) => {
    const key = keyOf(args) ?? (args.length === 1 ? args[0] : undefined);
    const text = (key === undefined ? undefined : templates.get(key)) ?? JSON.stringify(synthesize(...args));
    if (key !== undefined) templates.set(key, text);
    return JSON.parse(text);
  };
}
