import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { policyLevels } from './arbitraries';
import { INHERITANCE, levelsOf, UNDOCUMENTED } from './vectors';
import type { PolicyObject } from '../../simulator/organizations/effective-policy/combine-peers';
import { effectivePolicy } from '../../simulator/organizations/effective-policy/effective-policy';
import { DEFAULT_INHERITANCE, type InheritanceOptions } from '../../simulator/organizations/effective-policy/options';
import { ASSIGN, CONTROL, DEFAULT, effectiveDocument, evaluate, type EffectiveDocument, type PolicyLevel, type Setting } from '../../src/policy';
import { runs } from '../support/properties';

/** Every way in which AWS could handle unrecorded cases. */
const CHOICES: { readonly [Option in keyof InheritanceOptions]: readonly InheritanceOptions[Option][] } = {
  peerPrecedence: ['firstAttached', 'lastAttached'],
  membersBlockedBy: ['controlsWithoutAssign', 'noneOnly', 'nothing'],
  membersWithoutValue: ['exist', 'doNotExist'],
  servicesControl: ['members', 'descendants'],
  documentControl: ['members', 'descendants'],
  documentAssign: ['ignored', 'replacesInherited'],
};

type Documents = readonly (readonly PolicyObject[])[];

/** From the root through up to five OUs to the account. */
const path = policyLevels({ minLength: 1, maxLength: 7 });

describe('src/policy and the simulator', () => {
  test.each(INHERITANCE)('have the same effective policy for the vector: $name', ({ levels }) => {
    expectSameDocument(levelsOf(levels));
    expectCertainUnderAllOptions(levelsOf(levels));
  });

  test.each(UNDOCUMENTED)('agree on what is certain: $name', ({ levels, outcomes }) => {
    expectSameDocument(levelsOf(levels));
    expectCertainUnderAllOptions(levelsOf(levels));
    for (const { key, certain } of evaluate(levelsOf(levels))) {
      const settings = new Set(outcomes.map(({ effective }) => settingOf(effective, key)));
      if (settings.size > 1) expect({ key, certain }).toEqual({ key, certain: false });
    }
  });

  test('have the same effective policy for any path', () => {
    fc.assert(fc.property(path, expectSameDocument), runs(2000));
  });

  test('agree on every certain decision, however AWS handles unrecorded cases', () => {
    fc.assert(fc.property(path, expectCertainUnderAllOptions), runs(2000));
  });
});

function expectSameDocument(levels: PolicyLevel[]): void {
  const computed = effectiveDocument(levels);
  const simulated = effectivePolicy(documentsOf(levels));
  if (!isDeepStrictEqual(computed, simulated)) throw new Error(difference(levels, 'the effective policy', computed, simulated, DEFAULT_INHERITANCE));
}

function expectCertainUnderAllOptions(levels: PolicyLevel[]): void {
  const certain = evaluate(levels).filter((decision) => decision.certain);
  if (certain.length === 0) return;
  const documents = documentsOf(levels);
  for (const options of relevantOptions(documents)) {
    const effective = effectivePolicy(documents, options) as EffectiveDocument;
    for (const { key, winner } of certain) {
      const simulated = settingOf(effective, key);
      if (simulated !== winner?.setting) throw new Error(difference(levels, `the certain decision for ${key}`, winner?.setting, simulated, options));
    }
  }
}

/** What the effective policy says about a service: its own entry, or else the one for `default`. */
function settingOf({ services = {} }: EffectiveDocument, key: string): Setting | undefined {
  return (services[key] ?? services[DEFAULT])?.opt_out_policy;
}

/** Every combination of options that can make a difference for these documents. The others would only cost time. */
function relevantOptions(levels: Documents): InheritanceOptions[] {
  const documents = levels.slice(0, -1).flat();
  const services = documents.map((document) => document.services as PolicyObject);
  const lockedDocument = documents.some(forbidsAssign);
  const lockedServices = services.some(forbidsAssign);
  const lockedService = services.flatMap((entries) => Object.values(entries) as PolicyObject[]).some(forbidsAssign);
  const lockedContainer = lockedDocument || lockedServices || lockedService;
  const relevant: { readonly [Option in keyof InheritanceOptions]: boolean } = {
    peerPrecedence: levels.some((peers) => peers.length > 1),
    membersBlockedBy: lockedContainer,
    membersWithoutValue: lockedContainer,
    servicesControl: lockedServices,
    documentControl: lockedDocument,
    documentAssign: levels.flat().some((document) => Object.hasOwn(document, ASSIGN)),
  };
  return (Object.keys(CHOICES) as (keyof InheritanceOptions)[]).filter((option) => relevant[option]).reduce<InheritanceOptions[]>(
    (combinations, option) => combinations.flatMap((options) => CHOICES[option].map((choice) => ({ ...options, [option]: choice }))),
    [DEFAULT_INHERITANCE],
  );
}

/** Whether a node's child control allows no `@@assign`, which is the only operator of this policy type. */
function forbidsAssign({ [CONTROL]: control }: PolicyObject): boolean {
  return Array.isArray(control) && !control.includes(ASSIGN) && !control.includes('@@all');
}

function documentsOf(levels: PolicyLevel[]): Documents {
  return levels.map(({ policies }) => policies.map(({ document }) => document as PolicyObject));
}

/** A counterexample for a person: the documents of each level, both results, and the options that are not the defaults. */
function difference(levels: PolicyLevel[], subject: string, computed: unknown, simulated: unknown, options: InheritanceOptions): string {
  const changed = Object.entries(options).filter(([option, choice]) => DEFAULT_INHERITANCE[option as keyof InheritanceOptions] !== choice);
  return [
    `src/policy and the simulator differ in ${subject}.`,
    ...documentsOf(levels).map((policies, depth) => [`Level ${depth}:`, ...policies.map((document) => JSON.stringify(document))].join('\n  ')),
    `src/policy: ${JSON.stringify(computed)}`,
    `Simulator:  ${JSON.stringify(simulated)}`,
    `Options:    ${changed.length === 0 ? 'the defaults' : JSON.stringify(Object.fromEntries(changed))}`,
  ].join('\n');
}
