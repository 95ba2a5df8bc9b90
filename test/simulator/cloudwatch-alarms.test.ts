import { startAws } from './cloudformation/scene';
import { type SimulatedAws, type SimulatedAwsOptions } from '../../simulator/cloudformation/simulated-aws';
import { evaluate, type MissingData } from '../../simulator/cloudwatch/alarm-evaluation';
import { exactly, expectSteps, fails, type Step } from '../support/steps';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
const TOPIC = 'arn:aws:sns:us-east-1:111122223333:Alarms';

const [NONE, OK, ALARM] = ['INSUFFICIENT_DATA', 'OK', 'ALARM'];

/** AWS's tables in "Configuring how CloudWatch alarms treat missing data": newest on the right, `0` fine, `X` breaching; missing, ignore, breaching, notBreaching. */
test.each([
  ['0 - X - X', 3, OK, OK, OK, OK],
  ['0 - - - -', 3, OK, OK, OK, OK],
  ['- - - - -', 3, NONE, undefined, ALARM, OK],
  ['0 X X - X', 3, ALARM, ALARM, ALARM, ALARM],
  ['- - X - -', 3, ALARM, undefined, ALARM, OK],
  // Not in the table, but in the text below it: no alarm yet.
  ['- - - - X', 3, undefined, undefined, ALARM, OK],
  ['- - - X -', 3, undefined, undefined, ALARM, OK],
  ['- - - X 0', 3, OK, OK, OK, OK],
  ['0 - X - X', 2, ALARM, ALARM, ALARM, ALARM],
  ['0 0 X 0 X', 2, ALARM, ALARM, ALARM, ALARM],
  ['0 - X - -', 2, OK, OK, ALARM, OK],
  ['- - - - 0', 2, OK, OK, ALARM, OK],
  ['- - - X -', 2, ALARM, undefined, ALARM, OK],
])('after %s an alarm with %d out of 3 is, by its treatment of missing data, %s, %s, %s, %s', (text, datapointsToAlarm, ...expected) => {
  const periods = text.split(' ').reverse().map((point) => (point === '-' ? undefined : point === 'X'));
  expect(['missing', 'ignore', 'breaching', 'notBreaching'].map((missingData) => (
    evaluate(periods, { evaluationPeriods: 3, datapointsToAlarm, missingData: missingData as MissingData })
  ))).toEqual(expected);
});

let aws: SimulatedAws;

beforeEach(async () => {
  aws = await startAws();
});

function put(value: number, members: object = {}): void {
  aws.cloudWatch.put([{ namespace: 'App', name: 'Errors', dimensions: { StackName: 'Stack' }, value, unit: 'Count', time: aws.clock.now(), ...members }]);
}

function templateOf(properties: object = {}) {
  return {
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'Alarms' } },
      Alarm: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          Namespace: 'App',
          MetricName: 'Errors',
          Dimensions: [{ Name: 'StackName', Value: 'Stack' }],
          Statistic: 'Maximum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          TreatMissingData: 'ignore',
          ...properties,
        },
      },
    },
  };
}

const deploy = async (properties?: object) => aws.cloudFormation.createStack({ stackName: 'Stack', template: templateOf(properties) });
const update = async (properties: object) => aws.cloudFormation.updateStack({ stackName: 'Stack', template: templateOf(properties) });
const alarm = (name = 'Alarm') => aws.cloudWatch.alarm(name);
const state = () => alarm().state;
/** Sleeps until so many minutes after midnight. */
const until = async (minute: number) => aws.clock.sleep(START + minute * MINUTE - aws.clock.now());

/** A minute after midnight, the values that arrive then, and the state that follows. */
type Moment = [minute: number, values: number[], state?: string];

const HOURLY = { Period: 3600, EvaluationPeriods: 2, TreatMissingData: 'notBreaching' };
const WALL_CLOCK = { EvaluationWindow: { WallClockWindow: {} } };
const SUM_UP = { Threshold: 1, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'notBreaching' };

