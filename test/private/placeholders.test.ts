import { App, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { AiService, AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor, ChildOverrides, OptOutPolicyDocument, OptOutScope } from '../../src';
import { LOCKED, unlockedContent } from '../support/documents';

const ENV = { account: '111122223333', region: 'us-east-1' };
const OU = 'ou-abcd-12345678';

/** Looks parameters up. In the first synthesis none has a value yet; the CDK then reads them and synthesizes again. */
class LookingUp extends Stack {
  public constructor(values?: Record<string, string>) {
    const context = Object.entries(values ?? {}).map(([name, value]) => [`ssm:account=${ENV.account}:parameterName=${name}:region=${ENV.region}`, value]);
    super(new App({ context: Object.fromEntries(context) }), 'AiOptOut', { env: ENV });
  }

  public value(name: string): string {
    return StringParameter.valueFromLookup(this, name);
  }
}

const { LEX, POLLY } = AiService;

/** Each prop and argument whose text is checked: what it defines, values that pass, and values that fail with what they say. */
test.each<[string, (stack: LookingUp) => unknown, Record<string, string>, [Record<string, string>, RegExp] | undefined]>([
  ['targetIds', (stack) => new AiServicesOptOut(stack, 'OptOut', { targetIds: [stack.value('/ou'), OU, stack.value('/root')] }),
    { '/ou': '444455556666', '/root': 'r-abcd' }, [{ '/ou': 'ou-1', '/root': OU }, /got "ou-1"\ntargetIds names ou-abcd-12345678 more than once/]],
  ['targetIds in a text', (stack) => new AiServicesOptOut(stack, 'OptOut', { targetIds: [`ou-abcd-${stack.value('/ou')}`] }),
    { '/ou': '12345678' }, [{ '/ou': '1' }, /got "ou-abcd-1"/]],
  ['policyName', (stack) => new AiServicesOptOut(stack, 'OptOut', { policyName: stack.value(`/${'name'.repeat(40)}`) }),
    { [`/${'name'.repeat(40)}`]: 'Name' }, [{ [`/${'name'.repeat(40)}`]: '' }, /policyName must have 1 to 128 characters, got 0/]],
  ['description', (stack) => new AiServicesOptOut(stack, 'OptOut', { description: stack.value('/text').repeat(30) }),
    { '/text': 'text' }, [{ '/text': 'x'.repeat(20) }, /description must have at most 512 characters, got 600/]],
  ['services', (stack) => new AiServicesOptOut(stack, 'OptOut', { services: OptOutScope.services([AiService.of(stack.value('/key')), LEX]) }),
    { '/key': 'polly' }, [{ '/key': 'Polly' }, /did you mean "polly"/]],
  ['services, twice', (stack) => new AiServicesOptOut(stack, 'OptOut', { services: OptOutScope.services([AiService.of(stack.value('/key')), LEX]) }),
    { '/key': 'polly' }, [{ '/key': 'lex' }, /services names lex more than once/]],
  ['the size of services', (stack) => new AiServicesOptOut(stack, 'OptOut', {
    services: OptOutScope.services(Array.from({ length: 20 }, (_, i) => AiService.of(stack.value(`/a/long/name/of/a/parameter/for/the/service/number/${i}`)))),
  }), Object.fromEntries(AiService.documented().slice(0, 20).map(({ key }, i) => [`/a/long/name/of/a/parameter/for/the/service/number/${i}`, key])), undefined],
  ['optIn', (stack) => new AiServicesOptOut(stack, 'OptOut', { services: OptOutScope.allServices({ optIn: [AiService.of(stack.value('/key'))] }) }),
    { '/key': 'polly' }, [{ '/key': 'default' }, /service key "default" stands for all services/]],
  ['allowedFor', (stack) => new AiServicesOptOut(stack, 'OptOut', {
    services: OptOutScope.services([LEX, POLLY]), childOverrides: ChildOverrides.allowedFor([AiService.of(stack.value('/key'))]),
  }), { '/key': 'polly' }, [{ '/key': 'q' }, /allowedFor names q, which the policy does not cover/]],
  ['what allowedFor is a part of', (stack) => new AiServicesOptOut(stack, 'OptOut', {
    services: OptOutScope.services([AiService.of(stack.value('/key'))]), childOverrides: ChildOverrides.allowedFor([LEX]),
  }), { '/key': 'lex' }, [{ '/key': 'q' }, /allowedFor names lex, which the policy does not cover/]],
  ['fromJson', (stack) => new AiServicesOptOut(stack, 'OptOut', { document: OptOutPolicyDocument.fromJson(stack.value('/policy')) }),
    { '/policy': LOCKED }, [{ '/policy': '{"services":{"lex":{}}}' }, /document sets nothing/]],
  ['a part of fromJson', (stack) => OptOutPolicyDocument.fromJson(`{"services":{"${stack.value('/key')}":{"opt_out_policy":{"@@assign":"optOut"}}}}`),
    { '/key': 'lex' }, [{ '/key': 'LEX' }, /did you mean "lex"\?/]],
  ['two documents on one target', (stack) => {
    new AiServicesOptOut(stack, 'One', { document: OptOutPolicyDocument.fromJson(stack.value('/policy')) });
    return new AiServicesOptOut(stack, 'Other', { services: OptOutScope.allServices({ optIn: [LEX] }) });
  }, { '/policy': unlockedContent({ default: 'optOut', lex: 'optIn' }) }, [{ '/policy': LOCKED }, /on the same target/]],
  ['repair with many targets', (stack) => new AiServicesOptOutMonitor(stack, 'Monitor', {
    repair: new AiServicesOptOut(stack, 'OptOut', { targetIds: Array.from({ length: 60 }, (_, i) => stack.value(`/the/accounts/of/the/organization/that/are/opted/out/${i}`)) }),
  }), Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`/the/accounts/of/the/organization/that/are/opted/out/${i}`, String(111122220000 + i)])), undefined],
  ['configRuleName', (stack) => new AiServicesOptOutConfigRule(stack, 'Rule', { configRuleName: stack.value(`/${'name'.repeat(40)}`) }),
    { [`/${'name'.repeat(40)}`]: 'Name' }, [{ [`/${'name'.repeat(40)}`]: ' ' }, /configRuleName must have 1 to 128 characters/]],
  ['description of the rule', (stack) => new AiServicesOptOutConfigRule(stack, 'Rule', { description: stack.value('/text').repeat(15) }),
    { '/text': 'text' }, [{ '/text': 'x'.repeat(20) }, /description must have at most 256 characters, got 300/]],
  ['services of monitor and rule', (stack) => {
    new AiServicesOptOutMonitor(stack, 'Monitor', { services: OptOutScope.services([AiService.of(stack.value('/key'))]) });
    return new AiServicesOptOutConfigRule(stack, 'Rule', { services: OptOutScope.services([LEX]) });
  }, { '/key': 'lex' }, [{ '/key': 'q' }, /services differs from that of another/]],
  ['role', (stack) => {
    new AiServicesOptOutMonitor(stack, 'Monitor', { role: Role.fromRoleName(stack, 'Role', stack.value('/role')) });
    return new AiServicesOptOutConfigRule(stack, 'Rule', { role: Role.fromRoleName(stack, 'Same', 'Mine') });
  }, { '/role': 'Mine' }, [{ '/role': 'Other' }, /role differs from that of another/]],
  ['logGroup', (stack) => {
    new AiServicesOptOut(stack, 'One', { logGroup: LogGroup.fromLogGroupName(stack, 'Logs', stack.value('/logs')) });
    return new AiServicesOptOut(stack, 'Other', { logGroup: LogGroup.fromLogGroupName(stack, 'Same', 'Mine'), enablementTimeout: Duration.minutes(2) });
  }, { '/logs': 'Mine' }, [{ '/logs': 'Other' }, /logGroup differs from that of another/]],
  ['accountIds', (stack) => new AiServicesOptOutMonitor(stack, 'Monitor').usageWidgets({
    accountIds: [stack.value('/one'), stack.value('/other')], region: stack.value('/region'),
  }), { '/one': '111122223333', '/other': '444455556666', '/region': 'eu-west-1' },
  [{ '/one': '1', '/other': '2', '/region': '' }, /accountIds must be account ids .*, got "1", "2"\nregion must be/]],
])('%s: passes the first synthesis, and is checked in the second', (_name, define, values, failure) => {
  const first = new LookingUp();
  expect(() => define(first)).not.toThrow();
  expect(() => Template.fromStack(first)).not.toThrow();
  expect(Annotations.fromStack(first).findWarning('*', Match.anyValue())).toEqual([]);

  const second = new LookingUp(values);
  expect(() => define(second)).not.toThrow();
  expect(JSON.stringify(Template.fromStack(second).toJSON())).not.toContain('dummy-value');

  if (failure) expect(() => define(new LookingUp(failure[0]))).toThrow(failure[1]);
});
