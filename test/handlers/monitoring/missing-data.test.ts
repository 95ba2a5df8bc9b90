import { Duration, type Stack } from 'aws-cdk-lib';
import { CfnLogGroup, LogGroup } from 'aws-cdk-lib/aws-logs';
import { withoutGrant } from './deployed';
import { MINUTE, Monitored, STACK, templateOf, type MonitoredOptions } from './monitored';

/* Whatever keeps the metrics from arriving: the alarm about the age of the last verification goes off. */

let monitored: Monitored;
afterEach(async () => monitored.close());

const LOG_GROUP = 'mine';

/** A log group that the construct knows by its name only, as one of another stack. */
const ofClass = (logGroupClass: string) => (stack: Stack) => { new CfnLogGroup(stack, 'Mine', { logGroupName: LOG_GROUP, logGroupClass }); };

const imported = (stack: Stack) => LogGroup.fromLogGroupName(stack, 'Imported', LOG_GROUP);

const functionArn = () => monitored.runs()[0]!.functionArn;
const scheduleIn = (template: any): any => Object.values<any>(template.Resources).find(({ Properties }) => Properties?.ScheduleExpression).Properties;

/** Deploys a changed template. */
async function deploy(options: MonitoredOptions, change: (template: any) => any): Promise<void> {
  const outcome = await monitored.aws.cloudFormation.updateStack({ stackName: STACK, template: change(templateOf(options)) });
  expect(outcome.status).toBe('UPDATE_COMPLETE');
}

describe.each([15, 6 * 60, 24 * 60])('with an interval of %s minutes', (minutes) => {
  const interval = minutes * MINUTE;
  const options: MonitoredOptions = { monitorProps: { interval: Duration.minutes(minutes) } };

  /** Two intervals, and the time that the alarm looks back: its periods, and up to two more. */
  const [period, periods] = minutes > 12 * 60 ? [60 * MINUTE, 48] : [5 * MINUTE, (2 * interval) / (5 * MINUTE)];
  const limit = 2 * interval + (periods + 2) * period;

  test.each<[string, () => Promise<unknown>]>([
    ['the function is deleted', async () => monitored.aws.lambda.delete(functionArn())],
    ['the schedule is disabled', async () => {
      const { eventBridge } = monitored.aws;
      const schedule = eventBridge.ruleNames.map((name) => eventBridge.rule(name)!).find(({ scheduleExpression }) => scheduleExpression)!;
      eventBridge.putRule({ ...schedule, state: 'DISABLED' });
    }],
    ['the schedule is disabled in the template', async () => deploy(options, (template) => {
      scheduleIn(template).State = 'DISABLED';
      return template;
    })],
    ...['logs:CreateLogStream', 'logs:PutLogEvents'].map((action): [string, () => Promise<void>] => (
      [`the role lacks ${action}`, async () => deploy(options, (template) => withoutGrant(template, 'Verification', action))]
    )),
  ])('goes off when %s', async (_name, cut) => {
    monitored = await Monitored.start(options);
    await monitored.pass(interval);
    expect(monitored.alarms()).toMatchObject({ VerificationAge: 'OK' });
    const arrived = monitored.aws.cloudWatch.metric('AiServicesOptOut', 'VerificationAge', { StackName: STACK }).length;
    expect(arrived).toBeGreaterThan(0);

    await cut();
    await monitored.pass(limit);

    expect(monitored.alarms()).toMatchObject({ VerificationAge: 'ALARM' });
    // The update of a stack starts one more run, whose metrics arrive if the role still allows it.
    expect(monitored.aws.cloudWatch.metric('AiServicesOptOut', 'VerificationAge', { StackName: STACK }).length).toBeLessThanOrEqual(arrived + 2);
  });

  test.each(['INFREQUENT_ACCESS', 'DELIVERY'])('goes off when the log group is of class %s', async (logGroupClass) => {
    monitored = await Monitored.start({ ...options, logGroup: imported, define: ofClass(logGroupClass) });
    await monitored.pass(limit);
    expect(monitored.runs().length).toBeGreaterThan(2);
    expect(monitored.metric('VerificationAge')).toBeUndefined();
    expect(monitored.alarms()).toMatchObject({ VerificationAge: 'ALARM' });
  });

  test('does not go off while metrics arrive, in a log group of class STANDARD', async () => {
    monitored = await Monitored.start({ ...options, logGroup: imported, define: ofClass('STANDARD') });
    await monitored.pass(limit);
    expect(monitored.alarms()).toMatchObject({ VerificationAge: 'OK' });
  });
});
