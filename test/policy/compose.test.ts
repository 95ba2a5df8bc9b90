import * as fc from 'fast-check';
import { KEYS, policyLevels } from './arbitraries';
import { INHERITANCE, levelsOf } from './vectors';
import { AiService, ChildOverrides, OptOutPolicyDocument, OptOutScope } from '../../src';
import { governing, merge, problemsIn, type PolicyDocument, type PolicyLevel } from '../../src/policy';
import { runs } from '../support/properties';

const { LEX, POLLY, REKOGNITION, TEXTRACT } = AiService;

const SCOPES: Record<string, OptOutScope> = {
  'all services': OptOutScope.allServices(),
  'all services but lex': OptOutScope.allServices({ optIn: [LEX] }),
  'rekognition and textract': OptOutScope.services([REKOGNITION, TEXTRACT]),
  'lex': OptOutScope.services([LEX]),
};

const OVERRIDES: Record<string, ChildOverrides> = {
  'denied': ChildOverrides.denied(),
  'allowed': ChildOverrides.allowed(),
  'allowed for lex': ChildOverrides.allowedFor([LEX]),
  'allowed for polly': ChildOverrides.allowedFor([POLLY]),
  'allowed for textract': ChildOverrides.allowedFor([TEXTRACT]),
};

/** allowedFor may only name what is covered. */
const ILLEGAL = [
  'rekognition and textract, allowed for lex', 'rekognition and textract, allowed for polly',
  'lex, allowed for polly', 'lex, allowed for textract',
];

interface Ours {
  readonly name: string;
  readonly document: PolicyDocument;
  /** What the user opted in, or named and left to whoever is below. */
  readonly exempt: string[];
  readonly locked: boolean;
}

const OURS: Ours[] = Object.entries(SCOPES).flatMap(([scopeName, scope]) => Object.entries(OVERRIDES)
  .map(([overridesName, overrides]) => ({ name: `${scopeName}, ${overridesName}`, scope, overrides }))
  .filter(({ name }) => !ILLEGAL.includes(name))
  .map(({ name, overrides }) => ({
    name,
    document: OptOutPolicyDocument.fromScope(scope, overrides).toJson() as PolicyDocument,
    exempt: [...scope._optIn, ...overrides._keys, ...(overrides._all ? scope._optOut : [])],
    locked: overrides === OVERRIDES.denied,
  })));

const OUR_LEVEL = 'ours';

function onTop({ document }: Ours, levels: PolicyLevel[]): PolicyLevel[] {
  return [{ name: OUR_LEVEL, policies: [{ name: OUR_LEVEL, document }] }, ...levels];
}

/** Services that were opted out and no longer are, though nobody asked for it. */
function lost({ exempt }: Ours, before: PolicyLevel[], after: PolicyLevel[]): string[] {
  const [was, is] = [merge(before), merge(after)];
  return [...KEYS, 'unnamed'].filter((key) => key !== 'default' && !exempt.includes(key))
    .filter((key) => governing(was, key)?.setting === 'optOut' && governing(is, key)?.setting !== 'optOut');
}

test.each(ILLEGAL)('fails for %s', (name) => {
  const [scope, overrides] = [name.slice(0, name.lastIndexOf(', ')), name.slice(name.lastIndexOf(', ') + 2)];
  expect(() => OptOutPolicyDocument.fromScope(SCOPES[scope]!, OVERRIDES[overrides])).toThrow('which the policy does not cover');
});

