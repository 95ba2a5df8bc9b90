import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AiService, ChildOverrides, OptOutPolicyDocument, OptOutScope, type AiServicesOptOutProps } from '../../src';
import { stackWith } from '../support/stacks';

const { LEX, POLLY } = AiService;
const NONE = '"@@operators_allowed_for_child_policies":["@@none"]';

function warnings(props?: AiServicesOptOutProps): string[] {
  return Annotations.fromStack(stackWith(props)).findWarning('*', Match.anyValue()).map(({ entry }) => String(entry.data));
}

function ofJson(services: string): AiServicesOptOutProps {
  return { document: OptOutPolicyDocument.fromJson(`{"services":{${services}}}`) };
}

test.each<[string, AiServicesOptOutProps | undefined]>([
  ['the one-liner', undefined],
  ['overrides denied', { childOverrides: ChildOverrides.denied() }],
  ['overrides allowed for single services', { childOverrides: ChildOverrides.allowedFor([LEX]) }],
  ['services that stay opted in', { services: OptOutScope.allServices({ optIn: [LEX] }) }],
  ['named services', { services: OptOutScope.services(AiService.documented().slice(0, 20)) }],
  ['a locked document', { document: OptOutPolicyDocument.fromScope(OptOutScope.allServices({ optIn: [LEX] })) }],
])('does not warn for %s', (_name, props) => {
  expect(warnings(props)).toEqual([]);
});

describe('what is not locked', () => {
  test.each<[string, AiServicesOptOutProps, string]>([
    ['ChildOverrides.allowed()', { childOverrides: ChildOverrides.allowed() }, 'default'],
    ['ChildOverrides.allowed() for named services', { services: OptOutScope.services([POLLY, LEX]), childOverrides: ChildOverrides.allowed() }, 'lex, polly'],
    ['a document without a control', ofJson('"default":{"opt_out_policy":{"@@assign":"optOut"}}'), 'default'],
    ['a document that locks only some', ofJson(`"lex":{"opt_out_policy":{${NONE},"@@assign":"optOut"}},"polly":{"opt_out_policy":{"@@assign":"optOut"}}`), 'polly'],
    ['a document with a control on the entry alone', ofJson(`"lex":{${NONE},"opt_out_policy":{"@@assign":"optOut"}}`), 'lex'],
    ['a document whose control allows @@assign',
      ofJson('"lex":{"opt_out_policy":{"@@operators_allowed_for_child_policies":["@@assign"],"@@assign":"optOut"}}'), 'lex'],
    ['a document whose control allows @@all',
      ofJson('"lex":{"opt_out_policy":{"@@operators_allowed_for_child_policies":["@@all"],"@@assign":"optOut"}}'), 'lex'],
  ])('warns for %s', (_name, props, keys) => {
    expect(warnings(props)).toEqual([
      `policies on OUs and accounts may opt back in (${keys} not locked), so this policy guarantees nothing by itself; `
      + 'use ChildOverrides.denied(), or allowedFor() for single services [ack: cdk-ai-services-opt-out:childOverridesAllowed]',
    ]);
  });

  test('does not warn for a document whose control leaves @@assign out, in other words than @@none', () => {
    expect(warnings(ofJson('"lex":{"opt_out_policy":{"@@operators_allowed_for_child_policies":["@@append"],"@@assign":"optOut"}}'))).toEqual([]);
  });
});

describe('service keys that this release does not know', () => {
  test.each<[string, AiServicesOptOutProps]>([
    ['services', { services: OptOutScope.services([AiService.of('new'), LEX]) }],
    ['optIn', { services: OptOutScope.allServices({ optIn: [AiService.of('new')] }) }],
    ['allowedFor', { childOverrides: ChildOverrides.allowedFor([AiService.of('new')]) }],
    ['a document', ofJson(`"new":{"opt_out_policy":{${NONE},"@@assign":"optOut"}}`)],
  ])('warns for one in %s', (_name, props) => {
    expect(warnings(props)).toEqual([
      'this release does not know the service key new; where AWS does not know it either, the deployment fails with MalformedPolicyDocument '
      + '[ack: cdk-ai-services-opt-out:undocumentedService]',
    ]);
  });

  test('warns once for several', () => {
    expect(warnings({ services: OptOutScope.services([AiService.of('newer'), AiService.of('new')]) })).toEqual([
      expect.stringContaining('does not know the service keys new, newer; '),
    ]);
  });
});

test('warns for a document that locks a service without setting it', () => {
  expect(warnings(ofJson(`${NONE},"lex":{"opt_out_policy":{${NONE}}},"default":{"opt_out_policy":{${NONE},"@@assign":"optOut"}}`))).toEqual([
    'the document locks lex without setting anything; add {"@@assign": "optOut"} beside the control, or drop the entry '
    + '[ack: cdk-ai-services-opt-out:lockWithoutSetting]',
  ]);
});

describe('what may be added', () => {
  const locked = `"default":{"opt_out_policy":{${NONE},"@@assign":"optOut"}}`;

  test('warns for a document that locks the default and leaves services open, as a guide may say', () => {
    expect(warnings(ofJson(locked))).toEqual([
      'policies on OUs and accounts may add entries for single services and so opt them in, because "services" is not locked; '
      + 'add "@@operators_allowed_for_child_policies": ["@@none"] under it [ack: cdk-ai-services-opt-out:childEntriesAllowed]',
    ]);
  });

  test('warns for a control of services that is not @@none: whether it is a lock is not documented', () => {
    expect(warnings(ofJson(`"@@operators_allowed_for_child_policies":["@@append"],${locked}`))).toEqual([expect.stringContaining('"services" is not locked')]);
  });

  test('does not warn where services is closed, nor where the document has no default', () => {
    expect(warnings(ofJson(`${NONE},${locked}`))).toEqual([]);
    expect(warnings(ofJson(`"lex":{"opt_out_policy":{${NONE},"@@assign":"optOut"}}`))).toEqual([]);
  });
});

test('warns for each of several reasons, on the construct', () => {
  const stack = stackWith({ services: OptOutScope.services([AiService.of('new')]), childOverrides: ChildOverrides.allowed() });
  const annotations = Annotations.fromStack(stack);
  annotations.hasWarning('/AiOptOut/OptOut', Match.stringLikeRegexp('childOverridesAllowed'));
  annotations.hasWarning('/AiOptOut/OptOut', Match.stringLikeRegexp('undocumentedService'));
  annotations.hasNoError('*', Match.anyValue());
});
