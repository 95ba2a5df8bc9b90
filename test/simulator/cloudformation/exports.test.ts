import { logGroup, startAws } from './scene';
import { CloudFormation } from '../../../simulator/cloudformation/cloudformation';
import { type SimulatedAws } from '../../../simulator/cloudformation/simulated-aws';

const exporting = (Value: unknown, Name: unknown = 'Shared') => ({ Resources: { Group: logGroup() }, Outputs: { Out: { Value, Export: { Name } } } });
const importing = (name: unknown = 'Shared') => ({ Resources: { Group: logGroup({ LogGroupName: { 'Fn::ImportValue': name } }) } });

async function create(aws: SimulatedAws, stackName: string, template: object) {
  return aws.cloudFormation.createStack({ stackName, template });
}

function groupOf(aws: SimulatedAws, stackName: string): string {
  return aws.cloudFormation.describeStack(stackName).resources[0].physicalId;
}

/** One stack that exports a value, and one that uses it. */
async function start() {
  const aws = await startAws();
  await create(aws, 'Exporter', exporting('value'));
  const { status } = await create(aws, 'Importer', importing());
  expect(status).toBe('CREATE_COMPLETE');
  return aws;
}

const update = async (aws: SimulatedAws, stackName: string, template: object) => aws.cloudFormation.updateStack({ stackName, template });

test('a stack imports what another exports', async () => {
  const aws = await startAws();
  await create(aws, 'Exporter', exporting({ Ref: 'Group' }, { 'Fn::Sub': '${AWS::StackName}:Group' }));
  const { status } = await create(aws, 'Importer', {
    Parameters: { What: { Type: 'String', Default: 'Group' } },
    Resources: { Copy: logGroup({ LogGroupName: { 'Fn::Sub': ['copy-of-${Name}', { Name: { 'Fn::ImportValue': { 'Fn::Sub': 'Exporter:${What}' } } }] } }) },
  });
  const value = groupOf(aws, 'Exporter');
  expect(status).toBe('CREATE_COMPLETE');

  expect(aws.cloudFormation.exports).toEqual({ 'Exporter:Group': value });
  expect(aws.cloudFormation.describeStack('Exporter').outputs).toEqual({ Out: value });
  expect(groupOf(aws, 'Importer')).toBe(`copy-of-${value}`);
});

test('an import may be anywhere in a value, and in an output', async () => {
  const aws = await startAws();
  await create(aws, 'Exporter', exporting('value'));
  await create(aws, 'Importer', {
    Resources: { Group: logGroup({ LogGroupName: { 'Fn::Join': ['-', ['a', { 'Fn::ImportValue': 'Shared' }]] } }) },
    Outputs: { Again: { Value: { 'Fn::ImportValue': 'Shared' } } },
  });

  expect(groupOf(aws, 'Importer')).toBe('a-value');
  expect(aws.cloudFormation.describeStack('Importer').outputs).toEqual({ Again: 'value' });
});

test('an import of nothing fails before anything is created', async () => {
  const aws = await startAws();
  const { status, reason, events } = await create(aws, 'Importer', { Resources: { Other: logGroup(), ...importing().Resources } });

  expect([status, reason]).toEqual(['ROLLBACK_COMPLETE', 'No export named Shared found.']);
  expect(events.map((event) => [event.logicalId, event.status, event.reason])).toEqual([
    ['Importer', 'CREATE_IN_PROGRESS', undefined],
    ['Importer', 'ROLLBACK_IN_PROGRESS', 'No export named Shared found. Rollback requested by user.'],
    ['Importer', 'ROLLBACK_COMPLETE', 'No export named Shared found.'],
  ]);
});

test('an import that no condition wants need not exist', async () => {
  const aws = await startAws();
  const { status } = await create(aws, 'Importer', {
    Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
    Resources: {
      Group: logGroup({ LogGroupName: { 'Fn::If': ['No', { 'Fn::ImportValue': 'Shared' }, 'own'] } }),
      Other: logGroup({ LogGroupName: { 'Fn::ImportValue': 'Shared' } }, { Condition: 'No' }),
    },
    Outputs: { Out: { Condition: 'No', Value: { 'Fn::ImportValue': 'Shared' } } },
  });

  expect(status).toBe('CREATE_COMPLETE');
});

