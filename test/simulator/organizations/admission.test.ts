import { isAiServicesOptOutPolicy } from '../../../simulator/organizations/admission/ai-services-opt-out';
import { hasDuplicateKeys } from '../../../simulator/organizations/admission/duplicate-keys';
import { ADMISSION } from '../../policy/vectors';

describe('the simulated admission', () => {
  test.each(ADMISSION)('is as recorded: $name', ({ content, accepted }) => {
    expect({ content, accepted: isAiServicesOptOutPolicy(content) }).toEqual({ content, accepted });
  });

  test.each([
    ['the service that was documented after the recordings', '{"services": {"connecttalent": {}}}', true],
    ['no text', '', false],
    ['no JSON', '{"services": }', false],
    ['a list', '[]', false],
    ['a number', '1', false],
    ['null', 'null', false],
    ['a key that every JavaScript object has', '{"services": {"constructor": {}}}', false],
    ['the key __proto__', '{"services": {}, "__proto__": {}}', false],
    ['a control that is a word', '{"services": {"@@operators_allowed_for_child_policies": "@@none"}}', false],
    ['a control with something else than a word', '{"services": {"@@operators_allowed_for_child_policies": [1]}}', false],
  ])('of %s', (_name, content, accepted) => {
    expect(isAiServicesOptOutPolicy(content)).toBe(accepted);
  });
});

test.each([
  ['{"a": 1, "a": 2}', true],
  ['{"a": 1, "\\u0061": 2}', true],
  ['{"a" \n: {"b": 1}, "b": 2, "a": 3}', true],
  ['[{"x": 1}, {"y": {"z": 1, "z": 1}}]', true],
  ['{"a": {"a": {"a": 1}}, "b": {"a": 1}}', false],
  ['[{"a": 1}, {"a": 1}]', false],
  ['{"a": "a", "b": "a"}', false],
  ['{"a": "{", "b": "}\\"", "c": "\\\\", "d": "\\"a\\": 1"}', false],
  ['{"a": ["a", "a"]}', false],
])('%s has duplicate keys: %p', (json, expected) => {
  expect(hasDuplicateKeys(json)).toBe(expected);
});
