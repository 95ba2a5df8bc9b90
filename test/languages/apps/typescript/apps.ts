import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, BootstraplessSynthesizer, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { MaximumExecutionFrequency } from 'aws-cdk-lib/aws-config';
import { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  AiService, AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor, ChildOverrides, EffectiveOptOut, OptOutPolicyDocument,
  OptOutScope, OptOutSetting,
} from 'cdk-ai-services-opt-out';

/*
 * The same in every language: see README.md beside the folders. What changes here changes in all of them.
 */

const OUT = process.env.CDK_OUTDIR!;
const LEX_OPT_IN = '{"services":{"lex":{"opt_out_policy":{"@@assign":"optIn"}}}}';
const MISTAKEN = '{\n  "services": {"lex": {"opt_out_policy": {"@@assign": "optout"}}}\n}';

function oneLine(app: App): void {
  new AiServicesOptOut(new Stack(app, 'OneLine'), 'OptOut');
}

function everyProp(app: App): void {
  const stack = new Stack(app, 'EveryProp');
  const optOut = new AiServicesOptOut(stack, 'OptOut', {
    services: OptOutScope.allServices({ optIn: [AiService.LEX] }),
    childOverrides: ChildOverrides.allowedFor([AiService.POLLY, AiService.of('newservice')]),
    targetIds: ['ou-abcd-12345678', '111122223333'],
    policyName: 'AiServicesOptOut',
    description: 'Opts out of everything but Lex — “for good”',
    removalPolicy: RemovalPolicy.DESTROY,
    enablementTimeout: Duration.minutes(10),
    logGroup: LogGroup.fromLogGroupName(stack, 'LogGroup', '/governance/ai-opt-out'),
    role: Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/AiOptOut'),
  });
  const outputs = {
    PolicyId: optOut.policyId,
    PolicyArn: optOut.policyArn,
    PolicyName: optOut.policyName,
    RootId: optOut.rootId,
    OrganizationId: optOut.organizationId,
    ManagementAccountId: optOut.managementAccountId,
    Document: optOut.document.toString(),
  };
  for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value });

  new AiServicesOptOut(new Stack(app, 'Document'), 'OptOut', { document: OptOutPolicyDocument.fromJson(LEX_OPT_IN) });
}

function monitorAndRule(app: App): void {
  const stack = new Stack(app, 'MonitorAndRule', { env: { region: 'us-east-1' } });
  const topic = new Topic(stack, 'Changes', { enforceSSL: true });
  const logGroup = new LogGroup(stack, 'Logs', { retention: RetentionDays.ONE_YEAR });
  const services = OptOutScope.services([AiService.REKOGNITION, AiService.TEXTRACT]);
  const monitor = new AiServicesOptOutMonitor(stack, 'Monitor', {
    interval: Duration.hours(1),
    services,
    spotChecks: 100,
    alarmActions: [new SnsAction(topic)],
    notificationTopic: topic,
    repair: new AiServicesOptOut(stack, 'OptOut'),
    logGroup,
  });
  const rule = new AiServicesOptOutConfigRule(stack, 'Rule', {
    configRuleName: 'ai-opt-out',
    description: 'Nobody is opted in',
    maximumExecutionFrequency: MaximumExecutionFrequency.SIX_HOURS,
    services,
    logGroup,
  });
  new Dashboard(stack, 'Overview', {
    widgets: [monitor.widgets(), monitor.usageWidgets({ accountIds: ['111122223333'], region: 'us-east-1' })],
  });
  new Alarm(stack, 'Many', { metric: monitor.metricNotOptedOut({ period: Duration.hours(1) }), threshold: 10, evaluationPeriods: 1 });
  const outputs = {
    NotOptedOut: monitor.notOptedOutAlarm.alarmArn,
    RuleName: rule.configRuleName,
    RuleArn: rule.configRuleArn,
    RuleId: rule.configRuleId,
    Compliance: rule.configRuleComplianceType,
  };
  for (const [id, value] of Object.entries(outputs)) new CfnOutput(stack, id, { value });

  const given = new Stack(app, 'GivenRole');
  new AiServicesOptOutMonitor(given, 'Monitor', { role: Role.fromRoleArn(given, 'Role', 'arn:aws:iam::111122223333:role/AiOptOut') });
}

/** Settings by the name that every language has; their values are AWS's in JavaScript only. */
function nameOf(setting: OptOutSetting | undefined): string | null {
  return Object.entries(OptOutSetting).find(([, value]) => value === setting)?.[0] ?? null;
}

function values(): object {
  const document = OptOutPolicyDocument.fromScope(OptOutScope.services([AiService.TEXTRACT]));
  const effective = EffectiveOptOut.evaluate([
    { name: 'Root', policies: [{ name: 'everyone', document: OptOutPolicyDocument.fromScope(OptOutScope.allServices()) }] },
    { policies: [{ document: OptOutPolicyDocument.fromJson(LEX_OPT_IN) }] },
  ]);
  return {
    key: AiService.LEX.key,
    name: AiService.LEX.toString(),
    covers: AiService.LEX.covers,
    unknown: AiService.of('newservice').isDocumented,
    documented: AiService.documented().map((service) => service.key),
    coversFutureServices: OptOutScope.allServices().coversFutureServices,
    document: document.toString(),
    documentJson: document.toJson(),
    characters: document.characters,
    namedServices: document.namedServices.map((service) => service.key),
    defaultSetting: nameOf(document.defaultSetting),
    textract: nameOf(document.settingFor(AiService.TEXTRACT)),
    lex: nameOf(document.settingFor(AiService.LEX)),
    problems: OptOutPolicyDocument.problemsIn(MISTAKEN).map(({ path, message, line, column }) => ({ path, message, line, column })),
    optedOutOfEverything: effective.optedOutOfEverything,
    decisions: effective.decisions.map((decision) => ({ ...decision, setting: nameOf(decision.setting) })),
    effectiveLex: nameOf(effective.settingFor(AiService.LEX)),
    effectiveJson: effective.toJson(),
  };
}

const BAD: Record<string, () => unknown> = {
  noTargets: () => new AiServicesOptOut(new Stack(), 'Bad', { targetIds: [] }),
  snapshot: () => new AiServicesOptOut(new Stack(), 'Bad', { removalPolicy: RemovalPolicy.SNAPSHOT }),
  twoThings: () => new AiServicesOptOut(new Stack(), 'Bad', { targetIds: ['root'], enablementTimeout: Duration.seconds(30) }),
  fiveMinutes: () => new AiServicesOptOutMonitor(new Stack(), 'Bad', { interval: Duration.minutes(5) }),
  ruleName: () => new AiServicesOptOutConfigRule(new Stack(), 'Bad', { configRuleName: ' ' }),
  badKey: () => AiService.of('Bad Key'),
  noServices: () => OptOutScope.services([]),
  mistaken: () => OptOutPolicyDocument.fromJson(MISTAKEN),
};

function messageOf(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

for (const [name, define] of Object.entries({ 'one-line': oneLine, 'every-prop': everyProp, 'monitor-and-rule': monitorAndRule })) {
  const app = new App({ outdir: join(OUT, name), defaultStackSynthesizer: new BootstraplessSynthesizer() });
  define(app);
  app.synth();
}
const errors = Object.fromEntries(Object.entries(BAD).map(([name, act]) => [name, messageOf(act)]));
writeFileSync(join(OUT, 'answers.json'), JSON.stringify({ values: values(), errors }));
