import { custom, failing, handler, lines, logGroup, policy, requests, startAws, SUCCEED, withFunction, writes } from './scene';
import { type StackInput } from '../../../simulator/cloudformation/cloudformation';
import { type SimulatedAws } from '../../../simulator/cloudformation/simulated-aws';

const ENABLED = { scene: (organizations: any) => organizations.createOrganization().enablePolicyType('AISERVICES_OPT_OUT_POLICY') };

/** Fails or renames as its properties say. */
const OBEDIENT = handler(`
  const { Fail, Id, Wait } = event.ResourceProperties;
  if (Wait) await sleep(Number(Wait));
  await answer(event, Fail && Fail.includes(event.RequestType) ? { Status: 'FAILED', Reason: 'told to' } : Id ? { PhysicalResourceId: Id } : {});
`);

/** Creates a stack and updates it. */
async function update(before: object, after: object, input: Partial<StackInput> = {}, aws?: SimulatedAws) {
  const simulated = aws ?? await startAws(ENABLED);
  const created = await simulated.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: before } });
  expect(created.failures).toEqual([]);
  const outcome = await simulated.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: after }, ...input });
  return { aws: simulated, outcome, events: lines(outcome.events) };
}

describe('an update', () => {
  test('with nothing changed is refused', async () => {
    const resources = { Logs: logGroup({ RetentionInDays: 30 }) };

    await expect(update(resources, resources)).rejects.toMatchObject({ code: 'ValidationError', message: 'No updates are to be performed.' });
  });

  test('touches only what changed', async () => {
    const { events, outcome, aws } = await update(
      { ...withFunction(SUCCEED), Same: custom({ a: 1 }), Changed: custom({ a: 1 }), Group: logGroup() },
      { ...withFunction(SUCCEED), Same: custom({ a: 1 }), Changed: custom({ a: 2 }), Group: logGroup() },
    );

    expect(outcome.status).toBe('UPDATE_COMPLETE');
    expect(events).toEqual([
      'Stack UPDATE_IN_PROGRESS',
      'Changed UPDATE_IN_PROGRESS',
      'Changed UPDATE_COMPLETE',
      'Stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Stack UPDATE_COMPLETE',
    ]);
    expect(requests(aws, 'Same')).toEqual(['Create']);
    expect(aws.cloudFormation.invocations.at(-1)!.event).toMatchObject({
      RequestType: 'Update',
      PhysicalResourceId: 'physical-id',
      ResourceProperties: { a: '2' },
      OldResourceProperties: { a: '1' },
    });
  });

  test('compares with the previous template, never with reality', async () => {
    const aws = await startAws(ENABLED);
    const resources = { Policy: policy({ TargetIds: [aws.organizations.rootId] }) };
    await aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: resources } });
    const PolicyId = aws.cloudFormation.describeStack('Stack').resources[0].physicalId;
    await aws.organizations.call('DetachPolicy', { PolicyId, TargetId: aws.organizations.rootId }, { accountId: '111122223333', arn: 'somebody' });

    await expect(aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: resources } })).rejects.toThrow('No updates');
    const described = { ...resources.Policy, Properties: { ...resources.Policy.Properties, Description: 'changed' } };
    await aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: { Policy: described } } });

    expect(writes(aws)).toEqual(['CreatePolicy', 'AttachPolicy', 'DetachPolicy', 'UpdatePolicy']);
  });

  test('creates what is new and deletes what is gone, last', async () => {
    const { events } = await update({ ...withFunction(SUCCEED), Old: custom() }, { ...withFunction(SUCCEED), New: custom() });

    expect(events).toEqual([
      'Stack UPDATE_IN_PROGRESS',
      'New CREATE_IN_PROGRESS',
      'New CREATE_COMPLETE',
      'Stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Old DELETE_IN_PROGRESS',
      'Old DELETE_COMPLETE',
      'Stack UPDATE_COMPLETE',
    ]);
  });

  test('changes whoever uses an attribute that changed', async () => {
    const code = handler('await answer(event, { Data: { Value: event.ResourceProperties.Value } });');
    const user = custom({ Used: { 'Fn::GetAtt': ['Source', 'Value'] } });
    const { aws } = await update(
      { ...withFunction(code), Source: custom({ Value: 1 }), User: user },
      { ...withFunction(code), Source: custom({ Value: 2 }), User: user },
    );

    expect(requests(aws, 'User')).toEqual(['Create', 'Update physical-id']);
    expect(aws.cloudFormation.invocations.at(-1)!.event).toMatchObject({ ResourceProperties: { Used: '2' }, OldResourceProperties: { Used: '1' } });
  });

  test('runs new code, and not the custom resource, when only the code changed', async () => {
    const { aws, events } = await update(
      { ...withFunction(SUCCEED), Thing: custom() },
      { ...withFunction(`${SUCCEED}// changed`), Thing: custom() },
    );

    expect(events).toContain('Function UPDATE_COMPLETE');
    expect(requests(aws)).toEqual(['Create']);
  });

  test('of a stack\'s tags reaches its policies and not its custom resources', async () => {
    const resources = { ...withFunction(SUCCEED), Thing: custom(), Policy: policy() };
    const { aws, events } = await update(resources, resources, { tags: { team: 'security' } });
    const { physicalId } = aws.cloudFormation.describeStack('Stack').resources.find(({ logicalId }) => logicalId === 'Policy')!;
    const { Tags } = await aws.organizations.call('ListTagsForResource', { ResourceId: physicalId }, { accountId: '111122223333', arn: 'x' }) as any;

    expect(Tags).toEqual([{ Key: 'team', Value: 'security' }]);
    expect(events).toContain('Policy UPDATE_COMPLETE');
    expect(events).not.toContain('Thing UPDATE_IN_PROGRESS');
  });

  test('keeps parameters that are not given', async () => {
    const aws = await startAws();
    const template = (days: number) => ({
      Parameters: { Name: { Type: 'String' } },
      Resources: { Group: logGroup({ LogGroupName: { Ref: 'Name' }, RetentionInDays: days }) },
    });
    await aws.cloudFormation.createStack({ stackName: 'Stack', template: template(1), parameters: { Name: 'given' } });
    await aws.cloudFormation.updateStack({ stackName: 'Stack', template: template(3) });

    expect(aws.cloudFormation.describeStack('Stack').resources[0].physicalId).toBe('given');
  });

  test('of a resource\'s type is refused', async () => {
    await expect(update({ Thing: logGroup() }, { Thing: { Type: 'AWS::CDK::Metadata' } }))
      .rejects.toThrow('Update of resource type is not permitted. The new template modifies resource type of the following resources: [Thing]');
  });

  test('is refused while another one is in progress', async () => {
    const aws = await startAws();
    const input = { stackName: 'Stack', template: { Resources: { Logs: logGroup() } } };
    const creating = aws.cloudFormation.createStack(input);

    await expect(aws.cloudFormation.updateStack(input)).rejects.toThrow('is in CREATE_IN_PROGRESS state and can not be updated');
    await creating;
  });
});