test.each<[string, object, Moment[], SimulatedAwsOptions?]>([
  ['changes its state as soon as a value arrives', {}, [[0.5, [], NONE], [0.5, [3], ALARM], [1.1, [0], OK]]],
  ['compares by >=', {}, [[0.5, [1], ALARM], [1.1, [0.9], OK]]],
  ['compares by >', { ComparisonOperator: 'GreaterThanThreshold' }, [[0.5, [1.1], ALARM], [1.1, [1], OK]]],
  ['compares by <', { ComparisonOperator: 'LessThanThreshold' }, [[0.5, [0.9], ALARM], [1.1, [1], OK]]],
  ['compares by <=', { ComparisonOperator: 'LessThanOrEqualToThreshold' }, [[0.5, [1], ALARM], [1.1, [1.1], OK]]],
  ...Object.entries({ Maximum: 3, Minimum: 1, Sum: 4, Average: 2, SampleCount: 2 }).flatMap(([Statistic, value]): [string, object, Moment[]][] => [
    [`calculates ${Statistic}, not more`, { ...SUM_UP, Statistic, Threshold: value }, [[0.5, [3, 1]], [1, [], OK]]],
    [`calculates ${Statistic}, not less`, { ...SUM_UP, Statistic, Threshold: value + 0.1 }, [[0.5, [3, 1]], [1, [], ALARM]]],
  ]),
  ['counts periods back from the minute of the evaluation', HOURLY, [[110, [3]], [130, [3], OK], [172, [], ALARM]]],
  ['counts full periods of the clock in a wall clock window', { ...HOURLY, ...WALL_CLOCK }, [[110, [3]], [130, [3], OK], [179, [], OK], [180.1, [], ALARM]]],
  ['waits for the end of the period in a wall clock window', { Period: 3600, ...WALL_CLOCK }, [[70, [3]], [110, [], NONE], [120, [], ALARM]]],
  ['is evaluated at the full hour if it covers more than a day', { Period: 86_400, EvaluationPeriods: 2, DatapointsToAlarm: 1 },
    [[70, [3]], [110, [], NONE], [120, [], ALARM]]],
  ['is up to date at the moment of an evaluation', { TreatMissingData: 'breaching' }, [[1, [], ALARM]]],
  // Older data points are used before missing ones are filled in.
  ['treats missing data as breaching', { TreatMissingData: 'breaching' }, [[0.5, [0], OK], [3.9, [], OK], [4, [], ALARM]]],
  ['treats missing data as not breaching', { TreatMissingData: 'notBreaching' }, [[0.5, [3], ALARM], [3.9, [], ALARM], [4, [], OK]]],
  ['treats missing data as missing', { TreatMissingData: 'missing' }, [[0.5, [3], ALARM], [3.9, [], ALARM], [4, [], NONE]]],
  ['ignores missing data', { TreatMissingData: 'ignore' }, [[0.5, [3], ALARM], [3.9, [], ALARM], [4, [], ALARM]]],
  ['looks back as many periods as configured', { TreatMissingData: 'breaching' }, [[0.5, [0], OK], [2.5, [], ALARM]], { alarmExtraPeriods: 0 }],
])('an alarm %s', async (_, properties, moments, ...[options]) => {
  if (options) aws = await startAws(options);
  await deploy(properties);
  for (const [minute, values, ...expected] of moments) {
    await until(minute);
    for (const value of values) put(value);
    if (expected.length > 0) expect([minute, state()]).toEqual([minute, ...expected]);
  }
});

const reason = (value: string, time: string, comparison: string, transition: string) => (
  `Threshold Crossed: 1 out of the last 1 datapoints [${value} (01/01/26 00:0${time}:00)] was ${comparison} the threshold (1.0) (minimum 1 datapoint for ${transition} transition).`
);
const NOTIFY = { AlarmActions: [{ Ref: 'Topic' }], OKActions: [{ Ref: 'Topic' }] };
const published = () => aws.sns.messages.map(({ subject, publisher, topicName }) => [topicName, publisher, subject]);
const actions = () => alarm().history.map((change) => change.actions);

