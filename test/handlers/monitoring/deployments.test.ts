import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ALICE, EVENT_PATH, INTERVAL, MANAGEMENT, MINUTE, Monitored, STACK, templateOf, type MonitoredOptions } from './monitored';
import { SIMULATION_START } from '../../../simulator/simulated-clock';
import { AiService, AiServicesOptOut, AiServicesOptOutMonitor, ChildOverrides, OptOutScope, type AiServicesOptOutProps } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';

const GOOD = 'AI opt-out: all 4 accounts are opted out';
const ROOT = 'r-a1b2';
const SANDBOX = 'ou-a1b2-d9dedz5h';
const DEV = '432098765450';

/** The interval is as short as there can be. */
const OFTEN = 15 * MINUTE;
const BASE: MonitoredOptions = { repair: true, monitorProps: { interval: Duration.minutes(15) } };
const having = (optOutProps: AiServicesOptOutProps): MonitoredOptions => ({ ...BASE, optOutProps });

let monitored: Monitored;
afterEach(() => monitored.close());

const start = async (options: MonitoredOptions = BASE) => { monitored = await Monitored.start(options); };

const policyIn = (stackName: string) => (
  monitored.aws.cloudFormation.describeStack(stackName).resources.find(({ type }) => type === 'AWS::Organizations::Policy')!.physicalId
);
const content = async (PolicyId: string) => JSON.parse((await monitored.act('DescribePolicy', { PolicyId })).Policy.Content);
const targets = async (PolicyId: string) => (
  (await monitored.act('ListTargetsForPolicy', { PolicyId })).Targets.map(({ TargetId }: any) => TargetId).sort()
);
const detach = async (PolicyId: string, TargetId = ROOT) => monitored.act('DetachPolicy', { PolicyId, TargetId });

/** What a template says about its policy. */
const declared = (template: any) => {
  const [{ Properties }]: any[] = Object.values(template.Resources).filter(({ Type }: any) => Type === 'AWS::Organizations::Policy');
  return { content: Properties.Content, targets: Properties.TargetIds.map((id: unknown) => (typeof id === 'string' ? id : ROOT)).sort() };
};

/** That the policy is what the template says, and that the function did not help. */
const expectDeployed = async (template: any, policyId = policyIn(STACK)) => {
  const expected = declared(template);
  expect(monitored.changes()).toEqual([]);
  expect(await content(policyId)).toEqual(expected.content);
  expect(await targets(policyId)).toEqual(expected.targets);
};

/** CloudFormation hears late of what it has changed: meanwhile the policy is new, and what is declared about it old. */
const holdBack = (operation: string, delayMs: number) => monitored.organizations.faults.add({ operation, delayMs, effect: 'after', calls: [1] });

const scheduledRuns = () => monitored.runs().filter(({ event }) => event['detail-type'] === 'Scheduled Event');

/** What runs said about repair, in order. */
const repairs = (from = 0) => monitored.runs().slice(from)
  .flatMap(({ logLines }) => logLines.map((line) => JSON.parse(line)).filter(({ step }) => step === 'repair'));

/** Waits until the schedule is so far away. */
const beforeSchedule = async (milliseconds: number) => {
  if (scheduledRuns().length === 0) await monitored.pass(SIMULATION_START + OFTEN + MINUTE - monitored.aws.clock.now());
  const last = scheduledRuns().at(-1)!.startedAt;
  await monitored.pass(last + OFTEN - milliseconds - monitored.aws.clock.now());
};

/** The template with a resource that cannot be made once everything else is done. */
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

const update = async (template: any, stackName = STACK) => monitored.aws.cloudFormation.updateStack({ stackName, template });

const DEPLOYMENTS = [
  { what: 'allows child overrides', from: BASE, to: having({ childOverrides: ChildOverrides.allowed() }), call: 'UpdatePolicy' },
  { what: 'locks the policy', from: having({ childOverrides: ChildOverrides.allowed() }), to: BASE, call: 'UpdatePolicy' },
  { what: 'opts out of some services only', from: BASE, to: having({ services: OptOutScope.services([AiService.LEX, AiService.POLLY]) }), call: 'UpdatePolicy' },
  { what: 'opts a service in', from: BASE, to: having({ services: OptOutScope.allServices({ optIn: [AiService.LEX] }) }), call: 'UpdatePolicy' },
  { what: 'moves the policy to an OU', from: BASE, to: having({ targetIds: [SANDBOX] }), call: 'DetachPolicy' },
  { what: 'moves the policy to the root', from: having({ targetIds: [SANDBOX, DEV] }), to: BASE, call: 'AttachPolicy' },
  { what: 'adds a target', from: BASE, to: having({ targetIds: [ROOT, DEV] }), call: 'AttachPolicy' },
  { what: 'takes a target away', from: having({ targetIds: [ROOT, DEV, SANDBOX] }), to: having({ targetIds: [ROOT] }), call: 'DetachPolicy' },
  {
    what: 'changes content and targets',
    from: BASE,
    to: having({ targetIds: [SANDBOX, DEV], childOverrides: ChildOverrides.allowed() }),
    call: 'UpdatePolicy',
  },
];

