import * as fc from 'fast-check';
import { AiService, ChildOverrides, OptOutPolicyDocument, OptOutScope, OptOutSetting } from '../src';
import { policyText } from './policy/arbitraries';
import { CONTROL } from '../src/policy';

const { LEX, POLLY, REKOGNITION, TEXTRACT } = AiService;

/** Example 1 of AWS's syntax page, word for word but for white space. */
const AWS_EXAMPLE_1 = {
  services: {
    '@@operators_allowed_for_child_policies': ['@@none'],
    'default': {
      '@@operators_allowed_for_child_policies': ['@@none'],
      'opt_out_policy': {
        '@@operators_allowed_for_child_policies': ['@@none'],
        '@@assign': 'optOut',
      },
    },
  },
};

const LOCK = '"@@operators_allowed_for_child_policies":["@@none"]';
const OUT = '{"opt_out_policy":{"@@assign":"optOut"}}';
const OUT_LOCKED = `{"opt_out_policy":{${LOCK},"@@assign":"optOut"}}`;
const IN = '{"opt_out_policy":{"@@assign":"optIn"}}';
const DEFAULT_LOCKED = `${LOCK},"default":{${LOCK},"opt_out_policy":{${LOCK},"@@assign":"optOut"}}`;

const everything = OptOutScope.allServices();
const butLex = OptOutScope.allServices({ optIn: [LEX] });
const two = OptOutScope.services([TEXTRACT, REKOGNITION]);
const denied = ChildOverrides.denied();
const allowed = ChildOverrides.allowed();

describe('the canonical document', () => {
  const document = OptOutPolicyDocument.fromScope(everything);

  test('is AWS\'s own example 1', () => {
    expect(document.toJson()).toEqual(AWS_EXAMPLE_1);
    expect(document.toString()).toBe(JSON.stringify(AWS_EXAMPLE_1));
  });

  test('has 221 characters', () => {
    expect(document.characters).toBe(221);
  });

  test('satisfies Prowler\'s organizations_opt_out_ai_services_policy', () => {
    const node = document.toJson().services?.default?.opt_out_policy ?? {};
    expect(node['@@assign'] === 'optOut').toBe(true);
    expect(node['@@operators_allowed_for_child_policies']).toEqual(['@@none']);
  });

  test('satisfies the stricter check, which wants the control at all three levels', () => {
    const { services } = document.toJson();
    for (const level of [services, services.default, services.default.opt_out_policy]) {
      expect(level['@@operators_allowed_for_child_policies']).toEqual(['@@none']);
    }
  });
});

