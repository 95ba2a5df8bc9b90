import { startAws } from './cloudformation/scene';
import { type SimulatedAws } from '../../simulator/cloudformation/simulated-aws';
import { evaluate, type MissingData } from '../../simulator/cloudwatch/alarm-evaluation';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** AWS's tables in "Configuring how CloudWatch alarms treat missing data": newest on the right, `0` fine, `X` breaching. */
describe.each([
  ['3 out of 3', 3, [
    ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
    ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', 'INSUFFICIENT_DATA', undefined, 'ALARM', 'OK'],
    ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 'ALARM', undefined, 'ALARM', 'OK'],
    // Not in the table, but in the text below it: no alarm yet.
    ['- - - - X', undefined, undefined, 'ALARM', 'OK'],
    ['- - - X -', undefined, undefined, 'ALARM', 'OK'],
    ['- - - X 0', 'OK', 'OK', 'OK', 'OK'],
  ]],
  ['2 out of 3', 2, [
    ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - X -', 'ALARM', undefined, 'ALARM', 'OK'],
  ]],
] as const)('an alarm with %s', (_, datapointsToAlarm, rows) => {
  describe.each(rows)('after %s', (text, missing, ignore, breaching, notBreaching) => {
    test.each(Object.entries({ missing, ignore, breaching, notBreaching }))('with missing data as %s', (missingData, expected) => {
      const periods = String(text).split(' ').reverse().map((point) => (point === '-' ? undefined : point === 'X'));

      expect(evaluate(periods, { evaluationPeriods: 3, datapointsToAlarm, missingData: missingData as MissingData })).toBe(expected);
    });
  });
});

let aws: SimulatedAws;

beforeEach(async () => {
  aws = await startAws();
});

const DIMENSIONS = { StackName: 'Stack' };

function put(value: number, { name = 'Errors', unit = 'Count', time = aws.clock.now() } = {}): void {
  aws.cloudWatch.put([{ namespace: 'App', name, dimensions: DIMENSIONS, value, unit, time }]);
}

function alarmResource(properties: object = {}) {
  return {
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
  };
}

async function deploy(properties: object = {}, more: object = {}) {
  return aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: { Alarm: alarmResource(properties), ...more } } });
}

/** Sleeps until a full minute, or hour, and a bit. */
async function toNext(length = MINUTE, later = 1000): Promise<void> {
  await aws.clock.sleep(length - aws.clock.now() % length + later);
}

const state = () => aws.cloudWatch.alarm('Alarm').state;
const changes = () => aws.cloudWatch.alarm('Alarm').history.map(({ from, to }) => `${from} -> ${to}`);

