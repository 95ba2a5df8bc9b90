import { AI, Simulated } from './simulated';
import type { PolicyObject } from '../../../simulator/organizations/effective-policy/combine-peers';
import { effectivePolicy } from '../../../simulator/organizations/effective-policy/effective-policy';
import { DEFAULT_INHERITANCE } from '../../../simulator/organizations/effective-policy/options';
import tags from '../../data/tag-inheritance.json';
import { INHERITANCE, UNDOCUMENTED } from '../../policy/vectors';

const merged = (levels: unknown, options = {}) => effectivePolicy(levels as PolicyObject[][], { ...DEFAULT_INHERITANCE, ...options });

describe('the simulated effective policy', () => {
  test.each(INHERITANCE)('is as recorded or documented: $name', ({ levels, effective }) => {
    expect(merged(levels)).toEqual(effective);
  });

  test.each(tags)('is as recorded or documented for tag policies: $name', ({ levels, effective }) => {
    expect(merged(levels)).toEqual(effective);
  });

  test.each(UNDOCUMENTED.flatMap(({ name, levels, outcomes }) => outcomes.map(({ options, effective }) => ({ name, levels, options, effective }))))(
    'follows the options $options: $name', ({ levels, options, effective }) => {
      expect(merged(levels, options)).toEqual(effective);
    });

  test('leaves the documents as they were', () => {
    for (const { levels } of [...INHERITANCE, ...UNDOCUMENTED]) {
      const before = structuredClone(levels);
      merged(levels);
      expect(levels).toEqual(before);
    }
  });
});

test('DescribeEffectivePolicy follows the options in the settings, also when they change', async () => {
  const simulated = await Simulated.organization();
  try {
    simulated.organizations.settings.effectivePolicyDelayMs = 0;
    const account = simulated.organizations.createAccount({ name: 'Account' });
    const [vector] = UNDOCUMENTED;
    await simulated.enable();
    for (const [index, [document]] of vector!.levels.entries()) {
      await simulated.attach(await simulated.policy(`policy ${index}`, JSON.stringify(document)), [simulated.rootId, account][index]);
    }
    for (const { options, effective } of vector!.outcomes) {
      Object.assign(simulated.organizations.settings, DEFAULT_INHERITANCE, options);
      const { EffectivePolicy } = await simulated.client.describeEffectivePolicy({ PolicyType: AI, TargetId: account });
      expect(JSON.parse(EffectivePolicy!.PolicyContent!)).toEqual(effective);
    }
  } finally {
    await simulated.stop();
  }
});