describe('fromScope()', () => {
  test.each([
    ['everything', everything, undefined, `{"services":{${DEFAULT_LOCKED}}}`],
    ['everything, denied', everything, denied, `{"services":{${DEFAULT_LOCKED}}}`],
    ['everything, allowed', everything, allowed, `{"services":{"default":${OUT}}}`],
    ['everything, allowed for polly and lex', everything, ChildOverrides.allowedFor([POLLY, LEX]),
      `{"services":{${DEFAULT_LOCKED},"lex":${OUT},"polly":${OUT}}}`],
    ['everything but lex', butLex, undefined, `{"services":{${DEFAULT_LOCKED},"lex":${IN}}}`],
    ['everything but lex, allowed', butLex, allowed, `{"services":{"default":${OUT},"lex":${IN}}}`],
    ['everything but lex, allowed for polly', butLex, ChildOverrides.allowedFor([POLLY]), `{"services":{${DEFAULT_LOCKED},"lex":${IN},"polly":${OUT}}}`],
    ['everything but textract, allowed for lex', OptOutScope.allServices({ optIn: [TEXTRACT] }), ChildOverrides.allowedFor([LEX]),
      `{"services":{${DEFAULT_LOCKED},"lex":${OUT},"textract":${IN}}}`],
    ['everything but lex, allowed for lex', butLex, ChildOverrides.allowedFor([LEX]), `{"services":{${DEFAULT_LOCKED},"lex":${IN}}}`],
    ['two services', two, undefined, `{"services":{"rekognition":${OUT_LOCKED},"textract":${OUT_LOCKED}}}`],
    ['two services, allowed', two, allowed, `{"services":{"rekognition":${OUT},"textract":${OUT}}}`],
    ['two services, allowed for one', two, ChildOverrides.allowedFor([TEXTRACT]), `{"services":{"rekognition":${OUT_LOCKED},"textract":${OUT}}}`],
    ['two services, allowed for both', two, ChildOverrides.allowedFor([TEXTRACT, REKOGNITION]), `{"services":{"rekognition":${OUT},"textract":${OUT}}}`],
    ['a service whose key has colons', OptOutScope.services([AiService.CONNECT_HEALTH_TRAINING]), undefined,
      `{"services":{"connecthealth::training":${OUT_LOCKED}}}`],
  ])('%s', (_name, scope, childOverrides, text) => {
    expect(OptOutPolicyDocument.fromScope(scope, childOverrides).toString()).toBe(text);
  });

  test('an opt-in carries no control: whoever is below may still opt out', () => {
    for (const overrides of [denied, allowed, ChildOverrides.allowedFor([LEX]), ChildOverrides.allowedFor([POLLY])]) {
      expect(OptOutPolicyDocument.fromScope(butLex, overrides).toJson().services.lex).toEqual({ opt_out_policy: { '@@assign': 'optIn' } });
    }
  });

  test('named services leave "services" without a control: an OU may still opt out of everything', () => {
    expect(OptOutPolicyDocument.fromScope(two).toJson().services).not.toHaveProperty('@@operators_allowed_for_child_policies');
  });

  test('the order in which services are given never changes the text', () => {
    fc.assert(fc.property(
      fc.uniqueArray(fc.constantFrom(...AiService.documented()), { minLength: 1, maxLength: 6 }).chain((services) => fc.tuple(
        fc.constant(services),
        fc.shuffledSubarray(services, { minLength: services.length }),
        fc.subarray(services, { minLength: 1 }).chain((some) => fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length }))),
      )),
      ([services, shuffled, [some, someShuffled]]) => {
        const text = (list: AiService[], free: AiService[], scope: (list: AiService[]) => OptOutScope) =>
          OptOutPolicyDocument.fromScope(scope(list), ChildOverrides.allowedFor(free)).toString();
        for (const scope of [OptOutScope.services, (optIn: AiService[]) => OptOutScope.allServices({ optIn })]) {
          expect(text(services, some, scope)).toBe(text(shuffled, someShuffled, scope));
        }
      },
    ));
  });

  test('fails when allowedFor names services that the scope does not cover', () => {
    expect(() => OptOutPolicyDocument.fromScope(two, ChildOverrides.allowedFor([POLLY, TEXTRACT, LEX])))
      .toThrow('allowedFor names lex, polly, which the policy does not cover; it covers rekognition, textract');
  });
});

describe('reading a document', () => {
  test.each([
    ['everything', everything, [OptOutSetting.OPT_OUT, OptOutSetting.OPT_OUT, OptOutSetting.OPT_OUT]],
    ['everything but lex', butLex, [OptOutSetting.OPT_IN, OptOutSetting.OPT_OUT, OptOutSetting.OPT_OUT]],
    ['two services', two, [undefined, OptOutSetting.OPT_OUT, undefined]],
  ])('settingFor() of %s: a service\'s own entry goes before the default', (_name, scope, settings) => {
    const document = OptOutPolicyDocument.fromScope(scope);
    expect([LEX, TEXTRACT, AiService.of('constructor')].map((service) => document.settingFor(service))).toEqual(settings);
  });

  test('settingFor() falls back to the default where an entry sets nothing', () => {
    const document = OptOutPolicyDocument.fromJson(`{"services":{"default":${IN},"lex":{"opt_out_policy":{${LOCK}}}}}`);
    expect(document.settingFor(LEX)).toBe(OptOutSetting.OPT_IN);
  });

  test('namedServices are those with an entry of their own, without default and controls', () => {
    expect(OptOutPolicyDocument.fromScope(everything).namedServices).toEqual([]);
    expect(OptOutPolicyDocument.fromScope(butLex, ChildOverrides.allowedFor([POLLY])).namedServices).toEqual([LEX, POLLY]);
    expect(OptOutPolicyDocument.fromJson(`{"services":{"textract":${OUT},"default":${OUT},"lex":${OUT},${LOCK}}}`).namedServices).toEqual([TEXTRACT, LEX]);
  });

  test('defaultSetting is what services without an entry get, and absent where they get nothing', () => {
    expect(OptOutPolicyDocument.fromScope(everything).defaultSetting).toBe(OptOutSetting.OPT_OUT);
    expect(OptOutPolicyDocument.fromJson(`{"services":{"default":${IN}}}`).defaultSetting).toBe(OptOutSetting.OPT_IN);
    expect(OptOutPolicyDocument.fromScope(two).defaultSetting).toBeUndefined();
  });

  test('characters count the compact form', () => {
    const pretty = JSON.stringify(AWS_EXAMPLE_1, undefined, 4);
    expect(OptOutPolicyDocument.fromJson(pretty).characters).toBe(221);
    expect(OptOutPolicyDocument.fromScope(two).characters).toBe(OptOutPolicyDocument.fromScope(two).toString().length);
  });

  test('changing what toJson() gave does not change the document', () => {
    const document = OptOutPolicyDocument.fromScope(everything);
    document.toJson().services.default.opt_out_policy['@@assign'] = 'optIn';
    expect(document.defaultSetting).toBe(OptOutSetting.OPT_OUT);
    expect(document.toJson()).toEqual(AWS_EXAMPLE_1);
  });
});