describe('an alarm', () => {
  test('is created without data', async () => {
    await deploy();

    expect(state()).toBe('INSUFFICIENT_DATA');
    expect(aws.cloudWatch.alarm('Alarm').reason).toBe('Unchecked: Initial alarm creation');
  });

  test('goes off as soon as a value arrives, and stops as soon as a better one does', async () => {
    await deploy();
    put(3);

    expect(state()).toBe('ALARM');

    await toNext();
    put(0);

    expect(state()).toBe('OK');
    expect(aws.cloudWatch.alarm('Alarm').history).toEqual([
      {
        time: expect.any(Number),
        from: 'INSUFFICIENT_DATA',
        to: 'ALARM',
        reason: 'Threshold Crossed: 1 out of the last 1 datapoints [3.0 (01/01/26 00:00:00)] was greater than or equal to the threshold (1.0) '
          + '(minimum 1 datapoint for OK -> ALARM transition).',
        actions: [],
      },
      {
        time: aws.clock.now(),
        from: 'ALARM',
        to: 'OK',
        reason: 'Threshold Crossed: 1 out of the last 1 datapoints [0.0 (01/01/26 00:01:00)] was not greater than or equal to the threshold (1.0) '
          + '(minimum 1 datapoint for ALARM -> OK transition).',
        actions: [],
      },
    ]);
  });

  test.each([
    ['GreaterThanOrEqualToThreshold', [1], [0.9]],
    ['GreaterThanThreshold', [1.1], [1]],
    ['LessThanThreshold', [0.9], [1]],
    ['LessThanOrEqualToThreshold', [1], [1.1]],
  ])('compares by %s', async (ComparisonOperator, breaching, fine) => {
    await deploy({ ComparisonOperator });
    for (const value of breaching) put(value);

    expect(state()).toBe('ALARM');

    await toNext();
    for (const value of fine) put(value);

    expect(state()).toBe('OK');
  });

  test.each([
    ['Maximum', 3], ['Minimum', 1], ['Sum', 4], ['Average', 2], ['SampleCount', 2],
  ])('knows the %s of a period', async (Statistic, value) => {
    await deploy({ Statistic, Threshold: value, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'notBreaching' });
    put(3);
    put(1);

    expect(state()).toBe('OK');

    aws.cloudWatch.putAlarm({ ...aws.cloudWatch.alarm('Alarm').configuration, threshold: value + 0.1 });
    await toNext(MINUTE, 0);

    expect(state()).toBe('ALARM');
  });

  test('looks at its own metric only', async () => {
    await deploy({ Unit: 'Count' });
    put(5, { name: 'Other' });
    put(5, { unit: 'Seconds' });
    aws.cloudWatch.put([{ namespace: 'App', name: 'Errors', dimensions: {}, value: 5, unit: 'Count', time: aws.clock.now() }]);
    await toNext();

    expect(state()).toBe('INSUFFICIENT_DATA');
  });

  test('counts periods back from the minute of the evaluation', async () => {
    await deploy({ Period: 3600, EvaluationPeriods: 2, TreatMissingData: 'notBreaching' });
    await toNext(HOUR, 50 * MINUTE);
    put(3);
    await aws.clock.sleep(20 * MINUTE);
    // The next hour of the clock, but the same 60 minutes.
    put(3);

    expect(state()).toBe('OK');

    await aws.clock.sleep(42 * MINUTE);

    expect(state()).toBe('ALARM');
  });

  test('counts full periods of the clock with a wall clock window', async () => {
    await deploy({ Period: 3600, EvaluationPeriods: 2, TreatMissingData: 'notBreaching', EvaluationWindow: { WallClockWindow: {} } });
    await toNext(HOUR, 50 * MINUTE);
    put(3);
    await aws.clock.sleep(20 * MINUTE);
    put(3);

    expect(state()).toBe('OK');

    await toNext(HOUR);

    expect(state()).toBe('ALARM');
  });

  test('with a wall clock window waits for the end of the period', async () => {
    await deploy({ Period: 3600, EvaluationWindow: { WallClockWindow: {} } });
    await toNext(HOUR, 10 * MINUTE);
    put(3);
    await aws.clock.sleep(40 * MINUTE);

    expect(state()).toBe('INSUFFICIENT_DATA');

    await toNext(HOUR, 0);

    expect(state()).toBe('ALARM');
  });

  test('over more than a day is evaluated at the full hour', async () => {
    await deploy({ Period: 86_400, EvaluationPeriods: 2, DatapointsToAlarm: 1 });
    await toNext(HOUR, 10 * MINUTE);
    put(3);
    await aws.clock.sleep(40 * MINUTE);

    expect(state()).toBe('INSUFFICIENT_DATA');

    await toNext(HOUR, 0);

    expect(state()).toBe('ALARM');
  });

  test('is up to date when somebody has slept until the very moment of an evaluation', async () => {
    await deploy({ TreatMissingData: 'breaching' });
    await toNext(MINUTE, 0);

    expect(state()).toBe('ALARM');
  });

  test('does not make time pass', async () => {
    await deploy({ TreatMissingData: 'breaching' });
    put(0);
    const now = aws.clock.now();
    await new Promise((resolve) => setTimeout(resolve, 50));

    expect(aws.clock.now()).toBe(now);
    expect(changes()).toEqual(['INSUFFICIENT_DATA -> OK']);
  });

  test('takes a value that comes late', async () => {
    await deploy({ Period: 60, EvaluationPeriods: 2, TreatMissingData: 'missing' });
    await toNext();
    put(3);
    put(3, { time: aws.clock.now() - MINUTE });

    expect(state()).toBe('ALARM');
  });
});

describe('without further data an alarm', () => {
  test.each([
    ['breaching', 0, 'ALARM'],
    ['notBreaching', 3, 'OK'],
    ['missing', 3, 'INSUFFICIENT_DATA'],
    ['ignore', 3, 'ALARM'],
  ])('with missing data as %s', async (TreatMissingData, value, expected) => {
    await deploy({ TreatMissingData });
    put(value);
    const before = state();
    await aws.clock.sleep(2 * MINUTE);

    // Older data points are taken before missing ones are filled in.
    expect(state()).toBe(before);

    await aws.clock.sleep(2 * MINUTE);

    expect(state()).toBe(expected);
  });

  test('says why', async () => {
    await deploy({ TreatMissingData: 'breaching', EvaluationPeriods: 2 });
    await toNext();

    expect(aws.cloudWatch.alarm('Alarm').reason)
      .toBe('Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].');
  });

  test('looks back as far as it is told', async () => {
    aws = await startAws({ alarmExtraPeriods: 0 });
    await deploy({ TreatMissingData: 'breaching' });
    put(0);
    await aws.clock.sleep(2 * MINUTE);

    expect(state()).toBe('ALARM');
  });
});

