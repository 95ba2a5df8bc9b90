import { CloudFormationClient, DescribeStackResourceCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { allow, custom, handler, logGroup, startAws, withFunction } from './scene';

const TELL = handler(`
  const { CloudFormationClient, DescribeStacksCommand } = require('@aws-sdk/client-cloudformation');
  try {
    const { Stacks: [{ StackStatus }] } = await new CloudFormationClient().send(new DescribeStacksCommand({ StackName: event.StackId }));
    console.log(event.RequestType + ' ' + StackStatus);
  } catch (error) {
    console.log(error.name + ': ' + error.message);
  }
  await answer(event, event.ResourceProperties.Fail === event.RequestType ? { Status: 'FAILED', Reason: 'told to' } : {});
`);
const MAY_DESCRIBE = allow('cloudformation:DescribeStacks', { Ref: 'AWS::StackId' });

test('a function sees its stack\'s status at the moment of the call', async () => {
  const aws = await startAws();
  const resources = (properties: object) => ({ Resources: { ...withFunction(TELL, {}, MAY_DESCRIBE), Thing: custom(properties) } });
  await aws.cloudFormation.createStack({ stackName: 'Stack', template: resources({}) });
  await aws.cloudFormation.updateStack({ stackName: 'Stack', template: resources({ a: 1 }) });
  await aws.cloudFormation.updateStack({ stackName: 'Stack', template: resources({ Fail: 'Update' }) });
  await aws.cloudFormation.deleteStack('Stack');
  const { failures } = await aws.cloudFormation.createStack({ stackName: 'Second', template: resources({ Fail: 'Create' }) });

  expect(failures).toHaveLength(1);
  expect(aws.cloudFormation.invocations.map(({ logLines }) => logLines[0].split('\t')[3])).toEqual([
    'Create CREATE_IN_PROGRESS',
    'Update UPDATE_IN_PROGRESS',
    'Update UPDATE_IN_PROGRESS',
    'Update UPDATE_ROLLBACK_IN_PROGRESS',
    'Delete DELETE_IN_PROGRESS',
    'Create CREATE_IN_PROGRESS',
    'Delete ROLLBACK_IN_PROGRESS',
  ]);
});

test('a function without permission does not', async () => {
  const aws = await startAws();
  await aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: { ...withFunction(TELL), Thing: custom() } } });
  const { stackId } = aws.cloudFormation.describeStack('Stack');

  expect(aws.cloudFormation.invocations[0].logLines[0]).toMatch(/AccessDenied: User: .* is not authorized to perform: cloudformation:DescribeStacks on resource: arn/);
  expect(aws.cloudFormation.evaluatedRequests[0]).toMatchObject({ action: 'cloudformation:DescribeStacks', resources: [stackId], allowed: false });
});

describe('any client', () => {
  async function start() {
    const aws = await startAws();
    await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: { Resources: { Logs: logGroup({ LogGroupName: 'a<b>&c' }) }, Outputs: { Name: { Value: { Ref: 'Logs' } } } },
      tags: { team: 'security' },
    });
    const client = new CloudFormationClient({
      region: 'us-east-1', endpoint: aws.endpointUrl, credentials: { accessKeyId: '111122223333', secretAccessKey: 'x' }, maxAttempts: 1,
    });
    return { aws, client };
  }

  test('reads status, outputs and tags', async () => {
    const { aws, client } = await start();
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'Stack' }));

    expect(Stacks).toMatchObject([{
      StackId: aws.cloudFormation.describeStack('Stack').stackId,
      StackName: 'Stack',
      StackStatus: 'CREATE_COMPLETE',
      CreationTime: new Date('2026-01-01T00:00:00Z'),
      Outputs: [{ OutputKey: 'Name', OutputValue: 'a<b>&c' }],
      Tags: [{ Key: 'team', Value: 'security' }],
    }]);
    client.destroy();
  });

  test('is told when there is no such stack', async () => {
    const { client } = await start();

    await expect(client.send(new DescribeStacksCommand({ StackName: 'None' }))).rejects.toMatchObject({
      name: 'ValidationError', message: 'Stack with id None does not exist',
    });
    client.destroy();
  });

  test('reads the physical id and the status of a resource', async () => {
    const { aws, client } = await start();
    const { stackId } = aws.cloudFormation.describeStack('Stack');

    const { StackResourceDetail } = await client.send(new DescribeStackResourceCommand({ StackName: stackId, LogicalResourceId: 'Logs' }));

    expect(StackResourceDetail).toMatchObject({
      StackName: 'Stack',
      StackId: stackId,
      LogicalResourceId: 'Logs',
      PhysicalResourceId: 'a<b>&c',
      ResourceType: 'AWS::Logs::LogGroup',
      ResourceStatus: 'CREATE_COMPLETE',
    });
    client.destroy();
  });

  test('reads a resource that the stack retained when it was deleted', async () => {
    const { aws, client } = await start();
    const template = { Resources: { Kept: { ...logGroup({ LogGroupName: 'kept' }), DeletionPolicy: 'Retain' } } };
    await aws.cloudFormation.createStack({ stackName: 'Other', template });
    const { stackId } = aws.cloudFormation.describeStack('Other');
    await aws.cloudFormation.deleteStack('Other');

    const { StackResourceDetail } = await client.send(new DescribeStackResourceCommand({ StackName: stackId, LogicalResourceId: 'Kept' }));

    expect(StackResourceDetail).toMatchObject({ PhysicalResourceId: 'kept', ResourceStatus: 'DELETE_SKIPPED' });
    client.destroy();
  });

  test.each([
    ['a stack that does not exist', { StackName: 'None', LogicalResourceId: 'Logs' }, "Stack 'None' does not exist"],
    ['a resource that does not exist', { StackName: 'Stack', LogicalResourceId: 'None' }, 'Resource None does not exist for stack Stack'],
  ])('gets a ValidationError for %s', async (_name, input, message) => {
    const { client } = await start();
    await expect(client.send(new DescribeStackResourceCommand(input))).rejects.toMatchObject({ name: 'ValidationError', message });
    client.destroy();
  });

  test('meets the faults that a test adds, and every call is recorded', async () => {
    const { aws, client } = await start();
    aws.cloudFormation.api.faults.throttle('DescribeStackResource', { calls: [1] });
    const input = { StackName: 'Stack', LogicalResourceId: 'Logs' };

    await expect(client.send(new DescribeStackResourceCommand(input))).rejects.toMatchObject({ name: 'Throttling' });
    await client.send(new DescribeStackResourceCommand(input));

    expect(aws.cloudFormation.api.calls.map(({ operation, outcome }) => [operation, outcome])).toEqual([
      ['DescribeStackResource', 'Throttling'], ['DescribeStackResource', 'ok'],
    ]);
    client.destroy();
  });
});