describe('replacement', () => {
  test('creates the new one first and deletes the old one in the clean-up', async () => {
    const { events, aws } = await update({ Group: logGroup({ LogGroupName: 'old' }) }, { Group: logGroup({ LogGroupName: 'new' }) });

    expect(events).toEqual([
      'Stack UPDATE_IN_PROGRESS',
      'Group UPDATE_IN_PROGRESS',
      'Group UPDATE_IN_PROGRESS',
      'Group UPDATE_COMPLETE',
      'Stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Group DELETE_IN_PROGRESS',
      'Group DELETE_COMPLETE',
      'Stack UPDATE_COMPLETE',
    ]);
    expect(aws.cloudFormation.events.filter(({ status }) => status === 'DELETE_COMPLETE')).toMatchObject([{ physicalId: 'old' }]);
    expect(aws.cloudFormation.describeStack('Stack').resources[0].physicalId).toBe('new');
  });

  test('UpdateReplacePolicy Retain keeps the old one', async () => {
    const { events } = await update(
      { Group: logGroup({ LogGroupName: 'old' }) },
      { Group: logGroup({ LogGroupName: 'new' }, { UpdateReplacePolicy: 'Retain' }) },
    );

    expect(events).toContain('Group DELETE_SKIPPED');
  });

  test('of a custom resource happens when its physical id changes', async () => {
    const { aws, outcome } = await update(
      { ...withFunction(OBEDIENT), Thing: custom({ Id: 'one' }) },
      { ...withFunction(OBEDIENT), Thing: custom({ Id: 'two' }) },
    );

    expect(outcome.status).toBe('UPDATE_COMPLETE');
    expect(requests(aws)).toEqual(['Create', 'Update one', 'Delete one']);
    expect(aws.cloudFormation.invocations.at(-1)!.event.ResourceProperties).toMatchObject({ Id: 'one' });
  });

  test('a clean-up that fails does not fail the update', async () => {
    const { outcome } = await update(
      { ...withFunction(OBEDIENT), Thing: custom({ Fail: ['Delete'] }) },
      { ...withFunction(OBEDIENT) },
    );

    expect(outcome.status).toBe('UPDATE_COMPLETE');
    expect(outcome.failures).toMatchObject([{ logicalId: 'Thing', status: 'DELETE_FAILED' }]);
  });

  test.each([
    [undefined, 'DELETE_COMPLETE'],
    ['Retain', 'DELETE_SKIPPED'],
    ['RetainExceptOnCreate', 'DELETE_SKIPPED'],
  ])('a resource that leaves the template with DeletionPolicy %s: %s', async (DeletionPolicy, status) => {
    const { events } = await update({ Logs: logGroup(), Gone: logGroup({}, { DeletionPolicy }) }, { Logs: logGroup() });

    expect(events).toContain(`Gone ${status}`);
  });
});

