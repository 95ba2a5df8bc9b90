import * as fc from 'fast-check';
import { ASSIGN, CONTROL, CONTROL_WORDS, type PolicyDocument, type PolicyLevel } from '../../src/policy';

/** Few enough that policies keep running into each other. */
export const KEYS = ['default', 'lex', 'polly', 'rekognition', 'textract'];

/** A control as AWS admits it: one word, or several without `@@none`. */
export function control(): fc.Arbitrary<string[]> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...CONTROL_WORDS).map((word) => [word]) },
    { weight: 1, arbitrary: fc.subarray(CONTROL_WORDS.filter((word) => word !== '@@none'), { minLength: 1 }) },
  );
}

/** A document that AWS admits. Objects keep the order in which their members came, so that order can be tested. */
export function policyDocument(keys = fc.constantFrom(...KEYS)): fc.Arbitrary<PolicyDocument> {
  const assign = fc.constantFrom('optOut', 'optIn');
  const setting = fc.oneof(
    { weight: 4, arbitrary: members([ASSIGN, assign]) },
    { weight: 2, arbitrary: members([ASSIGN, assign], [CONTROL, control()]) },
    { weight: 1, arbitrary: members([CONTROL, control()]) },
  );
  const node = (inner: fc.Arbitrary<unknown>) => fc.oneof(
    { weight: 5, arbitrary: members(['opt_out_policy', inner]) },
    { weight: 2, arbitrary: members(['opt_out_policy', inner], [CONTROL, control()]) },
    { weight: 1, arbitrary: fc.oneof(fc.constant({}), members([CONTROL, control()])) },
  );
  const services = fc.uniqueArray(keys, { maxLength: 4 })
    .chain((list) => members(...list.map((key): [string, fc.Arbitrary<unknown>] => [key, node(setting)])))
    .chain((entries) => fc.oneof(
      { weight: 3, arbitrary: fc.constant(entries) },
      { weight: 1, arbitrary: control().chain((words) => shuffled({ ...entries, [CONTROL]: words })) },
    ));
  return services.chain((content) => fc.oneof(
    { weight: 6, arbitrary: fc.constant({ services: content }) },
    { weight: 1, arbitrary: control().chain((words) => shuffled({ services: content, [CONTROL]: words })) },
  )) as fc.Arbitrary<PolicyDocument>;
}

/** The text of a document that `OptOutPolicyDocument.fromJson` takes, with any service key there could be. */
export function policyText(): fc.Arbitrary<string> {
  const key = fc.oneof(fc.constantFrom(...KEYS, 'connecthealth::training'), fc.stringMatching(/^[a-z][a-z0-9]{0,9}(::[a-z0-9]{1,5})?$/));
  return policyDocument(key).map((document) => JSON.stringify(document));
}

/** The way from a root to an account. */
export function policyLevels(constraints: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<PolicyLevel[]> {
  return fc.array(fc.array(policyDocument(), { maxLength: 3 }), { maxLength: 4, ...constraints }).map((levels) => levels.map((documents, i) => ({
    name: `level-${i}`,
    policies: documents.map((document, j) => ({ name: `policy-${i}-${j}`, document })),
  })));
}

/** The same value, every object's members in another order. */
export function reordered<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reordered) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, inner]) => [key, reordered(inner)])) as T;
}

function members(...entries: [string, fc.Arbitrary<unknown>][]): fc.Arbitrary<object> {
  return fc.record(Object.fromEntries(entries), { noNullPrototype: true }).chain(shuffled);
}

function shuffled(object: object): fc.Arbitrary<object> {
  const entries = Object.entries(object);
  return fc.shuffledSubarray(entries, { minLength: entries.length }).map((order) => Object.fromEntries(order));
}
