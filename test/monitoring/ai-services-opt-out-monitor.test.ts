import { readFileSync } from 'fs';
import { join } from 'path';
import { App, Duration, Fn, Lazy, NestedStack, Stack, Stage, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Alarm, type IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { LogGroup, type LogGroupClass } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AiServicesOptOut, AiServicesOptOutMonitor, type AiServicesOptOutMonitorProps } from '../../src';
import { environment, EU_WEST_1, grants, monitorIn, monitorTemplate, SHARED, text, US_EAST_1 } from '../support/monitoring';
import { newStack, resourcesOf, theOnly } from '../support/stacks';

const ALARM = 'AWS::CloudWatch::Alarm';
const RULE = 'AWS::Events::Rule';
const PERMISSION = 'AWS::Lambda::Permission';

function typesIn(template: Template): Record<string, number> {
  const types = Object.values<{ Type: string }>(template.toJSON().Resources).map(({ Type }) => Type);
  return Object.fromEntries([...new Set(types)].sort().map((type) => [type, types.filter((other) => other === type).length]));
}

const ALWAYS = {
  'AWS::CloudWatch::Alarm': 3,
  'AWS::CloudWatch::Dashboard': 1,
  'AWS::IAM::Role': 1,
  'AWS::Lambda::Function': 1,
  'AWS::Lambda::Permission': 1,
  'AWS::Logs::LogGroup': 1,
  'AWS::SSM::Parameter': 1,
};
const EVENTS = { 'AWS::Lambda::EventSourceMapping': 1, 'AWS::SQS::Queue': 2, 'AWS::SQS::QueuePolicy': 2 };

