import { CONTROL, isOpen, lockOf, openValuesIn, optOutsIn, type PolicyDocument } from '../../src/policy';
import { documentOf, entry, FULL_LOCK, ONLY_SERVICES_LOCKED, OPEN_SERVICES, unlocked } from '../support/documents';

const withValueControl = (...words: string[]) => documentOf({ default: entry('optOut', { [CONTROL]: words }) });

test.each<[string, PolicyDocument, boolean, boolean, boolean]>([
  ['AWS\'s own document', FULL_LOCK, true, true, true],
  ['one that is open at services', OPEN_SERVICES, false, true, true],
  ['one that is locked at services only', ONLY_SERVICES_LOCKED, true, false, false],
  ['one without controls', unlocked({ default: 'optOut' }), false, false, false],
  ['one without entries', documentOf({}), false, false, false],
  ['one that only opts in', unlocked({ default: 'optIn' }), false, false, false],
  ['one whose value allows appending only', withValueControl('@@append'), false, false, true],
  ['one whose value allows everything', withValueControl('@@all'), false, false, false],
  ['one whose value allows assigning', withValueControl('@@append', '@@assign'), false, false, false],
  ['one whose services merely leave assigning out', documentOf({ [CONTROL]: ['@@append'] }), false, false, false],
])('the three locks of %s', (_, document, services, byDefault, value) => {
  expect(lockOf(document)).toEqual({ services, default: byDefault, value });
});

test('every value that opts out has to be locked', () => {
  const document = documentOf({ ...FULL_LOCK.services, lex: entry('optOut'), polly: entry('optIn') });
  expect(optOutsIn(document)).toEqual(['default', 'lex']);
  expect(openValuesIn(document)).toEqual(['lex']);
  expect(lockOf(document).value).toBe(false);
});

const ADD_ONLY = { [CONTROL]: ['@@append'] };
const OPEN = unlocked({ default: 'optOut' });

describe('the policies of one target', () => {
  test.each<[string, PolicyDocument[], boolean, boolean, boolean]>([
    ['an unlocked opt-out, then a locked one', [OPEN, FULL_LOCK], true, true, true],
    ['a locked opt-out, then an unlocked one', [FULL_LOCK, OPEN], true, true, true],
    ['two unlocked ones', [OPEN, OPEN], false, false, false],
    ['locks that add up', [OPEN_SERVICES, ONLY_SERVICES_LOCKED], true, true, true],
    ['a control without a value', [OPEN, documentOf({ default: { opt_out_policy: { [CONTROL]: ['@@none'] } } })], false, false, true],
    ['two controls of "services" without @@assign', [documentOf({ ...ADD_ONLY, default: entry('optOut') }), documentOf(ADD_ONLY)], false, false, false],
    ['an opt-in attached first, which wins', [unlocked({ default: 'optIn' }), FULL_LOCK], true, true, false],
    ['none', [], false, false, false],
  ])('lock together: %s', (_, documents, services, byDefault, value) => {
    expect(lockOf(...documents)).toEqual({ services, default: byDefault, value });
  });

  test('opt out of what the first of them opts out of', () => {
    expect(optOutsIn(unlocked({ lex: 'optIn', polly: 'optOut' }), unlocked({ lex: 'optOut', q: 'optOut' }))).toEqual(['polly', 'q']);
  });
});

test.each<[string, PolicyDocument[], boolean]>([
  ['AWS\'s own document', [FULL_LOCK], false],
  ['one that is open at services', [OPEN_SERVICES], true],
  ['one whose "services" allows appending', [documentOf({ ...ADD_ONLY, default: entry('optOut', { [CONTROL]: ['@@none'] }) })], true],
  ['one that names services only, locked', [documentOf({ lex: entry('optOut', { [CONTROL]: ['@@none'] }) })], false],
  ['one without controls', [OPEN], true],
  ['one without controls beside a locked one', [OPEN, FULL_LOCK], false],
  ['one that opts nothing out', [unlocked({ lex: 'optIn' })], false],
])('child policies can undo an opt-out of %s: %s', (_, documents, expected) => {
  expect(isOpen(...documents)).toBe(expected);
});