describe('when an update fails', () => {
  test('what was updated gets its previous properties again and what was created is deleted', async () => {
    const { aws, outcome, events } = await update(
      { ...withFunction(OBEDIENT), Thing: custom({ a: 1 }) },
      { ...withFunction(OBEDIENT), Thing: custom({ a: 2 }), New: logGroup({}, { DependsOn: 'Thing' }), Broken: failing('New') },
    );

    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(events).toEqual([
      'Stack UPDATE_IN_PROGRESS',
      'Thing UPDATE_IN_PROGRESS',
      'Thing UPDATE_COMPLETE',
      'New CREATE_IN_PROGRESS',
      'New CREATE_COMPLETE',
      'Broken CREATE_IN_PROGRESS',
      'Broken CREATE_FAILED',
      'Stack UPDATE_ROLLBACK_IN_PROGRESS',
      'Thing UPDATE_IN_PROGRESS',
      'Thing UPDATE_COMPLETE',
      'Stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'New DELETE_IN_PROGRESS',
      'New DELETE_COMPLETE',
      'Stack UPDATE_ROLLBACK_COMPLETE',
    ]);
    expect(aws.cloudFormation.invocations.at(-1)!.event).toMatchObject({
      RequestType: 'Update', ResourceProperties: { a: '1' }, OldResourceProperties: { a: '2' },
    });
    expect(aws.cloudFormation.describeStack('Stack').resources.map(({ logicalId }) => logicalId)).toEqual(['Role', 'Function', 'Thing']);
  });

  test('a custom resource whose own update failed gets the reverse update too', async () => {
    const { aws, outcome } = await update(
      { ...withFunction(OBEDIENT), Thing: custom({ a: 1 }) },
      { ...withFunction(OBEDIENT), Thing: custom({ a: 2, Fail: 'Update' }) },
    );

    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(outcome.reason).toBe('The following resource(s) failed to create or update: [Thing].');
    expect(outcome.failures[0].reason).toMatch(/^Received response status \[FAILED\] from custom resource. Message returned: told to \(RequestId: [0-9a-f-]{36}\)$/);
    expect(requests(aws)).toEqual(['Create', 'Update physical-id', 'Update physical-id']);
  });

  test('a custom resource that refuses the reverse update locks the stack', async () => {
    const { aws, outcome } = await update(
      { ...withFunction(OBEDIENT), Thing: custom({ Fail: 'Update' }) },
      { ...withFunction(OBEDIENT), Thing: custom({ Fail: 'Update', a: 2 }) },
    );

    expect(outcome.status).toBe('UPDATE_ROLLBACK_FAILED');
    expect(outcome.reason).toBe('The following resource(s) failed to update: [Thing].');
    await expect(aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: { Logs: logGroup() } } }))
      .rejects.toThrow('is in UPDATE_ROLLBACK_FAILED state and can not be updated');
  });

  test('updates in progress are cancelled and rolled back', async () => {
    const { aws, outcome } = await update(
      { ...withFunction(OBEDIENT), Slow: custom({ a: 1 }), Bad: custom({ a: 1 }) },
      { ...withFunction(OBEDIENT), Slow: custom({ a: 2, Wait: 30_000 }), Bad: custom({ Fail: 'Update' }) },
    );

    expect(outcome.failures.map(({ logicalId, reason }) => [logicalId, reason])).toEqual([
      ['Bad', expect.stringContaining('told to')],
      ['Slow', 'Resource update cancelled'],
    ]);
    expect(requests(aws, 'Slow')).toEqual(['Create', 'Update physical-id', 'Update physical-id']);
    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('a replaced resource is the old one again and the new one is deleted', async () => {
    const { aws, outcome } = await update(
      { Group: logGroup({ LogGroupName: 'old' }) },
      { Group: logGroup({ LogGroupName: 'new' }), Broken: failing('Group') },
    );

    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(aws.cloudFormation.describeStack('Stack').resources).toMatchObject([{ logicalId: 'Group', physicalId: 'old' }]);
    expect(outcome.events.filter(({ status }) => status === 'DELETE_COMPLETE')).toMatchObject([{ physicalId: 'new' }]);
  });

  test('a replacement that could not be created leaves the old one alone', async () => {
    const { aws, outcome } = await update(
      { Group: logGroup({ LogGroupName: 'old' }), Other: logGroup({ LogGroupName: 'taken' }) },
      { Group: logGroup({ LogGroupName: 'taken' }), Other: logGroup({ LogGroupName: 'taken' }) },
    );

    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(outcome.failures[0].reason).toContain('already exists');
    expect(aws.cloudFormation.describeStack('Stack').resources.map(({ physicalId }) => physicalId)).toEqual(['old', 'taken']);
    expect(outcome.events.filter(({ status }) => status.startsWith('DELETE'))).toEqual([]);
  });

  test('a replaced custom resource gets its old properties, and the new one its Delete', async () => {
    const { aws, outcome } = await update(
      { ...withFunction(OBEDIENT), Thing: custom({ Id: 'one' }) },
      { ...withFunction(OBEDIENT), Thing: custom({ Id: 'two' }), Broken: failing('Thing') },
    );

    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(requests(aws)).toEqual(['Create', 'Update one', 'Update two', 'Delete two']);
    expect(aws.cloudFormation.describeStack('Stack').resources.at(-1)!.physicalId).toBe('one');
  });

  test('the next update is compared with what the rollback restored', async () => {
    const before = { ...withFunction(OBEDIENT), Thing: custom({ a: 1 }) };
    const { aws } = await update(before, { ...before, Thing: custom({ a: 2, Fail: 'Update' }) });

    await expect(aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: before } })).rejects.toThrow('No updates');
    expect((await aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: { ...before, Thing: custom({ a: 3 }) } } })).status)
      .toBe('UPDATE_COMPLETE');
  });

  test('a policy\'s targets are those of before', async () => {
    const aws = await startAws(ENABLED);
    const unit = aws.organizations.createOrganizationalUnit('Unit');
    const { outcome } = await update(
      { Policy: policy({ TargetIds: [aws.organizations.rootId] }) },
      { Policy: policy({ TargetIds: [unit] }), Broken: failing('Policy') },
      {},
      aws,
    );
    const PolicyId = aws.cloudFormation.describeStack('Stack').resources[0].physicalId;
    const { Targets } = await aws.organizations.call('ListTargetsForPolicy', { PolicyId }, { accountId: '111122223333', arn: 'x' }) as any;

    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(Targets).toMatchObject([{ TargetId: aws.organizations.rootId }]);
  });
});
