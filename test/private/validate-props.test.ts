import { CfnParameter, Duration, Fn, Lazy, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { AiService, AiServicesOptOut, ChildOverrides, OptOutPolicyDocument, OptOutScope, type AiServicesOptOutProps } from '../../src';
import { newStack, POLICY, POLICY_TYPE, stackWith, templateWith } from '../support/stacks';

const document = OptOutPolicyDocument.fromScope(OptOutScope.allServices());

/** The whole message of an error about a prop, where it is the only one. */
function message(text: string) {
  return expect.objectContaining({ message: `${text}\n  at AiOptOut/OptOut` });
}

describe('document', () => {
  test('fails together with services', () => {
    expect(() => stackWith({ document, services: OptOutScope.allServices() })).toThrow(message(
      'document and services exclude each other, got both; leave one out'));
  });

  test('fails together with childOverrides', () => {
    expect(() => stackWith({ document, childOverrides: ChildOverrides.denied() })).toThrow(message(
      'document and childOverrides exclude each other, got both; the document has its own controls, so leave childOverrides out'));
  });

  test.each([
    ['without services', '{"services":{}}'],
    ['with an empty default', '{"services":{"default":{}}}'],
    ['with empty entries', '{"services":{"lex":{},"polly":{}}}'],
    ['with controls alone', '{"services":{"@@operators_allowed_for_child_policies":["@@none"],'
      + '"lex":{"opt_out_policy":{"@@operators_allowed_for_child_policies":["@@none"]}}}}'],
  ])('fails when it sets nothing: %s', (_name, text) => {
    expect(() => stackWith({ document: OptOutPolicyDocument.fromJson(text) })).toThrow(message(
      'document sets nothing; give it at least one entry with {"opt_out_policy": {"@@assign": "optOut"}}'));
  });

  test.each(['{"services":{"default":{"opt_out_policy":{"@@assign":"optIn"}}}}', '{"services":{"lex":{"opt_out_policy":{"@@assign":"optOut"}},"polly":{}}}'])(
    'passes when it sets something: %s', (text) => {
      expect(() => stackWith({ document: OptOutPolicyDocument.fromJson(text) })).not.toThrow();
    });
});

describe('targetIds', () => {
  test('fails for an empty list', () => {
    expect(() => stackWith({ targetIds: [] })).toThrow(message(
      'targetIds must name at least one root, OU or account, got an empty list; leave it out for the organization root'));
  });

  test.each([
    'r-abcd', `r-${'0'.repeat(32)}`, 'ou-abcd-12345678', `ou-${'a'.repeat(32)}-${'z'.repeat(32)}`, '111122223333', '000000000000',
  ])('passes for %j', (id) => {
    templateWith({ targetIds: [id] }).hasResourceProperties(POLICY, { TargetIds: [id] });
  });

  test.each([
    '', 'r-', 'r-abc', `r-${'0'.repeat(33)}`, 'R-ABCD', 'r-abcD', ' r-abcd', 'r-abcd ', 'r-abcd\n', 'r-ab-cd', 'root',
    'ou-abcd', 'ou-abc-12345678', 'ou-abcd-1234567', `ou-abcd-${'1'.repeat(33)}`, 'ou-abcd-12345678-1', 'OU-abcd-12345678',
    '11112222333', '1111222233334', '1111-2222-3333', '11112222333x', 'x111122223333', '١١١١٢٢٢٢٣٣٣٣',
    'o-abcdefghij', 'p-12345678', 'arn:aws:organizations::111122223333:root/o-abcdefghij/r-abcd',
  ])('fails for %j', (id) => {
    expect(() => stackWith({ targetIds: [id] })).toThrow(message(
      `targetIds must be a root id (r-abcd), an OU id (ou-abcd-12345678) or an account id (12 digits), got ${JSON.stringify(id)}`));
  });

  test('fails for every malformed id at once', () => {
    expect(() => stackWith({ targetIds: ['r-1', 'r-abcd', 'ou-1'] })).toThrow('or an account id (12 digits), got "r-1", "ou-1"\n');
  });

  test('fails for a target named twice', () => {
    expect(() => stackWith({ targetIds: ['r-abcd', '111122223333', 'r-abcd', 'r-abcd'] })).toThrow(message(
      'targetIds names r-abcd more than once; name each target once'));
  });

  test('tokens pass, as the list and as its elements', () => {
    const stack = newStack();
    const list = new CfnParameter(stack, 'Targets', { type: 'CommaDelimitedList' }).valueAsList;
    const element = new CfnParameter(stack, 'Target').valueAsString;

    new AiServicesOptOut(stack, 'List', { targetIds: list });
    new AiServicesOptOut(stack, 'Elements', { targetIds: [element, Fn.importValue('Ou'), '111122223333'] });

    const template = templateWith({ targetIds: [Lazy.string({ produce: () => 'ou-abcd-12345678' })] }, stack);
    for (const TargetIds of [{ Ref: 'Targets' }, [{ Ref: 'Target' }, { 'Fn::ImportValue': 'Ou' }, '111122223333'], ['ou-abcd-12345678']]) {
      template.hasResourceProperties(POLICY, { TargetIds });
      template.hasResourceProperties(POLICY_TYPE, { Policy: { TargetIds } });
    }
  });

  test('fails for a malformed id beside tokens', () => {
    expect(() => stackWith({ targetIds: [Fn.importValue('Ou'), 'ou-1'] })).toThrow('or an account id (12 digits), got "ou-1"\n');
  });
});

describe('policyName and description', () => {
  test.each(['x', 'x'.repeat(128), 'With space, dots. And ünïcode'])('policyName passes: %j', (policyName) => {
    templateWith({ policyName }).hasResourceProperties(POLICY, { Name: policyName });
    templateWith({ policyName }).hasResourceProperties(POLICY_TYPE, { Policy: { Name: policyName } });
  });

  test.each([['', 0], ['x'.repeat(129), 129]])('fails for a policyName out of range', (policyName, length) => {
    expect(() => stackWith({ policyName })).toThrow(message(`policyName must have 1 to 128 characters, got ${length}`));
  });

  test.each(['', 'x'.repeat(512)])('description passes up to 512 characters', (description) => {
    templateWith({ description }).hasResourceProperties(POLICY, { Description: description });
  });

  test('fails for a description of 513 characters', () => {
    expect(() => stackWith({ description: 'x'.repeat(513) })).toThrow(message('description must have at most 512 characters, got 513'));
  });

  test('tokens pass, also inside of longer text', () => {
    const policyName = `${'x'.repeat(130)}${Fn.importValue('Name')}`;
    const description = Token.asString({ Ref: 'AWS::StackName' });
    templateWith({ policyName, description }).hasResourceProperties(POLICY, {
      Name: { 'Fn::Join': ['', ['x'.repeat(130), { 'Fn::ImportValue': 'Name' }]] },
      Description: { Ref: 'AWS::StackName' },
    });
  });
});

describe('enablementTimeout', () => {
  test.each([
    [Duration.seconds(60), 60], [Duration.minutes(1), 60], [Duration.seconds(61), 61], [Duration.minutes(14), 840], [Duration.millis(90_000), 90],
  ])('passes: %s', (enablementTimeout, seconds) => {
    templateWith({ enablementTimeout }).hasResourceProperties(POLICY_TYPE, { EnablementTimeout: seconds, ServiceTimeout: seconds + 90 });
  });

  test.each([
    [Duration.seconds(0), '0 seconds'],
    [Duration.seconds(59), '59 seconds'],
    [Duration.millis(59_999), '59 seconds 999 millis'],
    [Duration.millis(60_500), '1 minute 500 millis'],
    [Duration.millis(840_001), '14 minutes 1 milli'],
    [Duration.seconds(841), '14 minutes 1 second'],
    [Duration.minutes(15), '15 minutes'],
    [Duration.days(1), '1 day'],
  ])('fails: %s', (enablementTimeout, shown) => {
    expect(() => stackWith({ enablementTimeout })).toThrow(message(`enablementTimeout must be 1 to 14 minutes in whole seconds, got ${shown}`));
  });

  test('fails for a token', () => {
    const enablementTimeout = Duration.minutes(Lazy.number({ produce: () => 5 }));
    expect(() => stackWith({ enablementTimeout })).toThrow(message(
      'enablementTimeout must be 1 to 14 minutes in whole seconds, got a token, which cannot set the timeout of a function'));
  });
});

test('fails for RemovalPolicy.SNAPSHOT', () => {
  expect(() => stackWith({ removalPolicy: RemovalPolicy.SNAPSHOT })).toThrow(message(
    'removalPolicy must be RETAIN_ON_UPDATE_OR_DELETE, RETAIN or DESTROY, got SNAPSHOT; a policy has no snapshots'));
});

describe('the stack\'s Region', () => {
  test.each(['us-gov-west-1', 'us-gov-east-1', 'cn-north-1', 'cn-northwest-1'])('fails for %s', (region) => {
    expect(() => stackWith({}, newStack({ env: { region } }))).toThrow(message(
      `the stack's Region must not be in partition ${region.startsWith('cn') ? 'aws-cn' : 'aws-us-gov'}, got ${region}; AWS does not offer AI services opt-out policies there`));
  });

  test.each(['us-east-1', 'eu-central-2', 'ca-west-1', 'eusc-de-east-1', 'us-iso-east-1', 'us-isob-east-1', undefined])('passes for %s', (region) => {
    templateWith({}, newStack({ env: { region } })).resourceCountIs(POLICY, 1);
  });
});

test('fails with everything that is wrong at once, each on a line of its own', () => {
  const props: AiServicesOptOutProps = {
    document: OptOutPolicyDocument.fromJson('{"services":{}}'),
    services: OptOutScope.services([AiService.LEX]),
    childOverrides: ChildOverrides.allowed(),
    targetIds: ['nowhere', 'nowhere'],
    policyName: '',
    description: 'x'.repeat(600),
    enablementTimeout: Duration.minutes(20),
    removalPolicy: RemovalPolicy.SNAPSHOT,
  };
  const stack = newStack({ env: { region: 'cn-north-1' } });
  let text = '';
  try {
    stackWith(props, stack);
  } catch (error) {
    text = (error as Error).message;
  }
  expect(text.split('\n')).toEqual([
    expect.stringMatching(/^document and services /),
    expect.stringMatching(/^document and childOverrides /),
    expect.stringMatching(/^document sets nothing/),
    expect.stringMatching(/^targetIds must be /),
    expect.stringMatching(/^targetIds names nowhere more than once/),
    expect.stringMatching(/^policyName /),
    expect.stringMatching(/^description /),
    expect.stringMatching(/^enablementTimeout /),
    expect.stringMatching(/^removalPolicy /),
    expect.stringMatching(/^the stack's Region /),
    '  at AiOptOut/OptOut',
  ]);
});

test('fails before it has defined anything', () => {
  const stack = newStack();
  expect(() => new AiServicesOptOut(stack, 'OptOut', { policyName: '' })).toThrow();
  expect(stack.node.findAll().filter((construct) => construct !== stack && !Stack.isStack(construct)).map(({ node }) => node.path)).toEqual(['AiOptOut/OptOut']);
});

test('without targetIds the check gets the root by name: a reference to its own attribute would be circular', () => {
  templateWith({}).hasResourceProperties(POLICY_TYPE, { Policy: { TargetIds: ['RootId'] } });
});
