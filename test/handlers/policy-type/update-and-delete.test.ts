import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
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

  test('with a changed document reads the type, the policy and its target, and keeps the physical id and the attributes', async () => {
    await deployed();

    expect(await deployment.update(templateOf(WITHOUT_LEX))).toMatchObject({ status: 'UPDATE_COMPLETE' });

    expect(deployment.callNames()).toEqual(['ListRoots', 'ListPolicies', 'ListPoliciesForTarget']);
    expect(deployment.answer(1).PhysicalResourceId).toBe(deployment.answer(0).PhysicalResourceId);
    expect(deployment.answer(1).Data).toEqual(deployment.answer(0).Data);
    expect(deployment.aws.cloudFormation.invocations).toHaveLength(2);
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: { services: { default: { opt_out_policy: 'optOut' }, lex: { opt_out_policy: 'optIn' } } } });
  });

  test('changes the policy in place: it keeps its id and its place among its peers', async () => {
    await deployed();
    const [{ Id }] = await deployment.policies();
    const later = deployment.organizations.addPolicy({ name: 'Later', content: unlocked({ polly: 'optOut' }), targetIds: ['r-a1b2'] });

    expect(await deployment.update(templateOf({ ...WITHOUT_LEX, description: 'New' }))).toMatchObject({ status: 'UPDATE_COMPLETE' });

    const { Policies } = await deployment.administrator('ListPoliciesForTarget', { TargetId: 'r-a1b2', Filter: POLICY_TYPE });
    expect(Policies.map((policy: any) => policy.Id)).toEqual([Id, later]);
  });

  test.each<[string, AiServicesOptOutProps, (template: any) => void]>([
    ['name', { policyName: 'New' }, () => {}],
    ['description', { description: 'New' }, () => {}],
    ['content', WITHOUT_LEX, () => {}],
    ['targets', { targetIds: [MANAGEMENT] }, () => {}],
    ['tags', {}, () => {}],
  ])('checks first when only the %s changes', async (changed, props) => {
    await deployed();
    const template = changed !== 'tags' ? templateOf(props) : synthesize((stack) => Tags.of(new AiServicesOptOut(stack, 'OptOut')).add('owner', 'platform'));

    expect(await deployment.update(template)).toMatchObject({ status: 'UPDATE_COMPLETE' });

    expect(deployment.invocation(1).event.RequestType).toBe('Update');
    const all = deployment.organizations.calls;
    const change = all.findIndex(({ operation }) => operation === 'UpdatePolicy');
    expect(all.indexOf(deployment.calls().at(-1)!)).toBeLessThan(change);
  });

  test('fails before anything changes when its document reaches further than before and a peer policy wins', async () => {
    await deployed({ services: OptOutScope.services([AiService.TEXTRACT]) });
    deployment.organizations.addPolicy({ name: 'Peer', content: unlocked({ lex: 'optIn' }), targetIds: ['r-a1b2'] });

    const outcome = await deployment.update(templateOf());

    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(outcome.failures[0].reason).toContain('On r-a1b2, lex would not be optOut: policy "Peer" on r-a1b2 says optIn');
    expect(deployment.organizations.calls.filter(({ operation }) => operation === 'UpdatePolicy')).toEqual([]);
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

  test('waits while the type is being enabled, then finds the policy detached', async () => {
    await deployed();
    const [{ Id }] = await deployment.policies();
    deployment.organizations.settings.enableDelayMs = 30_000;
    await deployment.administrator('DisablePolicyType', TYPE);
    await deployment.administrator('EnablePolicyType', TYPE);

    const outcome = await deployment.update(templateOf({ enablementTimeout: Duration.minutes(2) }));

    expect(outcome.failures[0].reason).toContain(`Attach it, then update again: aws organizations attach-policy --policy-id ${Id} --target-id r-a1b2`);
    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(deployment.callNames()).not.toContain('EnablePolicyType');
  });

  test('fails if the account has moved to another organization', async () => {
    await deployed();
    const { Roots: [root] } = await deployment.administrator('ListRoots', {});
    deployment.organizations.faults.add({
      operation: 'ListRoots', answer: { status: 200, contentType: 'application/x-amz-json-1.1', body: JSON.stringify({ Roots: [{ ...root, Id: 'r-moved' }] }) },
    });

    const outcome = await deployment.update(templateOf(WITHOUT_LEX));

    expect(outcome.failures[0].reason).toContain('This account is now in an organization with the root r-moved; the policy was deployed in '
      + `${deployment.organizations.organizationId}. Deploy the opt-out under another construct id`);
    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('fails if it cannot be read whether the policy is still attached', async () => {
    await deployed();
    deployment.organizations.faults.accessDenied('ListPoliciesForTarget');

    const outcome = await deployment.update(templateOf(WITHOUT_LEX));

    expect(outcome.failures[0].reason).toContain('ListPoliciesForTarget failed: AccessDeniedException');
    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('retries for a minute what is denied: the role\'s policy may have changed in the same deployment', async () => {
    await deployed();
    deployment.organizations.faults.accessDenied('ListPoliciesForTarget', { forMs: 40_000 });
    expect(await deployment.update(templateOf(WITHOUT_LEX))).toMatchObject({ status: 'UPDATE_COMPLETE' });
  });
});

describe('an Update after the type was disabled', () => {
  beforeEach(async () => {
    await deployed();
    await deployment.administrator('DisablePolicyType', TYPE);
  });

  test('fails with the exact commands that repair it, and enables nothing', async () => {
    const [{ Id }] = await deployment.policies();

    const outcome = await deployment.update(templateOf(WITHOUT_LEX));

    expect(outcome.failures[0].reason).toContain(`Policy type ${POLICY_TYPE} was disabled, which detached its policies.`);
    expect(outcome.failures[0].reason).toContain(`aws organizations enable-policy-type --root-id r-a1b2 --policy-type ${POLICY_TYPE}`);
    expect(outcome.failures[0].reason).toContain(`aws organizations attach-policy --policy-id ${Id} --target-id r-a1b2`);
    expect(deployment.callNames()).not.toContain('EnablePolicyType');
  });

  test('rolls back, and the next update succeeds once the commands have been run', async () => {
    expect(await deployment.update(templateOf(WITHOUT_LEX))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });

    const [{ Id }] = await deployment.policies();
    await deployment.administrator('EnablePolicyType', TYPE);
    await deployment.administrator('AttachPolicy', { PolicyId: Id, TargetId: 'r-a1b2' });

    expect(await deployment.update(templateOf(WITHOUT_LEX))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await deployment.effective()).toMatchObject({ [MANAGEMENT]: OPTED_OUT });
  });

  test('is never green with nothing attached while enabling takes 20 seconds: AWS refuses the printed attachment until then', async () => {
    deployment.organizations.settings.enableDelayMs = 20_000;
    expect(await deployment.update(templateOf(WITHOUT_LEX))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    const [{ Id }] = await deployment.policies();
    const attach = async () => deployment.administrator('AttachPolicy', { PolicyId: Id, TargetId: 'r-a1b2' });
    await deployment.administrator('EnablePolicyType', TYPE);
    await expect(attach()).rejects.toThrow('only for enabled policy types');

    const outcome = await deployment.update(templateOf(WITHOUT_LEX));

    expect(outcome.failures[0].reason).toContain(`aws organizations attach-policy --policy-id ${Id} --target-id r-a1b2`);
    await attach();
    expect(await deployment.update(templateOf(WITHOUT_LEX))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await deployment.effective()).toMatchObject({ [MANAGEMENT]: OPTED_OUT });
  });

  test('prints a placeholder if the id of the policy cannot be read, and no name into a command', async () => {
    deployment.organizations.faults.accessDenied('ListPolicies');
    deployment.aws.cloudFormation.api.faults.throttle('DescribeStackResource');
    const outcome = await deployment.update(templateOf({ ...WITHOUT_LEX, policyName: 'New"; $(reboot)' }));
    expect(outcome.failures[0].reason).toContain('attach-policy --policy-id POLICY_ID --target-id r-a1b2');
    expect(outcome.failures[0].reason).not.toContain('reboot');
  });

  test('fails while it is still being disabled, too', async () => {
    await deployment.administrator('EnablePolicyType', TYPE);
    deployment.organizations.settings.disableDelayMs = 20_000;
    await deployment.administrator('DisablePolicyType', TYPE);

    const outcome = await deployment.update(templateOf(WITHOUT_LEX));
    expect(outcome.failures[0].reason).toContain('was disabled, which detached its policies');
  });
});

/** Does what an administrator does outside CloudFormation. */
const outside = {
  detach: async (target = 'r-a1b2') => {
    const [{ Id }] = await deployment.policies();
    await deployment.administrator('DetachPolicy', { PolicyId: Id, TargetId: target });
    return Id;
  },
  remove: async () => {
    const Id = await outside.detach();
    await deployment.administrator('DeletePolicy', { PolicyId: Id });
    return Id;
  },
};

const under = (id: string, props: AiServicesOptOutProps = {}) => synthesize((stack) => new AiServicesOptOut(stack, id, props));

/** Changes of a template that would make CloudFormation call UpdatePolicy. */
const CHANGES: [string, AiServicesOptOutProps][] = [
  ['document', WITHOUT_LEX],
  ['name', { policyName: 'New' }],
  ['description', { description: 'New' }],
];

describe('an Update after the policy was detached outside CloudFormation', () => {
  test.each(CHANGES)('with a new %s fails before anything changes, and succeeds once the printed command has been run', async (_name, props) => {
    await deployed();
    const id = await outside.detach();

    const blocked = await deployment.update(templateOf(props));

    expect(blocked.failures[0].reason).toContain(`Policy ${id} was detached from r-a1b2. `
      + `Attach it, then update again: aws organizations attach-policy --policy-id ${id} --target-id r-a1b2`);
    expect(blocked.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(deployment.organizations.calls.filter(({ operation }) => operation === 'UpdatePolicy')).toEqual([]);

    await deployment.administrator('AttachPolicy', { PolicyId: id, TargetId: 'r-a1b2' });
    expect(await deployment.update(templateOf(props))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await deployment.effective()).toMatchObject({ [MANAGEMENT]: OPTED_OUT });
  });

  test('names every target that it was detached from', async () => {
    deployment.organizations.createAccount({ name: 'Member', id: MEMBER });
    await deployed({ targetIds: [MANAGEMENT, MEMBER] });
    const id = await outside.detach(MANAGEMENT);
    await outside.detach(MEMBER);

    const { failures: [{ reason }] } = await deployment.update(templateOf({ ...WITHOUT_LEX, targetIds: [MANAGEMENT, MEMBER] }));

    expect(reason).toContain(`was detached from ${MANAGEMENT}, ${MEMBER}`);
    expect(reason).toContain(`--policy-id ${id} --target-id ${MANAGEMENT}; aws organizations attach-policy --policy-id ${id} --target-id ${MEMBER}`);
  });

  test('succeeds if the target is removed from targetIds: nothing is left to attach', async () => {
    deployment.organizations.createAccount({ name: 'Member', id: MEMBER });
    await deployed({ targetIds: ['r-a1b2', MEMBER] });
    await outside.detach(MEMBER);
    expect(await deployment.update(templateOf())).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await deployment.effective()).toMatchObject({ [MANAGEMENT]: OPTED_OUT, [MEMBER]: OPTED_OUT });
  });

  test('fails for a policy that was renamed too: it is found by its id', async () => {
    await deployed();
    const id = await outside.detach();
    await deployment.administrator('UpdatePolicy', { PolicyId: id, Name: 'Renamed' });
    const { failures: [{ reason }] } = await deployment.update(templateOf(WITHOUT_LEX));
    expect(reason).toContain(`Policy ${id} was detached from r-a1b2`);
  });

  test('finds the policy by its old name if the stack\'s resource cannot be read', async () => {
    await deployed();
    const id = await outside.detach();
    deployment.aws.cloudFormation.api.faults.throttle('DescribeStackResource');
    const { failures: [{ reason }] } = await deployment.update(templateOf({ policyName: 'New' }));
    expect(reason).toContain(`Policy ${id} was detached from r-a1b2`);
  });
});

describe('an Update after the policy was deleted outside CloudFormation', () => {
  test.each(CHANGES)('with a new %s fails before anything changes, and succeeds under another construct id', async (_name, props) => {
    await deployed();
    const id = await outside.remove();

    const blocked = await deployment.update(templateOf(props));

    expect(blocked.failures[0].reason).toContain(`Policy ${id} was deleted outside CloudFormation, and no command restores its id. `
      + 'Deploy the opt-out under another construct id.');
    expect(blocked.status).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(await deployment.update(under('OptOutAgain', props))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await deployment.effective()).toMatchObject({ [MANAGEMENT]: OPTED_OUT });
    expect(await deployment.policies()).toHaveLength(1);
    expect(await deployment.update(under('OptOutAgain', { ...props, enablementTimeout: Duration.minutes(2) }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
  });

  test('is not meant by a policy that CloudFormation could not create, in a stack that keeps failed resources', async () => {
    await deployed();
    await outside.remove();
    const detail = '<LogicalResourceId>L</LogicalResourceId><PhysicalResourceId>p-1</PhysicalResourceId><ResourceStatus>CREATE_FAILED</ResourceStatus>';
    const body = '<DescribeStackResourceResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStackResourceResult><StackResourceDetail>'
      + `${detail}</StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>`;
    deployment.aws.cloudFormation.api.faults.add({ operation: 'DescribeStackResource', answer: { status: 200, contentType: 'text/xml', body } });
    await deployment.update(templateOf(WITHOUT_LEX));
    expect(deployment.answer(1)).toMatchObject({ Status: 'SUCCESS', Reason: '' });
  });

  test('fails too if the stack\'s resource cannot be read', async () => {
    await deployed({ policyName: 'Mine' });
    await outside.remove();
    deployment.aws.cloudFormation.api.faults.throttle('DescribeStackResource');
    const blocked = await deployment.update(templateOf({ policyName: 'Mine', ...WITHOUT_LEX }));
    expect(blocked.failures[0].reason).toContain('Policy "Mine" was deleted outside CloudFormation');
    expect(blocked.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });
});

describe('an Update after a target was deleted', () => {
  let unit: string;
  const TARGETS = () => ({ targetIds: [MANAGEMENT, unit] });
  beforeEach(async () => {
    unit = deployment.organizations.createOrganizationalUnit('Closing');
    await deployed(TARGETS());
    await deployment.administrator('DeleteOrganizationalUnit', { OrganizationalUnitId: unit });
  });

  test('warns in the log and succeeds while the target stays listed', async () => {
    expect(await deployment.update(templateOf({ ...TARGETS(), ...WITHOUT_LEX }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(deployment.log(1)).toContainEqual(expect.objectContaining({
      step: 'warning', message: `Target ${unit} no longer exists. Leave it in targetIds.`,
    }));
    expect(await deployment.effective()).toMatchObject({ [MANAGEMENT]: OPTED_OUT });
  });

  test('fails before anything changes if the target is removed from targetIds, and succeeds once it is listed again', async () => {
    const [{ Id }] = await deployment.policies();

    const blocked = await deployment.update(templateOf({ targetIds: [MANAGEMENT], ...WITHOUT_LEX }));

    expect(blocked.failures[0].reason).toContain(`Target ${unit} no longer exists, so CloudFormation cannot detach the policy from it. `
      + `Leave ${unit} in targetIds, or deploy the opt-out under another construct id and policyName and delete policy ${Id} afterwards.`);
    expect(blocked.status).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(await deployment.update(templateOf({ ...TARGETS(), ...WITHOUT_LEX }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await deployment.effective()).toMatchObject({ [MANAGEMENT]: OPTED_OUT });
  });

  test('succeeds without the target under another construct id, and the old policy can be deleted afterwards', async () => {
    const [old] = await deployment.policies();
    expect(await deployment.update(templateOf({ targetIds: [MANAGEMENT] }))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });

    expect(await deployment.update(under('OptOutAgain', { targetIds: [MANAGEMENT] }))).toMatchObject({ status: 'UPDATE_COMPLETE' });

    expect((await deployment.policies()).map(({ Id }) => Id)).toContain(old.Id);
    await deployment.administrator('DetachPolicy', { PolicyId: old.Id, TargetId: MANAGEMENT });
    await deployment.administrator('DeletePolicy', { PolicyId: old.Id });
    expect(await deployment.effective()).toMatchObject({ [MANAGEMENT]: OPTED_OUT });
    expect(await deployment.update(under('OptOutAgain', { targetIds: [MANAGEMENT], ...WITHOUT_LEX }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
  });
});

describe('a construct that is renamed while it has a policyName', () => {
  const NAME = { policyName: 'Mine' };

  test('fails, and the reason says what to do if the policy is this stack\'s own', async () => {
    await deployed(NAME);
    const [{ Id }] = await deployment.policies();

    const outcome = await deployment.update(under('Renamed', NAME));

    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(outcome.failures[0].reason).toContain(`Policy ${Id} is named "Mine" already. Choose another policyName. If it is this stack's own, because a construct was renamed or moved, `
      + `restore the construct id, or delete ${Id} after the deployment.`);
    expect(await deployment.update(templateOf({ ...NAME, ...WITHOUT_LEX }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
  });

  test('succeeds with another policyName', async () => {
    await deployed(NAME);
    expect(await deployment.update(under('Renamed', { policyName: 'Other' }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect((await deployment.policies()).map(({ Name }) => Name).sort()).toEqual(['Mine', 'Other']);
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: OPTED_OUT });
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
    expect(deployment.log(2)).toContainEqual(expect.objectContaining({ name: 'DescribeStacks', result: 'UPDATE_ROLLBACK_IN_PROGRESS' }));
  });

  const renamed = () => failing(templateOf({ policyName: 'New' }));
  test.each([
    ['throttled', () => { deployment.aws.cloudFormation.api.faults.throttle('DescribeStacks'); }],
    ['denied', () => {
      deployment.aws.cloudFormation.api.faults.add({ operation: 'DescribeStacks', error: { code: 'AccessDenied', message: 'no', status: 403 } });
    }],
  ])('of a new name succeeds although the policy still has the old one and DescribeStacks is %s', async (_name, fault) => {
    await deployed({ policyName: 'Old' });
    fault();
    // The policy resource fails before it changes anything, so the rollback finds the policy under its old name.
    deployment.organizations.faults.add({ operation: 'UpdatePolicy', calls: [1], error: { code: 'ConstraintViolationException' } });

    expect(await deployment.update(renamed())).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });

    expect(deployment.invocation(2).event).toMatchObject({
      ResourceProperties: { Policy: { Name: 'Old' } }, OldResourceProperties: { Policy: { Name: 'New' } },
    });
    expect(deployment.answer(2)).toMatchObject({ Status: 'SUCCESS' });
    expect((await deployment.policies()).map(({ Name }) => Name)).toEqual(['Old']);
  });

  test('of a new name succeeds although the stack\'s resource cannot be read and DescribeStacks is throttled', async () => {
    await deployed({ policyName: 'Old' });
    deployment.aws.cloudFormation.api.faults.throttle();
    deployment.organizations.faults.add({ operation: 'UpdatePolicy', calls: [1], error: { code: 'ConstraintViolationException' } });
    expect(await deployment.update(renamed())).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(deployment.answer(2)).toMatchObject({ Status: 'SUCCESS' });
  });

  test('of other targets succeeds although DescribeStacks is throttled: only targets in both templates have to be attached', async () => {
    deployment.organizations.createAccount({ name: 'Member', id: MEMBER });
    await deployed({ targetIds: [MANAGEMENT] });
    deployment.aws.cloudFormation.api.faults.throttle('DescribeStacks');
    deployment.organizations.faults.add({ operation: 'UpdatePolicy', calls: [1], error: { code: 'ConstraintViolationException' } });
    expect(await deployment.update(templateOf({ targetIds: [MEMBER] }))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: OPTED_OUT, [MEMBER]: {} });
  });

  test('survives short throttling of DescribeStacks', async () => {
    await deployed();
    await outside.detach();
    deployment.aws.cloudFormation.api.faults.throttle('DescribeStacks', { calls: [1, 2, 3, 4] });
    expect(await deployment.update(templateOf(WITHOUT_LEX))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
  });

  test('is told from an update: where the status can not be read, the answer to an update stays FAILED', async () => {
    await deployed();
    await deployment.administrator('DisablePolicyType', TYPE);
    const template = templateOf(WITHOUT_LEX);
    const role: any = Object.values(template.Resources).find(({ Type }: any) => Type === 'AWS::IAM::Role');
    const { PolicyDocument } = role.Properties.Policies[0];
    PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Action }: any) => !Action.includes('cloudformation:DescribeStacks'));

    const outcome = await deployment.update(template);

    expect(outcome.failures[0].reason).toContain('was disabled, which detached its policies');
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