describe.each(DEPLOYMENTS)('a deployment that $what is not undone', ({ from, to, call }) => {
  test('by the runs that its own events set off', async () => {
    await start(from);
    const runs = monitored.runs().length;
    expect(await monitored.update(to)).toMatchObject({ status: 'UPDATE_COMPLETE' });
    await monitored.pass(EVENT_PATH);

    // One right after the deployment, one for what CloudTrail says.
    expect(monitored.runs().slice(runs).map(({ event }) => event.detail?.['status-details'].status ?? event.Records.length)).toEqual(
      ['UPDATE_COMPLETE', expect.any(Number)],
    );
    await expectDeployed(templateOf(to));
    await monitored.pass(2 * OFTEN);
    await expectDeployed(templateOf(to));
    expect(repairs(runs)).toEqual(repairs(runs).map(() => ({ step: 'repair', done: [] })));
  });

  test('by events that arrive while it is under way', async () => {
    await start(from);
    const runs = monitored.runs().length;
    const fault = holdBack(call, 5 * MINUTE);
    const deployment = monitored.update(to);
    await monitored.pass(EVENT_PATH);

    expect(fault.strikes).toBe(1);
    expect(monitored.aws.cloudFormation.describeStack(STACK).status).toBe('UPDATE_IN_PROGRESS');
    expect(monitored.runs().length).toBeGreaterThan(runs);
    expect(await deployment).toMatchObject({ status: 'UPDATE_COMPLETE' });
    await monitored.pass(EVENT_PATH);
    await expectDeployed(templateOf(to));
  });

  test('by a scheduled run in the middle of it, where no event was seen', async () => {
    await start(from);
    monitored.aws.eventBridge.faults.lose(undefined, Infinity);
    await beforeSchedule(2 * MINUTE);
    const runs = scheduledRuns().length;
    holdBack(call, 4 * MINUTE);
    const deployment = monitored.update(to);
    await monitored.pass(3 * MINUTE);

    expect(monitored.aws.cloudFormation.describeStack(STACK).status).toBe('UPDATE_IN_PROGRESS');
    expect(scheduledRuns()).toHaveLength(runs + 1);
    expect(await deployment).toMatchObject({ status: 'UPDATE_COMPLETE' });
    await monitored.pass(OFTEN);
    await expectDeployed(templateOf(to));
  });

  test('by a scheduled run that began before it, and reads on after it', async () => {
    await start(from);
    await beforeSchedule(500);
    monitored.organizations.faults.add({ operation: 'DescribePolicy', delayMs: 8_000, calls: [1] });
    monitored.organizations.faults.add({ operation: 'ListTargetsForPolicy', delayMs: 1_000, calls: [1] });
    await monitored.pass(1_000);
    expect(await monitored.update(to)).toMatchObject({ status: 'UPDATE_COMPLETE' });
    await monitored.pass(EVENT_PATH);
    await expectDeployed(templateOf(to));
  });

  test('where it failed and was rolled back, with events and a scheduled run before, in and after the rollback', async () => {
    await start(from);
    await beforeSchedule(4 * MINUTE);
    const runs = monitored.runs().length;
    monitored.organizations.faults.add({ operation: 'CreatePolicy', delayMs: 3 * MINUTE, calls: [1] });
    const deployment = update(failing(templateOf(to)));
    await monitored.pass(2 * MINUTE);
    expect(monitored.aws.cloudFormation.describeStack(STACK).status).toBe('UPDATE_IN_PROGRESS');
    expect(monitored.runs()).toHaveLength(runs + 1);
    holdBack(call === 'UpdatePolicy' ? call : { AttachPolicy: 'DetachPolicy', DetachPolicy: 'AttachPolicy' }[call]!, 5 * MINUTE);
    await monitored.pass(3 * MINUTE);
    expect(monitored.aws.cloudFormation.describeStack(STACK).status).toBe('UPDATE_ROLLBACK_IN_PROGRESS');
    await monitored.pass(OFTEN);

    expect(await deployment).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    expect(scheduledRuns().length).toBeGreaterThan(1);
    await expectDeployed(templateOf(from));
    expect(monitored.runs().some(({ event }) => event.detail?.['status-details']?.status === 'UPDATE_ROLLBACK_COMPLETE')).toBe(true);
  });
});

