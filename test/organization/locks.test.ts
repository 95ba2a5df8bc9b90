import { FULL_LOCK, ONLY_SERVICES_LOCKED, OPEN_SERVICES, unlocked } from './scene';
import { lockOf, openValuesIn, optOutsIn } from '../../src/organization/locks';
import { CONTROL, type PolicyDocument } from '../../src/policy';

function withValueControl(...words: string[]): PolicyDocument {
  return { services: { default: { opt_out_policy: { '@@assign': 'optOut', [CONTROL]: words } } } } as PolicyDocument;
}

test.each<[string, PolicyDocument, boolean, boolean, boolean]>([
  ['AWS\'s own document', FULL_LOCK, true, true, true],
  ['one that is open at services', OPEN_SERVICES, false, true, true],
  ['one that is locked at services only', ONLY_SERVICES_LOCKED, true, false, false],
  ['one without controls', unlocked({ default: 'optOut' }), false, false, false],
  ['one without entries', { services: {} } as PolicyDocument, false, false, false],
  ['one that only opts in', unlocked({ default: 'optIn' }), false, false, false],
  ['one whose value allows appending only', withValueControl('@@append'), false, false, true],
  ['one whose value allows everything', withValueControl('@@all'), false, false, false],
  ['one whose value allows assigning', withValueControl('@@append', '@@assign'), false, false, false],
  ['one whose services merely leave assigning out', { services: { [CONTROL]: ['@@append'] } } as unknown as PolicyDocument, false, false, false],
])('the three locks of %s', (_, document, services, byDefault, value) => {
  expect(lockOf(document)).toEqual({ services, default: byDefault, value });
});

test('every value that opts out has to be guarded', () => {
  const document = { services: { ...FULL_LOCK.services, lex: { opt_out_policy: { '@@assign': 'optOut' } }, polly: { opt_out_policy: { '@@assign': 'optIn' } } } };
  expect(optOutsIn(document as PolicyDocument)).toEqual(['default', 'lex']);
  expect(openValuesIn(document as PolicyDocument)).toEqual(['lex']);
  expect(lockOf(document as PolicyDocument).value).toBe(false);
});
