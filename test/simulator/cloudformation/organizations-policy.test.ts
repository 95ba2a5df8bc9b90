import { lines, optOutOf, policy, startAws, writes } from './scene';
import { type SimulatedAws } from '../../../simulator/cloudformation/simulated-aws';
import { type Organizations } from '../../../simulator/organizations/organizations';
import { SIMULATION_START } from '../../../simulator/simulated-clock';

const SOMEBODY = { accountId: '111122223333', arn: 'arn:aws:iam::111122223333:user/Somebody' };
const TYPE = 'AISERVICES_OPT_OUT_POLICY';

function enabled(organizations: Organizations): void {
  organizations.createOrganization().enablePolicyType(TYPE);
}

async function start(scene = enabled): Promise<SimulatedAws> {
  return startAws({ scene });
}

async function create(aws: SimulatedAws, properties: object = {}, tags = {}) {
  return aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: { Policy: policy(properties) } }, tags });
}

async function update(aws: SimulatedAws, properties: object, tags?: Record<string, string>) {
  return aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: { Policy: policy(properties) } }, tags });
}

async function stateOf(aws: SimulatedAws): Promise<any> {
  const PolicyId = aws.cloudFormation.describeStack('Stack').resources[0].physicalId;
  const { Policy } = await aws.organizations.call('DescribePolicy', { PolicyId }, SOMEBODY) as any;
  const { Targets } = await aws.organizations.call('ListTargetsForPolicy', { PolicyId }, SOMEBODY) as any;
  const { Tags } = await aws.organizations.call('ListTagsForResource', { ResourceId: PolicyId }, SOMEBODY) as any;
  return { ...Policy, Targets: Targets.map((target: any) => target.TargetId), Tags };
}

function callsOf(aws: SimulatedAws): string[] {
  return aws.organizations.calls.map(({ operation }) => operation);
}

describe('a create', () => {
  test('looks for the name, creates, attaches, reads', async () => {
    const aws = await start();
    const unit = aws.organizations.createOrganizationalUnit('Unit');
    const { status } = await create(aws, { TargetIds: [aws.organizations.rootId, unit], Description: 'Text' });
    const calls = callsOf(aws);

    expect(status).toBe('CREATE_COMPLETE');
    expect(calls).toEqual([
      'ListPolicies', 'CreatePolicy', 'AttachPolicy', 'AttachPolicy', 'DescribePolicy', 'ListTargetsForPolicy', 'ListTagsForResource',
    ]);
    expect(await stateOf(aws)).toMatchObject({ PolicySummary: { Name: 'OptOut', Description: 'Text', Type: TYPE }, Targets: [aws.organizations.rootId, unit] });
  });

  test('has attributes', async () => {
    const aws = await start();
    await create(aws);
    const [{ physicalId, attributes }] = aws.cloudFormation.describeStack('Stack').resources;

    expect(physicalId).toMatch(/^p-/);
    expect(attributes).toEqual({
      Id: physicalId,
      Arn: `arn:aws:organizations::111122223333:policy/${aws.organizations.organizationId}/aiservices_opt_out_policy/${physicalId}`,
      AwsManaged: false,
    });
  });

  test.each([
    ['an object is written compactly', optOutOf('default'), JSON.stringify(optOutOf('default'))],
    ['a text is passed on as it is', JSON.stringify(optOutOf('default'), undefined, 2), JSON.stringify(optOutOf('default'), undefined, 2)],
  ])('content: %s', async (_, Content, expected) => {
    const aws = await start();
    await create(aws, { Content });

    expect((await stateOf(aws)).Content).toBe(expected);
  });

  test('carries the stack\'s tags under its own', async () => {
    const aws = await start();
    await create(aws, { Tags: [{ Key: 'own', Value: '1' }, { Key: 'both', Value: 'own' }] }, { both: 'stack', stack: '2' });

    expect((await stateOf(aws)).Tags).toEqual(expect.arrayContaining([
      { Key: 'own', Value: '1' }, { Key: 'both', Value: 'own' }, { Key: 'stack', Value: '2' },
    ]));
  });

  test('fails when the name is taken, also on a later page', async () => {
    const aws = await start((organizations) => {
      enabled(organizations);
      organizations.settings.pageSize = 2;
      for (const name of ['A', 'B', 'C', 'D', 'OptOut']) organizations.addPolicy({ name, content: JSON.stringify(optOutOf('lex')) });
    });
    const { status, failures } = await create(aws);

    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(failures[0].reason).toMatch(/already exists.*HandlerErrorCode: AlreadyExists/);
    expect(writes(aws)).toEqual([]);
  });

  test('is deleted again when it can not be attached', async () => {
    const aws = await start((organizations) => { organizations.createOrganization(); });
    const outcome = await create(aws, { TargetIds: [aws.organizations.rootId] });

    expect(lines(outcome.events)).toEqual([
      'Stack CREATE_IN_PROGRESS',
      'Policy CREATE_IN_PROGRESS',
      'Policy CREATE_FAILED',
      'Stack ROLLBACK_IN_PROGRESS',
      'Policy DELETE_IN_PROGRESS',
      'Policy DELETE_COMPLETE',
      'Stack ROLLBACK_COMPLETE',
    ]);
    expect(outcome.failures[0].reason).toMatch(/Error Code: PolicyTypeNotEnabledException.*HandlerErrorCode: InvalidRequest/);
    // At once, without any retry.
    expect(aws.clock.now()).toBe(SIMULATION_START);
    expect(writes(aws)).toEqual(['CreatePolicy', 'AttachPolicy', 'DetachPolicy', 'DeletePolicy']);
  });

  test('fails at once on a malformed document', async () => {
    const aws = await start();
    const { failures } = await create(aws, { Content: { services: { nonsense: {} } } });

    expect(failures[0].reason).toMatch(/MalformedPolicyDocumentException.*InvalidRequest/);
    expect(writes(aws)).toEqual(['CreatePolicy']);
  });

  test('names required properties before anything is created', async () => {
    const aws = await start();

    await expect(create(aws, { Name: undefined })).rejects.toThrow('Policy: Name is missing');
  });
});

