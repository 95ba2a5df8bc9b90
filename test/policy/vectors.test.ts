import { ADMISSION, INHERITANCE, levelsOf } from './vectors';
import { effectiveDocument, mistakesIn, problemsIn } from '../../src/policy';

describe('admission, as recorded from AWS', () => {
  test.each(ADMISSION.map((vector) => [vector.name, vector] as const))('%s', (_name, { content, accepted }) => {
    expect({ content, accepted: problemsIn(content).length === 0 }).toEqual({ content, accepted });
  });

  test('what is meant to be used is never laxer than AWS for documented services', () => {
    for (const { content, accepted } of ADMISSION) {
      if (!accepted && mistakesIn(content).length === 0) {
        // Only a key that AWS could have added since may pass.
        expect(Object.keys(JSON.parse(content).services)).toEqual([expect.stringMatching(/^(unknown|s3|connecthealth)$/)]);
      }
    }
  });
});

describe('inheritance, as recorded from AWS or documented by it', () => {
  test.each(INHERITANCE.map((vector) => [vector.name, vector] as const))('%s', (_name, { levels, effective }) => {
    expect(effectiveDocument(levelsOf(levels))).toEqual(effective);
  });
});
