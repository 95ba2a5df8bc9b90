import { CONTROL, mistakesIn, problemsIn } from '../../src/policy';

const at = (line: number, column: number) => ({ line, column });
const C = CONTROL;
const WORDS = '@@all, @@none, @@assign, @@append, @@remove';

describe('what AWS refuses, said with place and cause', () => {
  test.each<[string, string, object[]]>([
    ['an empty document', '{}', [{ path: '', message: 'has no "services"', ...at(1, 1) }]],
    ['a list', '[]', [{ path: '', message: 'must be {"services": {...}}, got an empty list', ...at(1, 1) }]],
    ['a list of something', '[1]', [{ path: '', message: 'must be {"services": {...}}, got a list', ...at(1, 1) }]],
    ['services that are a list', '{"services": []}', [
      { path: 'services', message: 'must be an object with one entry for each service, got an empty list', ...at(1, 14) },
    ]],
    ['a service that is a number', '{"services": {"lex": 1}}', [
      { path: 'services.lex', message: 'must be {"opt_out_policy": {"@@assign": "optOut"}}, got 1', ...at(1, 22) },
    ]],
    ['a setting that is a word', '{"services": {"lex": {"opt_out_policy": "optOut"}}}', [
      { path: 'services.lex.opt_out_policy', message: 'must be {"@@assign": "optOut"} or {"@@assign": "optIn"}, got "optOut"', ...at(1, 41) },
    ]],
    ['a setting that is null', '{"services": {"lex": {"opt_out_policy": null}}}', [
      { path: 'services.lex.opt_out_policy', message: 'must be {"@@assign": "optOut"} or {"@@assign": "optIn"}, got null', ...at(1, 41) },
    ]],
    ['a value that is an object', '{"services": {"lex": {"opt_out_policy": {"@@assign": {"a": 1}}}}}', [
      { path: 'services.lex.opt_out_policy.@@assign', message: 'must be "optOut" or "optIn", got an object', ...at(1, 54) },
    ]],
    ['a value that is an empty object', '{"services": {"lex": {"opt_out_policy": {"@@assign": {}}}}}', [
      { path: 'services.lex.opt_out_policy.@@assign', message: 'must be "optOut" or "optIn", got an empty object', ...at(1, 54) },
    ]],
    ['a value that is true', '{"services": {"lex": {"opt_out_policy": {"@@assign": true}}}}', [
      { path: 'services.lex.opt_out_policy.@@assign', message: 'must be "optOut" or "optIn", got true', ...at(1, 54) },
    ]],
    ['a value in the wrong case', '{"services": {"lex": {"opt_out_policy": {"@@assign": "OPT_OUT"}}}}', [
      { path: 'services.lex.opt_out_policy.@@assign', message: 'must be "optOut" or "optIn", got "OPT_OUT" (did you mean "optOut"?)', ...at(1, 54) },
    ]],
    ['a service in the wrong case', '{"services": {"LEX": {}}}', [
      { path: 'services.LEX', message: '"LEX" is not a service key; did you mean "lex"?', ...at(1, 15) },
    ]],
    ['a service with a blank', '{"services": {" lex ": {}}}', [
      { path: 'services. lex ', message: '" lex " is not a service key; did you mean "lex"?', ...at(1, 15) },
    ]],
    ['a service that is none', '{"services": {"s3": {}}}', [
      { path: 'services.s3', message: '"s3" is not a service key; "default" stands for all services', ...at(1, 15) },
    ]],
    ['an operator among the services', '{"services": {"@@assign": "optOut"}}', [{
      path: 'services.@@assign',
      message: `unknown key "@@assign"; operators belong into "opt_out_policy"; here only ${C} is allowed`,
      ...at(1, 15),
    }]],
    ['a key in the wrong case', '{"Services": {}}', [
      {
        path: 'Services',
        message: 'unknown key "Services" (did you mean "services"?); the document may only have "services" and a child control',
        ...at(1, 2),
      },
      { path: '', message: 'has no "services"', ...at(1, 1) },
    ]],
    ['a key that a service does not have', '{"services": {"lex": {"optOutPolicy": {}}}}', [{
      path: 'services.lex.optOutPolicy',
      message: 'unknown key "optOutPolicy" (did you mean "opt_out_policy"?); a service may only have "opt_out_policy" and a child control',
      ...at(1, 23),
    }]],
    ['a key that a setting does not have', '{"services": {"lex": {"opt_out_policy": {"value": "optOut"}}}}', [{
      path: 'services.lex.opt_out_policy.value',
      message: 'unknown key "value"; a setting may only have @@assign and a child control',
      ...at(1, 42),
    }]],
    ['an operator of other policy types', '{"services": {"lex": {"opt_out_policy": {"@@append": "optOut"}}}}', [{
      path: 'services.lex.opt_out_policy.@@append',
      message: 'unknown key "@@append"; the operator @@append is not available in this policy type; only @@assign is',
      ...at(1, 42),
    }]],
    ['a control that is a word', `{"services": {"${C}": "@@none"}}`, [
      { path: `services.${C}`, message: `must be a list of ${WORDS}, such as ["@@none"], got "@@none"`, ...at(1, 57) },
    ]],
    ['a control that is empty, on the document', `{"${C}": [], "services": {}}`, [
      { path: C, message: `must be a list of ${WORDS}, such as ["@@none"], got an empty list`, ...at(1, 44) },
    ]],
    ['a control with something else than words, on a service', `{"services": {"lex": {"${C}": [1, {}]}}}`, [
      { path: `services.lex.${C}[0]`, message: `must be one of ${WORDS}, got 1` },
      { path: `services.lex.${C}[1]`, message: `must be one of ${WORDS}, got an empty object` },
    ]],
    ['a control with a word in the wrong case', `{"services": {"lex": {"opt_out_policy": {"${C}": ["@@None"]}}}}`, [
      { path: `services.lex.opt_out_policy.${C}[0]`, message: `must be one of ${WORDS}, got "@@None" (did you mean "@@none"?)` },
    ]],
    ['a control that says a word twice', `{"services": {"${C}": ["@@assign", "@@assign"]}}`, [
      { path: `services.${C}[1]`, message: 'lists @@assign twice', ...at(1, 70) },
    ]],
    ['a control that forbids everything and more', `{"services": {"${C}": ["@@none", "@@assign"]}}`, [
      { path: `services.${C}`, message: '@@none cannot be combined with another operator', ...at(1, 57) },
    ]],
    ['a key twice', '{"services": {"lex": {},\n  "lex": {}}}', [
      { path: 'services.lex', message: 'duplicate key "lex"; the first one is in line 1', ...at(2, 3) },
    ]],
    ['a stray operator that holds an object', '{"services": {}, "@@append": {}}', [
      { path: '@@append', message: '@@append does not belong at the top of the document', ...at(1, 30) },
    ]],
    ['a stray operator that holds a list with an object', '{"services": {}, "@@remove": [1, {}]}', [
      { path: '@@remove', message: '@@remove does not belong at the top of the document', ...at(1, 30) },
    ]],
    ['a stray operator that holds a list with a list', '{"services": {}, "@@assign": [[]]}', [
      { path: '@@assign', message: '@@assign does not belong at the top of the document', ...at(1, 30) },
    ]],
    ['a stray operator that no policy has', '{"services": {}, "@@enforced_for": 1}', [{
      path: '@@enforced_for',
      message: 'unknown key "@@enforced_for"; the document may only have "services" and a child control',
      ...at(1, 18),
    }]],
    ['no JSON', '{"services": }', [{ path: '', message: expect.stringMatching(/^not valid JSON: [^(]+$/), ...at(1, 14) }]],
    ['a control character in a string', '{\n"services": {"a\u0001": {}}}', [
      { path: '', message: 'not valid JSON: Bad control character in string literal', ...at(2, 16) },
    ]],
    ['a service in the wrong case, and its setting too', '{"services": {"Lex": {"opt_out_policy": {"@@assign": "optout"}}}}', [
      { path: 'services.Lex', message: '"Lex" is not a service key; did you mean "lex"?', ...at(1, 15) },
      { path: 'services.Lex.opt_out_policy.@@assign', message: 'must be "optOut" or "optIn", got "optout" (did you mean "optOut"?)', ...at(1, 54) },
    ]],
    ['several at once', '{"services": {"LEX": {}, "polly": {"opt_out_policy": {"@@assign": "optout"}}}}', [
      { path: 'services.LEX' }, { path: 'services.polly.opt_out_policy.@@assign' },
    ]],
  ])('%s', (_name, text, expected) => {
    expect(problemsIn(text)).toEqual(expected.map((problem) => expect.objectContaining(problem)));
    expect(problemsIn(text)).toHaveLength(expected.length);
  });

  test.each([
    ['a stray operator that holds a word', '{"services": {}, "@@assign": "optOut"}'],
    ['a stray operator that holds a flat list', '{"services": {}, "@@append": ["one", null], "@@remove": []}'],
    ['every kind of control', `{"${C}": ["@@all"], "services": {"${C}": ["@@none"], "lex": {"${C}": ["@@assign", "@@append"]}}}`],
  ])('%s is admitted', (_name, text) => {
    expect(problemsIn(text)).toEqual([]);
  });
});

describe('what cannot be meant', () => {
  test('is a setting that sets nothing, which AWS admits', () => {
    const text = '{"services": {"lex": {"opt_out_policy": {}}}}';
    expect(problemsIn(text)).toEqual([]);
    expect(mistakesIn(text)).toEqual([
      { path: 'services.lex.opt_out_policy', message: 'has no @@assign: write {"@@assign": "optOut"}', ...at(1, 41) },
    ]);
  });

  test('is not a key that AWS may have added since', () => {
    const text = '{"services": {"next::year": {"opt_out_policy": {"@@assign": "optOut"}}}}';
    expect(problemsIn(text)).toHaveLength(1);
    expect(mistakesIn(text)).toEqual([]);
    expect(mistakesIn(text, [])).toHaveLength(1);
  });
});

test('a key that is explicitly allowed is no problem; others still are', () => {
  const text = '{"services": {"brandnew": {"opt_out_policy": {"@@assign": "optOut"}}, "other": {"opt_out_policy": {"@@assign": "optOut"}}}}';
  for (const check of [problemsIn, mistakesIn]) {
    expect(check(text, ['brandnew'])).toEqual([{ path: 'services.other', message: '"other" is not a service key; "default" stands for all services', ...at(1, 71) }]);
  }
});

test('a byte order mark is a problem', () => {
  expect(problemsIn('\ufeff{"services": {}}')).toEqual([expect.objectContaining({ message: expect.stringContaining('byte order mark'), ...at(1, 1) })]);
});
