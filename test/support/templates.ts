import { keyOf } from './shared-scenes';

/**
 * Makes a function that synthesizes a template for some options synthesize it only once per test file. A synthesis takes 50 ms.
 *
 * Each call returns its own copy. Options that hold constructs, functions or other instances are told apart by identity, so they must not change.
 */
export function synthesizeOnce<Options extends [object?]>(synthesize: (...options: Options) => object): (...options: Options) => any {
  const templates = new Map<unknown, string>();
  return (...options) => {
    const key = keyOf(options) ?? options[0];
    const text = templates.get(key) ?? JSON.stringify(synthesize(...options));
    templates.set(key, text);
    return JSON.parse(text);
  };
}
