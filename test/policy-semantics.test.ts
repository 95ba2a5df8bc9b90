import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { levelsOf } from './policy/vectors';
import { effectiveDocument, evaluate, problemsIn, type EffectiveDocument, type PolicyDocument } from '../src/policy';

interface Example {
  readonly levels: PolicyDocument[][];
  readonly effective: EffectiveDocument;
  readonly uncertain?: string[];
}

const text = readFileSync(join(__dirname, '../docs/policy-semantics.md'), 'utf8');
const examples = [...text.matchAll(/```json\n([^`]+)```/g)].map(([, json], index): [string, Example] => {
  const heading = [...text.slice(0, text.indexOf(json)).matchAll(/^## (.+)$/gm)].at(-1)![1];
  return [`${index + 1}, ${heading}`, JSON.parse(json)];
});

test('docs/policy-semantics.md has examples', () => {
  expect(examples.length).toBeGreaterThan(8);
});

describe.each(examples)('example %s', (_name, { levels, effective, uncertain = [] }) => {
  test('is effective as it says', () => {
    expect(effectiveDocument(levelsOf(levels))).toEqual(effective);
  });

  test('is as certain as it says', () => {
    expect(evaluate(levelsOf(levels)).filter(({ certain }) => !certain).map(({ key }) => key)).toEqual(uncertain);
  });

  test('consists of documents that AWS admits', () => {
    expect(levels.flat().flatMap((document) => problemsIn(JSON.stringify(document)))).toEqual([]);
  });
});
