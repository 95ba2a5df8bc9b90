import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Deployment, MANAGEMENT, MEMBER, STACK, synthesize, templateOf, unlocked } from './deployment';
import { AiService, AiServicesOptOut, OptOutScope, type AiServicesOptOutProps } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';

const OPTED_OUT = { services: { default: { opt_out_policy: 'optOut' } } };
const TYPE = { RootId: 'r-a1b2', PolicyType: POLICY_TYPE };
const WITHOUT_LEX = { services: OptOutScope.allServices({ optIn: [AiService.LEX] }) };

let deployment: Deployment;
beforeEach(async () => { deployment = await Deployment.start(); });
afterEach(() => deployment.close());

const deployed = async (props?: AiServicesOptOutProps) => {
  expect(await deployment.create(templateOf(props))).toMatchObject({ status: 'CREATE_COMPLETE' });
  deployment.organizations.calls.length = 0;
};

/** The template with a resource that can not be created, so that the deployment rolls back when everything else is done. */
const failing = (template: any) => ({
  ...template,
  Resources: {
    ...template.Resources,
    Broken: {
      Type: 'AWS::Organizations::Policy',
      Properties: { Name: 'Broken', Type: POLICY_TYPE, Content: { services: { nonsense: {} } } },
      DependsOn: Object.keys(template.Resources),
    },
  },
});

