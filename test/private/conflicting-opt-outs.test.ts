import { App, CfnParameter, Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AiService, AiServicesOptOut, ChildOverrides, OptOutPolicyDocument, OptOutScope, type AiServicesOptOutProps } from '../../src';
import { MANAGEMENT, OU } from '../support/ids';
import { newStack, POLICY } from '../support/stacks';

const { LEX, POLLY } = AiService;

const everything: AiServicesOptOutProps = {};
const butLex: AiServicesOptOutProps = { services: OptOutScope.allServices({ optIn: [LEX] }) };
const lex: AiServicesOptOutProps = { services: OptOutScope.services([LEX]) };
const polly: AiServicesOptOutProps = { services: OptOutScope.services([POLLY]) };
const everythingIn: AiServicesOptOutProps = { document: OptOutPolicyDocument.fromJson('{"services":{"default":{"opt_out_policy":{"@@assign":"optIn"}}}}') };

const CONTRADICTION = /on the same target/;

/** Adds them to a stack one after the other. */
function add(stack: Stack, ...props: AiServicesOptOutProps[]): Stack {
  props.forEach((own, i) => new AiServicesOptOut(stack, `OptOut${i + 1}`, own));
  return stack;
}

describe('on one target', () => {
  test.each<[string, AiServicesOptOutProps, AiServicesOptOutProps, string]>([
    ['a default and a named opt-in', everything, butLex, 'AiOptOut/OptOut1 sets "lex" to optOut and AiOptOut/OptOut2 to optIn'],
    ['a named opt-in and a default', butLex, everything, 'AiOptOut/OptOut2 sets "lex" to optOut and AiOptOut/OptOut1 to optIn'],
    ['a named opt-out and a named opt-in', lex, butLex, 'AiOptOut/OptOut2 sets "lex" to optIn and AiOptOut/OptOut1 to optOut'],
    ['two defaults', everything, everythingIn, 'AiOptOut/OptOut2 sets "default" to optIn and AiOptOut/OptOut1 to optOut'],
    ['an opt-in by default and a named opt-out', everythingIn, lex, 'AiOptOut/OptOut1 sets "lex" to optIn and AiOptOut/OptOut2 to optOut'],
  ])('fails for %s', (_name, earlier, later, said) => {
    expect(() => add(newStack(), earlier, later)).toThrow(expect.objectContaining({
      message: `${said} on the same target (organization root); AWS would let the one attached first win, `
        + 'so say it in one of them only, or attach them to different targets\n  at AiOptOut/OptOut2',
    }));
  });

  test.each<[string, AiServicesOptOutProps, AiServicesOptOutProps]>([
    ['the same twice', everything, everything],
    ['a default and a named opt-out', everything, lex],
    ['different services', lex, polly],
    ['different locks', everything, { childOverrides: ChildOverrides.allowedFor([POLLY]) }],
    ['an opt-in and an opt-out of something else', butLex, polly],
  ])('passes for %s, which agree', (_name, earlier, later) => {
    Template.fromStack(add(newStack(), earlier, later)).resourceCountIs(POLICY, 2);
  });

  test('fails for a contradiction with any earlier one, not only the last', () => {
    expect(() => add(newStack(), everything, polly, lex, butLex)).toThrow('AiOptOut/OptOut1 sets "lex" to optOut and AiOptOut/OptOut4 to optIn');
  });

  test.each<[string, (stack: Stack) => [string[] | undefined, string[] | undefined]]>([
    ['an OU', () => [[OU], [OU]]],
    ['one account among others', () => [[OU, MANAGEMENT], [MANAGEMENT, 'ou-abcd-87654321']]],
    ['a token', (stack) => {
      const target = new CfnParameter(stack, 'Target').valueAsString;
      return [[target], [MANAGEMENT, target]];
    }],
    ['an import', () => [[Fn.importValue('Ou')], [Fn.importValue('Ou')]]],
    ['a list token', (stack) => {
      const targets = new CfnParameter(stack, 'Targets', { type: 'CommaDelimitedList' }).valueAsList;
      return [targets, targets];
    }],
    ['the root, by its id', () => [['r-abcd'], ['r-abcd']]],
    ['the root, once left out and once by its id: an organization has only one', () => [undefined, ['r-abcd']]],
    ['the root, once by its id and once left out', () => [['r-abcd'], undefined]],
    ['the root beside an account', () => [['r-abcd'], ['r-abcd', MANAGEMENT]]],
  ])('fails for a contradiction on %s', (_name, targets) => {
    const stack = newStack();
    const [earlier, later] = targets(stack);
    expect(() => add(stack, { ...everything, targetIds: earlier }, { ...butLex, targetIds: later })).toThrow(CONTRADICTION);
  });

  test('fails for a contradiction on the root, once left out and once by the first one\'s rootId', () => {
    const stack = newStack();
    const { rootId } = new AiServicesOptOut(stack, 'OptOut1');
    expect(() => new AiServicesOptOut(stack, 'OptOut2', { ...butLex, targetIds: [rootId] })).toThrow(CONTRADICTION);
  });
});

