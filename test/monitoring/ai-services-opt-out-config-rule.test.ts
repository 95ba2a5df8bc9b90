import { Aws, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { MaximumExecutionFrequency } from 'aws-cdk-lib/aws-config';
import { AiServicesOptOutConfigRule, type AiServicesOptOutConfigRuleProps } from '../../src';
import { EU_WEST_1, ruleTemplate, SHARED } from '../support/monitoring';
import { newStack, resourcesOf, theOnly } from '../support/stacks';

const RULE = 'AWS::Config::ConfigRule';
const PERMISSION = 'AWS::Lambda::Permission';

function templateWith(props: AiServicesOptOutConfigRuleProps, stack = newStack()): Template {
  new AiServicesOptOutConfigRule(stack, 'Rule', props);
  return Template.fromStack(stack);
}

describe('a rule', () => {
  test('works without an opt-out: this is all that it defines', () => {
    expect(Object.values<{ Type: string }>(ruleTemplate().toJSON().Resources).map(({ Type }) => Type).sort()).toEqual([
      RULE, 'AWS::IAM::Role', 'AWS::Lambda::Function', PERMISSION, 'AWS::Logs::LogGroup',
    ]);
  });

  test('asks the function once a day', () => {
    const [[permission]] = resourcesOf(ruleTemplate(), PERMISSION) as [[string, unknown]];
    expect(theOnly(ruleTemplate(), RULE)).toEqual({
      Type: RULE,
      Properties: {
        Description: 'Every account is opted out of AI service data use. Managed by cdk-ai-services-opt-out.',
        Source: {
          Owner: 'CUSTOM_LAMBDA',
          SourceIdentifier: { 'Fn::GetAtt': [SHARED.function, 'Arn'] },
          SourceDetails: [{ EventSource: 'aws.config', MessageType: 'ScheduledNotification', MaximumExecutionFrequency: 'TwentyFour_Hours' }],
        },
      },
      DependsOn: [permission],
    });
  });

  test('lets AWS Config of the own account invoke the function, and nobody else', () => {
    expect(theOnly(ruleTemplate(), PERMISSION).Properties).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: SHARED.function },
      Principal: 'config.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    });
  });

  test.each(Object.values(MaximumExecutionFrequency))('may be evaluated every %s', (maximumExecutionFrequency) => {
    templateWith({ maximumExecutionFrequency }).hasResourceProperties(RULE, {
      Source: { SourceDetails: [Match.objectLike({ MaximumExecutionFrequency: maximumExecutionFrequency })] },
      MaximumExecutionFrequency: Match.absent(),
    });
  });

  test('has the name and the description given', () => {
    templateWith({ configRuleName: 'ai-opt-out', description: 'Ours' }).hasResourceProperties(RULE, { ConfigRuleName: 'ai-opt-out', Description: 'Ours' });
  });

  test('is the same in every Region', () => {
    expect(ruleTemplate(newStack(EU_WEST_1)).toJSON().Resources).toEqual(ruleTemplate().toJSON().Resources);
  });

  test('has attributes', () => {
    const stack = newStack();
    const rule = new AiServicesOptOutConfigRule(stack, 'Rule');
    const { configRuleName, configRuleArn, configRuleId, configRuleComplianceType } = rule;
    const [[id]] = resourcesOf(Template.fromStack(stack), RULE) as [[string, unknown]];
    expect(stack.resolve({ configRuleName, configRuleArn, configRuleId, configRuleComplianceType })).toEqual({
      configRuleName: { Ref: id },
      configRuleArn: { 'Fn::GetAtt': [id, 'Arn'] },
      configRuleId: { 'Fn::GetAtt': [id, 'ConfigRuleId'] },
      configRuleComplianceType: { 'Fn::GetAtt': [id, 'Compliance.Type'] },
    });
    expect(rule.node.children.map(({ node }) => node.id)).toEqual(['Permission', 'Resource']);
  });
});

describe('bad input', () => {
  const failing = (props: AiServicesOptOutConfigRuleProps, message: string, stack = newStack()) => {
    expect(() => new AiServicesOptOutConfigRule(stack, 'Rule', props)).toThrow(expect.objectContaining({
      code: 'PropsInvalid', message: `${message}\n  at AiOptOut/Rule`,
    }));
  };

  test.each([['', 0], [' ', 1], ['x'.repeat(129), 129]])('fails for the name "%s"', (configRuleName, length) => {
    failing({ configRuleName }, `configRuleName must have 1 to 128 characters and not only spaces, got ${length}; leave it out for a name that CloudFormation makes`);
  });

  test('fails for a long description', () => {
    failing({ description: 'x'.repeat(257) }, 'description must have at most 256 characters, got 257; shorten it');
  });

  test.each(['us-gov-east-1', 'cn-northwest-1'])('fails for %s', (region) => {
    failing({}, `the stack's Region must not be in partition ${region.startsWith('cn') ? 'aws-cn' : 'aws-us-gov'}, got ${region}; AWS does not offer AI services opt-out policies there`,
      newStack({ env: { region } }));
  });

  test('fails with every problem at once', () => {
    failing({ configRuleName: '', description: 'x'.repeat(300) },
      'configRuleName must have 1 to 128 characters and not only spaces, got 0; leave it out for a name that CloudFormation makes\n'
      + 'description must have at most 256 characters, got 300; shorten it');
  });

  test.each<AiServicesOptOutConfigRuleProps>([
    { configRuleName: 'x' }, { configRuleName: 'x'.repeat(128) }, { description: '' }, { description: 'x'.repeat(256) },
    { configRuleName: Aws.STACK_NAME, description: Token.asString({ Ref: 'AWS::StackId' }) },
  ])('takes %j', (props) => {
    templateWith(props).resourceCountIs(RULE, 1);
  });
});