describe('an Update', () => {
  test('with unchanged properties does not reach the function', async () => {
    await deployed();
    const template = templateOf();
    template.Description = 'Something else in the stack changes';
    template.Resources.Other = { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'x' } };

    expect(await deployment.update(template)).toMatchObject({ status: 'UPDATE_COMPLETE' });

    expect(deployment.aws.cloudFormation.invocations).toHaveLength(1);
    expect(deployment.organizations.calls).toEqual([]);
  });

  test('with a changed document looks at the type, leaves the targets alone and keeps the physical id and the attributes', async () => {
    await deployed();

    expect(await deployment.update(templateOf(WITHOUT_LEX))).toMatchObject({ status: 'UPDATE_COMPLETE' });

    expect(deployment.callNames()).toEqual(['ListRoots']);
    expect(deployment.answer(1).PhysicalResourceId).toBe(deployment.answer(0).PhysicalResourceId);
    expect(deployment.answer(1).Data).toEqual(deployment.answer(0).Data);
    expect(deployment.aws.cloudFormation.invocations).toHaveLength(2);
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: { services: { default: { opt_out_policy: 'optOut' }, lex: { opt_out_policy: 'optIn' } } } });
  });

  test('changes the policy in place: it keeps its id and its place among its peers', async () => {
    await deployed();
    const [{ Id }] = await deployment.policies();
    const later = deployment.organizations.addPolicy({ name: 'Later', content: unlocked({ lex: 'optOut' }), targetIds: ['r-a1b2'] });

    await deployment.update(templateOf({ ...WITHOUT_LEX, description: 'New' }));

    const { Policies } = await deployment.administrator('ListPoliciesForTarget', { TargetId: 'r-a1b2', Filter: POLICY_TYPE });
    expect(Policies.map((policy: any) => policy.Id)).toEqual([Id, later]);
  });

  test('fails before anything changes when a new target has an older policy that would win', async () => {
    deployment.organizations.createAccount({ name: 'Member', id: MEMBER });
    await deployed({ targetIds: [MANAGEMENT] });
    deployment.organizations.addPolicy({ name: 'Older', content: unlocked({ default: 'optIn' }), targetIds: [MEMBER] });

    const outcome = await deployment.update(templateOf({ targetIds: [MANAGEMENT, MEMBER] }));

    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(outcome.failures[0].reason).toContain(`On ${MEMBER}, default would not be optOut: policy "Older" on ${MEMBER} says optIn`);
    expect(deployment.organizations.calls.filter(({ operation }) => /^(Attach|Detach|Update)/.test(operation))).toEqual([]);
  });

  test('adds a target below one that it locks itself, and moves there', async () => {
    deployment.organizations.createAccount({ name: 'Member', id: MEMBER });
    await deployed();
    expect(await deployment.update(templateOf({ ...WITHOUT_LEX, targetIds: ['r-a1b2', MEMBER] }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await deployment.update(templateOf({ ...WITHOUT_LEX, policyName: 'New', targetIds: [MANAGEMENT] }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
  });

  test('fails when a new name is taken', async () => {
    await deployed();
    const id = deployment.organizations.addPolicy({ name: 'Taken', content: unlocked({ lex: 'optOut' }) });

    const outcome = await deployment.update(templateOf({ policyName: 'Taken' }));

    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(outcome.failures[0].reason).toContain(`Policy ${id} is named "Taken" already`);
  });

  test('waits while the type is being enabled', async () => {
    await deployed();
    deployment.organizations.settings.enableDelayMs = 30_000;
    await deployment.administrator('DisablePolicyType', TYPE);
    await deployment.administrator('EnablePolicyType', TYPE);

    expect(await deployment.update(templateOf({ enablementTimeout: Duration.minutes(2) }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(deployment.callNames()).not.toContain('EnablePolicyType');
  });
});

describe('an Update after somebody disabled the type', () => {
  beforeEach(async () => {
    await deployed();
    await deployment.administrator('DisablePolicyType', TYPE);
  });

  test('fails with the exact commands that repair it, and enables nothing', async () => {
    const [{ Id }] = await deployment.policies();

    const outcome = await deployment.update(templateOf(WITHOUT_LEX));

    expect(outcome.failures[0].reason).toContain(`Policy type ${POLICY_TYPE} was disabled: its policies are detached, nobody is opted out.`);
    expect(outcome.failures[0].reason).toContain(`aws organizations enable-policy-type --root-id r-a1b2 --policy-type ${POLICY_TYPE}; `
      + `aws organizations attach-policy --policy-id ${Id} --target-id r-a1b2`);
    expect(deployment.callNames()).not.toContain('EnablePolicyType');
  });

  test('can roll back, so the stack is not locked, and goes through once the commands have been run', async () => {
    expect(await deployment.update(templateOf(WITHOUT_LEX))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });

    const [{ Id }] = await deployment.policies();
    await deployment.administrator('EnablePolicyType', TYPE);
    await deployment.administrator('AttachPolicy', { PolicyId: Id, TargetId: 'r-a1b2' });

    expect(await deployment.update(templateOf(WITHOUT_LEX))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await deployment.effective()).toMatchObject({ [MANAGEMENT]: OPTED_OUT });
  });

  test('names the policy where its id can not be read', async () => {
    deployment.organizations.faults.add({ operation: 'ListPolicies', error: { code: 'AccessDeniedException' } });
    const outcome = await deployment.update(templateOf(WITHOUT_LEX));
    expect(outcome.failures[0].reason).toMatch(/--policy-id ID_OF_AiOptOut-OptOut-[0-9a-f]{8} --target-id r-a1b2/);
  });

  test('fails while it is still being disabled, too', async () => {
    await deployment.administrator('EnablePolicyType', TYPE);
    deployment.organizations.settings.disableDelayMs = 20_000;
    await deployment.administrator('DisablePolicyType', TYPE);

    const outcome = await deployment.update(templateOf(WITHOUT_LEX));
    expect(outcome.failures[0].reason).toContain('was disabled: its policies are detached');
  });
});

describe('a rollback of an Update', () => {
  test('succeeds when something later in the stack fails', async () => {
    await deployed();

    expect(await deployment.update(failing(templateOf(WITHOUT_LEX)))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });

    const types = deployment.aws.cloudFormation.invocations.map(({ event }) => event.RequestType);
    expect(types).toEqual(['Create', 'Update', 'Update']);
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: OPTED_OUT });
  });

  test.each([
    ['the type gets disabled meanwhile', async () => { await deployment.administrator('DisablePolicyType', TYPE); }],
    ['every call is denied meanwhile', async () => { deployment.organizations.faults.accessDenied('ListRoots'); }],
    ['the service fails for good meanwhile', async () => { deployment.organizations.faults.internalError('ListRoots'); }],
  ])('succeeds when %s', async (_name, calamity) => {
    await deployed();
    const update = deployment.update(failing(templateOf(WITHOUT_LEX)));
    while (!deployment.aws.cloudFormation.events.some(({ logicalId, status }) => logicalId === 'Broken' && status === 'CREATE_IN_PROGRESS')) {
      // The rollback calls the function a few milliseconds later.
      await deployment.aws.clock.sleep(2);
    }
    await calamity();

    expect(await update).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(deployment.answer(2)).toMatchObject({ Status: 'SUCCESS', Data: deployment.answer(0).Data });
    expect(deployment.invocation(2).logLines.join('\n')).toContain('"status":"UPDATE_ROLLBACK_IN_PROGRESS"');
  });

  test('is told from an update: where the status can not be read, the answer to an update stays FAILED', async () => {
    await deployed();
    await deployment.administrator('DisablePolicyType', TYPE);
    const template = templateOf(WITHOUT_LEX);
    const role: any = Object.values(template.Resources).find(({ Type }: any) => Type === 'AWS::IAM::Role');
    const { PolicyDocument } = role.Properties.Policies[0];
    PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Action }: any) => Action !== 'cloudformation:DescribeStacks');

    const outcome = await deployment.update(template);

    expect(outcome.failures[0].reason).toContain('was disabled: its policies are detached');
    expect(deployment.answer(1).Status).toBe('FAILED');
  });
});

