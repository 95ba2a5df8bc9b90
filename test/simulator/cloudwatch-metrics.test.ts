import { allow, handler, startAws, withFunction } from './cloudformation/scene';
import { readEmbeddedMetrics } from '../../simulator/cloudwatch/embedded-metrics';

const NOW = Date.UTC(2026, 0, 1);

/** A log line in the embedded metric format, with these members replaced. */
function line({ metadata = {}, directive = {}, metric = {}, target = {} }: Partial<Record<'metadata' | 'directive' | 'metric' | 'target', object>> = {}): string {
  const CloudWatchMetrics = [{ Namespace: 'App', Dimensions: [['StackName']], Metrics: [{ Name: 'Errors', Unit: 'Count', ...metric }], ...directive }];
  return JSON.stringify({ _aws: { Timestamp: NOW, CloudWatchMetrics, ...metadata }, StackName: 'Stack', Errors: 3, ...target });
}

const read = (text: string) => readEmbeddedMetrics(text, NOW);

test('a line contains a value', () => {
  const data = [{ namespace: 'App', name: 'Errors', dimensions: { StackName: 'Stack' }, time: NOW, value: 3, unit: 'Count' }];
  expect(read(line())).toEqual({ data, problems: [] });
});

test('a line can contain several metrics, values and sets of dimensions', () => {
  const { data } = read(line({
    directive: { Dimensions: [['StackName'], ['StackName', 'Region'], []], Metrics: [{ Name: 'Errors' }, { Name: 'Duration', Unit: 'Seconds' }] },
    target: { Region: 'us-east-1', Duration: [1, 2.5] },
  }))!;
  const dimensions = { StackName: 'Stack', Region: 'us-east-1' };

  expect(data).toHaveLength(9);
  expect(data).toContainEqual({ namespace: 'App', name: 'Duration', dimensions, time: NOW, value: 2.5, unit: 'Seconds' });
  expect(data).toContainEqual({ namespace: 'App', name: 'Errors', dimensions: {}, time: NOW, value: 3, unit: 'None' });
});

test.each([`2026-01-01T00:00:00.000Z\tid\tINFO\t${line()}`, '{"level":"info"}', '{"level":"info"', 'REPORT'])('the line %s is not about metrics', (text) => {
  expect(read(text)).toBeUndefined();
});

test.each<[string, string | Parameters<typeof line>[0], string]>([
  ['seconds instead of milliseconds', { metadata: { Timestamp: NOW / 1000 } }, 'Timestamp is more than two weeks ago: it has to be in milliseconds'],
  ['a text as time', { metadata: { Timestamp: '2026-01-01' } }, 'Timestamp is no whole number of milliseconds'],
  ['a time in the future', { metadata: { Timestamp: NOW + 7_200_001 } }, 'Timestamp is more than two hours in the future'],
  ['no list of metrics', { metadata: { CloudWatchMetrics: {} } }, 'CloudWatchMetrics is no list'],
  ['no namespace', { directive: { Namespace: '' } }, 'Namespace is no text of 1 to 255 characters'],
  ['a namespace of AWS', { directive: { Namespace: 'AWS/Lambda' } }, 'Namespace AWS/Lambda is AWS\'s own'],
  ['no dimensions at all', { directive: { Dimensions: undefined } }, 'Dimensions is no list of lists'],
  ['dimensions that are not lists', { directive: { Dimensions: ['StackName'] } }, 'a member of Dimensions is no list'],
  ['a dimension without value', { target: { StackName: undefined } }, 'dimension "StackName" has no text as its value'],
  ['a number as dimension', { target: { StackName: 5 } }, 'dimension "StackName" has no text as its value'],
  ['an empty dimension', { target: { StackName: '' } }, 'dimension "StackName" has no text as its value'],
  ['a metric without value', { target: { Errors: undefined } }, 'metric Errors has no number as its value'],
  ['a text as value', { target: { Errors: '3' } }, 'metric Errors has no number as its value'],
  ['an empty list of values', { target: { Errors: [] } }, 'metric Errors has no number as its value'],
  ['too many values', { target: { Errors: Array(101).fill(1) } }, 'metric Errors has more than 100 values'],
  ['an unknown unit', { metric: { Unit: 'Accounts' } }, 'metric Errors has the unknown unit "Accounts"'],
  ['another resolution', { metric: { StorageResolution: 30 } }, 'metric Errors has the storage resolution 30, not 1 or 60'],
  ['a metric without name', { metric: { Name: '' } }, 'a metric has no name'],
  ['too many metrics', { directive: { Metrics: Array(101).fill({ Name: 'Errors' }) } }, 'there are more than 100 metrics'],
  ['too many dimensions', { directive: { Dimensions: [Array(31).fill('StackName')] } }, 'there are more than 30 dimensions'],
  ['more than one MiB', { target: { text: 'x'.repeat(1_048_576) } }, 'the line is longer than 1 MiB'],
  ['an incomplete object', line().slice(0, -1), 'the line is not one JSON object'],
  ['wrong metadata', '{"_aws":5}', '_aws is no object'],
  ['a wrong directive', `{"_aws":{"Timestamp":${NOW},"CloudWatchMetrics":[5]}}`, 'a member of CloudWatchMetrics is no object'],
])('a line with %s contains nothing', (_, given, problem) => {
  expect(read(typeof given === 'string' ? given : line(given))).toEqual({ data: [], problems: [problem] });
});

describe('the log of a function', () => {
  const LOGS = allow(['logs:CreateLogStream', 'logs:PutLogEvents']);
  const WRITE = handler(`
    const metric = (value) => JSON.stringify({
      _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'App', Dimensions: [['Stack']], Metrics: [{ Name: event.name || 'Errors' }] }] },
      Stack: 'One', Errors: value,
    });
    process.stdout.write(metric(1) + '\\n' + metric(2) + '\\n');
    console.log(metric(3));
  `);

  async function run(event: object, ...statements: object[]) {
    const aws = await startAws();
    await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: { Resources: withFunction(WRITE, {}, ...statements), Outputs: { Function: { Value: { 'Fn::GetAtt': 'Function.Arn' } } } },
    });
    await aws.cloudFormation.invokeFunction(aws.cloudFormation.describeStack('Stack').outputs.Function, event);
    return aws;
  }

  test('becomes metrics, except for what console.log wrote', async () => {
    const { cloudWatch, clock } = await run({}, LOGS);

    expect(cloudWatch.metric('App', 'Errors', { Stack: 'One' })).toEqual([1, 2].map((value) => (
      { time: clock.now(), arrived: clock.now(), value, unit: 'None' }
    )));
    expect(cloudWatch.metric('App', 'Errors')).toEqual([]);
    expect(cloudWatch.listMetrics()).toEqual([{ namespace: 'App', name: 'Errors', dimensions: { Stack: 'One' } }]);
    expect(cloudWatch.errors).toEqual([]);
  });

  test('becomes none when the role does not let the function write it', async () => {
    const { cloudWatch } = await run({}, allow('logs:CreateLogStream'));

    expect(cloudWatch.listMetrics()).toEqual([]);
  });

  test('shows what is wrong with it', async () => {
    const { cloudWatch, clock } = await run({ name: 'Other' }, LOGS);

    expect(cloudWatch.errors).toHaveLength(2);
    expect(cloudWatch.errors[0]).toEqual({
      time: clock.now(),
      functionName: expect.stringMatching(/^Stack-Function-/),
      line: expect.stringContaining('"_aws"'),
      problem: 'metric Other has no number as its value',
    });
  });
});
