import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { AiServicesOptOut } from '../../src';
import { EU_WEST_1, monitorIn, SHARED, text, US_EAST_1 } from '../support/monitoring';
import { newStack, theOnly } from '../support/stacks';

const DASHBOARD = 'AWS::CloudWatch::Dashboard';

interface Widget {
  readonly type: string;
  readonly width: number;
  readonly x: number;
  readonly y: number;
  readonly properties: {
    readonly title: string;
    readonly region?: string;
    readonly metrics?: any[][];
    readonly query?: string;
    readonly alarms?: string[];
  };
}

function bodyOf(template: Template): { start: string; widgets: Widget[] } {
  return JSON.parse(text(theOnly(template, DASHBOARD).Properties.DashboardBody));
}

function dashboardOf(stack: Stack): Widget[] {
  return bodyOf(Template.fromStack(stack)).widgets;
}

function titled(widgets: Widget[], title: string): Widget['properties'] {
  const found = widgets.filter(({ properties }) => properties.title === title);
  expect(found).toHaveLength(1);
  return found[0]!.properties;
}

const of = (metric: string, rest?: object) => ['AiServicesOptOut', metric, 'StackName', '<AWS::StackName>', ...(rest ? [rest] : [])];

describe('the dashboard', () => {
  const stack = newStack(US_EAST_1);
  monitorIn(stack, { repair: new AiServicesOptOut(stack, 'OptOut') });
  const widgets = dashboardOf(stack);

  test('begins with what is most urgent and fills rows of 24', () => {
    expect(widgets.map(({ x, y, width, properties }) => [y, x, width, properties.title])).toEqual([
      [0, 0, 18, 'AI services opt-out: alarms'],
      [0, 18, 6, 'Last verification'],
      [3, 0, 6, 'Accounts now'],
      [3, 6, 18, 'Accounts'],
      [9, 0, 24, 'Recent findings'],
      [17, 0, 6, 'Repairs'],
      [17, 6, 6, 'Events that could not be handled'],
    ]);
  });

  test('shows a week, which every interval has verifications in', () => {
    expect(bodyOf(Template.fromStack(stack)).start).toBe('-P7D');
  });

  test('shows the alarms', () => {
    expect(titled(widgets, 'AI services opt-out: alarms').alarms).toEqual([
      '<MonitorNotOptedOutAlarmFD47EB5B.Arn>', '<MonitorUnknownAlarmAB1A807F.Arn>', '<MonitorVerificationAgeAlarm10C012AA.Arn>',
    ]);
  });

  test('shows the last verification', () => {
    expect(titled(widgets, 'Last verification').metrics).toEqual([of('VerificationAge', { stat: 'Maximum' }), of('VerificationDuration', { stat: 'Maximum' })]);
  });

  test('shows the accounts now', () => {
    expect(titled(widgets, 'Accounts now').metrics).toEqual([
      of('OptedOut', { stat: 'Minimum' }), of('NotOptedOut', { stat: 'Maximum' }), of('Unknown', { stat: 'Maximum' }),
    ]);
  });

  test('shows the accounts over time, a point for each interval', () => {
    const period = 6 * 60 * 60;
    expect(titled(widgets, 'Accounts').metrics).toEqual([
      of('OptedOut', { stat: 'Minimum', period }), of('NotOptedOut', { stat: 'Maximum', period }), of('Unknown', { stat: 'Maximum', period }),
    ]);
  });

  test('shows findings out of the function\'s log', () => {
    expect(titled(widgets, 'Recent findings').query).toBe(
      `SOURCE '<${SHARED.logGroup}>' | fields @timestamp, @message\n| filter step = "found"\n| sort @timestamp desc\n| limit 50`);
  });

  test('shows repairs', () => {
    expect(titled(widgets, 'Repairs').metrics).toEqual([of('Repairs', { stat: 'Sum', period: 6 * 60 * 60 })]);
  });

  test('shows what could not be handled', () => {
    expect(titled(widgets, 'Events that could not be handled').metrics).toEqual([
      ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', '<MonitorEventsFailures17150040.QueueName>', { stat: 'Maximum' }],
    ]);
  });

  test('is in the Region of its stack', () => {
    const regions = new Set(widgets.map(({ properties }) => properties.region));
    expect([...regions]).toEqual([undefined, 'us-east-1']);
  });

  test('has a name that begins with the stack\'s, as documented permissions expect, and differs between Regions', () => {
    const { DashboardName } = theOnly(Template.fromStack(stack), DASHBOARD).Properties;
    expect(DashboardName).toEqual({ 'Fn::Join': ['', [{ Ref: 'AWS::StackName' }, '-', { Ref: 'AWS::Region' }]] });
  });

  test.each([['another', EU_WEST_1], ['an unknown', undefined]])('does not show a queue in %s Region, nor repairs that are off', (_name, props) => {
    const other = newStack(props);
    monitorIn(other);
    const titles = dashboardOf(other).map(({ properties }) => properties.title);
    expect(titles).toHaveLength(5);
    expect(titles).not.toContain('Events that could not be handled');
    expect(titles).not.toContain('Repairs');
  });
});

describe('the widgets', () => {
  test('are new ones each time, so that several dashboards can have them', () => {
    const monitor = monitorIn(newStack());
    const [one, other] = [monitor.widgets(), monitor.widgets()];
    expect(one).toHaveLength(other.length);
    one.forEach((widget, i) => expect(widget).not.toBe(other[i]));
  });

  test('show the same on another dashboard', () => {
    const stack = newStack();
    const monitor = monitorIn(stack);
    new Dashboard(stack, 'Mine', { widgets: [monitor.widgets()] });
    const [one, other] = Object.values<any>(Template.fromStack(stack).findResources(DASHBOARD))
      .map(({ Properties }) => JSON.parse(text(Properties.DashboardBody)).widgets);
    expect(one).toEqual(other);
  });

  test('show the monitor\'s metrics on a dashboard of another stack', () => {
    const app = new App();
    const [own, other] = [new Stack(app, 'Own', US_EAST_1), new Stack(app, 'Other', EU_WEST_1)];
    const monitor = monitorIn(own);
    new Dashboard(other, 'Mine', { widgets: [monitor.widgets().slice(2, 4)] });
    const [now, overTime] = dashboardOf(other);
    for (const { properties } of [now!, overTime!]) {
      expect(properties.region).toBe('us-east-1');
      for (const metric of properties.metrics!) expect(metric.slice(2, 5)).toEqual(['StackName', 'Own', expect.objectContaining({ region: 'us-east-1' })]);
    }
  });
});
