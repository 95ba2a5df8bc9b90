import { startAws } from './cloudformation/scene';
import { dashboardProblems } from '../../simulator/cloudwatch/dashboard-body';

const METRIC = { type: 'metric', x: 0, y: 0, width: 12, height: 6, properties: { region: 'us-east-1', metrics: [['App', 'Errors', 'Stack', 'One', { stat: 'Sum' }]] } };

const problems = (...widgets: unknown[]) => dashboardProblems(JSON.stringify({ widgets }));

describe('a dashboard', () => {
  test.each([
    ['of metrics', METRIC],
    ['with an expression', { ...METRIC, properties: { region: 'us-east-1', metrics: [[{ expression: 'm1 * 2' }], ['App', 'Errors'], ['...', 'Two']] } }],
    ['with the graph of an alarm', { ...METRIC, properties: { region: 'us-east-1', annotations: { alarms: ['arn:aws:cloudwatch:us-east-1:111122223333:alarm:a'] } } }],
    ['of text', { type: 'text', width: 24, height: 1, properties: { markdown: '# Title' } }],
    ['of alarms', { type: 'alarm', x: 0, y: 0, width: 6, height: 2, properties: { alarms: ['arn:aws:cloudwatch:us-east-1:111122223333:alarm:a'] } }],
    ['of log lines', { type: 'log', x: 0, y: 0, width: 6, height: 2, properties: { region: 'us-east-1', query: 'SOURCE \'group\' | fields @message' } }],
  ])('can be made %s', (_, widget) => {
    expect(problems(widget)).toEqual([]);
  });

  test.each([
    ['an unknown type', { ...METRIC, type: 'graph' }, '/widgets/0/type: should be one of alarm, custom, explorer, log, metric, text'],
    ['a text as width', { ...METRIC, width: '12' }, '/widgets/0/width: should be 1 to 24'],
    ['no height', { ...METRIC, height: 0 }, '/widgets/0/height: should be 1 to 1000'],
    ['half a place', { ...METRIC, y: undefined }, '/widgets/0/x, /y: should be whole numbers'],
    ['a place beyond the edge', { ...METRIC, x: 18 }, '/widgets/0/width: reaches beyond the 24 columns'],
    ['no properties', { ...METRIC, properties: undefined }, '/widgets/0/properties: should be an object'],
    ['no region', { ...METRIC, properties: { metrics: [] } }, '/widgets/0/properties/region: should be a string'],
    ['nothing to show', { ...METRIC, properties: { region: 'us-east-1' } }, '/widgets/0/properties: should have metrics or annotations with alarms'],
    ['metrics that are no list', { ...METRIC, properties: { region: 'us-east-1', metrics: {} } }, '/widgets/0/properties/metrics: should be an array'],
    ['a metric that is no list', { ...METRIC, properties: { region: 'us-east-1', metrics: ['App'] } }, '/widgets/0/properties/metrics/0: should be an array'],
    ['a metric without name', { ...METRIC, properties: { region: 'us-east-1', metrics: [['App']] } },
      '/widgets/0/properties/metrics/0: should have a namespace and a metric name'],
    ['a dimension without value', { ...METRIC, properties: { region: 'us-east-1', metrics: [['App', 'Errors', 'Stack']] } },
      '/widgets/0/properties/metrics/0: should have a value for every dimension'],
    ['an unresolved dimension', { ...METRIC, properties: { region: 'us-east-1', metrics: [['App', 'Errors', 'Stack', null]] } },
      '/widgets/0/properties/metrics/0: should be made of strings'],
    ['an empty expression', { ...METRIC, properties: { region: 'us-east-1', metrics: [[{}]] } }, '/widgets/0/properties/metrics/0: should have an expression'],
    ['text without text', { type: 'text', properties: {} }, '/widgets/0/properties/markdown: should be a string'],
    ['names for alarms', { type: 'alarm', properties: { alarms: ['a'] } }, '/widgets/0/properties/alarms: should be an array of ARNs'],
    ['log lines without query', { type: 'log', properties: { region: 'us-east-1' } }, '/widgets/0/properties/query: should be a string'],
    ['no object', 'widget', '/widgets/0: should be an object'],
  ])('is refused with %s', (_, widget, problem) => {
    expect(problems(widget)).toEqual([problem]);
  });

  test('is refused without widgets', () => {
    expect(dashboardProblems('{}')).toEqual(['/widgets: should be an array']);
    expect(dashboardProblems('widgets')).toEqual(['the body is not valid JSON']);
    expect(problems(...Array(501).fill(METRIC))).toEqual(['/widgets: should have at most 500']);
  });
});

describe('AWS::CloudWatch::Dashboard', () => {
  const template = (body: unknown, properties: object = {}) => ({
    Resources: { Board: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: JSON.stringify(body), ...properties } } },
    Outputs: { Name: { Value: { Ref: 'Board' } } },
  });

  test('is put, changed and deleted', async () => {
    const { cloudFormation, cloudWatch } = await startAws();
    await cloudFormation.createStack({ stackName: 'Stack', template: template({ widgets: [METRIC] }) });
    const { Name } = cloudFormation.describeStack('Stack').outputs;

    expect(cloudWatch.dashboard('Board')).toEqual({ name: Name, logicalId: 'Board', body: { widgets: [METRIC] } });

    await cloudFormation.updateStack({ stackName: 'Stack', template: template({ widgets: [] }) });

    expect(cloudWatch.dashboard(Name).body).toEqual({ widgets: [] });

    await cloudFormation.deleteStack('Stack');

    expect(() => cloudWatch.dashboard('Board')).toThrow('no dashboard is called Board');
  });

  test.each([
    ['a body that is wrong', template({ widgets: [{ ...METRIC, type: 'graph' }] }), 'The dashboard body is invalid, there are 1 validation error: /widgets/0/type'],
    ['a name with blanks', template({ widgets: [] }, { DashboardName: 'my board' }), 'the name my board has other characters'],
  ])('fails with %s', async (_, source, message) => {
    const { cloudFormation, cloudWatch } = await startAws();
    const { failures } = await cloudFormation.createStack({ stackName: 'Stack', template: source });

    expect(failures[0].reason).toContain(message);
    expect(cloudWatch.dashboards).toEqual([]);
  });
});
