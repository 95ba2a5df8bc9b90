import { keyOf } from './shared-scenes';

/**
 * Makes a function that synthesizes a template for some options synthesize it only once per test file. A synthesis takes 50 ms.
 *
 * Each call returns its own copy. Options with constructs, functions or class instances are synthesized every time.
 */
export function synthesizeOnce<T>(synthesize: (options: T) => object): (options: T) => any {
  const templates = new Map<string, string>();
  return (options) => {
    const key = keyOf(options);
    if (key === undefined) return synthesize(options);
    const text = templates.get(key) ?? JSON.stringify(synthesize(options));
    templates.set(key, text);
    return JSON.parse(text);
  };
}