test.each<[string, ...Step[]]>([
  ['is created without data', [deploy], [alarm, { state: NONE, reason: 'Unchecked: Initial alarm creation' }]],
  ['keeps a history with reasons',
    [deploy], [() => until(0.5)], [() => put(3)], [() => until(1.5)], [() => put(0)],
    [() => alarm().history, exactly([
      { time: START + 0.5 * MINUTE, from: NONE, to: ALARM, reason: reason('3.0', '0', 'greater than or equal to', 'OK -> ALARM'), actions: [] },
      { time: START + 1.5 * MINUTE, from: ALARM, to: OK, reason: reason('0.0', '1', 'not greater than or equal to', 'ALARM -> OK'), actions: [] },
    ])]],
  ['names missing data as the reason',
    [() => deploy({ TreatMissingData: 'breaching', EvaluationPeriods: 2 })], [() => until(1.1)],
    [alarm, { reason: 'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].' }]],
  ['reads only its own metric',
    [() => deploy({ Unit: 'Count' })], [() => put(5, { name: 'Other' })], [() => put(5, { unit: 'Seconds' })], [() => put(5, { dimensions: {} })],
    [() => until(1.1)], [state, NONE]],
  ['takes a value that arrives late',
    [() => deploy({ EvaluationPeriods: 2, TreatMissingData: 'missing' })], [() => until(1.1)], [() => put(3)], [() => put(3, { time: aws.clock.now() - MINUTE })],
    [state, ALARM]],
  ['does not make time pass',
    [() => deploy({ TreatMissingData: 'breaching' })], [() => until(0.5)], [() => put(0)], [() => new Promise((resolve) => setTimeout(resolve, 50))],
    [() => aws.clock.now() - START, 0.5 * MINUTE], [() => alarm().history, [{ from: NONE, to: OK }]]],
  ['keeps its state when it is changed',
    [deploy], [() => put(3)], [() => update({ AlarmDescription: 'new' })], [alarm, { state: ALARM, configuration: { description: 'new' }, history: [{}] }]],
  ['is evaluated again when it is changed', [deploy], [() => put(3)], [() => update({ Threshold: 5 })], [() => until(1)], [state, OK]],
  ['has a generated name, and is deleted with its stack',
    [deploy], [alarm, { name: expect.stringMatching(/^Stack-Alarm-[A-Z0-9]{12}$/) }], [() => aws.cloudFormation.deleteStack('Stack')], [() => put(3)],
    [() => aws.cloudWatch.alarms, []], [alarm, fails('Error', 'no alarm is called Alarm; there are: none')]],
  ['is not simulated with metric math', [() => deploy({ Metrics: [] }), fails('ValidationError', /Metrics of an alarm is not supported/)]],
  ['notifies about every change',
    [() => deploy({ ...NOTIFY, AlarmName: 'Opt-out', AlarmDescription: 'Accounts' })], [() => put(3)], [() => put(4)], [() => until(1.1)], [() => put(0)],
    [published, ['ALARM', 'OK'].map((to) => ['Alarms', 'cloudwatch.amazonaws.com', `${to}: "Opt-out" in US East (N. Virginia)`])],
    [() => JSON.parse(aws.sns.messages[0].message), {
      AlarmName: 'Opt-out',
      AlarmDescription: 'Accounts',
      NewStateValue: ALARM,
      OldStateValue: NONE,
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:Opt-out',
      Trigger: { MetricName: 'Errors', Dimensions: [{ name: 'StackName', value: 'Stack' }], Period: 60, TreatMissingData: 'ignore' },
    }],
    [() => alarm('Opt-out').history.map((change) => change.actions), exactly([[{ arn: TOPIC }], [{ arn: TOPIC }]])]],
  ['shortens the subject of its notification to what SNS accepts',
    [() => deploy({ ...NOTIFY, AlarmName: 'x'.repeat(255) })], [() => put(3)], [() => aws.sns.messages.map(({ subject }) => subject!.length), [100]]],
  ['does not notify if its actions are disabled', [() => deploy({ ...NOTIFY, ActionsEnabled: false })], [() => put(3)], [state, ALARM], [published, []]],
  ['keeps failed actions in its history',
    [() => deploy({ AlarmActions: [TOPIC.replace('Alarms', 'Gone'), 'arn:aws:lambda:us-east-1:111122223333:function:f'] })], [() => put(3)],
    [actions, [[{ error: 'Topic does not exist' }, { error: 'not simulated' }]]]],
])('an alarm %s', async (_, ...steps) => expectSteps(...steps));

test.each([
  ['a period of half a minute', { Period: 30 }, 'Period must be a multiple of 60'],
  ['more data points than periods', { DatapointsToAlarm: 2 }, 'DatapointsToAlarm must be between 1 and EvaluationPeriods'],
  ['more than a week', { Period: 86_400, EvaluationPeriods: 8 }, 'more than a week'],
  ['short periods for more than a day', { Period: 300, EvaluationPeriods: 289 }, 'more than a day'],
  ['an unknown statistic', { Statistic: 'Median' }, "Value 'Median' at 'statistic'"],
  ['an unknown comparison', { ComparisonOperator: 'Equals' }, 'ComparisonOperator Equals'],
  ['an unknown treatment of missing data', { TreatMissingData: 'BREACHING' }, 'TreatMissingData BREACHING'],
  ['no threshold', { Threshold: undefined }, 'Threshold must be a number'],
  ['an unknown unit', { Unit: 'Accounts' }, 'Unit Accounts'],
  ['too many actions', { AlarmActions: Array(6).fill(TOPIC) }, 'at most 5 actions'],
  ['six hours on the wall clock', { Period: 21_600, ...WALL_CLOCK }, 'with a wall clock window'],
])('AWS::CloudWatch::Alarm fails with %s', async (_, properties, message) => expectSteps(
  [async () => (await deploy(properties)).failures[0].reason, expect.stringContaining(message)], [() => aws.cloudWatch.alarms, []],
));
