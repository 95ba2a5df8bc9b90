import { App, CfnParameter, Fn, NestedStack, Stack, Stage, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import { AiService, AiServicesOptOut, OptOutScope, type AiServicesOptOutProps } from '../../src';
import { MANAGEMENT, OU } from '../support/ids';
import { environment, EU_WEST_1, grants, monitorIn, resource, text, US_EAST_1 } from '../support/monitoring';
import { newStack, POLICY, theOnly } from '../support/stacks';

const DECLARED = 'OptOutDeclared320BAFE0';

function repaired(props?: AiServicesOptOutProps, stack = newStack()): { stack: Stack; optOut: AiServicesOptOut } {
  const optOut = new AiServicesOptOut(stack, 'OptOut', props);
  monitorIn(stack, { repair: optOut });
  return { stack, optOut };
}

/** The value as it is once deployed, with the ids in angle brackets. */
function declared(stack: Stack): { policyId: string; targetIds: string[]; content: unknown } {
  return JSON.parse(text(resource(Template.fromStack(stack), DECLARED).Properties.Value));
}

describe('what repair restores', () => {
  test('is what the one-liner deploys', () => {
    const { stack, optOut } = repaired();
    expect(declared(stack)).toEqual({
      policyId: '<OptOutFF2C8211.Id>',
      targetIds: ['<OptOutPolicyTypeD8042055.RootId>'],
      content: optOut.document.toJson(),
    });
    expect(Object.keys(declared(stack))).toEqual(['policyId', 'targetIds', 'content']);
  });

  test('is what another opt-out deploys', () => {
    const { stack, optOut } = repaired({
      services: OptOutScope.allServices({ optIn: [AiService.LEX] }), targetIds: [OU, MANAGEMENT],
    });
    expect(declared(stack)).toEqual({
      policyId: '<OptOutFF2C8211.Id>', targetIds: [OU, MANAGEMENT], content: optOut.document.toJson(),
    });
  });

  test('may have targets known only at deployment', () => {
    const stack = newStack();
    const list = new CfnParameter(stack, 'Targets', { type: 'CommaDelimitedList' });
    repaired({ targetIds: list.valueAsList }, stack);
    const template = Template.fromStack(stack);
    const [, parts] = resource(template, DECLARED).Properties.Value['Fn::Join'];
    expect(parts).toContainEqual({ 'Fn::Join': ['","', { Ref: 'Targets' }] });
    template.resourceCountIs('Custom::AWSCDKCfnJsonStringify', 0);
  });

  test('is what is synthesized, whatever an aspect has changed', () => {
    const { stack, optOut } = repaired();
    (optOut.node.defaultChild as CfnPolicy).targetIds = [OU];
    expect(declared(stack).targetIds).toEqual([OU]);
  });

  test('is written after the policy', () => {
    const { stack } = repaired();
    expect(JSON.stringify(resource(Template.fromStack(stack), DECLARED).Properties.Value)).toContain('{"Fn::GetAtt":["OptOutFF2C8211","Id"]}');
  });

  test('is a plain parameter beside the policy', () => {
    const { stack, optOut } = repaired();
    expect(resource(Template.fromStack(stack), DECLARED)).toEqual({
      Type: 'AWS::SSM::Parameter',
      Properties: { Type: 'String', Description: 'What the AI services opt-out policy has to be', Value: expect.any(Object) },
    });
    expect(optOut.node.children.map(({ node }) => node.id)).toEqual(['PolicyType', 'Resource', 'Declared']);
  });

  test('is not there without repair', () => {
    const stack = newStack();
    new AiServicesOptOut(stack, 'OptOut');
    monitorIn(stack);
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::SSM::Parameter', 1);
    expect(environment(template)).not.toHaveProperty('DECLARED_PARAMETER');
    expect(environment(template)).not.toHaveProperty('STACK_IDS');
    expect(grants(template)).not.toHaveProperty('Repair');
  });
});

describe('an opt-out in another stack', () => {
  const build = (props?: StackProps) => {
    const app = new App();
    const [policy, monitoring] = [new Stack(app, 'Policy', props), new Stack(app, 'Monitoring', props)];
    monitorIn(monitoring, { repair: new AiServicesOptOut(policy, 'OptOut') });
    return { policy, monitoring };
  };

  test.each<[string, StackProps | undefined]>([['unknown', undefined], ['known', US_EAST_1]])('is repaired, in an %s environment', (_name, props) => {
    const { policy, monitoring } = build(props);
    const [there, here] = [Template.fromStack(policy), Template.fromStack(monitoring)];
    there.resourceCountIs('AWS::SSM::Parameter', 1);
    expect(there.toJSON().Resources).toHaveProperty(DECLARED);
    expect(environment(here)).toMatchObject({
      DECLARED_PARAMETER: { 'Fn::ImportValue': expect.stringContaining(`Policy:ExportsOutputRef${DECLARED}`) },
      STACK_IDS: { 'Fn::Join': [',', [{ Ref: 'AWS::StackId' }, { 'Fn::ImportValue': expect.stringContaining('AWSStackId') }]] },
    });
    const [, attach, update, read, describe] = grants(here).Repair!;
    expect(attach!.resources[0]).toMatch(/^<import Policy:ExportsOutputFnGetAttOptOut.*Arn/);
    expect(update!.resources).toEqual([attach!.resources[0]]);
    expect(read!.resources[0]).toMatch(/:parameter\/<import Policy:ExportsOutputRefOptOutDeclared/);
    expect(describe!.resources).toEqual(['<AWS::StackId>', expect.stringMatching(/^<import Policy:.*AWSStackId/)]);
  });

  test('is deployed first', () => {
    const { policy, monitoring } = build();
    Template.fromStack(monitoring);
    expect(monitoring.dependencies).toEqual([policy]);
    expect(policy.dependencies).toEqual([]);
  });

  test('may be in a nested stack, and so may the monitor', () => {
    const stack = newStack();
    const [one, other] = [new NestedStack(stack, 'One'), new NestedStack(stack, 'Other')];
    monitorIn(stack, { repair: new AiServicesOptOut(one, 'OptOut') });
    monitorIn(other, { repair: new AiServicesOptOut(stack, 'OptOut') });
    const nested = (logicalId: string) => ({ 'Fn::GetAtt': [expect.stringMatching(/^One/), expect.stringMatching(logicalId)] });
    expect(environment(Template.fromStack(stack))).toMatchObject({
      DECLARED_PARAMETER: nested('Outputs.*Declared'), STACK_IDS: { 'Fn::Join': [',', [{ Ref: 'AWS::StackId' }, { Ref: expect.stringMatching(/^One/) }]] },
    });
    expect(environment(Template.fromStack(other))).toMatchObject({
      DECLARED_PARAMETER: { Ref: expect.stringMatching(/Declared/) },
      STACK_IDS: { 'Fn::Join': [',', [{ Ref: 'AWS::StackId' }, { Ref: expect.stringMatching(/AWSStackId/) }]] },
    });
  });

  test('has the same policy as without repair', () => {
    const { policy } = build();
    const alone = newStack();
    new AiServicesOptOut(alone, 'OptOut');
    const of = (stack: Stack) => JSON.stringify(theOnly(Template.fromStack(stack), POLICY)).replaceAll(/Policy-OptOut|AiOptOut-OptOut/g, 'name');
    expect(of(policy)).toBe(of(alone));
  });
});

describe('bad input', () => {
  const optOutIn = (stack: Stack, props?: AiServicesOptOutProps) => new AiServicesOptOut(stack, 'OptOut', props);

  test('fails for an opt-out of another app', () => {
    expect(() => monitorIn(newStack(), { repair: optOutIn(newStack()) })).toThrow(expect.objectContaining({
      code: 'PropsInvalid',
      message: 'repair must be an AiServicesOptOut of the same app, got AiOptOut/OptOut of another one; '
        + 'put the monitor into the app that has the opt-out\n  at AiOptOut/Monitor',
    }));
  });

  test('fails for an opt-out of another stage', () => {
    const app = new App();
    const repair = optOutIn(new Stack(new Stage(app, 'One'), 'Policy'));
    expect(() => monitorIn(new Stack(new Stage(app, 'Other'), 'Monitoring'), { repair })).toThrow(expect.objectContaining({
      message: 'repair must be an AiServicesOptOut of the same stage, got One/Policy/OptOut; put the monitor into the stage that has the opt-out'
        + '\n  at Other/Monitoring/Monitor',
    }));
  });

  test.each<[string, StackProps, StackProps, string, string]>([
    ['Region', EU_WEST_1, US_EAST_1, 'aws://111122223333/eu-west-1', 'aws://111122223333/us-east-1'],
    ['account', { env: { ...US_EAST_1.env, account: '222233334444' } }, US_EAST_1, 'aws://222233334444/us-east-1', 'aws://111122223333/us-east-1'],
    ['environment that only one of them knows', {}, US_EAST_1, 'aws://unknown-account/unknown-region', 'aws://111122223333/us-east-1'],
  ])('fails for an opt-out in another %s', (_name, its, mine, got, here) => {
    const app = new App();
    const repair = optOutIn(new Stack(app, 'Policy', its));
    expect(() => monitorIn(new Stack(app, 'Monitoring', mine), { repair })).toThrow(expect.objectContaining({
      message: `repair must be an AiServicesOptOut of the same account and Region, got Policy/OptOut in ${got} for a monitor in ${here}; `
        + 'give both stacks the same env\n  at Monitoring/Monitor',
    }));
  });

  test.each([undefined, []])('fails for an opt-out whose targets were changed to %j', (targetIds) => {
    const stack = newStack();
    const repair = optOutIn(stack);
    (repair.node.defaultChild as CfnPolicy).targetIds = targetIds;
    expect(() => monitorIn(stack, { repair })).toThrow(expect.objectContaining({
      message: 'repair must be an AiServicesOptOut with targets, got AiOptOut/OptOut, whose policy is attached to nothing; give its policy targetIds'
        + '\n  at AiOptOut/Monitor',
    }));
  });

  test('fails for two monitors that repair the same opt-out', () => {
    const app = new App();
    const repair = optOutIn(new Stack(app, 'Policy'));
    monitorIn(new Stack(app, 'One'), { repair });
    expect(() => monitorIn(new Stack(app, 'Other'), { repair })).toThrow(expect.objectContaining({
      code: 'RepairTaken',
      message: 'repair: another AiServicesOptOutMonitor repairs Policy/OptOut already; let one of them repair it\n  at Other/Monitor',
    }));
  });

  describe('too many targets', () => {
    /** Ids of 12 digits. */
    const accounts = (count: number) => Array.from({ length: count }, (_, i) => `${111_100_000_000 + i}`);
    /** What the parameter has besides targets of 15 characters each: quotes and comma included. */
    const REST = '{"policyId":"p-1234567890","targetIds":[],"content":}'.length + 221 - 1;
    const MOST = Math.floor((4096 - REST) / 15);

    test('just fit', () => {
      const { stack } = repaired({ targetIds: accounts(MOST) });
      const { length } = text(resource(Template.fromStack(stack), DECLARED).Properties.Value).replace('<OptOutFF2C8211.Id>', 'p-1234567890');
      expect(length).toBeLessThanOrEqual(4096);
      expect(length).toBeGreaterThan(4096 - 15);
    });

    test('fails for one more', () => {
      const stack = newStack();
      const repair = optOutIn(stack, { targetIds: accounts(MOST + 1) });
      const characters = (REST + (MOST + 1) * 15).toLocaleString('en-US');
      expect(() => monitorIn(stack, { repair })).toThrow(expect.objectContaining({
        code: 'RepairTooLarge',
        message: `repair keeps the policy and its ${MOST + 1} targets in a parameter of at most 4,096 characters, got ${characters}; `
          + 'give the opt-out fewer targetIds, for example an OU instead of its accounts\n  at AiOptOut/OptOut/Resource',
      }));
    });

    test('fails at synthesis where they were added later', () => {
      const { stack, optOut } = repaired();
      (optOut.node.defaultChild as CfnPolicy).targetIds = accounts(MOST + 1);
      expect(() => Template.fromStack(stack)).toThrow(/in a parameter of at most 4,096 characters/);
    });

    test('count as long as ids are where they are known only at deployment', () => {
      const stack = newStack();
      const targetIds = Array.from({ length: MOST + 1 }, (_, i) => Fn.ref(`Account${i}`));
      expect(() => repaired({ targetIds }, stack)).toThrow(/RepairTooLarge|at most 4,096 characters/);
      expect(() => repaired({ targetIds: targetIds.slice(1) })).not.toThrow();
    });
  });
});