describe.each(OURS.map((ours) => [ours.name, ours] as const))('our document for %s', (_name, ours) => {
  test('is one that AWS admits', () => {
    expect(problemsIn(JSON.stringify(ours.document))).toEqual([]);
  });

  test.each(INHERITANCE.map((vector) => [vector.name, levelsOf(vector.levels)] as const))(
    'turns no opt-out into an opt-in above: %s', (_vector, levels) => {
      expect(lost(ours, levels, onTop(ours, levels))).toEqual([]);
    });

  test('turns no opt-out into an opt-in above any policies', () => {
    fc.assert(fc.property(policyLevels(), (levels) => {
      expect(lost(ours, levels, onTop(ours, levels))).toEqual([]);
    }), runs(300));
  });

  test('turns no opt-out into an opt-in anywhere on the way, once the function has found that nothing overrules it', () => {
    fc.assert(fc.property(policyLevels({ minLength: 1 }), fc.nat(), (levels, where) => {
      const target = where % levels.length;
      const own = { name: OUR_LEVEL, document: ours.document };
      const upTo = (peers: PolicyLevel['policies']) => [...levels.slice(0, target), { name: levels[target]!.name, policies: peers }];
      const wanted = merge([{ name: OUR_LEVEL, policies: [own] }]);
      const asWanted = [[], ...levels[target]!.policies.map((peer) => [peer])].every((earlier) => {
        const expected = merge(upTo([...earlier, own]));
        return [...wanted.keys(), ...expected.keys()].every((key) => {
          const want = governing(wanted, key);
          return !want || want.setting === governing(expected, key)?.setting;
        });
      });
      fc.pre(asWanted);
      const after = levels.map((level, i) => i === target ? { ...level, policies: [...level.policies, own] } : level);
      expect(lost(ours, levels, after)).toEqual([]);
    }), runs(200));
  });
});

describe.each(OURS.filter(({ locked }) => locked).map((ours) => [ours.name, ours] as const))('our locked document for %s', (_name, ours) => {
  test('keeps what it opts out of, whatever is attached below', () => {
    const own = merge(onTop(ours, []));
    const covered = [...KEYS, 'unnamed'].filter((key) => governing(own, key)?.setting === 'optOut');
    expect(covered).not.toEqual([]);
    fc.assert(fc.property(policyLevels(), (levels) => {
      const winners = merge(onTop(ours, levels));
      for (const key of covered) expect(governing(winners, key)).toEqual({ setting: 'optOut', level: OUR_LEVEL, policy: OUR_LEVEL });
    }), runs(300));
  });

  test('lets whoever is below opt out of the rest', () => {
    const own = merge(onTop(ours, []));
    for (const key of KEYS.filter((candidate) => governing(own, candidate)?.setting !== 'optOut')) {
      const below = levelsOf([[{ services: { [key]: { opt_out_policy: { '@@assign': 'optOut' } } } }]]);
      expect(governing(merge(onTop(ours, below)), key)).toMatchObject({ setting: 'optOut' });
    }
  });
});

test('naming a service without locking it hands it to whoever is below, also past a control that kept them from naming it', () => {
  // GIVEN an OU that keeps its accounts from adding entries, and an account that tries
  const [vector] = INHERITANCE.filter(({ name }) => name === 'docs: example 1, child cannot add a service');
  const levels = levelsOf(vector!.levels);
  expect(governing(merge(levels), 'lex')?.setting).toBe('optOut');

  // THEN the entry is no longer new to the account where it comes from above. Only a lock on it would help, which the user did not want.
  for (const ours of OURS) {
    const expected = ours.exempt.includes('lex') ? 'optIn' : 'optOut';
    expect({ [ours.name]: governing(merge(onTop(ours, levels)), 'lex')?.setting }).toEqual({ [ours.name]: expected });
  }
});

test('what is allowed for single services is theirs to decide, and nothing else is', () => {
  const [ours] = OURS.filter(({ name }) => name === 'all services, allowed for lex');
  const optIn = (key: string) => levelsOf([[{ services: { [key]: { opt_out_policy: { '@@assign': 'optIn' } } } }]]);
  const settingOf = (key: string) => governing(merge(onTop(ours!, optIn(key))), key)?.setting;
  expect({ default: settingOf('default'), lex: settingOf('lex'), polly: settingOf('polly') })
    .toEqual({ default: 'optOut', lex: 'optIn', polly: 'optOut' });
});