describe('size', () => {
  const base = `{"services":{"":${OUT_LOCKED}}}`.length;
  const named = (characters: number) => OptOutScope.services([AiService.of('x'.repeat(characters - base))]);

  test('2,500 characters fit', () => {
    const document = OptOutPolicyDocument.fromScope(named(2500));
    expect(document.characters).toBe(2500);
    expect(OptOutPolicyDocument.fromJson(document.toString(), { allowServices: document.namedServices }).characters).toBe(2500);
  });

  test('fails with 2,501 characters', () => {
    expect(() => OptOutPolicyDocument.fromScope(named(2501))).toThrow(
      'the policy document has 2,501 characters, 1 more than the 2,500 that AWS allows; services names 1 services, of which 0 fit');
    const key = 'x'.repeat(2501 - base);
    expect(() => OptOutPolicyDocument.fromJson(`{"services":{"${key}":${OUT_LOCKED}}}`, { allowServices: [AiService.of(key)] })).toThrow(
      'the policy document has 2,501 characters, 1 more than the 2,500 that AWS allows; drop entries that repeat what "default" says');
  });

  test('white space does not count against it', () => {
    const pretty = JSON.stringify(AWS_EXAMPLE_1, undefined, 10).replace(/\n/g, '\n'.repeat(500));
    expect(pretty.length).toBeGreaterThan(2500);
    expect(OptOutPolicyDocument.fromJson(pretty).characters).toBe(221);
  });

  test('every documented service may be named, where none is locked', () => {
    expect(OptOutPolicyDocument.fromScope(OptOutScope.services(AiService.documented()), allowed).characters).toBeLessThanOrEqual(2500);
    expect(OptOutPolicyDocument.fromScope(OptOutScope.allServices({ optIn: AiService.documented() })).characters).toBeLessThanOrEqual(2500);
    expect(OptOutPolicyDocument.fromScope(everything, ChildOverrides.allowedFor(AiService.documented())).characters).toBeLessThanOrEqual(2500);
  });

  test('fails for too many locked services, says how many fit and which to drop', () => {
    const all = AiService.documented();
    const message = 'the policy document has 4,082 characters, 1,582 more than the 2,500 that AWS allows; '
      + 'services names 38 services, of which 22 fit: drop 16, for example '
      + `${all.slice(22).map(({ key }) => key).join(', ')}, or use OptOutScope.allServices(), which covers all of them in 221 characters`;
    expect(() => OptOutPolicyDocument.fromScope(OptOutScope.services(all))).toThrow(message);

    // THEN the advice is right: 22 fit, one more does not
    expect(OptOutPolicyDocument.fromScope(OptOutScope.services(all.slice(0, 22))).characters).toBeLessThanOrEqual(2500);
    expect(() => OptOutPolicyDocument.fromScope(OptOutScope.services(all.slice(0, 23)))).toThrow(/of which 22 fit: drop 1, for example frauddetector/);
  });

  test('fails for too many exceptions, says how many fit and which to drop', () => {
    const optIn = AiService.documented();
    const free = [...Array(8).keys()].map((i) => AiService.of(`future${i}`));
    const scope = OptOutScope.allServices({ optIn });
    const act = () => OptOutPolicyDocument.fromScope(scope, ChildOverrides.allowedFor(free));
    const [, count, fitting, dropped, list] = /name (\d+) services, of which (\d+) fit: drop (\d+), for example (.+)$/.exec(messageOf(act))!;
    expect([Number(count), Number(fitting) + Number(dropped), list!.split(', ').length]).toEqual([46, 46, Number(dropped)]);

    // THEN the advice is right: without what it names it fits
    const keep = ({ key }: AiService) => !list!.split(', ').includes(key);
    const kept = free.filter(keep);
    const followed = OptOutPolicyDocument.fromScope(
      OptOutScope.allServices({ optIn: optIn.filter(keep) }), kept.length > 0 ? ChildOverrides.allowedFor(kept) : undefined);
    expect(followed.characters).toBeLessThanOrEqual(2500);
    expect(followed.characters).toBeGreaterThan(2400);
  });
});