test('fails for a contradiction on the root, once left out and once by the rootId of a third', () => {
  const stack = newStack();
  new AiServicesOptOut(stack, 'OptOut1');
  const { rootId } = new AiServicesOptOut(stack, 'OptOut2', { ...polly, targetIds: [OU] });
  expect(() => new AiServicesOptOut(stack, 'OptOut3', { ...butLex, targetIds: [rootId] })).toThrow(CONTRADICTION);
});

describe('on different targets', () => {
  test.each<[string, (stack: Stack) => [string[] | undefined, string[] | undefined]]>([
    ['two OUs', () => [[OU], ['ou-abcd-87654321']]],
    ['the root and an OU', () => [undefined, [OU]]],
    ['an account and the root', () => [[MANAGEMENT], undefined]],
    ['two tokens', (stack) => [[new CfnParameter(stack, 'One').valueAsString], [new CfnParameter(stack, 'Other').valueAsString]]],
    ['the root and a token, which may be anything', (stack) => [undefined, [new CfnParameter(stack, 'One').valueAsString]]],
    ['two list tokens', (stack) => [
      new CfnParameter(stack, 'One', { type: 'CommaDelimitedList' }).valueAsList, new CfnParameter(stack, 'Other', { type: 'CommaDelimitedList' }).valueAsList,
    ]],
    ['a list token and an OU', (stack) => [new CfnParameter(stack, 'One', { type: 'CommaDelimitedList' }).valueAsList, [OU]]],
    ['the root and a list token', (stack) => [undefined, new CfnParameter(stack, 'One', { type: 'CommaDelimitedList' }).valueAsList]],
  ])('opposites pass: %s', (_name, targets) => {
    const stack = newStack();
    const [earlier, later] = targets(stack);
    add(stack, { ...everything, targetIds: earlier }, { ...butLex, targetIds: later });
    Template.fromStack(stack).resourceCountIs(POLICY, 2);
  });

  test('opposites in stacks of unknown accounts are left to the function, which sees the organization', () => {
    const parent = newStack();
    new AiServicesOptOut(parent, 'OptOut', everything);
    expect(() => new AiServicesOptOut(new NestedStack(parent, 'Nested'), 'OptOut', butLex)).not.toThrow();
  });
});

