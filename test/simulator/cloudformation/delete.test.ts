import { custom, handler, lines, logGroup, policy, requests, startAws, withFunction, writes } from './scene';

const ENABLED = { scene: (organizations: any) => organizations.createOrganization().enablePolicyType('AISERVICES_OPT_OUT_POLICY') };

async function createAndDelete(resources: object) {
  const aws = await startAws(ENABLED);
  await aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: resources } });
  const outcome = await aws.cloudFormation.deleteStack('Stack');
  return { aws, outcome };
}

test('a stack is deleted in the reverse order of its creation', async () => {
  const { outcome, aws } = await createAndDelete({ ...withFunction(handler('await answer(event);')), Thing: custom({ a: true }) });

  expect(lines(outcome.events)).toEqual([
    'Stack DELETE_IN_PROGRESS',
    'Thing DELETE_IN_PROGRESS',
    'Thing DELETE_COMPLETE',
    'Function DELETE_IN_PROGRESS',
    'Function DELETE_COMPLETE',
    'Role DELETE_IN_PROGRESS',
    'Role DELETE_COMPLETE',
    'Stack DELETE_COMPLETE',
  ]);
  expect(requests(aws)).toEqual(['Create', 'Delete physical-id']);
  expect(aws.cloudFormation.invocations.at(-1)!.event.ResourceProperties).toMatchObject({ a: 'true' });
});

test.each([
  [undefined, 'DELETE_COMPLETE', ['CreatePolicy', 'DeletePolicy']],
  ['Retain', 'DELETE_SKIPPED', ['CreatePolicy']],
  ['RetainExceptOnCreate', 'DELETE_SKIPPED', ['CreatePolicy']],
])('DeletionPolicy %s: %s', async (DeletionPolicy, status, expected) => {
  const { outcome, aws } = await createAndDelete({ Policy: policy({}, { DeletionPolicy }), Logs: logGroup() });

  expect(outcome.status).toBe('DELETE_COMPLETE');
  expect(lines(outcome.events)).toContain(`Policy ${status}`);
  expect(writes(aws)).toEqual(expected);
});

test('a resource that can not be deleted makes it DELETE_FAILED, and a second attempt goes on from there', async () => {
  const code = handler(`
    const first = event.RequestType === 'Delete' && Date.now() < Date.UTC(2026, 0, 1, 1);
    await answer(event, first ? { Status: 'FAILED', Reason: 'not yet' } : {});
  `);
  const { outcome, aws } = await createAndDelete({ ...withFunction(code), Thing: custom(), Free: logGroup() });

  expect(outcome.status).toBe('DELETE_FAILED');
  expect(outcome.reason).toBe('The following resource(s) failed to delete: [Thing].');
  expect(aws.cloudFormation.describeStack('Stack').resources.map(({ logicalId }) => logicalId)).toEqual(['Role', 'Function', 'Thing']);

  await aws.clock.sleep(3_600_000);
  expect((await aws.cloudFormation.deleteStack('Stack')).status).toBe('DELETE_COMPLETE');
});

test('a deleted stack is found by its id only', async () => {
  const { aws } = await createAndDelete({ Logs: logGroup() });
  const { physicalId } = aws.cloudFormation.events[0];

  expect(aws.cloudFormation.describeStack(physicalId!).status).toBe('DELETE_COMPLETE');
  expect(() => aws.cloudFormation.describeStack('Stack')).toThrow('Stack with id Stack does not exist');
});
