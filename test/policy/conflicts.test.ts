import { conflictsOf, CONTROL, coversAll, type LevelPolicy, type PolicyDocument, type PolicyLevel } from '../../src/policy';
import { documentOf, entry, FULL_LOCK, NONE, ONLY_SERVICES_LOCKED, unlocked } from '../support/documents';

const policy = (name: string, document: PolicyDocument): LevelPolicy => ({ name, document });
const level = (name: string, ...documents: PolicyDocument[]): PolicyLevel => (
  { name, policies: documents.map((document, i) => policy(`${name} ${i + 1}`, document)) }
);
const OURS = policy('ours', FULL_LOCK);
const optIn = (...keys: string[]) => unlocked(Object.fromEntries(keys.map((key) => [key, 'optIn' as const])));
const by = (name: string, n = 1) => ({ setting: 'optIn', level: name, policy: `${name} ${n}` });

test.each<[string, PolicyLevel[], PolicyLevel, LevelPolicy]>([
  ['nothing else', [], level('root'), OURS],
  ['the same policy', [], level('root', FULL_LOCK), OURS],
  ['a peer that sets other services', [], level('root', optIn('lex')), policy('ours', unlocked({ polly: 'optOut' }))],
  ['a parent policy without locks', [level('root', optIn('default', 'lex'))], level('OU'), policy('ours', unlocked({ default: 'optOut', lex: 'optOut' }))],
  ['a locked parent policy that sets the same', [level('root', FULL_LOCK)], level('OU'), policy('ours', unlocked({ default: 'optOut' }))],
  ['locks of a peer: they bind child policies only', [], level('root', ONLY_SERVICES_LOCKED), policy('ours', unlocked({ default: 'optOut', lex: 'optIn' }))],
])('no conflict with %s', (_, above, target, own) => {
  expect(conflictsOf(above, target, own)).toEqual([]);
});

test.each<[string, PolicyLevel[], PolicyLevel, LevelPolicy, object[]]>([
  ['a peer', [], level('root', optIn('default')), OURS, [{ key: 'default', wanted: 'optOut', winner: by('root') }]],
  ['a peer that opts in a service which default covers', [], level('root', optIn('lex')), OURS, [{ key: 'lex', wanted: 'optOut', winner: by('root') }]],
  ['a peer that is listed after one that agrees, because the order is not documented', [], level('root', unlocked({ lex: 'optOut' }), optIn('lex')),
    policy('ours', unlocked({ lex: 'optOut' })), [{ key: 'lex', wanted: 'optOut', winner: by('root', 2) }]],
  ['a parent policy that opts in a service which default covers', [level('root', optIn('lex'))], level('OU'), OURS,
    [{ key: 'lex', wanted: 'optOut', winner: by('root') }]],
  ['a value that is locked above', [level('root', documentOf({ lex: entry('optIn', NONE) }))], level('OU'), policy('ours', unlocked({ lex: 'optOut' })),
    [{ key: 'lex', wanted: 'optOut', winner: by('root') }]],
  ['entries that are locked above', [level('root', documentOf({ [CONTROL]: ['@@none'] }))], level('OU'), policy('ours', unlocked({ lex: 'optOut' })),
    [{ key: 'lex', wanted: 'optOut', winner: undefined }]],
])('conflict with %s', (_, above, target, own, expected) => {
  expect(conflictsOf(above, target, own)).toContainEqual(expected[0]);
});

test.each<[string, PolicyDocument, PolicyDocument, boolean]>([
  ['the same', FULL_LOCK, unlocked({ default: 'optOut' }), true],
  ['a service that default covers', FULL_LOCK, unlocked({ lex: 'optOut' }), true],
  ['everything', unlocked({ lex: 'optOut' }), FULL_LOCK, false],
  ['a service that it opts in', unlocked({ default: 'optOut', lex: 'optIn' }), unlocked({ default: 'optOut' }), false],
  ['another service', unlocked({ lex: 'optOut' }), unlocked({ polly: 'optOut' }), false],
  ['nothing', unlocked({ lex: 'optOut' }), unlocked({ polly: 'optIn' }), true],
])('whether a document covers another one that opts out of %s', (_, document, other, expected) => {
  expect(coversAll(document, other)).toBe(expected);
});
