import * as fc from 'fast-check';
import type { Gap } from '../../src/organization';
import { Tree, UNKNOWN_PLACE } from '../../src/organization/tree';
import { parsePolicy } from '../../src/policy';
import { unlockedContent } from '../support/documents';

const ROOT = 'r-abcd';
const unit = (id: string, name: string, parentId = ROOT) => ({ id, name, parentId });
const account = (id: string, parentId: string) => ({ id, name: `Account ${id[0]}`, parentId, state: 'ACTIVE' });
const content = unlockedContent({ lex: 'optOut' });
const policy = (id: string, readable = true) => ({ id, name: id, targetIds: [], ...(readable && { content, document: parsePolicy(content) }) });

const UNITS = [unit('ou-10', 'Test 10', 'ou-w'), unit('ou-2', 'Test 2', 'ou-w'), unit('ou-w', 'Workloads'), unit('ou-lost', 'Lost', 'ou-gone')];
const ACCOUNTS = [account('111111111111', 'ou-2'), account('222222222222', ROOT), account('333333333333', ''), account('444444444444', 'ou-lost')];

interface Sketch {
  readonly attachments?: Record<string, string[]>;
  readonly unreadable?: string[];
  readonly gaps?: Gap[];
}

function treeWith({ attachments = {}, unreadable = [], gaps = [] }: Sketch = {}): Tree {
  const ids = [...new Set(Object.values(attachments).flat())];
  return new Tree({
    rootId: ROOT,
    units: UNITS,
    accounts: ACCOUNTS,
    gaps,
    policies: ids.map((id) => policy(id, !unreadable.includes(id))),
    attachments: new Map(Object.entries(attachments)),
  });
}

test.each([
  ['the root', ROOT, 'Root', true],
  ['an OU', 'ou-2', 'Root / Workloads / Test 2', true],
  ['an account', '111111111111', 'Root / Workloads / Test 2 / Account 1', true],
  ['an account directly below the root', '222222222222', 'Root / Account 2', true],
  ['an account whose parent could not be read', '333333333333', 'Unknown place / Account 3', false],
  ['an OU whose parent could not be read', 'ou-lost', 'Unknown place / ou-gone / Lost', false],
  ['an account below that OU', '444444444444', 'Unknown place / ou-gone / Lost / Account 4', false],
  ['an OU that is not known', 'ou-gone', 'Unknown place / ou-gone', false],
])('the path of %s is complete only if it starts at the root', (_, id, text, isPlaced) => {
  const tree = treeWith();
  expect(tree.pathText(id)).toBe(text);
  expect(tree.isPlaced(id)).toBe(isPlaced);
});

test('nothing is placed if the root could not be read', () => {
  const tree = new Tree({ rootId: '', units: [unit('ou-w', 'Workloads', '')], accounts: [] });
  expect(tree.pathText('ou-w')).toBe('Unknown place / Workloads');
  expect(tree.isPlaced('ou-w')).toBe(false);
  expect(tree.has('')).toBe(false);
});

test('labels name the kind and the id', () => {
  const tree = treeWith();
  expect([ROOT, 'ou-w', 'ou-gone', '111111111111', '555555555555'].map((id) => tree.label(id))).toEqual(
    ['the root r-abcd', 'OU Workloads (ou-w)', 'OU ou-gone', 'account Account 1 (111111111111)', 'account 555555555555']);
});

test('the order is that of the tree, parents first, numbers as people sort them, unknown places last', () => {
  expect(treeWith().inOrder(['ou-lost', ...UNITS.map(({ id }) => id), ROOT])).toEqual(
    [ROOT, 'ou-w', 'ou-2', 'ou-10', UNKNOWN_PLACE, 'ou-gone', 'ou-lost']);
});

test('paths end, and each continues that of its parent, whatever parents were read', () => {
  const ids = ['ou-a', 'ou-b', 'ou-c', 'ou-d'];
  const parent = fc.constantFrom(ROOT, '', 'ou-gone', ...ids);
  fc.assert(fc.property(fc.tuple(parent, parent, parent, parent), fc.shuffledSubarray(ids, { minLength: 4 }), (parents, order) => {
    const tree = new Tree({ rootId: ROOT, units: ids.map((id, i) => unit(id, id, parents[i])) });
    for (const id of order) {
      const path = tree.path(id);
      expect(new Set(path).size).toBe(path.length);
      expect([ROOT, UNKNOWN_PLACE]).toContain(path[0]);
      if (path.length > 1) expect(tree.path(path.at(-2)!)).toEqual(path.slice(0, -1));
    }
    expect(tree.inOrder(ids)).toEqual(expect.arrayContaining(ids));
  }));
});

describe('the levels of an account', () => {
  const attachments = { [ROOT]: ['p-1'], 'ou-w': ['p-2', 'p-3'], 'ou-lost': ['p-4'] };
  const gap = (operation: string, id?: string): Gap => ({ operation, id, error: 'denied' });

  test('are those with policies, from the root down, in the order of attachment', () => {
    const { levels, missing } = treeWith({ attachments }).levelsOf('111111111111');
    expect(levels.map(({ name, policies }) => [name, ...policies.map(({ id }) => id)])).toEqual([['the root', 'p-1'], ['OU Workloads', 'p-2', 'p-3']]);
    expect(missing).toBeUndefined();
  });

  test.each<[string, string, Sketch, string]>([
    ['its place is not known', '333333333333', { attachments }, 'its place in the organization could not be read'],
    ['the place of its OU is not known', '444444444444', { attachments }, 'its place in the organization could not be read'],
    ['a policy could not be read', '111111111111', { attachments, unreadable: ['p-3'], gaps: [gap('DescribePolicy', 'p-3')] },
      'policy "p-3" on OU Workloads could not be read (DescribePolicy: denied)'],
    ['the policies could not be listed', '111111111111', { gaps: [gap('ListPolicies')] }, 'which policies are attached could not be read (ListPolicies: denied)'],
    ['attachments could not be listed', '222222222222', { attachments, gaps: [gap('ListTargetsForPolicy', 'p-9')] },
      'which policies are attached could not be read (ListTargetsForPolicy: denied)'],
    ['the order of the policies could not be read', '111111111111', { attachments, gaps: [gap('ListPoliciesForTarget', 'ou-w')] },
      'the order of the policies on OU Workloads could not be read (denied)'],
  ])('are incomplete if %s', (_, id, sketch, missing) => {
    expect(treeWith(sketch).levelsOf(id).missing).toBe(missing);
  });

  test('are complete wherever an account is if nothing is attached', () => {
    expect(treeWith().levelsOf('333333333333')).toEqual({ levels: [] });
  });

  test('are not affected by what is elsewhere', () => {
    expect(treeWith({ attachments, unreadable: ['p-2'] }).levelsOf('222222222222').missing).toBeUndefined();
  });
});