test('an export is there only where its condition says so', async () => {
  const aws = await startAws();
  await create(aws, 'Exporter', {
    Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
    Resources: { Group: logGroup() },
    Outputs: { Out: { Condition: 'No', Value: 'x', Export: { Name: 'Shared' } } },
  });

  expect(aws.cloudFormation.exports).toEqual({});
});

test('a name is exported once', async () => {
  const aws = await start();
  const { status, reason } = await create(aws, 'Second', exporting('other'));

  expect([status, reason]).toEqual(['ROLLBACK_COMPLETE', 'Export with name Shared is already exported by stack Exporter.']);
});

describe('while it is imported, an export', () => {
  test.each([
    ['can not be removed', { Resources: { Group: logGroup({ RetentionInDays: 1 }) } }, 'Export Shared cannot be deleted as it is in use by Importer'],
    ['can not be renamed', exporting('value', 'Renamed'), 'Export Shared cannot be deleted as it is in use by Importer'],
    ['can not be changed', exporting('other'), 'Export Shared cannot be updated as it is in use by Importer'],
  ])('%s', async (_, template, message) => {
    const aws = await start();
    const { status, reason } = await update(aws, 'Exporter', template);

    expect([status, reason]).toEqual(['UPDATE_ROLLBACK_COMPLETE', message]);
    expect(aws.cloudFormation.exports).toEqual({ Shared: 'value' });
    expect(aws.cloudFormation.describeStack('Exporter').outputs).toEqual({ Out: 'value' });
  });

  test('keeps its stack from being deleted', async () => {
    const aws = await start();
    const { status, reason } = await aws.cloudFormation.deleteStack('Exporter');

    expect([status, reason]).toEqual(['CREATE_COMPLETE', 'Delete canceled. Cannot delete export Shared as it is in use by Importer.']);
    expect(aws.cloudFormation.describeStack('Exporter').resources).toHaveLength(1);
  });

  test('stays when something else changes', async () => {
    const aws = await start();
    const { status } = await update(aws, 'Exporter', { ...exporting('value'), Resources: { Group: logGroup({ RetentionInDays: 1 }) } });

    expect(status).toBe('UPDATE_COMPLETE');
  });
});

describe('once nobody imports it any more, an export', () => {
  test('can be changed', async () => {
    const aws = await start();
    await update(aws, 'Importer', { Resources: { Group: logGroup({ LogGroupName: 'own' }) } });
    expect((await update(aws, 'Exporter', exporting('other'))).status).toBe('UPDATE_COMPLETE');
    expect(aws.cloudFormation.exports).toEqual({ Shared: 'other' });
  });

  test('can be deleted with its stack, and its name used again', async () => {
    const aws = await start();
    await aws.cloudFormation.deleteStack('Importer');
    expect((await aws.cloudFormation.deleteStack('Exporter')).status).toBe('DELETE_COMPLETE');
    expect(aws.cloudFormation.exports).toEqual({});
    expect((await create(aws, 'Second', exporting('other'))).status).toBe('CREATE_COMPLETE');
  });
});

test('AWS::NoValue takes its member out of a list, also in a condition\'s branch', async () => {
  const aws = await startAws();
  const ref = (value: string) => ({ 'Fn::If': ['No', value, { Ref: 'AWS::NoValue' }] });
  const { failures } = await aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: {
      Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
      Resources: {
        Rule: {
          Type: 'AWS::Events::Rule',
          Properties: {
            Name: 'Rule',
            EventPattern: { source: ['a', ref('b'), { 'Fn::If': ['No', 'c', 'd'] }], detail: ref('x') },
            Targets: [ref('x'), { Ref: 'AWS::NoValue' }],
          },
        },
      },
    },
  });

  expect(failures).toEqual([]);
  expect(aws.eventBridge.rule('Rule')).toEqual({ name: 'Rule', eventPattern: { source: ['a', 'd'] }, state: 'ENABLED', targets: [] });
});

test('another Region has exports of its own', async () => {
  const aws = await startAws();
  const { clock, organizations, endpoint, endpointUrl } = aws;
  const elsewhere = new CloudFormation({ clock, organizations, endpoint, endpointUrl, region: 'eu-west-1' });
  await elsewhere.createStack({ stackName: 'Exporter', template: exporting('value') });

  expect((await create(aws, 'Importer', importing())).reason).toBe('No export named Shared found.');
  expect(elsewhere.exports).toEqual({ Shared: 'value' });
  await elsewhere.close();
});
