import { lockOf, openValuesIn, optOutsIn } from '../../src/organization/locks';
import { CONTROL, type PolicyDocument } from '../../src/policy';
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

test('every value that opts out has to be guarded', () => {
  const document = documentOf({ ...FULL_LOCK.services, lex: entry('optOut'), polly: entry('optIn') });
  expect(optOutsIn(document)).toEqual(['default', 'lex']);
  expect(openValuesIn(document)).toEqual(['lex']);
  expect(lockOf(document).value).toBe(false);
});
