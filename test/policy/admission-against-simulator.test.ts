import * as fc from 'fast-check';
import { policyTextWithMistakes } from './policy-texts';
import { ADMISSION } from './vectors';
import { isAiServicesOptOutPolicy } from '../../simulator/organizations/admission/ai-services-opt-out';
import { problemsIn, SERVICES } from '../../src/policy';
import { runs } from '../support/properties';

describe('src/policy and the simulator', () => {
  test.each(ADMISSION)('admit the same vectors: $name', ({ content }) => {
    expectSameVerdict(content);
  });

  test('admit the same services', () => {
    for (const key of [...Object.keys(SERVICES), 'default', 'q', 'connecttalent', 'amazonq', 'bedrock']) expectSameVerdict(JSON.stringify({ services: { [key]: {} } }));
  });

  test('admit the same texts', () => {
    let admitted = 0;
    fc.assert(fc.property(policyTextWithMistakes(), (text) => { if (expectSameVerdict(text)) admitted++; }), runs(2000));
    expect(admitted).toBeGreaterThan(200);
  });
});

function expectSameVerdict(text: string): boolean {
  const problems = problemsIn(text);
  const admitted = isAiServicesOptOutPolicy(text);
  if (admitted !== (problems.length === 0)) {
    throw new Error([
      'src/policy and the simulator differ in whether AWS admits this text:', text,
      `src/policy: ${problems.length === 0 ? 'admitted' : JSON.stringify(problems)}`,
      `Simulator:  ${admitted ? 'admitted' : 'rejected'}`,
    ].join('\n'));
  }
  return admitted;
}
