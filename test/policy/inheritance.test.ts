import * as fc from 'fast-check';
import { KEYS, policyDocument, policyLevels, reordered } from './arbitraries';
import { INHERITANCE, levelsOf } from './vectors';
import {
  ASSIGN, CONTROL, DEFAULT, effectiveDocument, evaluate, governing, merge, type PolicyDocument, type PolicyLevel, type Setting,
} from '../../src/policy';
import { runs } from '../support/properties';

const NONE = ['@@none'];

function document(services: Record<string, Setting>, lock?: 'locked'): PolicyDocument {
  const entries = Object.entries(services).map(([key, setting]) => [key, {
    opt_out_policy: { [ASSIGN]: setting, ...(lock ? { [CONTROL]: NONE } : {}) },
  }]);
  return { services: Object.fromEntries(entries) };
}

/** What every key, and one that no policy names, comes to. */
function settings(levels: PolicyLevel[]): Record<string, Setting | undefined> {
  const winners = merge(levels);
  return Object.fromEntries([...KEYS, 'unnamed'].map((key) => [key, governing(winners, key)?.setting]));
}

/** Levels from any source: random ones, and those that are known from AWS. */
function anyLevels(): fc.Arbitrary<PolicyLevel[]> {
  return fc.oneof(
    { weight: 4, arbitrary: policyLevels() },
    { weight: 1, arbitrary: fc.constantFrom(...INHERITANCE.map(({ levels }) => levelsOf(levels))) },
  );
}

describe('merge', () => {
  test('a locked value is never undone by any lower document, whatever its peers say', () => {
    const withoutAssign = fc.constantFrom(NONE, ['@@append'], ['@@remove'], ['@@append', '@@remove']);
    fc.assert(fc.property(
      fc.constantFrom(...KEYS), fc.constantFrom<Setting>('optOut', 'optIn'), withoutAssign, fc.array(policyDocument(), { maxLength: 2 }), policyLevels(),
      (key, setting, words, peers, below) => {
        const locked: PolicyDocument = { services: { [key]: { opt_out_policy: { [ASSIGN]: setting, [CONTROL]: words } } } };
        const [top] = levelsOf([[locked, ...peers]]);
        expect(merge([top!, ...below]).get(key)).toEqual({ setting, level: 'level-0', policy: 'policy-0-0' });
      },
    ), runs(500));
  });

  test('an empty document changes nothing, wherever it is attached', () => {
    fc.assert(fc.property(
      anyLevels(), fc.nat(), fc.nat(), fc.constantFrom<PolicyDocument>({}, { services: {} }),
      (levels, where, order, empty) => {
        const target = where % (levels.length + 1);
        const extra = { name: 'extra', document: empty };
        const joined = ({ policies }: PolicyLevel) => policies.toSpliced(order % (policies.length + 1), 0, extra);
        const beside = levels.map((level, i) => i === target ? { ...level, policies: joined(level) } : level);
        const onOwnLevel = levels.toSpliced(target, 0, { name: 'own', policies: [extra] });
        expect(merge(beside)).toEqual(merge(levels));
        expect(merge(onOwnLevel)).toEqual(merge(levels));
      },
    ), runs(500));
  });

  test('the order of services and of JSON keys never matters', () => {
    fc.assert(fc.property(anyLevels(), (levels) => {
      const sorted = (result: Map<string, unknown>) => [...result].sort(([a], [b]) => a < b ? -1 : 1);
      expect(sorted(merge(reordered(levels)))).toEqual(sorted(merge(levels)));
      expect(evaluate(reordered(levels))).toEqual(evaluate(levels));
    }), runs(500));
  });

  test('levels and documents are left as they were', () => {
    fc.assert(fc.property(anyLevels(), (levels) => {
      const before = structuredClone(levels);
      merge(levels);
      evaluate(levels);
      expect(levels).toEqual(before);
    }), runs(100));
  });

  test('every winner was assigned by the policy it names, and every other assignment was overruled', () => {
    fc.assert(fc.property(anyLevels(), (levels) => {
      const assigned = levels.flatMap(({ name: level, policies }) => policies.flatMap(({ name: policy, document: { services = {} } }) =>
        Object.entries(services)
          .filter(([key]) => key !== CONTROL)
          .flatMap(([key, { opt_out_policy: node }]) => node?.[ASSIGN] ? [{ key, setting: node[ASSIGN], level, policy }] : [])));
      const heard: object[] = [];
      const winners = merge(levels, (key, assignment) => heard.push({ key, ...assignment }));
      const held = [...winners].map(([key, assignment]) => ({ key, ...assignment }));
      const order = (list: object[]) => list.map((item) => JSON.stringify(item, ['key', 'setting', 'level', 'policy'])).sort();
      expect(order([...held, ...heard])).toEqual(order(assigned));
    }), runs(500));
  });
});

