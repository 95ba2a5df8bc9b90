import { Duration, Fn, Lazy, RemovalPolicy, Token } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  AiService, AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor, ChildOverrides, EffectiveOptOut, OptOutPolicyDocument,
  OptOutScope,
} from '../../src';
import { LOCKED } from '../support/documents';
import { newStack } from '../support/stacks';

/* What JavaScript callers can pass, and no compiler reports. */

const stack = newStack();

const optOut = (props: any) => new AiServicesOptOut(newStack(), 'OptOut', props);
const monitor = (props: any) => new AiServicesOptOutMonitor(newStack(), 'Monitor', props);
const rule = (props: any) => new AiServicesOptOutConfigRule(newStack(), 'Rule', props);
const topic = new Topic(stack, 'Topic');
const watching = new AiServicesOptOutMonitor(stack, 'Monitor');
const document = OptOutPolicyDocument.fromJson(LOCKED);
const effective = EffectiveOptOut.evaluate([]);

const A_SERVICE = 'must be an AiService, such as AiService.LEX or AiService.of(\'lex\')';
const A_SCOPE = 'must be an OptOutScope, such as OptOutScope.allServices()';
const A_DURATION = 'must be a Duration, such as Duration.minutes(5)';
const A_ROLE = 'must be an IRole, such as Role.fromRoleName(this, \'Role\', \'name\')';
const A_LOG_GROUP = 'must be an ILogGroup, such as LogGroup.fromLogGroupName(this, \'LogGroup\', \'name\')';
const A_DOCUMENT = 'must be an OptOutPolicyDocument, such as OptOutPolicyDocument.fromJson(text)';
const A_STRING = 'must be a string, such as \'text\'';
const KNOWN = 'must be a string that is known at synthesis, such as \'text\'';
const ARN = 'arn:aws:iam::111122223333:role/Mine';

