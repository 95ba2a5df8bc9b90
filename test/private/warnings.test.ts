import { Annotations as CdkAnnotations, RemovalPolicies, RemovalPolicy, type CfnResource, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import type { IConstruct } from 'constructs';
import { AiService, ChildOverrides, OptOutPolicyDocument, OptOutScope, type AiServicesOptOutProps } from '../../src';
import { newStack, POLICY, stackWith } from '../support/stacks';

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
    ['services', { services: OptOutScope.services([AiService.of('future'), LEX]) }],
    ['optIn', { services: OptOutScope.allServices({ optIn: [AiService.of('future')] }) }],
    ['allowedFor', { childOverrides: ChildOverrides.allowedFor([AiService.of('future')]) }],
    ['a document', { document: OptOutPolicyDocument.fromJson(`{"services":{"future":{"opt_out_policy":{${NONE},"@@assign":"optOut"}}}}`, { allowServices: [AiService.of('future')] }) }],
  ])('warns for one in %s', (_name, props) => {
    expect(warnings(props)).toEqual([
      'AWS did not document the service key future ("default" stands for all services) when this version was released; if AWS does not accept it, the deployment '
      + 'fails with MalformedPolicyDocument [ack: cdk-ai-services-opt-out:undocumentedService]',
    ]);
  });

  test.each([
    ['amazonq', 'did you mean "q"?'], ['bedrock', 'Amazon Bedrock has no key in the policy'], ['sagemaker', 'Amazon SageMaker AI has no key in the policy'],
    ['kiro', 'Kiro has no key in the policy'],
  ])('says what applies instead of %s', (key, hint) => {
    expect(warnings({ services: OptOutScope.services([AiService.of(key)]) })).toEqual([expect.stringContaining(`the service key ${key} (${hint}`)]);
  });

  test('warns once for several', () => {
    expect(warnings({ services: OptOutScope.services([AiService.of('tomorrow'), AiService.of('future')]) })).toEqual([
      expect.stringContaining('document the service keys future ("default" stands for all services), tomorrow ('),
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

describe('a policy that CloudFormation would delete with its stack', () => {
  const ID = 'cdk-ai-services-opt-out:policyDeletedWithStack';
  const found = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(ID)).map(({ id }) => id);
  const destroyed = (stack: Stack) => {
    RemovalPolicies.of(stack.node.root).destroy();
    return stack;
  };
  const optOutOf = (stack: Stack) => stack.node.findChild('OptOut');

  test.each<[string, () => Stack]>([
    ['removalPolicy', () => stackWith({ removalPolicy: RemovalPolicy.DESTROY })],
    ['RemovalPolicies of the app', () => destroyed(stackWith())],
    ['RemovalPolicies that come first', () => stackWith(undefined, destroyed(newStack()))],
    ['applyRemovalPolicy', () => {
      const stack = stackWith();
      (optOutOf(stack).node.defaultChild as CfnResource).applyRemovalPolicy(RemovalPolicy.DESTROY);
      return stack;
    }],
    ['a deletion policy that is taken away', () => {
      const stack = stackWith();
      (optOutOf(stack).node.defaultChild as CfnResource).cfnOptions.deletionPolicy = undefined;
      return stack;
    }],
  ])('warns for %s', (_name, define) => {
    const stack = define();
    expect(found(stack)).toEqual(['/AiOptOut/OptOut/Resource']);
    // A second synthesis does not warn twice.
    expect(found(stack)).toEqual(['/AiOptOut/OptOut/Resource']);
    expect(Object.values(Template.fromStack(stack).findResources(POLICY)).map(({ DeletionPolicy }) => DeletionPolicy ?? 'Delete')).toEqual(['Delete']);
  });

  test.each<[string, () => Stack]>([
    ['nothing', () => stackWith()],
    ['RETAIN', () => stackWith({ removalPolicy: RemovalPolicy.RETAIN })],
    ['RemovalPolicies that leave policies out', () => {
      const stack = stackWith();
      RemovalPolicies.of(stack).destroy({ excludeResourceTypes: [POLICY] });
      return stack;
    }],
  ])('does not warn for %s', (_name, define) => {
    expect(found(define())).toEqual([]);
  });

  test.each<[string, (stack: Stack) => IConstruct]>([
    ['the construct', optOutOf], ['the stack', (stack) => stack],
  ])('does not warn once it is acknowledged on %s', (_name, scopeIn) => {
    const stack = destroyed(stackWith());
    const scope = scopeIn(stack);
    CdkAnnotations.of(scope).acknowledgeWarning(ID, 'a test organization');
    expect(found(stack)).toEqual([]);
  });
});

test('warns for each of several reasons, on the construct', () => {
  const stack = stackWith({ services: OptOutScope.services([AiService.of('future')]), childOverrides: ChildOverrides.allowed() });
  const annotations = Annotations.fromStack(stack);
  annotations.hasWarning('/AiOptOut/OptOut', Match.stringLikeRegexp('childOverridesAllowed'));
  annotations.hasWarning('/AiOptOut/OptOut', Match.stringLikeRegexp('undocumentedService'));
  annotations.hasNoError('*', Match.anyValue());
});
