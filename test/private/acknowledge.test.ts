import { Aspects, CfnResource, type IAspect, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { AiServicesOptOut, AiServicesOptOutConfigRule } from '../../src';
import { OU } from '../support/ids';
import { EU_WEST_1, monitorIn, US_EAST_1 } from '../support/monitoring';
import { newStack, resourcesOf, ROLE, stackWith, theOnly } from '../support/stacks';

/** What cdk-nag 2 reports, as `rule[finding]`. */
function findings(stack: Stack, ...packs: IAspect[]): string[] {
  for (const pack of packs) Aspects.of(stack).add(pack);
  const annotations = Annotations.fromStack(stack);
  return [...annotations.findError('*', Match.anyValue()), ...annotations.findWarning('*', Match.anyValue())]
    .map(({ entry }) => String(entry.data).replace(/: .*/s, ''))
    .filter((rule) => /^(AwsSolutions|HIPAA|NIST|PCI)/.test(rule))
    .sort();
}

/** Takes back what the library acknowledges. */
function withoutAcknowledgements(stack: Stack): Stack {
  for (const construct of stack.node.findAll()) {
    if (CfnResource.isCfnResource(construct)) construct.addMetadata('cdk_nag', undefined);
  }
  return stack;
}

function acknowledged(stack: Stack): string[] {
  const rules = resourcesOf(Template.fromStack(stack), ROLE)
    .flatMap(([, { Metadata }]) => Metadata.cdk_nag.rules_to_suppress as { id: string; applies_to: string[] }[]);
  return rules.flatMap(({ id, applies_to: list }) => list.map((finding) => `${id}[${finding}]`)).sort();
}

const STACKS: [string, () => Stack][] = [
  ['the one-liner', () => stackWith()],
  ['explicit targets', () => stackWith({ targetIds: [OU] })],
  ['several', () => {
    const stack = stackWith();
    new AiServicesOptOut(stack, 'Other', { targetIds: [OU] });
    return stack;
  }],
  ['an own log group', () => {
    const stack = newStack();
    return stackWith({ logGroup: new LogGroup(stack, 'Mine') }, stack);
  }],
  ['a log group imported by ARN', () => {
    const stack = newStack();
    return stackWith({ logGroup: LogGroup.fromLogGroupArn(stack, 'Mine', 'arn:aws:logs:eu-west-1:111122223333:log-group:/own') }, stack);
  }],
  ['a log group imported by name', () => {
    const stack = newStack();
    return stackWith({ logGroup: LogGroup.fromLogGroupName(stack, 'Mine', '/own') }, stack);
  }],
  ['a known environment', () => stackWith({}, newStack({ env: { account: '111122223333', region: 'eu-west-1' } }))],
  ['a monitor', () => monitoring(newStack())],
  ['a monitor where events come', () => monitoring(newStack(US_EAST_1))],
  ['a monitor where no events come', () => monitoring(newStack(EU_WEST_1))],
  ['a Config rule', () => new AiServicesOptOutConfigRule(newStack(), 'Rule').node.scope as Stack],
  ['everything', () => {
    const stack = newStack(US_EAST_1);
    const notificationTopic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:111122223333:changes');
    monitorIn(stack, { repair: new AiServicesOptOut(stack, 'OptOut'), notificationTopic });
    new AiServicesOptOutConfigRule(stack, 'Rule');
    return stack;
  }],
  ['a monitor with an imported log group', () => {
    const stack = newStack();
    monitorIn(stack, { logGroup: LogGroup.fromLogGroupName(stack, 'Mine', '/own') });
    return stack;
  }],
];

function monitoring(stack: Stack): Stack {
  return monitorIn(stack).node.scope as Stack;
}

describe.each(STACKS)('with %s', (_name, stack) => {
  test('AwsSolutionsChecks finds nothing', () => {
    expect(findings(stack(), new AwsSolutionsChecks())).toEqual([]);
  });

  test('the acknowledgements cover exactly what AwsSolutionsChecks would find without them', () => {
    const found = findings(withoutAcknowledgements(stack()), new AwsSolutionsChecks());
    expect(found).toEqual(acknowledged(stack()));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter((rule) => !/^AwsSolutions-IAM5\[Resource::.*\*/.test(rule))).toEqual([]);
  });

  test('cdk-nag 3 is told the same as cdk-nag 2', () => {
    const told = stack().node.findAll().flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
      .flatMap(({ data }) => Object.keys(data));
    expect(told.sort()).toEqual(acknowledged(stack()));
  });
});

test('every acknowledgement says why', () => {
  const [rule] = theOnly(Template.fromStack(stackWith()), ROLE).Metadata.cdk_nag.rules_to_suppress;
  expect(rule.reason).toMatch(/unknown before deployment/);
  expect(rule.reason.length).toBeGreaterThanOrEqual(10);
});

test('nothing is acknowledged on resources that are not ours', () => {
  const stack = newStack();
  const role = new Role(stack, 'Mine', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  stackWith({ role }, stack);
  expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('cdk_nag');
});

test('what other packs want is the consumer\'s to decide: no finding of theirs is acknowledged', () => {
  const packs = () => [new HIPAASecurityChecks(), new NIST80053R5Checks(), new PCIDSS321Checks()];
  const found = findings(stackWith(), ...packs());
  expect(found).toEqual(findings(withoutAcknowledgements(stackWith()), ...packs()));
  expect(found).toEqual(expect.arrayContaining([
    'HIPAA.Security-IAMNoInlinePolicy', 'NIST.800.53.R5-CloudWatchLogGroupEncrypted', 'PCI.DSS.321-LambdaInsideVPC',
  ]));
});