describe('a notification', () => {
  const TOPIC = { Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'Alarms' } } };
  const ACTIONS = { AlarmActions: [{ Ref: 'Topic' }], OKActions: [{ Ref: 'Topic' }] };

  test('is published for every change', async () => {
    await deploy({ ...ACTIONS, AlarmName: 'Opt-out', AlarmDescription: 'Accounts' }, TOPIC);
    put(3);
    put(4);
    await toNext();
    put(0);

    expect(aws.sns.messages.map(({ subject, publisher, topicName }) => [topicName, publisher, subject])).toEqual([
      ['Alarms', 'cloudwatch.amazonaws.com', 'ALARM: "Opt-out" in US East (N. Virginia)'],
      ['Alarms', 'cloudwatch.amazonaws.com', 'OK: "Opt-out" in US East (N. Virginia)'],
    ]);
    expect(JSON.parse(aws.sns.messages[0].message)).toMatchObject({
      AlarmName: 'Opt-out',
      AlarmDescription: 'Accounts',
      NewStateValue: 'ALARM',
      OldStateValue: 'INSUFFICIENT_DATA',
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:Opt-out',
      Trigger: { MetricName: 'Errors', Dimensions: [{ name: 'StackName', value: 'Stack' }], Period: 60, TreatMissingData: 'ignore' },
    });
    expect(aws.cloudWatch.alarm('Opt-out').history.map(({ actions }) => actions)).toEqual([[{ arn: aws.sns.arn('Alarms') }], [{ arn: aws.sns.arn('Alarms') }]]);
  });

  test('has a subject that SNS takes', async () => {
    await deploy({ ...ACTIONS, AlarmName: 'x'.repeat(255) }, TOPIC);
    put(3);

    expect(aws.sns.messages[0].subject).toHaveLength(100);
  });

  test('is not published when actions are switched off', async () => {
    await deploy({ ...ACTIONS, ActionsEnabled: false }, TOPIC);
    put(3);

    expect(state()).toBe('ALARM');
    expect(aws.sns.messages).toEqual([]);
  });

  test('that does not work is in the history', async () => {
    await deploy({ AlarmActions: ['arn:aws:sns:us-east-1:111122223333:Gone', 'arn:aws:lambda:us-east-1:111122223333:function:f'] });
    put(3);

    expect(aws.cloudWatch.alarm('Alarm').history[0].actions.map(({ error }) => error)).toEqual(['Topic does not exist', 'not simulated']);
  });
});

describe('AWS::CloudWatch::Alarm', () => {
  test('keeps its state when it is changed', async () => {
    await deploy();
    put(3);
    await aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: { Alarm: alarmResource({ AlarmDescription: 'new' }) } } });

    expect(aws.cloudWatch.alarm('Alarm')).toMatchObject({ state: 'ALARM', configuration: { description: 'new' } });
    expect(changes()).toHaveLength(1);
  });

  test('is evaluated anew when it is changed', async () => {
    await deploy();
    put(3);
    await aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: { Alarm: alarmResource({ Threshold: 5 }) } } });
    await toNext(MINUTE, 0);

    expect(state()).toBe('OK');
  });

  test('has a generated name, and goes away with its stack', async () => {
    await deploy();

    expect(aws.cloudWatch.alarm('Alarm').name).toMatch(/^Stack-Alarm-[A-Z0-9]{12}$/);

    await aws.cloudFormation.deleteStack('Stack');
    put(3);

    expect(aws.cloudWatch.alarms).toEqual([]);
    expect(() => aws.cloudWatch.alarm('Alarm')).toThrow('no alarm is called Alarm; there are: none');
  });

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
    ['too many actions', { AlarmActions: Array(6).fill('arn:aws:sns:us-east-1:111122223333:Topic') }, 'at most 5 actions'],
    ['six hours on the wall clock', { Period: 21_600, EvaluationWindow: { WallClockWindow: {} } }, 'with a wall clock window'],
  ])('is refused with %s', async (_, properties, message) => {
    const { failures } = await deploy(properties);

    expect(failures[0].reason).toContain(message);
    expect(aws.cloudWatch.alarms).toEqual([]);
  });

  test('is not known with metric math', async () => {
    await expect(deploy({ Metrics: [] })).rejects.toThrow('Metrics of an alarm is not supported');
  });
});
