import { AiService, ChildOverrides, EffectiveOptOut, OptOutPolicyDocument, OptOutScope, OptOutSetting } from '../src';
import { INHERITANCE } from './policy/vectors';
import { unlockedContent } from './support/documents';

const { OPT_IN, OPT_OUT } = OptOutSetting;
const everything = OptOutPolicyDocument.fromScope(OptOutScope.allServices());
const unlocked = OptOutPolicyDocument.fromScope(OptOutScope.allServices(), ChildOverrides.allowed());
const optIn = (key: string) => OptOutPolicyDocument.fromJson(unlockedContent({ [key]: 'optIn' }));

describe('an account with nothing attached on its way', () => {
  const effective = EffectiveOptOut.evaluate([{ policies: [] }, { policies: [] }]);

  test('is not opted out, and nothing decided that', () => {
    expect(effective.optedOutOfEverything).toBe(false);
    expect(effective.decisions).toEqual([]);
    expect(effective.settingFor(AiService.LEX)).toBeUndefined();
    expect(effective.decisionFor(AiService.LEX)).toBeUndefined();
    expect(effective.toJson()).toEqual({});
  });
});

describe('the one-liner on the root', () => {
  const below = (document: OptOutPolicyDocument) => EffectiveOptOut.evaluate([
    { name: 'Root', policies: [{ name: 'ours', document: everything }] },
    { name: 'Sandbox', policies: [{ name: 'theirs', document }] },
  ]);

  test('opts out of everything', () => {
    const effective = EffectiveOptOut.evaluate([{ policies: [{ document: everything }] }]);
    expect(effective.optedOutOfEverything).toBe(true);
    expect(effective.settingFor(AiService.of('comesnextyear'))).toBe(OPT_OUT);
    expect(effective.decisions).toEqual([
      { key: 'default', setting: OPT_OUT, level: 'level 1', policy: 'policy 1', overruled: [], certain: true },
    ]);
  });

  test('is not undone by an OU that opts in by default, and that is certain', () => {
    const effective = below(optIn('default'));
    expect(effective.optedOutOfEverything).toBe(true);
    expect(effective.decisionFor(AiService.LEX)).toEqual({
      key: 'default', setting: OPT_OUT, level: 'Root', policy: 'ours', overruled: ['theirs on Sandbox says optIn: locked further up'], certain: true,
    });
  });

  test('is not undone by an OU that adds a service, which AWS documents and nobody recorded', () => {
    const effective = below(optIn('lex'));
    expect(effective.optedOutOfEverything).toBe(true);
    expect(effective.decisionFor(AiService.LEX)).toEqual({
      key: 'lex',
      setting: OPT_OUT,
      level: 'Root',
      policy: 'ours',
      overruled: ['theirs on Sandbox says optIn: no entries may be added, by a control further up'],
      certain: false,
    });
    expect(effective.decisionFor(AiService.POLLY)).toMatchObject({ key: 'default', certain: true });
    expect(effective.toJson()).toEqual({ services: { default: { opt_out_policy: 'optOut' } } });
  });
});

describe('an unlocked policy', () => {
  test('is undone by an OU, for one service', () => {
    const effective = EffectiveOptOut.evaluate([{ policies: [{ document: unlocked }] }, { name: 'Sandbox', policies: [{ document: optIn('lex') }] }]);
    expect(effective.optedOutOfEverything).toBe(false);
    expect(effective.settingFor(AiService.LEX)).toBe(OPT_IN);
    expect(effective.settingFor(AiService.POLLY)).toBe(OPT_OUT);
    expect(effective.decisionFor(AiService.LEX)).toMatchObject({ level: 'Sandbox', policy: 'policy 1', certain: true });
  });

  test('attached later loses to an older one on the same target, and only their order says so', () => {
    const effective = EffectiveOptOut.evaluate([{ policies: [{ name: 'older', document: optIn('default') }, { name: 'ours', document: unlocked }] }]);
    expect(effective.optedOutOfEverything).toBe(false);
    expect(effective.decisions).toEqual([{
      key: 'default',
      setting: OPT_IN,
      level: 'level 1',
      policy: 'older',
      overruled: ['ours on level 1 says optOut: a policy attached earlier to the same target wins'],
      certain: false,
    }]);
  });

  test('is replaced further down', () => {
    const effective = EffectiveOptOut.evaluate([{ policies: [{ document: unlocked }] }, { policies: [{ document: optIn('default') }] }]);
    expect(effective.decisions[0].overruled).toEqual(['policy 1 on level 1 says optOut: replaced further down']);
  });
});

test('every service opted out by name is not everything: AWS adds services', () => {
  const document = OptOutPolicyDocument.fromScope(OptOutScope.services([AiService.LEX]));
  expect(EffectiveOptOut.evaluate([{ policies: [{ document }] }]).optedOutOfEverything).toBe(false);
});

test('the document that it hands out can be changed without changing it', () => {
  const effective = EffectiveOptOut.evaluate([{ policies: [{ document: everything }] }]);
  effective.toJson().services.default = 'changed';
  expect(effective.toJson()).toEqual({ services: { default: { opt_out_policy: 'optOut' } } });
});

const hasMistakes = (document: object) => OptOutPolicyDocument.problemsIn(JSON.stringify(document)).length > 0;
const usable = INHERITANCE.filter(({ levels }) => !levels.flat().some(hasMistakes));

test.each(usable.map((vector) => [vector.name, vector] as const))('what AWS does: %s', (_name, { levels, effective }) => {
  const evaluated = EffectiveOptOut.evaluate(levels.map((policies) => ({
    policies: policies.map((document) => ({ document: OptOutPolicyDocument.fromJson(JSON.stringify(document)) })),
  })));
  expect(evaluated.toJson()).toEqual(effective);
});
