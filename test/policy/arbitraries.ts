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

/** A document that AWS admits. Members come in any order. */
export function policyDocument(keys = fc.constantFrom(...KEYS)): fc.Arbitrary<PolicyDocument> {
  const assign = fc.constantFrom('optOut', 'optIn');
  const setting = fc.oneof(
    { weight: 4, arbitrary: members({ [ASSIGN]: assign }) },
    { weight: 2, arbitrary: members({ [ASSIGN]: assign, [CONTROL]: control() }) },
    { weight: 1, arbitrary: members({ [CONTROL]: control() }) },
  );
  const service = fc.oneof(
    { weight: 5, arbitrary: members({ opt_out_policy: setting }) },
    { weight: 2, arbitrary: members({ opt_out_policy: setting, [CONTROL]: control() }) },
    { weight: 1, arbitrary: fc.oneof(fc.constant({}), members({ [CONTROL]: control() })) },
  );
  const entries = fc.dictionary(keys, service, { maxKeys: 4 });
  const services = fc.oneof(
    { weight: 3, arbitrary: entries },
    { weight: 1, arbitrary: inAnyOrder(fc.tuple(entries, control()).map(([content, words]) => ({ ...content, [CONTROL]: words }))) },
  );
  return fc.oneof(
    { weight: 12, arbitrary: members({ services }) },
    { weight: 2, arbitrary: members({ services, [CONTROL]: control() }) },
    { weight: 1, arbitrary: members({ services, [ASSIGN]: fc.constantFrom('optIn', null, []) }) },
  ) as fc.Arbitrary<PolicyDocument>;
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

function members(model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> {
  return inAnyOrder(fc.record(model, { noNullPrototype: true }));
}

/** The members of an object in any order. Not by `chain`, which would keep a counterexample from getting small. */
function inAnyOrder(object: fc.Arbitrary<object>): fc.Arbitrary<object> {
  return fc.tuple(object, fc.nat(3), fc.boolean()).map(([value, first, backwards]) => {
    const entries = Object.entries(value);
    const rotated = [...entries.slice(first % (entries.length || 1)), ...entries.slice(0, first % (entries.length || 1))];
    return Object.fromEntries(backwards ? rotated.reverse() : rotated);
  });
}
