import { differences, sorted, type Answers, type Outcome } from './compare';

const answers: Answers = { values: { key: 'lex', list: [1, 2] }, errors: { badKey: 'service key must be\n  lower-case' } };

function outcome(templates: Record<string, object>, other: Partial<Answers> = {}): Outcome {
  return {
    templates: new Map(Object.entries(templates).map(([name, template]) => [name, sorted(template)])),
    answers: { ...answers, ...other },
  };
}

const WANTED = outcome({ 'A.template.json': { Resources: { One: { Type: 'A', Properties: { B: 1, C: [1, 2] } } } } });
const compare = (templates: Record<string, object>, other?: Partial<Answers>) => differences(outcome(templates, other), WANTED);
const SAME = { 'A.template.json': { Resources: { One: { Properties: { C: [1, 2], B: 1 }, Type: 'A' } } } };

test('the order of keys is no difference', () => {
  expect(compare(SAME)).toEqual([]);
});

test('words around our message are no difference', () => {
  expect(compare(SAME, { errors: { badKey: 'JsiiException: service key must be\n  lower-case (at line 1)' } })).toEqual([]);
});

test.each([
  ['a value', { 'A.template.json': { Resources: { One: { Type: 'A', Properties: { B: '1', C: [1, 2] } } } } },
    'A.template.json: /Resources/One/Properties/B is "1", in TypeScript 1'],
  ['the order of a list', { 'A.template.json': { Resources: { One: { Type: 'A', Properties: { B: 1, C: [2, 1] } } } } },
    'A.template.json: /Resources/One/Properties/C/0 is 2, in TypeScript 1'],
  ['a missing key', { 'A.template.json': { Resources: { One: { Type: 'A', Properties: { C: [1, 2] } } } } },
    'A.template.json: /Resources/One/Properties/B is absent, in TypeScript 1'],
  ['a further key', { 'A.template.json': { ...SAME['A.template.json'], Rules: {} } }, 'A.template.json: /Rules is {}, in TypeScript absent'],
  ['a missing template', {}, 'A.template.json: missing'],
  ['a further template', { ...SAME, 'B.template.json': {} }, 'B.template.json: TypeScript has no such template'],
])('%s is a difference', (_what, templates, said) => {
  expect(compare(templates as Record<string, object>)).toEqual([said]);
});

test('another value is a difference', () => {
  expect(compare(SAME, { values: { key: 'polly', list: [1, 2] } })).toEqual(['values: /key is "polly", in TypeScript "lex"']);
});

test.each([['nothing raised', { badKey: null }], ['the first line alone', { badKey: 'service key must be' }], ['no answer', {}]])(
  '%s is a difference', (_what, errors) => {
    expect(compare(SAME, { errors: errors as unknown as Answers['errors'] })).toEqual([expect.stringContaining('error badKey: got')]);
  });
