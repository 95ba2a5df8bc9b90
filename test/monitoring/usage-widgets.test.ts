import { Lazy, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { AiService, AiServicesOptOut, OptOutScope, type AiServicesOptOutMonitor, type UsageWidgetsOptions } from '../../src';
import { USAGE_METRICS } from '../../src/monitoring/usage-metrics';
import { EU_WEST_1, monitorIn } from '../support/monitoring';
import { newStack } from '../support/stacks';

const OPTIONS: UsageWidgetsOptions = { accountIds: ['111122223333', '222233334444'], region: 'eu-central-1' };

function propertiesOf(monitor: AiServicesOptOutMonitor): { title: string; region: string; metrics: any[] }[] {
  const widgets = monitor.usageWidgets(OPTIONS).flatMap((widget) => widget.toJson());
  return Stack.of(monitor).resolve(widgets).map(({ properties }: any) => properties);
}

/** A monitor that repairs an opt-out of this scope. */
function monitorOf(services: OptOutScope): AiServicesOptOutMonitor {
  const stack = newStack();
  return monitorIn(stack, { repair: new AiServicesOptOut(stack, 'OptOut', { services }) });
}

const titlesOf = (keep: (service: string) => boolean) => USAGE_METRICS.filter(({ service }) => keep(service)).map(({ title }) => title);

test('there is a graph for each metric, with a line for each account', () => {
  const widgets = propertiesOf(monitorIn(newStack()));
  expect(widgets.map(({ title }) => title)).toEqual(titlesOf(() => true));
  expect(widgets.length).toBeGreaterThan(10);
  for (const { region, metrics } of widgets) {
    expect(region).toBe('eu-central-1');
    expect(metrics.map(([{ label }]) => label)).toEqual(OPTIONS.accountIds);
  }
});

test('a line adds up what CloudWatch keeps apart, by day, in the account and Region asked for', () => {
  const polly = propertiesOf(monitorIn(newStack())).find(({ title }) => title.startsWith('Amazon Polly'))!;
  expect(polly.metrics[0]).toEqual([{
    expression: 'SUM(SEARCH(\'{AWS/Polly,Operation} MetricName="RequestCharacters"\', \'Sum\'))',
    label: '111122223333',
    period: 86_400,
    accountId: '111122223333',
    region: 'eu-central-1',
  }]);
});

test('a monitor that repairs shows what its opt-out covers', () => {
  const covers = (services: OptOutScope) => propertiesOf(monitorOf(services)).map(({ title }) => title);
  expect(covers(OptOutScope.allServices())).toEqual(titlesOf(() => true));
  expect(covers(OptOutScope.allServices({ optIn: [AiService.LEX] }))).toEqual(titlesOf((service) => service !== 'lex'));
  expect(covers(OptOutScope.services([AiService.TEXTRACT, AiService.POLLY]))).toEqual(titlesOf((service) => ['textract', 'polly'].includes(service)));
});

test('they can be put on a dashboard', () => {
  const stack = newStack(EU_WEST_1);
  new Dashboard(stack, 'Usage', { widgets: [monitorIn(stack).usageWidgets(OPTIONS)] });
  Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Dashboard', 2);
});

describe('bad input', () => {
  const ids = (count: number) => Array.from({ length: count }, (_, i) => `${111_100_000_000 + i}`);
  const A_LIST = 'accountIds must be a list, got a token for the whole list; the graphs have a line for each account, so list the accounts';

  test.each<[string, Partial<UsageWidgetsOptions>, string]>([
    ['no account', { accountIds: [] }, 'accountIds must name 1 to 100 accounts, got 0; a CloudWatch graph makes no more searches, so make the widgets for some accounts at a time'],
    ['too many accounts', { accountIds: ids(101) }, 'accountIds must name 1 to 100 accounts, got 101; a CloudWatch graph makes no more searches, so make the widgets for some accounts at a time'],
    ['other ids', { accountIds: ['r-abcd', '11112222333', '111122223333'] }, 'accountIds must be account ids (12 digits), got "r-abcd", "11112222333"'],
    ['an account twice', { accountIds: ['111122223333', '111122223333'] }, 'accountIds names 111122223333 more than once; name each account once'],
    ['a token for the list', { accountIds: Lazy.list({ produce: () => [] }) }, A_LIST],
    ['no Region', { region: '' }, 'region must be the Region whose metrics are shown, got an empty text; give for example us-east-1'],
    ['everything at once', { accountIds: ['x', 'x'], region: ' ' },
      'accountIds must be account ids (12 digits), got "x", "x"\naccountIds names x more than once; name each account once\n'
      + 'region must be the Region whose metrics are shown, got an empty text; give for example us-east-1'],
  ])('fails for %s', (_name, options, message) => {
    const monitor = monitorIn(newStack());
    expect(() => monitor.usageWidgets({ ...OPTIONS, ...options })).toThrow(expect.objectContaining({
      code: 'PropsInvalid', message: `${message}\n  at AiOptOut/Monitor`,
    }));
  });

  test('takes 100 accounts, and ids and Regions known only at deployment', () => {
    const monitor = monitorIn(newStack());
    expect(() => monitor.usageWidgets({ accountIds: ids(100), region: 'us-east-1' })).not.toThrow();
    expect(() => monitor.usageWidgets({ accountIds: [Token.asString({ Ref: 'Id' })], region: Token.asString({ Ref: 'Region' }) })).not.toThrow();
  });
});
