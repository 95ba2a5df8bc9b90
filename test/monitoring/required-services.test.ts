import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AiService, AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor, ChildOverrides, OptOutPolicyDocument, OptOutScope } from '../../src';
import { environment, resource, US_EAST_1 } from '../support/monitoring';
import { newStack } from '../support/stacks';

function required(define: (stack: Stack) => void): unknown {
  const stack = newStack();
  define(stack);
  const { REQUIRED } = environment(Template.fromStack(stack));
  return REQUIRED === undefined ? undefined : JSON.parse(REQUIRED as string);
}

const LEX = OptOutScope.services([AiService.LEX]);
const ALL_BUT_LEX = OptOutScope.allServices({ optIn: [AiService.LEX] });

describe('what accounts have to be opted out of', () => {
  test('is everything by default', () => {
    expect(required((stack) => new AiServicesOptOutMonitor(stack, 'Monitor'))).toBeUndefined();
    expect(required((stack) => new AiServicesOptOutConfigRule(stack, 'Rule'))).toBeUndefined();
  });

  test.each([
    ['single services', OptOutScope.services([AiService.LEX, AiService.POLLY]), { services: ['lex', 'polly'] }],
    ['everything except services that are opted in', ALL_BUT_LEX, { except: ['lex'] }],
    ['everything', OptOutScope.allServices(), undefined],
  ])('is %s where monitor or rule say so', (_, services, expected) => {
    expect(required((stack) => new AiServicesOptOutMonitor(stack, 'Monitor', { services }))).toEqual(expected);
    expect(required((stack) => new AiServicesOptOutConfigRule(stack, 'Rule', { services }))).toEqual(expected);
  });

  test.each([
    ['the scope', { services: LEX }, { services: ['lex'] }],
    ['the exceptions', { services: ALL_BUT_LEX }, { except: ['lex'] }],
    ['everything, also where children may opt in', { childOverrides: ChildOverrides.allowedFor([AiService.POLLY]) }, undefined],
    ['the document', {
      document: OptOutPolicyDocument.fromJson('{"services":{"lex":{"opt_out_policy":{"@@assign":"optOut"}},"polly":{"opt_out_policy":{"@@assign":"optIn"}}}}'),
    }, { services: ['lex'] }],
  ])('is %s of the opt-out that is repaired', (_, props, expected) => {
    expect(required((stack) => new AiServicesOptOutMonitor(stack, 'Monitor', { repair: new AiServicesOptOut(stack, 'OptOut', props) }))).toEqual(expected);
  });

  test('is what the monitor says rather than what it repairs', () => {
    expect(required((stack) => new AiServicesOptOutMonitor(stack, 'Monitor', {
      services: LEX, repair: new AiServicesOptOut(stack, 'OptOut'),
    }))).toEqual({ services: ['lex'] });
  });

  test.each([true, false])('goes for a rule of the stack that says nothing (monitor first: %p)', (monitorFirst) => {
    expect(required((stack) => {
      if (!monitorFirst) new AiServicesOptOutConfigRule(stack, 'Rule');
      new AiServicesOptOutMonitor(stack, 'Monitor', { services: LEX });
      if (monitorFirst) new AiServicesOptOutConfigRule(stack, 'Rule');
    })).toEqual({ services: ['lex'] });
  });

  test('fails where monitor and rule of a stack say different things', () => {
    const stack = newStack();
    new AiServicesOptOutMonitor(stack, 'Monitor', { services: LEX });
    new AiServicesOptOutConfigRule(stack, 'Same', { services: OptOutScope.services([AiService.LEX]) });
    expect(() => new AiServicesOptOutConfigRule(stack, 'Rule', { services: ALL_BUT_LEX })).toThrow(
      'services differs from that of another AiServicesOptOutMonitor or AiServicesOptOutConfigRule in this stack; '
      + 'they share one function, so give all of them the same services, or only one of them');
  });
});

test('a deployment of the stack of the repaired opt-out is verified, too', () => {
  const app = new App();
  const optOut = new AiServicesOptOut(new Stack(app, 'Policy', US_EAST_1), 'OptOut');
  const stack = new Stack(app, 'Watch', US_EAST_1);
  new AiServicesOptOutMonitor(stack, 'Monitor', { repair: optOut });

  const { EventPattern } = resource(Template.fromStack(stack), 'MonitorSchedule66B888D7').Properties as any;
  expect(EventPattern.detail['stack-id']).toEqual([{ Ref: 'AWS::StackId' }, { 'Fn::ImportValue': expect.stringContaining('Policy:ExportsOutput') }]);
});