describe('a rollback', () => {
  test('is not undone by a run that began before it, and reads on after it', async () => {
    await start();
    const to = templateOf(having({ childOverrides: ChildOverrides.allowed() }));
    await beforeSchedule(10_000);
    monitored.organizations.faults.add({ operation: 'CreatePolicy', delayMs: 12_000, calls: [1] });
    monitored.organizations.faults.add({ operation: 'DescribePolicy', delayMs: 9_000, calls: [1] });
    expect(await update(failing(to))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    await monitored.pass(EVENT_PATH);
    await expectDeployed(templateOf());
  });
});

describe('a deletion is not undone', () => {
  test('where the policy leaves the stack and is deleted', async () => {
    await start(having({ removalPolicy: RemovalPolicy.DESTROY }));
    holdBack('DetachPolicy', 5 * MINUTE);
    const deployment = monitored.update({ ...BASE, optOut: false, repair: false });
    await monitored.pass(EVENT_PATH);
    expect(await deployment).toMatchObject({ status: 'UPDATE_COMPLETE' });
    await monitored.pass(EVENT_PATH);
    expect(monitored.changes()).toEqual([]);
    expect(await monitored.optedOut()).toEqual([]);
    expect(monitored.messages().at(-1)!.subject).toBe('AI opt-out: 4 of 4 accounts are NOT opted out');
  });

  test('where the whole stack is deleted', async () => {
    await start(having({ removalPolicy: RemovalPolicy.DESTROY }));
    holdBack('DetachPolicy', 5 * MINUTE);
    const deletion = monitored.aws.cloudFormation.deleteStack(STACK);
    await monitored.pass(EVENT_PATH);
    expect(await deletion).toMatchObject({ status: 'DELETE_COMPLETE' });
    await monitored.pass(EVENT_PATH);
    expect(monitored.changes()).toEqual([]);
  });
});

describe('what CloudFormation did', () => {
  test('to our policy from another stack is left alone at first, and said', async () => {
    await start({ repair: true });
    const { policyId } = monitored;
    const arn = `arn:aws:sts::${MANAGEMENT}:assumed-role/Administrator/deployment`;
    await monitored.organizations.call('DetachPolicy', { PolicyId: policyId, TargetId: ROOT }, {
      accountId: MANAGEMENT, arn, invokedBy: 'cloudformation.amazonaws.com',
    });
    await monitored.pass(EVENT_PATH);

    expect(monitored.changes()).toEqual([]);
    const [{ subject, message }] = monitored.messages().slice(1);
    expect(subject).toBe('AI opt-out: 4 of 4 accounts are NOT opted out');
    expect(message).toContain('\n\nNot repaired: CloudFormation made the change\n\n');
    expect(message).toContain(`DetachPolicy ${policyId} ${ROOT} by ${arn}`);

    await monitored.pass(INTERVAL);
    expect(await targets(policyId)).toEqual([ROOT]);
    expect(monitored.messages().at(-1)!.subject).toContain('undone and repaired');
  });
});

describe('a change outside CloudFormation during a deployment', () => {
  test('is repaired right after it', async () => {
    await start();
    const to = having({ childOverrides: ChildOverrides.allowed() });
    holdBack('UpdatePolicy', 5 * MINUTE);
    const { policyId } = monitored;
    const deployment = monitored.update(to);
    await monitored.pass(5_000);
    await detach(policyId);
    await monitored.pass(EVENT_PATH);

    expect(monitored.changes()).toEqual([]);
    expect(monitored.messages().at(-1)!.message).toContain('\n\nNot repaired: a stack is being changed, or needs help\n\n');
    expect(await deployment).toMatchObject({ status: 'UPDATE_COMPLETE' });
    await monitored.pass(MINUTE);
    expect(monitored.calls().filter(({ operation }) => !/^(List|Describe)/.test(operation)).map(({ operation, input }) => [operation, input])).toEqual(
      [['AttachPolicy', { PolicyId: policyId, TargetId: ROOT }]],
    );
    expect(await content(policyId)).toEqual(declared(templateOf(to)).content);
    expect(await monitored.optedOut()).toHaveLength(4);
  });
});

describe('with the opt-out in another stack of the app', () => {
  const POLICY_STACK = 'Policy';

  /** Both templates; what one imports from the other is filled in, because CloudFormation's exports are not simulated. */
  const templates = (optOutProps: AiServicesOptOutProps = {}) => {
    const app = new App({ analyticsReporting: false });
    const env = { region: 'us-east-1' };
    const repair = new AiServicesOptOut(new Stack(app, POLICY_STACK, { env }), 'OptOut', optOutProps);
    const stack = new Stack(app, STACK, { env });
    new AiServicesOptOutMonitor(stack, 'Monitor', { interval: Duration.hours(6), notificationTopic: new Topic(stack, 'Changes'), repair });
    const assembly = app.synth();
    return { policy: assembly.getStackByName(POLICY_STACK).template, monitor: assembly.getStackByName(STACK).template };
  };

  const filledIn = (template: any, exporting: any) => {
    const { outputs } = monitored.aws.cloudFormation.describeStack(POLICY_STACK);
    const values = new Map(Object.entries<any>(exporting.Outputs).map(([name, { Export }]) => [Export.Name, outputs[name]]));
    return JSON.parse(JSON.stringify(template), (_, value) => {
      const name = value?.['Fn::ImportValue'];
      if (name && !values.has(name)) throw new Error(`nobody exports ${name}`);
      return name ? values.get(name) : value;
    });
  };

  const startBoth = async () => {
    monitored = await Monitored.start({ optOut: false });
    expect(monitored.messages().map(({ subject }) => subject)).toEqual(['AI opt-out: 4 of 4 accounts are NOT opted out']);
    const { policy, monitor } = templates();
    expect(await monitored.aws.cloudFormation.createStack({ stackName: POLICY_STACK, template: policy })).toMatchObject({ status: 'CREATE_COMPLETE' });
    await monitored.pass(EVENT_PATH);
    expect(await update(filledIn(monitor, policy))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    await monitored.pass(EVENT_PATH);
    expect(monitored.messages().at(-1)!.subject).toBe(GOOD);
    expect(monitored.changes()).toEqual([]);
    return policyIn(POLICY_STACK);
  };

  test('a change outside CloudFormation is repaired', async () => {
    const policyId = await startBoth();
    await detach(policyId);
    await monitored.pass(EVENT_PATH);
    expect(monitored.changes()).toEqual(['AttachPolicy']);
    expect(await targets(policyId)).toEqual([ROOT]);
    expect(monitored.messages().at(-1)!.message).toContain(`DetachPolicy ${policyId} ${ROOT} by ${ALICE}`);
  });

  test.each([
    { what: 'content', props: { childOverrides: ChildOverrides.allowed() }, call: 'UpdatePolicy' },
    { what: 'targets', props: { targetIds: [SANDBOX] }, call: 'DetachPolicy' },
  ])('a deployment of $what is not undone, neither under way nor after it', async ({ props, call }) => {
    const policyId = await startBoth();
    const runs = monitored.runs().length;
    const { policy } = templates(props);
    holdBack(call, 5 * MINUTE);
    const deployment = update(policy, POLICY_STACK);
    await monitored.pass(EVENT_PATH);
    expect(monitored.aws.cloudFormation.describeStack(POLICY_STACK).status).toBe('UPDATE_IN_PROGRESS');
    expect(monitored.runs().length).toBeGreaterThan(runs);
    expect(repairs(runs)[0]).toMatchObject({ done: [], later: expect.any(String) });
    expect(await deployment).toMatchObject({ status: 'UPDATE_COMPLETE' });
    await monitored.pass(EVENT_PATH + INTERVAL);
    await expectDeployed(policy, policyId);
  });

  test('a deployment that fails is not undone either', async () => {
    const policyId = await startBoth();
    holdBack('UpdatePolicy', 5 * MINUTE);
    const deployment = update(failing(templates({ childOverrides: ChildOverrides.allowed() }).policy), POLICY_STACK);
    await monitored.pass(EVENT_PATH);
    expect(await deployment).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    await monitored.pass(EVENT_PATH + INTERVAL);
    await expectDeployed(templates().policy, policyId);
  });

  test('a change outside CloudFormation during its deployment is repaired within minutes after it', async () => {
    const policyId = await startBoth();
    const { policy } = templates({ childOverrides: ChildOverrides.allowed() });
    holdBack('UpdatePolicy', 5 * MINUTE);
    const deployment = update(policy, POLICY_STACK);
    // After the check of the custom resource, which would stop the deployment.
    await monitored.pass(5_000);
    await detach(policyId);
    await deployment;
    await monitored.pass(EVENT_PATH);
    expect(monitored.changes()).toEqual(['AttachPolicy']);
    expect(await targets(policyId)).toEqual([ROOT]);
    expect(await content(policyId)).toEqual(declared(policy).content);
  });

  test('a change outside CloudFormation right before its deployment stops the deployment, is repaired within minutes, and the next deployment succeeds', async () => {
    const policyId = await startBoth();
    const { policy } = templates({ childOverrides: ChildOverrides.allowed() });
    await detach(policyId);
    await monitored.pass(5_000);
    expect(await update(policy, POLICY_STACK)).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
    await monitored.pass(EVENT_PATH);
    expect(monitored.changes()).toEqual(['AttachPolicy']);
    expect(await targets(policyId)).toEqual([ROOT]);

    expect(await update(policy, POLICY_STACK)).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await content(policyId)).toEqual(declared(policy).content);
  });
});