describe('retries', () => {
  test.each(['throttle', 'concurrentModification', 'internalError'] as const)('%s on AttachPolicy is survived by the SDK three times', async (fault) => {
    const aws = await start();
    aws.organizations.faults[fault]('AttachPolicy', { calls: [1, 2, 3] });
    const { status } = await create(aws, { TargetIds: [aws.organizations.rootId] });

    expect(status).toBe('CREATE_COMPLETE');
    expect(aws.clock.now() - SIMULATION_START).toBe(7000);
  });

  test('the handler is called again twice, much later', async () => {
    const aws = await start();
    aws.organizations.faults.concurrentModification('AttachPolicy', { calls: Array.from({ length: 11 }, (_, index) => index + 1) });
    const { status } = await create(aws, { TargetIds: [aws.organizations.rootId] });

    expect(status).toBe('CREATE_COMPLETE');
    expect(aws.clock.now() - SIMULATION_START).toBe(3 * 7000 + 18_000 + 37_000);
  });

  test('and then it fails', async () => {
    const aws = await start();
    aws.organizations.faults.concurrentModification('AttachPolicy');
    const { status, failures } = await create(aws, { TargetIds: [aws.organizations.rootId] });

    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(failures[0].reason).toMatch(/ConcurrentModificationException.*ResourceConflict/);
    expect(callsOf(aws).filter((operation) => operation === 'AttachPolicy')).toHaveLength(12);
  });

  test('policy changes in progress are left to the handler', async () => {
    const aws = await start();
    aws.organizations.faults.policyChangesInProgress('AttachPolicy', { calls: [1, 2] });
    const { status } = await create(aws, { TargetIds: [aws.organizations.rootId] });

    expect(status).toBe('CREATE_COMPLETE');
    expect(aws.clock.now() - SIMULATION_START).toBe(55_000);
  });

  test('CreatePolicy has the SDK\'s retries only', async () => {
    const aws = await start();
    aws.organizations.faults.concurrentModification('CreatePolicy');
    const { status } = await create(aws);

    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(callsOf(aws).filter((operation) => operation === 'CreatePolicy')).toHaveLength(4);
  });

  test('a dropped connection is tried again', async () => {
    const aws = await start();
    aws.organizations.faults.add({ operation: 'AttachPolicy', dropConnection: true, effect: 'after', calls: [1] });
    const { status } = await create(aws, { TargetIds: [aws.organizations.rootId] });

    // The second attempt finds the policy attached, which is ignored.
    expect(status).toBe('CREATE_COMPLETE');
    expect(aws.organizations.calls.map(({ outcome }) => outcome)).toContain('DuplicatePolicyAttachmentException');
  });
});