test.each<[string, () => unknown, string]>([
  ['AiService.of', () => AiService.of(5 as any), `key ${KNOWN}, got 5`],
  ['AiService.of of a token', () => AiService.of(Fn.importValue('Key')), `key ${KNOWN}, got a token`],
  ['OptOutScope.services of keys', () => OptOutScope.services(['lex'] as any), `services[0] ${A_SERVICE}, got "lex"`],
  ['OptOutScope.services of one service', () => OptOutScope.services(AiService.LEX as any),
    'services must be a list, such as [AiService.LEX or AiService.of(\'lex\')], got an instance of AiService'],
  ['OptOutScope.services of nothing', () => (OptOutScope as any).services(), 'services must be a list, such as [AiService.LEX or AiService.of(\'lex\')], got undefined'],
  ['OptOutScope.allServices of a list', () => OptOutScope.allServices('lex' as any), 'the options must be an object, such as { optIn: … }, got "lex"'],
  ['optIn', () => OptOutScope.allServices({ optIn: 'lex' as any }), 'optIn must be a list, such as [AiService.LEX or AiService.of(\'lex\')], got "lex"'],
  ['optIn of keys', () => OptOutScope.allServices({ optIn: ['lex'] as any }), `optIn[0] ${A_SERVICE}, got "lex"`],
  ['allowedFor', () => ChildOverrides.allowedFor([AiService.LEX, undefined] as any), `allowedFor[1] ${A_SERVICE}, got undefined`],
  ['fromScope', () => OptOutPolicyDocument.fromScope({} as any), `scope ${A_SCOPE}, got an object`],
  ['fromScope of nothing', () => (OptOutPolicyDocument as any).fromScope(), `scope ${A_SCOPE}, got undefined`],
  ['fromScope with overrides', () => OptOutPolicyDocument.fromScope(OptOutScope.allServices(), true as any),
    'childOverrides must be a ChildOverrides, such as ChildOverrides.denied(), got true'],
  ['fromJson', () => OptOutPolicyDocument.fromJson({} as any), `text ${KNOWN}, got an object`],
  ['fromJson of a token', () => OptOutPolicyDocument.fromJson(Fn.importValue('Policy')), `text ${KNOWN}, got a token`],
  ['problemsIn', () => OptOutPolicyDocument.problemsIn(undefined as any), `text ${KNOWN}, got undefined`],
  ['allowServices', () => OptOutPolicyDocument.fromJson(LOCKED, { allowServices: ['new'] as any }), `allowServices[0] ${A_SERVICE}, got "new"`],
  ['settingFor of a document', () => document.settingFor('lex' as any), `service ${A_SERVICE}, got "lex"`],
  ['EffectiveOptOut.evaluate', () => EffectiveOptOut.evaluate({} as any), 'levels must be a list, such as [{ policies: [{ document }] }], got an object'],
  ['a level', () => EffectiveOptOut.evaluate([[]] as any), 'levels[0] must be an OptOutLevel, such as { policies: [{ document }] }, got a list'],
  ['policies of a level', () => EffectiveOptOut.evaluate([{ policies: document }] as any),
    'policies must be a list, such as [{ document }], got an instance of OptOutPolicyDocument'],
  ['a policy of a level', () => EffectiveOptOut.evaluate([{ policies: [{ document: {} }] }] as any), `document ${A_DOCUMENT}, got an object`],
  ['settingFor', () => effective.settingFor('lex' as any), `service ${A_SERVICE}, got "lex"`],
  ['decisionFor', () => effective.decisionFor(undefined as any), `service ${A_SERVICE}, got undefined`],

  ['the props of AiServicesOptOut', () => optOut('lex'), 'the options must be an object, such as { services: … }, got "lex"'],
  ['null props', () => optOut(null), 'the options must be an object, such as { services: … }, got null'],
  ['services', () => optOut({ services: ['lex'] }), `services ${A_SCOPE}, got a list`],
  ['services that is a function', () => optOut({ services: OptOutScope.allServices }), `services ${A_SCOPE}, got a function or class`],
  ['childOverrides', () => optOut({ childOverrides: true }), 'childOverrides must be a ChildOverrides, such as ChildOverrides.denied(), got true'],
  ['document', () => optOut({ document: JSON.parse(LOCKED) }), `document ${A_DOCUMENT}, got an object`],
  ['targetIds', () => optOut({ targetIds: 'r-abcd' }), 'targetIds must be a list, such as [\'text\'], got "r-abcd"'],
  ['an item of targetIds', () => optOut({ targetIds: [111122223333] }), `targetIds[0] ${A_STRING}, got 111122223333`],
  ['policyName', () => optOut({ policyName: {} }), `policyName ${A_STRING}, got an object`],
  ['description', () => optOut({ description: null }), `description ${A_STRING}, got null`],
  ['removalPolicy', () => optOut({ removalPolicy: 'RETAIN' }), 'removalPolicy must be a RemovalPolicy, such as RemovalPolicy.RETAIN, got "RETAIN"'],
  ['enablementTimeout', () => optOut({ enablementTimeout: 5 }), `enablementTimeout ${A_DURATION}, got 5`],
  ['logGroup', () => optOut({ logGroup: '/mine' }), `logGroup ${A_LOG_GROUP}, got "/mine"`],
  ['role', () => optOut({ role: ARN }), `role ${A_ROLE}, got "${ARN}"`],

  ['interval', () => monitor({ interval: 6 }), `interval ${A_DURATION}, got 6`],
  ['services of the monitor', () => monitor({ services: [AiService.LEX] }), `services ${A_SCOPE}, got a list`],
  ['spotChecks', () => monitor({ spotChecks: '25' }), 'spotChecks must be a number, such as 25, got "25"'],
  ['alarmActions', () => monitor({ alarmActions: [topic] }), 'alarmActions[0] must be an IAlarmAction, such as new SnsAction(topic), got an instance of Topic'],
  ['alarmActions without a list', () => monitor({ alarmActions: topic }), 'alarmActions must be a list, such as [new SnsAction(topic)], got an instance of Topic'],
  ['notificationTopic', () => monitor({ notificationTopic: 'arn' }), 'notificationTopic must be an ITopic, such as new Topic(this, \'Topic\'), got "arn"'],
  ['repair', () => monitor({ repair: true }), 'repair must be an AiServicesOptOut, such as new AiServicesOptOut(this, \'OptOut\'), got true'],
  ['logGroup of the monitor', () => monitor({ logGroup: {} }), `logGroup ${A_LOG_GROUP}, got an object`],
  ['role of the monitor', () => monitor({ role: ARN }), `role ${A_ROLE}, got "${ARN}"`],
  ['options of usageWidgets', () => (watching as any).usageWidgets(), 'the options must be an object, such as { accountIds: … }, got undefined'],
  ['accountIds', () => watching.usageWidgets({ accountIds: '111122223333' as any, region: 'us-east-1' }), 'accountIds must be a list, such as [\'text\'], got "111122223333"'],
  ['region', () => watching.usageWidgets({ accountIds: ['111122223333'] } as any), `region ${A_STRING}, got undefined`],

  ['configRuleName', () => rule({ configRuleName: 5 }), `configRuleName ${A_STRING}, got 5`],
  ['description of the rule', () => rule({ description: [] }), `description ${A_STRING}, got a list`],
  ['maximumExecutionFrequency', () => rule({ maximumExecutionFrequency: '1 hour' }),
    'maximumExecutionFrequency must be a MaximumExecutionFrequency, such as MaximumExecutionFrequency.ONE_HOUR, got "1 hour"'],
  ['services of the rule', () => rule({ services: 'lex' }), `services ${A_SCOPE}, got "lex"`],
  ['logGroup of the rule', () => rule({ logGroup: 5 }), `logGroup ${A_LOG_GROUP}, got 5`],
  ['role of the rule', () => rule({ role: {} }), `role ${A_ROLE}, got an object`],
])('fails for the wrong type of %s', (_name, act, message) => {
  expect(act).toThrow(expect.objectContaining({ name: 'OptOutError', code: 'TypeInvalid', message: expect.stringMatching(literally(message)) }));
});

test('fails for every prop of a wrong type at once, and says where', () => {
  expect(() => optOut({ services: 'lex', targetIds: 'r-abcd' })).toThrow(expect.objectContaining({
    message: `services ${A_SCOPE}, got "lex"\ntargetIds must be a list, such as ['text'], got "r-abcd"\n  at AiOptOut/OptOut`,
  }));
});

test.each<[string, any]>([
  ['undefined for every prop', Object.fromEntries([
    'services', 'childOverrides', 'document', 'targetIds', 'policyName', 'description', 'removalPolicy', 'enablementTimeout', 'logGroup', 'role',
  ].map((name) => [name, undefined]))],
  ['tokens', { policyName: Lazy.any({ produce: () => 'Name' }), description: Token.asAny('text'), targetIds: Fn.split(',', Fn.importValue('Targets')) }],
  ['props that it does not know', { stage: 'prod' }],
  ['enums by value', { removalPolicy: 'retain' satisfies `${RemovalPolicy}`, enablementTimeout: Duration.minutes(2) }],
])('passes for %s', (_name, props) => {
  expect(() => new AiServicesOptOut(newStack(), 'OptOut', props)).not.toThrow();
});

/** Matches the whole message but for the construct's path. */
function literally(message: string): RegExp {
  return new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(\n {2}at \\S+)?$`);
}
