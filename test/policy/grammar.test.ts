import { SERVICE_KEY } from '../../src/policy';

test.each([
  ['lex', true],
  ['connecthealth::operations', true],
  ['a1::b2::c3', true],
  ['', false],
  ['LEX', false],
  ['lex ', false],
  ['lex:polly', false],
  ['lex::', false],
  ['::lex', false],
  ['connecthealth::Operations', false],
  ['connecthealth::!!', false],
  ['le-x', false],
])('%j could be a service key: %s', (key, possible) => {
  expect(SERVICE_KEY.test(key)).toBe(possible);
});