describe('an update', () => {
  test('always writes the policy, then attaches what is new and detaches what is gone', async () => {
    const aws = await start();
    const [one, two] = [aws.organizations.createOrganizationalUnit('One'), aws.organizations.createOrganizationalUnit('Two')];
    await create(aws, { TargetIds: [aws.organizations.rootId, one] });
    aws.organizations.calls.length = 0;
    await update(aws, { Name: 'Renamed', Content: optOutOf('lex'), TargetIds: [aws.organizations.rootId, two] });

    expect(callsOf(aws)).toEqual(['UpdatePolicy', 'AttachPolicy', 'DetachPolicy', 'ListTargetsForPolicy', 'ListTagsForResource']);
    expect(await stateOf(aws)).toMatchObject({
      PolicySummary: { Name: 'Renamed' }, Content: JSON.stringify(optOutOf('lex')), Targets: [aws.organizations.rootId, two],
    });
  });

  test('tags what changed and untags what is gone', async () => {
    const aws = await start();
    await create(aws, { Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '1' }, { Key: 'c', Value: '1' }] }, { stack: 'old' });
    await update(aws, { Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }] }, { stack: 'new' });
    const inputs = aws.organizations.calls.filter(({ operation }) => /^(Un)?[tT]agResource$/.test(operation)).map(({ input }) => input);

    expect(inputs).toMatchObject([{ TagKeys: ['c'] }, { Tags: [{ Key: 'stack', Value: 'new' }, { Key: 'b', Value: '2' }] }]);
  });

  test('of the type makes a new policy and deletes the old one', async () => {
    const aws = await start((organizations) => {
      enabled(organizations);
      organizations.enablePolicyType('TAG_POLICY');
    });
    await create(aws);
    const [{ physicalId }] = aws.cloudFormation.describeStack('Stack').resources;
    const { status, failures } = await update(aws, { Type: 'TAG_POLICY', Content: { tags: {} } });

    expect(failures).toEqual([]);
    expect(status).toBe('UPDATE_COMPLETE');
    expect(writes(aws)).toEqual(['CreatePolicy', 'CreatePolicy', 'DeletePolicy']);
    expect(aws.cloudFormation.describeStack('Stack').resources[0].physicalId).not.toBe(physicalId);
  });
});

describe('a delete', () => {
  test('detaches the template\'s targets, those that are not attached any more included', async () => {
    const aws = await start();
    const unit = aws.organizations.createOrganizationalUnit('Unit');
    await create(aws, { TargetIds: [aws.organizations.rootId, unit] });
    const [{ physicalId: PolicyId }] = aws.cloudFormation.describeStack('Stack').resources;
    await aws.organizations.call('DetachPolicy', { PolicyId, TargetId: unit }, SOMEBODY);
    const { status } = await aws.cloudFormation.deleteStack('Stack');

    expect(status).toBe('DELETE_COMPLETE');
    expect(aws.organizations.calls.slice(-3).map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'DetachPolicy ok', 'DetachPolicy PolicyNotAttachedException', 'DeletePolicy ok',
    ]);
  });

  test('fails when somebody else attached the policy elsewhere', async () => {
    const aws = await start();
    const unit = aws.organizations.createOrganizationalUnit('Unit');
    await create(aws, { TargetIds: [aws.organizations.rootId] });
    const [{ physicalId: PolicyId }] = aws.cloudFormation.describeStack('Stack').resources;
    await aws.organizations.call('AttachPolicy', { PolicyId, TargetId: unit }, SOMEBODY);
    const { status, failures } = await aws.cloudFormation.deleteStack('Stack');

    expect(status).toBe('DELETE_FAILED');
    expect(failures[0].reason).toMatch(/PolicyInUseException.*GeneralServiceException/);
  });
});