describe('a Delete', () => {
  test('keeps everybody opted out: the policy stays attached and the type enabled', async () => {
    await deployed();

    expect(await deployment.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });

    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: OPTED_OUT });
    expect(deployment.callNames()).toEqual([]);
    expect(deployment.answer(-1)).toMatchObject({ Status: 'SUCCESS' });
  });

  test('with DESTROY removes the policy, and still leaves the type enabled', async () => {
    await deployed({ removalPolicy: RemovalPolicy.DESTROY });

    expect(await deployment.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });

    expect(await deployment.policies()).toEqual([]);
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: {} });
    const { Roots: [root] } = await deployment.administrator('ListRoots', {});
    expect(root.PolicyTypes).toContainEqual({ Type: POLICY_TYPE, Status: 'ENABLED' });
  });

  test.each([
    ['somebody disabled the type', async () => { await deployment.administrator('DisablePolicyType', TYPE); }],
    ['somebody removed the policy', async () => {
      const [{ Id }] = await deployment.policies();
      await deployment.administrator('DetachPolicy', { PolicyId: Id, TargetId: 'r-a1b2' });
      await deployment.administrator('DeletePolicy', { PolicyId: Id });
    }],
    ['every call is denied', async () => { deployment.organizations.faults.accessDenied(); }],
    ['an update failed before', async () => { await deployment.update(failing(templateOf(WITHOUT_LEX))); }],
  ])('works after %s', async (_name, before) => {
    await deployed();
    await before();
    expect(await deployment.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('works after a failed first deployment, whose rollback it is part of', async () => {
    deployment.organizations.faults.accessDenied('EnablePolicyType');
    expect(await deployment.create()).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(deployment.invocation(-1).event).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'create-failed' });
    expect(deployment.invocation(-1).durationMs).toBe(0);
  });

  test('and deploying again: both policies are in force until the older one is removed', async () => {
    await deployed();
    const [old] = await deployment.policies();
    await deployment.delete();

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });

    const policies = await deployment.policies();
    expect(policies).toHaveLength(2);
    expect(new Set(policies.map(({ Name }) => Name)).size).toBe(2);
    await deployment.administrator('DetachPolicy', { PolicyId: old.Id, TargetId: 'r-a1b2' });
    await deployment.administrator('DeletePolicy', { PolicyId: old.Id });
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: OPTED_OUT });
  });
});

test('several instances in one stack run one after the other, and share one function', async () => {
  deployment.organizations.createAccount({ name: 'Member', id: MEMBER });
  const template = synthesize((stack) => {
    new AiServicesOptOut(stack, 'Everything');
    new AiServicesOptOut(stack, 'Member', { services: OptOutScope.services([AiService.LEX]), targetIds: [MEMBER] });
  });

  expect(await deployment.create(template)).toMatchObject({ status: 'CREATE_COMPLETE' });

  const [first, second] = deployment.aws.cloudFormation.invocations;
  expect(second.startedAt).toBeGreaterThan(first.startedAt + first.durationMs!);
  expect(second.functionArn).toBe(first.functionArn);
  const attached = deployment.organizations.calls.find(({ operation }) => operation === 'AttachPolicy')!;
  expect(second.startedAt).toBeGreaterThan(attached.time);
  expect(deployment.aws.cloudFormation.describeStack(STACK).resources.filter(({ type }) => type === 'AWS::Lambda::Function')).toHaveLength(1);
});
