import * as fc from 'fast-check';
import { desired, MANAGEMENT, owning, PLAYGROUND, PRODUCTION, ROOT, SANDBOX, SHOP, sketched, type Sketch } from './snapshots';
import { afterwards } from '../../../src/cli/changes/afterwards';
import type { Choices } from '../../../src/cli/changes/desired';
import { describe as inWords, effectsOf } from '../../../src/cli/changes/effects';
import { planChanges } from '../../../src/cli/changes/plan';
import { planRemoval } from '../../../src/cli/changes/removal';
import { unlockedContent } from '../../support/documents';

const OTHER = { id: 'p-other000', name: 'Other' };

/** By account: what it is opted out of, before and after, and what it loses. */
function effects(sketch: Sketch, choices: Choices = {}): Record<string, string> {
  const before = sketched(sketch);
  const { changes } = planChanges(before, desired(choices), owning());
  return Object.fromEntries(effectsOf(before, afterwards(before, changes)).map(({ account, before: was, after: will, optedIn, certain }) => [
    account.id, `${inWords(was)} -> ${inWords(will)}${optedIn.length > 0 ? ` loses ${optedIn}` : ''}${certain ? '' : ' ?'}`,
  ]));
}

test('a policy on the root opts every active account out', () => {
  const out = 'not opted out -> opted out of everything';
  expect(effects({ policyType: 'DISABLED' })).toEqual({ [MANAGEMENT]: out, [SHOP]: out, [PLAYGROUND]: out });
});

test('only the accounts below the target change', () => {
  expect(effects({}, { target: [PRODUCTION], service: ['lex', 'polly'] })).toEqual({
    [MANAGEMENT]: 'not opted out -> not opted out',
    [SHOP]: 'not opted out -> opted out of lex, polly only',
    [PLAYGROUND]: 'not opted out -> not opted out',
  });
});

test('accounts that would be opted in are found, also by a policy that opts out of everything else', () => {
  expect(effects({ policies: [{ ...OTHER, content: unlockedContent({ default: 'optOut' }), on: [ROOT] }] }, { target: [SANDBOX], optIn: ['lex'] })).toEqual({
    [MANAGEMENT]: 'opted out of everything -> opted out of everything',
    [SHOP]: 'opted out of everything -> opted out of everything',
    [PLAYGROUND]: 'opted out of everything -> opted out of everything but lex loses lex',
  });
});

test('what an account says itself stays where it is not locked, and is void where it is', () => {
  const own = { policies: [{ ...OTHER, content: unlockedContent({ lex: 'optIn' }), on: [SHOP] }] };
  expect(effects(own, { allowChildOverrides: true })[SHOP]).toBe('not opted out -> opted out of everything but lex');
  // That a control keeps children from adding entries is documented, and recorded by nobody.
  expect(effects(own)[SHOP]).toBe('not opted out -> opted out of everything ?');
});

test('where a policy could not be read, nothing is certain below it', () => {
  expect(effects({ policies: [{ ...OTHER, on: [SANDBOX] }] })).toEqual({
    [MANAGEMENT]: 'not opted out -> opted out of everything',
    [SHOP]: 'not opted out -> opted out of everything',
    [PLAYGROUND]: 'not opted out -> opted out of everything ?',
  });
});

test('where attachments could not be listed, nothing is certain at all', () => {
  expect(Object.values(effects({ gaps: [{ operation: 'ListTargetsForPolicy', id: 'p-other000', error: 'denied' }] }))).toEqual(
    Array(3).fill('not opted out -> opted out of everything ?'));
});

test('nothing was in effect while the type was disabled, whatever was attached', () => {
  expect(effects({ policyType: 'PENDING_DISABLE', policies: [{ ...OTHER, content: unlockedContent({ lex: 'optIn' }), on: [ROOT] }] })[SHOP]).toBe(
    'not opted out -> opted out of everything');
});

test('removing the only policy opts everybody in again, and removing one of two nobody', () => {
  const ours = { id: 'p-ours0000', content: desired().content, on: [ROOT] };
  const optedIn = (sketch: Sketch) => {
    const before = sketched(sketch);
    const { changes } = planRemoval(before, before.policies[0]);
    expect(changes.map(({ operation }) => operation)).toEqual(['DetachPolicy', 'DeletePolicy']);
    return effectsOf(before, afterwards(before, changes)).filter((effect) => effect.optedIn.length > 0).map(({ account }) => account.id);
  };
  expect(optedIn({ policies: [ours] })).toEqual([MANAGEMENT, SHOP, PLAYGROUND]);
  expect(optedIn({ policies: [ours, { ...OTHER, content: desired().content, on: [ROOT] }] })).toEqual([]);
});

test('a change that the plan makes never opts an account in unless --opt-in names the service', () => {
  const setting = fc.constantFrom('optIn' as const, 'optOut' as const);
  const content = fc.dictionary(fc.constantFrom('default', 'lex', 'polly'), setting, { minKeys: 1 }).map(unlockedContent);
  const policy = fc.record({ content, on: fc.subarray([ROOT, PRODUCTION, SANDBOX, SHOP]) });
  const target = fc.subarray([ROOT, PRODUCTION, SANDBOX, SHOP], { minLength: 1 });
  fc.assert(fc.property(fc.array(policy, { maxLength: 3 }), target, fc.subarray(['lex', 'polly']), (policies, targets, optIn) => {
    const before = sketched({ policies: policies.map((one, index) => ({ id: `p-policy0${index}`, ...one })) });
    const choices = { target: targets, ...(optIn.length > 0 ? { optIn } : {}) };
    const { changes, blockers } = planChanges(before, desired(choices), owning());
    if (blockers.length > 0) return;
    for (const { optedIn } of effectsOf(before, afterwards(before, changes))) {
      expect(optedIn.filter((key) => !optIn.includes(key))).toEqual([]);
    }
  }), { numRuns: 300 });
});

test('10,000 accounts on the same path are compared once', () => {
  const snapshot = sketched({ policyType: 'DISABLED' });
  const accounts = Array.from({ length: 10_000 }, (_, index) => ({ id: `${100_000_000_000 + index}`, name: 'one', parentId: SANDBOX, state: 'ACTIVE' }));
  const before = { ...snapshot, accounts };
  const { changes } = planChanges(before, desired(), owning());
  const found = effectsOf(before, afterwards(before, changes));
  expect(found).toHaveLength(10_000);
  // One comparison is one object.
  expect(new Set(found.map(({ after }) => after)).size).toBe(1);
});