describe('evaluate', () => {
  test('has the same winners as merge', () => {
    fc.assert(fc.property(anyLevels(), (levels) => {
      const winners = merge(levels);
      const decisions = evaluate(levels);
      for (const { key, winner } of decisions) expect(winner).toEqual(governing(winners, key));
      for (const key of winners.keys()) expect(decisions.map((decision) => decision.key)).toContain(key);
      expect(decisions.map(({ key }) => key)).toEqual(decisions.map(({ key }) => key).sort());
    }), runs(500));
  });

  test('has the same settings as the effective document', () => {
    fc.assert(fc.property(anyLevels(), (levels) => {
      const { services = {} } = effectiveDocument(levels);
      for (const { key, winner } of evaluate(levels)) {
        expect((services[key] ?? services[DEFAULT])?.opt_out_policy).toBe(winner?.setting);
      }
    }), runs(100));
  });

  const [top, lower] = ['level-0', 'level-1'];
  const closed = (services: Record<string, Setting>) => ({ services: { [CONTROL]: NONE, ...document(services).services } }) as PolicyDocument;
  const containerLock = closed({ default: 'optOut' });

  test.each<[string, PolicyDocument[][], string, boolean, object | undefined, object[]]>([
    ['one assignment', [[document({ lex: 'optOut' })]], 'lex', true, { setting: 'optOut', level: top }, []],
    ['a lower level replaces', [[document({ lex: 'optOut' })], [document({ lex: 'optIn' })]], 'lex', true,
      { setting: 'optIn', level: lower }, [{ why: 'replaced', level: top }]],
    ['a lock beside the value holds', [[document({ lex: 'optOut' }, 'locked')], [document({ lex: 'optIn' })]], 'lex', true,
      { setting: 'optOut', level: top }, [{ why: 'locked', level: lower }]],
    ['peers agree', [[document({ lex: 'optOut' }), document({ lex: 'optOut' })]], 'lex', true,
      { setting: 'optOut', policy: 'policy-0-0' }, [{ why: 'peer', policy: 'policy-0-1' }]],
    ['peers contradict', [[document({ lex: 'optOut' }), document({ lex: 'optIn' })]], 'lex', false,
      { setting: 'optOut', policy: 'policy-0-0' }, [{ why: 'peer', policy: 'policy-0-1' }]],
    ['peers contradict, but a lower level replaces both', [[document({ lex: 'optIn' }), document({ lex: 'optOut' })], [document({ lex: 'optIn' })]],
      'lex', true, { setting: 'optIn', level: lower }, [{ why: 'peer', setting: 'optOut' }, { why: 'replaced', setting: 'optIn' }]],
    ['a container keeps a contradicting entry out', [[containerLock], [document({ lex: 'optIn' })]], 'lex', false,
      { setting: 'optOut', level: top }, [{ why: 'container', level: lower, setting: 'optIn' }]],
    ['a container keeps an agreeing entry out', [[containerLock], [document({ lex: 'optOut' })]], 'lex', true,
      { setting: 'optOut', level: top }, [{ why: 'container', level: lower, setting: 'optOut' }]],
    ['a container keeps an entry out where nothing else holds', [[closed({})], [document({ lex: 'optOut' })]], 'lex', false,
      undefined, [{ why: 'container' }]],
    ['a service that falls back to a contested default', [[document({ default: 'optOut' }), document({ default: 'optIn' })]], 'default', false,
      { setting: 'optOut' }, [{ why: 'peer' }]],
    ['a service with an own entry beside a contested default',
      [[document({ default: 'optOut', lex: 'optIn' }), document({ default: 'optIn' })]], 'lex', true, { setting: 'optIn' }, []],
    ['a service that was kept out and so falls back to a contested default',
      [[containerLock, document({ default: 'optIn' })], [document({ lex: 'optOut' })]], 'lex', false, { setting: 'optOut' }, [{ why: 'container' }]],
    ['a control on services locks no value, which is unrecorded', [[closed({ default: 'optIn' })], [document({ default: 'optOut' })]], 'default', false,
      { setting: 'optOut', level: lower }, [{ why: 'replaced', level: top }]],
    ['a control on services above a value that is assigned again', [[containerLock], [document({ default: 'optOut' })]], 'default', true,
      { setting: 'optOut', level: lower }, [{ why: 'replaced', level: top }]],
    ['a lock below a control on services, in an entry that may have been dropped', [[closed({})], [document({ lex: 'optOut' }, 'locked')], [document({ lex: 'optIn' })]],
      'lex', false, undefined, [{ why: 'container', level: lower }, { why: 'container', level: 'level-2' }]],
    ['an operator on the whole document, which is unrecorded', [[document({ lex: 'optOut' })], [{ [ASSIGN]: null, services: {} } as PolicyDocument]],
      'lex', false, { setting: 'optOut', level: top }, []],
    ['an operator on the whole document below a locked value', [[document({ lex: 'optOut' }, 'locked')], [{ [ASSIGN]: null, services: {} } as PolicyDocument]],
      'lex', true, { setting: 'optOut', level: top }, []],
    ['a control on a service that has a value', [[{ services: { lex: { [CONTROL]: NONE, ...document({ lex: 'optOut' }).services!.lex } } } as PolicyDocument], [document({ lex: 'optIn' })]],
      'lex', true, { setting: 'optIn', level: lower }, [{ why: 'replaced', level: top }]],
    ['a control on a service without a value', [[{ services: { lex: { [CONTROL]: NONE } } } as PolicyDocument], [document({ lex: 'optIn' })]],
      'lex', false, undefined, [{ why: 'container', level: lower }]],
    ['a service without a value and without a control', [[{ services: { lex: {} } }], [document({ lex: 'optIn' })]], 'lex', true,
      { setting: 'optIn', level: lower }, []],
    ['a control that allows everything protects nothing',
      [[{ services: { lex: { opt_out_policy: { [ASSIGN]: 'optOut', [CONTROL]: ['@@all'] } } } } as PolicyDocument], [document({ lex: 'optIn' })]],
      'lex', true, { setting: 'optIn', level: lower }, [{ why: 'replaced' }]],
    ['a control on the whole document guards nothing, which is unrecorded', [[{ [CONTROL]: NONE, services: {} }], [document({ lex: 'optOut' })]],
      'lex', false, { setting: 'optOut', level: lower }, []],
    ['a control on the whole document locks no value, which is unrecorded',
      [[{ [CONTROL]: NONE, ...document({ lex: 'optOut' }) }], [document({ lex: 'optIn' })]],
      'lex', false, { setting: 'optIn', level: lower }, [{ why: 'replaced' }]],
  ])('%s', (_name, levels, key, certain, winner, overruled) => {
    const decision = evaluate(levelsOf(levels)).find((candidate) => candidate.key === key)!;
    expect(decision.certain).toBe(certain);
    expect(decision.overruled).toEqual(overruled.map((loser) => expect.objectContaining(loser)));
    expect(decision.overruled).toHaveLength(overruled.length);
    if (winner) expect(decision.winner).toMatchObject(winner);
    else expect(decision.winner).toBeUndefined();
  });

  test('where every decision is certain, the order of peers does not matter', () => {
    fc.assert(fc.property(anyLevels(), (levels) => {
      fc.pre(evaluate(levels).every(({ certain }) => certain));
      const backwards = levels.map((level) => ({ ...level, policies: level.policies.toReversed() }));
      expect(settings(backwards)).toEqual(settings(levels));
    }), runs(500));
  });
});
