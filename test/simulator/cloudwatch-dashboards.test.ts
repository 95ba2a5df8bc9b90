import { startAws } from './cloudformation/scene';
import { type SimulatedAws } from '../../simulator/cloudformation/simulated-aws';
import { dashboardProblems } from '../../simulator/cloudwatch/dashboard-body';
import { exactly, expectSteps, fails, type Step } from '../support/steps';

const METRICS = { region: 'us-east-1', metrics: [['App', 'Errors', 'Stack', 'One', { stat: 'Sum' }]] };
const WIDGET = { type: 'metric', x: 0, y: 0, width: 12, height: 6, properties: METRICS };
const ALARM = 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:a';

const graph = (properties: object) => ({ ...WIDGET, properties: { region: 'us-east-1', ...properties } });
const line = (...metric: unknown[]) => graph({ metrics: [metric] });
const body = (...widgets: unknown[]) => JSON.stringify({ widgets });

test.each<[string, string, string?]>([
  ['metrics', body(WIDGET)],
  ['an expression', body(graph({ metrics: [[{ expression: 'm1 * 2' }], ['App', 'Errors'], ['...', 'Two']] }))],
  ['the graph of an alarm', body(graph({ annotations: { alarms: [ALARM] } }))],
  ['a text', body({ type: 'text', width: 24, height: 1, properties: { markdown: '# Title' } })],
  ['alarms', body({ ...WIDGET, type: 'alarm', properties: { alarms: [ALARM] } })],
  ['log lines', body({ ...WIDGET, type: 'log', properties: { region: 'us-east-1', query: 'SOURCE \'group\' | fields @message' } })],
  ['an unknown type', body({ ...WIDGET, type: 'graph' }), '/widgets/0/type: should be one of alarm, custom, explorer, log, metric, text'],
  ['a text as width', body({ ...WIDGET, width: '12' }), '/widgets/0/width: should be 1 to 24'],
  ['no height', body({ ...WIDGET, height: 0 }), '/widgets/0/height: should be 1 to 1000'],
  ['half a place', body({ ...WIDGET, y: undefined }), '/widgets/0/x, /y: should be whole numbers'],
  ['a place beyond the edge', body({ ...WIDGET, x: 18 }), '/widgets/0/width: reaches beyond the 24 columns'],
  ['no properties', body({ ...WIDGET, properties: undefined }), '/widgets/0/properties: should be an object'],
  ['no region', body(graph({ region: undefined, metrics: [] })), '/widgets/0/properties/region: should be a string'],
  ['nothing to show', body(graph({})), '/widgets/0/properties: should have metrics or annotations with alarms'],
  ['metrics that are not a list', body(graph({ metrics: {} })), '/widgets/0/properties/metrics: should be an array'],
  ['a metric that is not a list', body(graph({ metrics: ['App'] })), '/widgets/0/properties/metrics/0: should be an array'],
  ['a metric without name', body(line('App')), '/widgets/0/properties/metrics/0: should have a namespace and a metric name'],
  ['a dimension without value', body(line('App', 'Errors', 'Stack')), '/widgets/0/properties/metrics/0: should have a value for every dimension'],
  ['an unresolved dimension', body(line('App', 'Errors', 'Stack', null)), '/widgets/0/properties/metrics/0: should be made of strings'],
  ['an empty expression', body(line({})), '/widgets/0/properties/metrics/0: should have an expression'],
  ['a text widget without text', body({ type: 'text', properties: {} }), '/widgets/0/properties/markdown: should be a string'],
  ['names of alarms', body({ type: 'alarm', properties: { alarms: ['a'] } }), '/widgets/0/properties/alarms: should be an array of ARNs'],
  ['log lines without query', body({ type: 'log', properties: { region: 'us-east-1' } }), '/widgets/0/properties/query: should be a string'],
  ['a widget that is not an object', body('widget'), '/widgets/0: should be an object'],
  ['no widgets', '{}', '/widgets: should be an array'],
  ['text', 'widgets', 'the body is not valid JSON'],
  ['too many widgets', body(...Array(501).fill(WIDGET)), '/widgets: should have at most 500'],
])('the problems of a dashboard body with %s', (_, text, ...problems) => {
  expect(dashboardProblems(text)).toEqual(problems);
});

let aws: SimulatedAws;
const template = (DashboardBody: string, properties: object = {}) => ({
  stackName: 'Stack',
  template: { Resources: { Board: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody, ...properties } } }, Outputs: { Name: { Value: { Ref: 'Board' } } } },
});
const create = async (...parts: Parameters<typeof template>) => aws.cloudFormation.createStack(template(...parts));
const nameOf = () => aws.cloudFormation.describeStack('Stack').outputs.Name;
const board = () => aws.cloudWatch.dashboard('Board');

test.each<[string, ...Step[]]>([
  ['is put, changed and deleted',
    [() => create(body(WIDGET))], [board, exactly({ name: expect.stringMatching(/./), logicalId: 'Board', body: { widgets: [WIDGET] } })],
    [() => aws.cloudFormation.updateStack(template(body()))], [() => aws.cloudWatch.dashboard(nameOf()).body, exactly({ widgets: [] })],
    [() => aws.cloudFormation.deleteStack('Stack')], [board, fails('Error', /no dashboard is called Board/)]],
  ...([
    ['a wrong body', body({ ...WIDGET, type: 'graph' }), {}, 'The dashboard body is invalid, there are 1 validation error: /widgets/0/type'],
    ['a name with blanks', body(), { DashboardName: 'my board' }, 'the name my board has other characters'],
  ] as const).map(([what, text, properties, message]): [string, ...Step[]] => [`fails with ${what}`,
    [() => create(text, properties), { failures: [{ reason: expect.stringContaining(message) }] }], [() => aws.cloudWatch.dashboards, []]]),
])('AWS::CloudWatch::Dashboard %s', async (_, ...steps) => {
  aws = await startAws();
  await expectSteps(...steps);
});