describe('stacks of one app', () => {
  /** An opt-out in each of two stacks of the app. */
  function define(accounts: [string?, string?], props: [AiServicesOptOutProps, AiServicesOptOutProps], stackName?: string): () => unknown {
    const app = new App();
    return () => accounts.map((account, i) => {
      const stack = new Stack(app, `Stack${i + 1}`, { stackName, env: { account, region: ['us-east-1', 'eu-west-1'][i] } });
      return new AiServicesOptOut(stack, 'OptOut', props[i]);
    });
  }
  const opposites: [AiServicesOptOutProps, AiServicesOptOutProps] = [everything, butLex];

  test('fail for a contradiction, if both have the same known account', () => {
    expect(define([MANAGEMENT, MANAGEMENT], opposites)).toThrow('Stack1/OptOut sets "lex" to optOut and Stack2/OptOut to optIn on the same target (organization root)');
  });

  test('fail for a contradiction between stages, if both have the same known account', () => {
    const app = new App();
    const [one, other] = ['Beta', 'Prod'].map((id) => new Stack(new Stage(app, id, { env: { account: MANAGEMENT } }), 'AiOptOut'));
    new AiServicesOptOut(one!, 'OptOut', everything);
    expect(() => new AiServicesOptOut(other!, 'OptOut', butLex)).toThrow(CONTRADICTION);
  });

  test.each<[string, [string?, string?]]>([
    ['different accounts', [MANAGEMENT, '444455556666']], ['unknown accounts', [undefined, undefined]], ['one unknown account', [MANAGEMENT, undefined]],
  ])('pass with opposites for %s, which may be in different organizations', (_name, accounts) => {
    expect(define(accounts, opposites)).not.toThrow();
    expect(define(accounts, [{ policyName: 'Mine' }, { policyName: 'Mine' }])).not.toThrow();
  });

  test('pass with opposites on tokens, which mean something else in each stack', () => {
    const targetIds = [Fn.ref('Target')];
    expect(define([MANAGEMENT, MANAGEMENT], [{ ...everything, targetIds }, { ...butLex, targetIds }])).not.toThrow();
  });

  test('fail for the same policyName, if both have the same known account', () => {
    expect(define([MANAGEMENT, MANAGEMENT], [{ policyName: 'Mine' }, { policyName: 'Mine' }])).toThrow('policyName "Mine" is that of Stack1/OptOut too');
  });

  test('pass with generated names, also in stacks of one name in different Regions', () => {
    expect(define([MANAGEMENT, MANAGEMENT], [everything, everything], 'AiOptOut')).not.toThrow();
  });
});

describe('policies on one target', () => {
  const props = (count: number, targetIds?: string[]): AiServicesOptOutProps[] => Array.from({ length: count }, () => ({ targetIds }));

  test.each([[undefined, '(organization root)'], [[OU], OU]])('fail when there are six on %j', (targetIds, target) => {
    expect(() => add(newStack(), ...props(6, targetIds))).toThrow(expect.objectContaining({
      message: `6 policies would be attached to ${target}, of which AWS allows 5: those of ${[1, 2, 3, 4, 5, 6].map((n) => `AiOptOut/OptOut${n}`).join(', ')}; `
        + 'combine some of them into one, or give them other targetIds\n  at AiOptOut/OptOut6',
    }));
  });

  test('pass when there are five on each of two', () => {
    Template.fromStack(add(newStack(), ...props(5), ...props(5, [OU]))).resourceCountIs(POLICY, 10);
  });

  test('are counted over the stacks of a known account', () => {
    const app = new App();
    const stacks = [MANAGEMENT, MANAGEMENT, undefined].map((account, i) => new Stack(app, `Stack${i + 1}`, { env: { account } }));
    add(stacks[0]!, ...props(5));
    add(stacks[2]!, ...props(5));
    expect(() => add(stacks[1]!, ...props(1))).toThrow('6 policies would be attached to (organization root)');
  });
});

describe('names', () => {
  test('fails for the same policyName, also on different targets', () => {
    const props = { policyName: 'Mine' };
    expect(() => add(newStack(), { ...props, targetIds: [OU] }, { ...props, targetIds: [MANAGEMENT] })).toThrow(expect.objectContaining({
      message: 'policyName "Mine" is that of AiOptOut/OptOut1 too; AWS allows each name once, so give one of them another policyName\n  at AiOptOut/OptOut2',
    }));
  });

  test('fails for the same token as policyName', () => {
    const stack = newStack();
    const policyName = new CfnParameter(stack, 'Name').valueAsString;
    expect(() => add(stack, { policyName, targetIds: [OU] }, { policyName, targetIds: [MANAGEMENT] })).toThrow('policyName {"Ref":"Name"} is that of AiOptOut/OptOut1 too');
  });

  test('different names pass, in case alone as well', () => {
    expect(() => add(newStack(), { policyName: 'Mine' }, { policyName: 'mine' }, { policyName: `Mine${Fn.ref('AWS::StackName')}` }, {})).not.toThrow();
  });
});
