import { randomNumbers, sample } from '../../src/organization/random';
import { conflictBetween, entriesOf, Requirement } from '../../src/organization/requirement';
import { evaluate, type EffectiveDocument, type PolicyDocument } from '../../src/policy';
import { documentOf, effective, entry, FULL_LOCK, unlocked } from '../support/documents';

function decisionsOf(...documents: PolicyDocument[]) {
  return evaluate(documents.map((document, index) => ({ name: `level ${index}`, policies: [{ name: `policy ${index}`, document }] })));
}

describe('opted out of everything', () => {
  test.each<[EffectiveDocument, string[]]>([
    [{}, ['default']],
    [{ services: {} }, ['default']],
    [effective({ default: 'optOut' }), []],
    [effective({ default: 'optOut', lex: 'optOut' }), []],
    [effective({ default: 'optOut', lex: 'optIn', connect: 'optIn' }), ['connect', 'lex']],
    [effective({ default: 'optIn' }), ['default']],
    [effective({ lex: 'optOut', polly: 'optOut' }), ['default']],
    [effective({ lex: 'optIn' }), ['default', 'lex']],
  ])('is judged for %j', (document, offending) => {
    expect(new Requirement().offending(entriesOf(document))).toEqual(offending);
  });
});

test.each<[EffectiveDocument, string[]]>([
  [{}, ['lex', 'polly']],
  [effective({ default: 'optOut' }), []],
  [effective({ default: 'optOut', lex: 'optIn' }), ['lex']],
  [effective({ lex: 'optOut', polly: 'optOut', textract: 'optIn' }), []],
  [effective({ default: 'optIn', lex: 'optOut' }), ['polly']],
])('opted out of lex and polly is judged for %j', (document, offending) => {
  expect(new Requirement({ services: ['lex', 'polly'] }).offending(entriesOf(document))).toEqual(offending);
});

test('one certain obstacle makes a "no" certain, whatever else is not', () => {
  const decisions = decisionsOf(FULL_LOCK, unlocked({ lex: 'optIn' }));
  expect(new Requirement().compute(decisions)).toEqual({ met: true, certain: false, offending: [] });
  const withObstacle = decisionsOf(documentOf({ ...FULL_LOCK.services, polly: entry('optIn') }), unlocked({ lex: 'optIn' }));
  expect(new Requirement().compute(withObstacle)).toEqual({ met: false, certain: true, offending: ['polly'] });
  // What does not count for the services asked about does not make them uncertain.
  expect(new Requirement({ services: ['polly'] }).compute(decisions)).toEqual({ met: true, certain: true, offending: [] });
  expect(new Requirement({ services: ['lex'] }).compute(decisions)).toEqual({ met: true, certain: false, offending: [] });
});

test('conflicts are told apart by whether the computation was certain', () => {
  const decisions = decisionsOf(FULL_LOCK, unlocked({ lex: 'optIn' }));
  expect(conflictBetween(decisions, entriesOf(effective({ default: 'optOut' })))).toEqual({ certain: [], uncertain: [] });
  expect(conflictBetween(decisions, entriesOf(effective({ default: 'optOut', lex: 'optOut' })))).toEqual({ certain: [], uncertain: [] });
  expect(conflictBetween(decisions, entriesOf(effective({ default: 'optOut', lex: 'optIn' })))).toEqual({ certain: [], uncertain: ['lex'] });
  expect(conflictBetween(decisions, entriesOf(effective({ default: 'optOut', polly: 'optIn' })))).toEqual({ certain: ['polly'], uncertain: [] });
  expect(conflictBetween(decisions, entriesOf({}))).toEqual({ certain: ['default'], uncertain: ['lex'] });
});

describe('random choices', () => {
  test('depend on the seed alone', () => {
    const items = Array.from({ length: 100 }, (_, index) => index);
    expect(sample(items, 5, 7)).toEqual(sample(items, 5, 7));
    expect(sample(items, 5, 7)).not.toEqual(sample(items, 5, 8));
    expect(new Set(sample(items, 100, 7)).size).toBe(100);
    expect(sample(items.slice(0, 3), 25, 7)).toHaveLength(3);
    expect(sample([], 25, 7)).toEqual([]);
  });

  test.each([0, 1, -5, 2 ** 31, 2 ** 53, 1.5])('are spread evenly for the seed %d', (seed) => {
    const next = randomNumbers(seed);
    const numbers = Array.from({ length: 10_000 }, next);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(numbers.reduce((sum, number) => sum + number) / 10_000).toBeCloseTo(0.5, 1);
  });
});
