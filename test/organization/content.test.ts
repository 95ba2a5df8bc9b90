import * as fc from 'fast-check';
import { documentIn, effectiveDocumentIn } from '../../src/organization/content';
import { effectiveDocument, problemsIn } from '../../src/policy';
import { policyDocument, policyLevels } from '../policy/arbitraries';

test('every document that AWS admits is understood', () => {
  fc.assert(fc.property(policyDocument(), (document) => {
    const text = JSON.stringify(document);
    fc.pre(problemsIn(text).length === 0);
    expect(documentIn(text)).toEqual(document);
  }));
});

test('every answer of DescribeEffectivePolicy is understood', () => {
  fc.assert(fc.property(policyLevels(), (levels) => {
    const document = effectiveDocument(levels);
    expect(effectiveDocumentIn(JSON.stringify(document))).toEqual(document);
  }));
  expect(effectiveDocumentIn('{}')).toEqual({});
  expect(effectiveDocumentIn('{"services":{"lex":{}}}')).toEqual({ services: { lex: {} } });
});

test.each([
  '', 'null', '[]', '"optOut"', '{"services":[]}', '{"services":null}', '{"services":{"lex":null}}', '{"services":{"lex":"optOut"}}', '{"services":{"lex":[]}}',
  '{"services":{"lex":{"opt_out_policy":"optOut"}}}', '{"services":{"lex":{"opt_out_policy":{"@@assign":"optout"}}}}',
  '{"services":{"lex":{"opt_out_policy":{"@@assign":true}}}}', '{"services":{"@@assign":"optOut"}}',
  '{"services":{"@@operators_allowed_for_child_policies":"@@none"}}', '{"services":{"@@operators_allowed_for_child_policies":[1]}}',
])('fails to understand the policy %s', (text) => {
  expect(documentIn(text)).toBeUndefined();
});

test.each([
  '', 'null', '[]', '{"services":[]}', '{"services":null}', '{"services":{"lex":null}}', '{"services":{"lex":"optOut"}}', '{"services":{"lex":{"opt_out_policy":"OptOut"}}}',
  '{"services":{"lex":{"opt_out_policy":{"@@assign":"optOut"}}}}',
])('fails to understand the answer %s', (text) => {
  expect(effectiveDocumentIn(text)).toBeUndefined();
});