describe('a monitor', () => {
  test('works without an opt-out: this is all that it defines where events come', () => {
    expect(typesIn(monitorTemplate({}, newStack(US_EAST_1)))).toEqual({ ...ALWAYS, ...EVENTS, 'AWS::Events::Rule': 3 });
  });

  test('and this is all elsewhere', () => {
    expect(typesIn(monitorTemplate({}, newStack(EU_WEST_1)))).toEqual({ ...ALWAYS, 'AWS::Events::Rule': 1 });
  });

  test('remembers in a parameter that deployments leave alone', () => {
    expect(theOnly(monitorTemplate(), 'AWS::SSM::Parameter').Properties).toEqual({
      Type: 'String', Value: '{}', Description: 'What the last verification found',
    });
  });

  test('works in a nested stack', () => {
    const nested = new NestedStack(newStack(), 'Nested');
    monitorIn(nested as unknown as Stack);
    Template.fromStack(nested).resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('works in a stage', () => {
    const stack = new Stack(new Stage(new App(), 'Prod', US_EAST_1), 'Monitoring');
    expect(typesIn(monitorTemplate({}, stack))).toEqual({ ...ALWAYS, ...EVENTS, 'AWS::Events::Rule': 3 });
  });
});

describe('the schedule', () => {
  test.each([
    [undefined, 'rate(6 hours)'],
    [Duration.minutes(15), 'rate(15 minutes)'],
    [Duration.minutes(17), 'rate(17 minutes)'],
    [Duration.minutes(60), 'rate(1 hour)'],
    [Duration.minutes(90), 'rate(90 minutes)'],
    [Duration.days(1), 'rate(1 day)'],
  ])('for an interval of %s', (interval, expression) => {
    const template = monitorTemplate({ interval }, newStack(EU_WEST_1));
    expect(theOnly(template, RULE).Properties.ScheduleExpression).toBe(expression);
  });

  test('starts a verification after each deployment of the stack as well', () => {
    expect(theOnly(monitorTemplate({}, newStack(EU_WEST_1)), RULE).Properties).toEqual({
      Description: 'Verifies the opt-out regularly and after deployments',
      ScheduleExpression: 'rate(6 hours)',
      EventPattern: {
        'source': ['aws.cloudformation'],
        'detail-type': ['CloudFormation Stack Status Change'],
        'detail': {
          'stack-id': [{ Ref: 'AWS::StackId' }],
          'status-details': { status: ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'] },
        },
      },
      Targets: [{ Id: 'Function', Arn: { 'Fn::GetAtt': [SHARED.function, 'Arn'] } }],
    });
  });

  test('alone may invoke the function', () => {
    const template = monitorTemplate({}, newStack(US_EAST_1));
    expect(theOnly(template, PERMISSION).Properties).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: { Ref: SHARED.function },
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': ['MonitorSchedule66B888D7', 'Arn'] },
    });
  });
});

describe('the Region', () => {
  const warnings = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('scheduleOnly'));

  test('us-east-1 has rules, queue and mapping, unconditionally', () => {
    const stack = newStack(US_EAST_1);
    const template = monitorTemplate({}, stack);
    template.resourceCountIs(RULE, 3);
    expect(template.toJSON().Conditions).toBeUndefined();
    expect(warnings(stack)).toEqual([]);
  });

  test('another one has only the schedule, and says so', () => {
    const stack = newStack(EU_WEST_1);
    const template = monitorTemplate({ interval: Duration.hours(1) }, stack);
    template.resourceCountIs(RULE, 1);
    template.resourceCountIs('AWS::SQS::Queue', 0);
    expect(template.toJSON().Conditions).toBeUndefined();
    expect(warnings(stack).map(({ id }) => id)).toEqual(['/AiOptOut/Monitor']);
    expect(warnings(stack).map(({ entry }) => entry.data)).toEqual([
      'AWS reports changes of an organization in us-east-1 only, so in eu-west-1 only the schedule works: a change is noticed after up to 1 hour; '
      + 'put the monitor into a stack in us-east-1, or acknowledge this [ack: cdk-ai-services-opt-out:scheduleOnly]',
    ]);
  });

  test('an unknown one has all of them under one condition', () => {
    const stack = newStack();
    const template = monitorTemplate({}, stack);
    expect(template.toJSON().Conditions).toEqual({ MonitorGetsEvents5F8CAD9E: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] } });
    const conditional = Object.entries<any>(template.toJSON().Resources).filter(([, { Condition }]) => Condition === 'MonitorGetsEvents5F8CAD9E');
    expect(conditional.map(([, { Type }]) => Type).sort()).toEqual([
      'AWS::Events::Rule', 'AWS::Events::Rule', 'AWS::Lambda::EventSourceMapping', 'AWS::SQS::Queue', 'AWS::SQS::Queue', 'AWS::SQS::QueuePolicy',
      'AWS::SQS::QueuePolicy',
    ]);
    expect(warnings(stack)).toEqual([]);
  });

  test('an unknown one refers to what may not be there under the condition alone', () => {
    const { Resources: resources } = monitorTemplate().toJSON();
    for (const resource of Object.values<any>(resources).filter(({ Condition }) => !Condition)) {
      const unconditional = JSON.stringify(resource, (key, value) => key === 'Fn::If' ? undefined : value);
      expect(unconditional).not.toContain('MonitorEvents');
    }
  });

  test.each(['us-gov-west-1', 'cn-north-1'])('fails for %s', (region) => {
    expect(() => monitorIn(newStack({ env: { region } }))).toThrow(
      `the stack's Region must not be in partition ${region.startsWith('cn') ? 'aws-cn' : 'aws-us-gov'}, got ${region}; AWS does not offer AI services opt-out policies there\n  at AiOptOut/Monitor`);
  });
});