describe('fromJson()', () => {
  test('takes what toString() gives, for every document that AWS would take', () => {
    fc.assert(fc.property(policyText(), (text) => {
      const keys = Object.keys(JSON.parse(text).services).filter((key) => key !== CONTROL && key !== 'default');
      const allowServices = keys.map((key) => AiService.of(key));
      const fromJson = (json: string) => OptOutPolicyDocument.fromJson(json, { allowServices });
      const document = fromJson(text);
      expect(document.toString()).toBe(JSON.stringify(JSON.parse(text)));
      expect(document.toJson()).toEqual(JSON.parse(text));
      expect(fromJson(document.toString()).toString()).toBe(document.toString());
      for (const indent of [1, 2, '\t']) {
        expect(fromJson(JSON.stringify(JSON.parse(text), undefined, indent)).toString()).toBe(document.toString());
      }
    }));
  });

  test('takes every document that fromScope() makes, unchanged', () => {
    for (const scope of [everything, butLex, two]) {
      for (const overrides of [denied, allowed, ChildOverrides.allowedFor([TEXTRACT])]) {
        const text = OptOutPolicyDocument.fromScope(scope, overrides).toString();
        expect(OptOutPolicyDocument.problemsIn(text)).toEqual([]);
        expect(OptOutPolicyDocument.fromJson(text).toString()).toBe(text);
      }
    }
  });

  describe('a service key that this release does not know', () => {
    const text = (key: string) => `{"services":{"${key}":${OUT}}}`;

    test('is rejected, as AWS would, and the message says how to allow it', () => {
      expect(() => OptOutPolicyDocument.fromJson(text('new::thing'))).toThrow('line 1, column 14, services.new::thing: "new::thing" is not a service key; ');
      expect(OptOutPolicyDocument.problemsIn(text('new::thing'))).toEqual([expect.objectContaining({
        message: expect.stringContaining('; if AWS has added it since this release, allow it with allowServices: [AiService.of(\'new::thing\')]'),
      })]);
    });

    test('is accepted if allowServices names it', () => {
      const allowServices = [AiService.of('new::thing')];
      expect(OptOutPolicyDocument.fromJson(text('new::thing'), { allowServices }).namedServices).toEqual(allowServices);
      expect(OptOutPolicyDocument.problemsIn(text('new::thing'), { allowServices })).toEqual([]);
      expect(OptOutPolicyDocument.problemsIn(text('other'), { allowServices })).toHaveLength(1);
    });

    test.each([
      ['amazonq', 'did you mean "q"?'], ['bedrock', 'Amazon Bedrock has no key in the policy'], ['sagemaker', 'Amazon SageMaker AI has no key in the policy'],
      ['kiro', 'Kiro has no key in the policy'],
    ])('says what applies instead of %s', (key, hint) => {
      expect(() => OptOutPolicyDocument.fromJson(text(key))).toThrow(`"${key}" is not a service key; ${hint}`);
    });

    test('that AWS cannot have is rejected without a way to allow it', () => {
      const [problem, ...others] = OptOutPolicyDocument.problemsIn(text('New_Thing'));
      expect(others).toEqual([]);
      expect(problem!.message).not.toContain('allowServices');
    });
  });

  const at = (assign: string) => `{\n  "services": {\n    "lex": {\n      "opt_out_policy": {\n        ${assign}\n      }\n    }\n  }\n}`;
  const PATH = 'services.lex.opt_out_policy';

  test.each<[string, string, string | RegExp]>([
    ['text that is not JSON', at('@@assign: "optOut"'), /line 5, column 9: not valid JSON: /],
    ['an unfinished text', '{"services": {', /not valid JSON: /],
    ['a trailing comma', at('"@@assign": "optOut",'), /line 6, column 7: not valid JSON: /],
    ['a comment', '// ours\n{"services":{}}', /line 1, column 1: not valid JSON: /],
    ['an empty text', '', /not valid JSON: /],
    ['a list', '[]', 'line 1, column 1: must be {"services": {...}}, got an empty list'],
    ['null', 'null', 'line 1, column 1: must be {"services": {...}}, got null'],
    ['an empty document', '{}', 'line 1, column 1: has no "services"'],
    ['services in the wrong case', `{\n "Services": {"lex": ${OUT}}}`,
      'line 2, column 2, Services: unknown key "Services" (did you mean "services"?); the document may only have "services" and a child control'],
    ['a service in the wrong case', `{\n "services": {"LEX": ${OUT}}}`,
      'line 2, column 15, services.LEX: "LEX" is not a service key; did you mean "lex"?'],
    ['default in the wrong case', `{\n "services": {"Default": ${OUT}}}`,
      'line 2, column 15, services.Default: "Default" is not a service key; did you mean "default"?'],
    ['a setting in the wrong case', '{"services": {"lex": {"optOutPolicy": {"@@assign": "optOut"}}}}',
      'line 1, column 23, services.lex.optOutPolicy: unknown key "optOutPolicy" (did you mean "opt_out_policy"?)'],
    ['optout', at('"@@assign": "optout"'),
      `line 5, column 21, ${PATH}.@@assign: must be "optOut" or "optIn", got "optout" (did you mean "optOut"?)`],
    ['OptIn', at('"@@assign": "OptIn"'),
      `line 5, column 21, ${PATH}.@@assign: must be "optOut" or "optIn", got "OptIn" (did you mean "optIn"?)`],
    ['a value that is no text', at('"@@assign": true'),
      `line 5, column 21, ${PATH}.@@assign: must be "optOut" or "optIn", got true`],
    ['a setting without @@assign', at(''), `line 4, column 25, ${PATH}: has no @@assign: write {"@@assign": "optOut"}`],
    ['a value without @@assign', '{"services": {"lex": {"opt_out_policy": "optOut"}}}',
      `line 1, column 41, ${PATH}: must be {"@@assign": "optOut"} or {"@@assign": "optIn"}, got "optOut"`],
    ['assign without its signs', at('"assign": "optOut"'),
      `line 5, column 9, ${PATH}.assign: unknown key "assign" (did you mean "@@assign"?); a setting may only have @@assign and a child control`],
    ['@@append', at('"@@append": ["optOut"]'),
      `line 5, column 9, ${PATH}.@@append: unknown key "@@append"; the operator @@append is not available in this policy type; only @@assign is`],
    ['an unknown operator', at('"@@enforced_for": ["optOut"]'),
      `line 5, column 9, ${PATH}.@@enforced_for: unknown key "@@enforced_for"; the operator @@enforced_for is not available`],
    ['an operator one level too high', '{"services": {"lex": {"@@assign": "optOut"}}}',
      'line 1, column 23, services.lex.@@assign: unknown key "@@assign"; a service may only have "opt_out_policy" and a child control'],
    ['an operator two levels too high', '{"services": {"@@assign": "optOut"}}',
      'line 1, column 15, services.@@assign: unknown key "@@assign"; operators belong into "opt_out_policy"'],
    ['an unknown word in a control', at('"@@assign": "optOut", "@@operators_allowed_for_child_policies": ["@@None"]'),
      'must be one of @@all, @@none, @@assign, @@append, @@remove, got "@@None" (did you mean "@@none"?)'],
    ['a control that is no list', at('"@@assign": "optOut", "@@operators_allowed_for_child_policies": "@@none"'),
      'must be a list of @@all, @@none, @@assign, @@append, @@remove, such as ["@@none"], got "@@none"'],
    ['@@none beside another word', at('"@@assign": "optOut", "@@operators_allowed_for_child_policies": ["@@none", "@@assign"]'),
      '@@none cannot be combined with another operator'],
    ['a key given twice', at('"@@assign": "optOut",\n        "@@assign": "optIn"'),
      `line 6, column 9, ${PATH}.@@assign: duplicate key "@@assign"; the first one is in line 5`],
    ['a service given twice', `{"services": {"lex": ${OUT},\n "lex": ${IN}}}`,
      'line 2, column 2, services.lex: duplicate key "lex"; the first one is in line 1'],
    ['a service given twice, once escaped', `{"services": {"lex": ${OUT},\n "\\u006cex": ${IN}}}`,
      'line 2, column 2, services.lex: duplicate key "lex"; the first one is in line 1'],
  ])('fails for %s', (_name, text, message) => {
    expect(() => OptOutPolicyDocument.fromJson(text)).toThrow(message);
  });

  test('fails with every problem at once, in one message', () => {
    const text = '{\n  "Services": {},\n  "services": {\n    "LEX": {},\n    "polly": {"opt_out_policy": {"@@assign": "optout"}}\n  }\n}';
    expect(messageOf(() => OptOutPolicyDocument.fromJson(text))).toBe([
      'the policy document has 3 problems:',
      '  line 2, column 3, Services: unknown key "Services" (did you mean "services"?); the document may only have "services" and a child control',
      '  line 4, column 5, services.LEX: "LEX" is not a service key; did you mean "lex"?',
      '  line 5, column 46, services.polly.opt_out_policy.@@assign: must be "optOut" or "optIn", got "optout" (did you mean "optOut"?)',
    ].join('\n'));
  });

  test('fails in its own words for any text that is not a policy', () => {
    const mutated = fc.tuple(policyText(), fc.nat(), fc.constantFrom('', ' ', '\n', '"', ',', '{', '}', '@', '\\', '\u0000', '\ufeff', '01', '1.', '\\u00'))
      .map(([text, position, insertion]) => {
        const index = position % text.length;
        return text.slice(0, index) + insertion + text.slice(index + 1);
      });
    fc.assert(fc.property(fc.oneof(mutated, fc.json(), fc.string()), (text) => {
      const problems = OptOutPolicyDocument.problemsIn(text);
      if (problems.length === 0) {
        expect(OptOutPolicyDocument.fromJson(text).toString()).toBe(JSON.stringify(JSON.parse(text)));
      } else {
        expect(() => OptOutPolicyDocument.fromJson(text)).toThrow('the policy document has ');
      }
    }), { numRuns: 500 });
  });

  test('fails in its own words for a line break inside a string, which JSON does not allow', () => {
    expect(() => OptOutPolicyDocument.fromJson('{"services": {"lex": {}}, "@@assign": "opt\nOut"}')).toThrow('the policy document has ');
  });
});

describe('problemsIn()', () => {
  test('gives path, message, line and column', () => {
    expect(OptOutPolicyDocument.problemsIn('{"services":\n {"lex": {"opt_out_policy": {}}}}')).toEqual([
      { path: 'services.lex.opt_out_policy', message: 'has no @@assign: write {"@@assign": "optOut"}', line: 2, column: 29 },
    ]);
  });

  test('gives nothing for a sound text', () => {
    expect(OptOutPolicyDocument.problemsIn(JSON.stringify(AWS_EXAMPLE_1))).toEqual([]);
  });

  test('gives the size as a problem of the whole document, without a place', () => {
    const key = 'x'.repeat(2500);
    expect(OptOutPolicyDocument.problemsIn(`{"services":{"${key}":${OUT}}}`, { allowServices: [AiService.of(key)] })).toEqual([{ path: '', message: expect.stringContaining('more than the 2,500 that AWS allows') }]);
  });
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}