describe('the alarms', () => {
  const DIMENSIONS = [{ Name: 'StackName', Value: { Ref: 'AWS::StackName' } }];
  const common = { Namespace: 'AiServicesOptOut', Dimensions: DIMENSIONS, ComparisonOperator: 'GreaterThanOrEqualToThreshold' };

  test.each([['unknown', undefined], ['known', US_EAST_1]])('watch for accounts that are not opted out, in an %s environment', (_name, props) => {
    monitorTemplate({}, newStack(props)).hasResourceProperties(ALARM, {
      ...common, MetricName: 'NotOptedOut', Statistic: 'Maximum', Period: 60, EvaluationPeriods: 1, Threshold: 1, TreatMissingData: 'ignore',
    });
  });

  test.each([[undefined, 21_600], [Duration.minutes(15), 900], [Duration.days(1), 86_400]])('with an interval of %s, watch for what cannot be told', (interval, period) => {
    monitorTemplate({ interval }).hasResourceProperties(ALARM, {
      ...common, MetricName: 'Unknown', Statistic: 'Minimum', Period: period, EvaluationPeriods: 2, Threshold: 1, TreatMissingData: 'ignore',
    });
  });

  test.each([
    [undefined, 300, 144], [Duration.minutes(15), 300, 6], [Duration.minutes(16), 300, 7], [Duration.hours(12), 300, 288],
    [Duration.minutes(12 * 60 + 1), 3600, 25], [Duration.days(1), 3600, 48],
  ])('with an interval of %s, watch for a watcher that is gone', (interval, period, periods) => {
    monitorTemplate({ interval }).hasResourceProperties(ALARM, {
      ...common, MetricName: 'VerificationAge', Statistic: 'Minimum', Period: period, EvaluationPeriods: periods, Threshold: 1, TreatMissingData: 'breaching',
    });
    // What CloudWatch takes.
    expect(period * periods).toBeLessThanOrEqual(period < 3600 ? 86_400 : 604_800);
  });

  test('say what to do and where to read on', () => {
    const runbook = readFileSync(join(__dirname, '..', '..', 'docs', 'monitoring.md'), 'utf8');
    const sections = [...runbook.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title!.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-'));
    for (const [, { Properties }] of resourcesOf(monitorTemplate(), ALARM)) {
      const [, section] = /^[A-Z].*\. See .*\. https:\/\/github\.com\/ai-services-opt-out\/cdk-ai-services-opt-out\/blob\/main\/docs\/monitoring\.md#(.*)$/
        .exec(Properties.AlarmDescription)!;
      expect(sections).toContain(section);
    }
  });

  test('have no action and no topic unless they are given', () => {
    for (const [, { Properties }] of resourcesOf(monitorTemplate(), ALARM)) expect(Properties.AlarmActions).toBeUndefined();
    expect(environment(monitorTemplate())).not.toHaveProperty('TOPIC_ARN');
  });

  test('all have the actions given, which are no messages of the function', () => {
    const action = (alarmActionArn: string): IAlarmAction => ({ bind: () => ({ alarmActionArn }) });
    const template = monitorTemplate({ alarmActions: [action('arn:one'), action('arn:two')] });
    expect(resourcesOf(template, ALARM).map(([, { Properties }]) => Properties.AlarmActions)).toEqual(Array(3).fill(['arn:one', 'arn:two']));
    expect(environment(template)).not.toHaveProperty('TOPIC_ARN');
  });

  test('have no action because there is a topic for messages', () => {
    const stack = newStack();
    const template = monitorTemplate({ notificationTopic: new Topic(stack, 'Topic') }, stack);
    expect(environment(template)).toMatchObject({ TOPIC_ARN: { Ref: 'TopicBFC7AF6E' } });
    for (const [, { Properties }] of resourcesOf(template, ALARM)) expect(Properties.AlarmActions).toBeUndefined();
  });

  test('are public', () => {
    const stack = newStack();
    const { notOptedOutAlarm, unknownAlarm, verificationAgeAlarm } = monitorIn(stack);
    const template = Template.fromStack(stack);
    expect([notOptedOutAlarm, unknownAlarm, verificationAgeAlarm].map(({ alarmArn }) => stack.resolve(alarmArn)['Fn::GetAtt'][0]))
      .toEqual(resourcesOf(template, ALARM).map(([id]) => id));
  });
});

describe('the metrics', () => {
  test.each([
    ['metricOptedOut', 'OptedOut', 'Minimum'], ['metricNotOptedOut', 'NotOptedOut', 'Maximum'], ['metricUnknown', 'Unknown', 'Maximum'],
  ] as const)('%s is the worst within five minutes', (method, MetricName, Statistic) => {
    const stack = newStack();
    const metric = monitorIn(stack)[method]();
    new Alarm(stack, 'Mine', { metric, threshold: 5, evaluationPeriods: 7 });
    Template.fromStack(stack).hasResourceProperties(ALARM, {
      Namespace: 'AiServicesOptOut', MetricName, Statistic, Period: 300, EvaluationPeriods: 7, Dimensions: [{ Name: 'StackName', Value: { Ref: 'AWS::StackName' } }],
    });
  });

  test('take what metrics take', () => {
    const stack = newStack();
    const metric = monitorIn(stack).metricOptedOut({ statistic: 'Average', period: Duration.hours(1), label: 'Mine' });
    expect(metric).toMatchObject({ statistic: 'Average', label: 'Mine', period: Duration.hours(1) });
  });

  test('mean the monitor\'s stack in other stacks too', () => {
    const app = new App();
    const [own, other] = [new Stack(app, 'Own', { stackName: 'the-monitor' }), new Stack(app, 'Other')];
    const monitor = monitorIn(own);
    new Alarm(other, 'Mine', { metric: monitor.metricNotOptedOut(), threshold: 1, evaluationPeriods: 1 });
    Template.fromStack(other).hasResourceProperties(ALARM, { Dimensions: [{ Name: 'StackName', Value: 'the-monitor' }] });
  });
});

describe('bad input', () => {
  const monitor = (props: AiServicesOptOutMonitorProps, stack = newStack()) => () => monitorIn(stack, props);
  const intervalMessage = (got: string) => `interval must be 15 minutes to 1 day in whole minutes, got ${got}; give for example Duration.hours(6)\n  at AiOptOut/Monitor`;
  const checksMessage = (got: string) => `spotChecks must be a whole number from 0 to 1000, got ${got}\n  at AiOptOut/Monitor`;
  const HOW_MANY = '; how many accounts AWS is asked about in each verification';

  test.each([
    [Duration.minutes(14), '14 minutes'],
    [Duration.seconds(901), '15 minutes 1 second'],
    [Duration.minutes(1441), '1 day 1 minute'],
    [Duration.days(2), '2 days'],
    [Duration.minutes(0), '0 minutes'],
    [Duration.minutes(Lazy.number({ produce: () => 20 })), 'a token, which cannot set the period of an alarm'],
  ])('fails for an interval of %s', (interval, got) => {
    expect(monitor({ interval })).toThrow(expect.objectContaining({ code: 'PropsInvalid', message: intervalMessage(got) }));
  });

  test.each([Duration.minutes(15), Duration.seconds(960), Duration.minutes(1440), Duration.hours(24)])('takes an interval of %s', (interval) => {
    expect(monitor({ interval })).not.toThrow();
  });

  test.each([
    [-1, `-1${HOW_MANY}`], [1.5, `1.5${HOW_MANY}`], [1001, `1001${HOW_MANY}`], [NaN, `NaN${HOW_MANY}`], [Infinity, `Infinity${HOW_MANY}`],
    [Token.asNumber({ Ref: 'Parameter' }), 'a token; give a literal number'],
  ])('fails for %s spot checks', (spotChecks, got) => {
    expect(monitor({ spotChecks })).toThrow(expect.objectContaining({ message: checksMessage(got) }));
  });

  test.each(['INFREQUENT_ACCESS', 'DELIVERY'] as LogGroupClass[])('fails for a log group of class %s, from which CloudWatch extracts no metrics', (logGroupClass) => {
    const stack = newStack();
    expect(monitor({ logGroup: new LogGroup(stack, 'Logs', { logGroupClass }) }, stack)).toThrow(expect.objectContaining({
      message: `logGroup must be of class STANDARD, got AiOptOut/Logs of class ${logGroupClass}; `
        + 'CloudWatch extracts no metrics from it, so give the monitor another log group, or none\n  at AiOptOut/Monitor',
    }));
  });

  test('takes a log group of class STANDARD, and one whose class is not known', () => {
    const stack = newStack();
    const byParameter = new LogGroup(stack, 'Parameter', { logGroupClass: Fn.ref('Class') as LogGroupClass });
    for (const logGroup of [new LogGroup(stack, 'Standard'), byParameter, LogGroup.fromLogGroupName(stack, 'Imported', 'mine')]) {
      expect(() => new AiServicesOptOutMonitor(new Stack(new App()), 'Monitor', { logGroup })).not.toThrow();
    }
  });

  test('fails for a FIFO topic', () => {
    const stack = newStack();
    expect(monitor({ notificationTopic: new Topic(stack, 'Topic', { fifo: true }) }, stack)).toThrow(expect.objectContaining({
      message: 'notificationTopic must be a standard topic, got the FIFO topic AiOptOut/Topic; '
        + 'neither e-mail nor SMS can subscribe to a FIFO topic, so make one without fifo\n  at AiOptOut/Monitor',
    }));
  });

  test('fails for an imported FIFO topic', () => {
    const stack = newStack();
    const notificationTopic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:111122223333:changes.fifo');
    expect(monitor({ notificationTopic }, stack)).toThrow('notificationTopic must be a standard topic, got the FIFO topic AiOptOut/Topic');
  });

  test('fails for a topic in another Region', () => {
    const stack = newStack(EU_WEST_1);
    const notificationTopic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:us-east-1:111122223333:changes');
    expect(monitor({ notificationTopic }, stack)).toThrow(expect.objectContaining({
      message: 'notificationTopic must be in the stack\'s Region eu-west-1, got a topic in us-east-1; make one in eu-west-1\n  at AiOptOut/Monitor',
    }));
  });

  test('takes a topic known only at deployment', () => {
    const stack = newStack(EU_WEST_1);
    const notificationTopic = Topic.fromTopicArn(stack, 'Topic', Token.asString({ Ref: 'AWS::StackId' }));
    expect(grants(monitorTemplate({ notificationTopic }, stack)).Monitor).toContainEqual({ actions: ['sns:Publish'], resources: ['<AWS::StackId>'] });
  });

  test('fails with every problem at once', () => {
    const stack = newStack({ env: { region: 'us-gov-west-1' } });
    const repair = new AiServicesOptOut(newStack(), 'OptOut');
    const notificationTopic = new Topic(stack, 'Topic', { fifo: true });
    expect(monitor({ interval: Duration.minutes(1), spotChecks: -1, notificationTopic, repair }, stack)).toThrow(expect.objectContaining({
      message: expect.stringMatching(/^interval must be .*\nspotChecks must be .*\nnotificationTopic must be .*\nrepair must be .*\nthe stack's Region must not be .*\n {2}at .*$/),
    }));
  });
});

test('the queue is that of the mapping', () => {
  const template = monitorTemplate();
  const { EventSourceArn } = theOnly(template, 'AWS::Lambda::EventSourceMapping').Properties;
  expect(grants(template).Monitor!.at(-1)!.resources).toEqual([text(EventSourceArn)]);
});

test('nothing is left out of the tree', () => {
  const { node } = new AiServicesOptOutMonitor(newStack(), 'Monitor');
  expect(node.children.map((child) => child.node.id)).toEqual([
    'State', 'Schedule', 'SchedulePermission', 'GetsEvents', 'Events', 'NotOptedOutAlarm', 'UnknownAlarm', 'VerificationAgeAlarm', 'Dashboard',
  ]);
});
