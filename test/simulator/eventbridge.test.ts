import { setTimeout as realSleep } from 'node:timers/promises';
import { handler, startAws, withFunction } from './cloudformation/scene';
import {
  ALICE, arnOf, attach, deploy, detach, DETACHED, eventIn, MEMBER, MINUTE, NOTE, OPTED_OUT, permission, queue, queuePolicy, rule, throughQueue,
} from './eventbridge-scene';
import { CloudFormation } from '../../simulator/cloudformation/cloudformation';
import { type SimulatedAws } from '../../simulator/cloudformation/simulated-aws';

const HOUR = 60 * MINUTE;

/** A rule that sends what matches to a queue of the name Queue, and the queue. */
function toQueue(properties: object) {
  return { Queue: queue({ QueueName: 'Queue' }), Rule: rule({ Targets: [{ Id: 'Queue', Arn: arnOf('Queue') }], ...properties }) };
}

/** A rule that invokes the function itself. */
function direct(ruleProperties: object, code = NOTE, permissionProperties: object = {}) {
  return { ...withFunction(code), Rule: rule(ruleProperties), Permission: permission('Rule', permissionProperties) };
}

function starts(aws: SimulatedAws, since: number): number[] {
  return aws.cloudFormation.invocations.map(({ startedAt }) => startedAt - since);
}

function outcomes(aws: SimulatedAws): string[] {
  return aws.eventBridge.deliveries.map(({ outcome }) => outcome);
}

test('a detached policy reaches the function through rule and queue', async () => {
  const aws = await startAws(OPTED_OUT);
  const mapping = { BatchSize: 1000, MaximumBatchingWindowInSeconds: 60, ScalingConfig: { MaximumConcurrency: 2 } };
  const { failures } = await deploy(aws, throughQueue(undefined, mapping, { VisibilityTimeout: 960 }));
  expect(failures).toEqual([]);
  const detachedAt = aws.clock.now();
  await detach(aws);
  await aws.clock.sleep(3 * MINUTE);

  const [invocation, ...others] = aws.cloudFormation.invocations;
  expect(others).toEqual([]);
  expect(invocation.startedAt - detachedAt).toBe(10_000 + 60_000 + 200);
  expect(eventIn(invocation.event.Records[0])).toMatchObject({
    'source': 'aws.organizations',
    'detail-type': 'AWS API Call via CloudTrail',
    'detail': { eventName: 'DetachPolicy', requestParameters: { targetId: aws.organizations.rootId } },
  });
  expect(invocation.result).toEqual({ seen: true });
  expect(aws.sqs.queue(invocation.trigger!.arn).messages).toEqual([]);
  expect(aws.clock.now() - detachedAt).toBe(3 * MINUTE);
});

describe('a schedule', () => {
  test('runs first one rate after its creation, then every rate', async () => {
    const aws = await startAws();
    await deploy(aws, direct({ ScheduleExpression: 'rate(6 hours)' }));
    const created = aws.cloudFormation.events.find(({ logicalId, status }) => logicalId === 'Rule' && status === 'CREATE_IN_PROGRESS')!.time;
    await aws.clock.sleep(13 * HOUR);

    expect(starts(aws, created)).toEqual([6 * HOUR + 200, 12 * HOUR + 200]);
    expect(aws.cloudFormation.invocations[0].event).toEqual({
      'version': '0',
      'id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      'source': 'aws.events',
      'account': '111122223333',
      'time': '2026-01-01T06:00:02Z',
      'region': 'us-east-1',
      'resources': [expect.stringMatching(/^arn:aws:events:us-east-1:111122223333:rule\/Stack-Rule-/)],
      'detail': {},
    });
  });

  test('makes no time pass', async () => {
    const aws = await startAws();
    await deploy(aws, direct({ ScheduleExpression: 'rate(1 minute)' }));
    const deployed = aws.clock.now();
    await realSleep(100);

    expect(aws.clock.now()).toBe(deployed);
    expect(aws.cloudFormation.invocations).toEqual([]);
  });

  test('makes no time pass for a function that it started either', async () => {
    const aws = await startAws();
    await deploy(aws, direct({ ScheduleExpression: 'rate(1 minute)' }, handler('await sleep(40_000); console.log("awake");')));
    await aws.clock.sleep(MINUTE);
    const now = aws.clock.now();
    await realSleep(300);
    expect(aws.clock.now()).toBe(now);
    expect(aws.cloudFormation.invocations[0].durationMs).toBeUndefined();

    await aws.clock.sleep(45_000);
    expect(aws.cloudFormation.invocations[0].durationMs).toBe(40_000);
    expect(aws.clock.now()).toBe(now + 45_000);
  });

  test('does nothing while disabled, and begins anew', async () => {
    const aws = await startAws();
    const template = (State: string) => ({ stackName: 'Stack', template: { Resources: direct({ ScheduleExpression: 'rate(1 hour)', State }) } });
    await aws.cloudFormation.createStack(template('DISABLED'));
    await aws.clock.sleep(3 * HOUR);
    expect(aws.cloudFormation.invocations).toEqual([]);

    await aws.cloudFormation.updateStack(template('ENABLED'));
    await aws.clock.sleep(59 * MINUTE);
    expect(aws.cloudFormation.invocations).toEqual([]);
    await aws.clock.sleep(2 * MINUTE);
    expect(aws.cloudFormation.invocations).toHaveLength(1);

    await aws.cloudFormation.updateStack(template('DISABLED'));
    await aws.clock.sleep(3 * HOUR);
    expect(aws.cloudFormation.invocations).toHaveLength(1);
  });

  test('goes on undisturbed when something else about the rule changes, and ends with it', async () => {
    const aws = await startAws();
    const template = (properties: object) => ({ stackName: 'Stack', template: { Resources: direct({ ScheduleExpression: 'rate(1 hour)', ...properties }) } });
    await aws.cloudFormation.createStack(template({}));
    await aws.clock.sleep(50 * MINUTE);
    await aws.cloudFormation.updateStack(template({ Description: 'changed' }));
    await aws.clock.sleep(11 * MINUTE);
    expect(aws.cloudFormation.invocations).toHaveLength(1);

    await aws.cloudFormation.deleteStack('Stack');
    await aws.clock.sleep(3 * HOUR);
    expect(aws.cloudFormation.invocations).toHaveLength(1);
  });
});

describe('a function as a target', () => {
  test('gets the event, and its invocation is found by the rule', async () => {
    const aws = await startAws(OPTED_OUT);
    await deploy(aws, { ...direct({ EventPattern: DETACHED }), Other: rule({ ScheduleExpression: 'rate(1 minute)' }), OtherPermission: permission('Other') });
    await detach(aws);
    await aws.clock.sleep(MINUTE);
    const [ruleName] = aws.eventBridge.ruleNames.filter((name) => name.startsWith('Stack-Rule-'));

    expect(aws.cloudFormation.invocations).toHaveLength(2);
    expect(aws.cloudFormation.invocationsBy(ruleName)).toHaveLength(1);
    expect(aws.cloudFormation.invocationsBy(aws.eventBridge.ruleArn(ruleName))[0]).toMatchObject({
      trigger: { service: 'events.amazonaws.com', arn: aws.eventBridge.ruleArn(ruleName) },
      event: { detail: { eventName: 'DetachPolicy' } },
    });
    expect(aws.eventBridge.deliveriesOf(ruleName)).toMatchObject([{ outcome: 'delivered', targetId: 'Target', event: { detail: { eventName: 'DetachPolicy' } } }]);
  });

  test('gets the target\'s own input instead', async () => {
    const aws = await startAws();
    await deploy(aws, direct({ ScheduleExpression: 'rate(1 minute)', Targets: [{ Id: 'Target', Arn: arnOf('Function'), Input: '{"source":"me"}' }] }));
    await aws.clock.sleep(MINUTE + 10_000);

    expect(aws.cloudFormation.invocations[0].event).toEqual({ source: 'me' });
  });

  test('gets the event twice more when it fails', async () => {
    const aws = await startAws(OPTED_OUT);
    await deploy(aws, direct({ EventPattern: DETACHED }, 'exports.handler = async () => { throw new Error("no"); };'));
    const since = aws.clock.now();
    await detach(aws);
    await aws.clock.sleep(HOUR);

    // The execution environment is warm for the second and the third time.
    expect(starts(aws, since)).toEqual([10_200, 70_205, 190_210]);
    expect(new Set(aws.cloudFormation.invocations.map(({ requestId }) => requestId)).size).toBe(1);
  });

  test.each([
    ['without a permission', {}],
    ['for another rule\'s permission', { Permission: permission('Rule', { SourceArn: 'arn:aws:events:us-east-1:111122223333:rule/Other' }) }],
    ['for another service\'s permission', { Permission: permission('Rule', { Principal: 'config.amazonaws.com' }) }],
    ['for another account\'s permission', { Permission: permission('Rule', { SourceAccount: MEMBER }) }],
    ['for the permission to do something else', { Permission: permission('Rule', { Action: 'lambda:GetFunction' }) }],
  ])('gets nothing %s', async (_, permissions) => {
    const aws = await startAws();
    await deploy(aws, { ...withFunction(NOTE), Rule: rule({ ScheduleExpression: 'rate(1 minute)' }), ...permissions });
    await aws.clock.sleep(MINUTE + 10_000);

    expect(aws.cloudFormation.invocations).toEqual([]);
    expect(aws.eventBridge.deliveries).toMatchObject([{ outcome: 'refused', reason: expect.stringContaining('does not allow events.amazonaws.com') }]);
  });

  test.each([
    ['of any rule', { SourceArn: 'arn:aws:events:us-east-1:111122223333:rule/*' }],
    ['of the account', { SourceArn: { Ref: 'AWS::NoValue' }, SourceAccount: '111122223333' }],
    ['of everything', { SourceArn: { Ref: 'AWS::NoValue' } }],
  ])('may be invoked by the permission %s', async (_, properties) => {
    const aws = await startAws();
    await deploy(aws, direct({ ScheduleExpression: 'rate(1 minute)' }, NOTE, properties));
    await aws.clock.sleep(MINUTE + 10_000);

    expect(outcomes(aws)).toEqual(['delivered']);
  });

  test('that does not exist is told in the deliveries', async () => {
    const aws = await startAws();
    const Targets = [{ Id: 'A', Arn: 'arn:aws:lambda:us-east-1:111122223333:function:Gone' }];
    await deploy(aws, { Rule: rule({ ScheduleExpression: 'rate(1 minute)', Targets }) });
    await aws.clock.sleep(MINUTE);

    expect(aws.eventBridge.deliveries).toMatchObject([{ outcome: 'failed', reason: expect.stringContaining('function:Gone does not exist') }]);
  });
});

describe('a queue as a target', () => {

  async function messagesWith(policy: object) {
    const aws = await startAws(OPTED_OUT);
    await deploy(aws, { ...toQueue({ EventPattern: DETACHED }), ...policy });
    await detach(aws);
    await aws.clock.sleep(MINUTE);
    return { aws, messages: aws.sqs.queue('Queue').messages };
  }

  test('gets the event as the body of a message', async () => {
    const { aws, messages } = await messagesWith({ Policy: queuePolicy('Rule') });

    expect(messages).toHaveLength(1);
    expect(JSON.parse(messages[0].body)).toEqual(aws.eventBridge.events.find(({ detail }) => detail.eventName === 'DetachPolicy'));
  });

  const denied = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }] };
  const withoutRule = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' }] };
  test.each([
    ['without a policy', {}],
    ['for another rule', { Other: rule({ ScheduleExpression: 'rate(1 day)', Targets: [] }), Policy: queuePolicy('Other') }],
    ['for another service', { Policy: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'Queue' }], PolicyDocument: withoutRule } } }],
    ['against a denial', { Policy: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'Queue' }], PolicyDocument: denied } } }],
  ])('gets nothing %s', async (_, policy) => {
    const { aws, messages } = await messagesWith(policy);

    expect(messages).toEqual([]);
    expect(aws.eventBridge.deliveries).toMatchObject([{ outcome: 'refused', targetId: 'Queue' }]);
  });
});

describe('states of a rule', () => {
  const anything = { source: ['aws.organizations'] };

  async function namesWith(State: string | undefined) {
    const aws = await startAws(OPTED_OUT);
    await deploy(aws, { ...toQueue({ EventPattern: anything, State }), Policy: queuePolicy('Rule') });
    await detach(aws);
    aws.organizations.emitEffectivePolicyValidation({ accountId: MEMBER, policyType: 'AISERVICES_OPT_OUT_POLICY', state: 'INVALID' });
    await aws.clock.sleep(MINUTE);
    return aws.sqs.queue('Queue').messages.map((message) => eventIn(message).detail.eventName);
  }

  test.each([
    ['ENABLED', ['DetachPolicy']],
    [undefined, ['DetachPolicy']],
    ['DISABLED', []],
    ['ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', ['ListPolicies', 'DetachPolicy', 'EffectivePolicyValidation']],
  ])('%s', async (State, expected) => {
    expect(await namesWith(State)).toEqual(expected);
  });

  test('read-only calls that no rule wants are not even kept', async () => {
    const aws = await startAws(OPTED_OUT);
    await aws.organizations.call('ListRoots', {}, ALICE);
    await detach(aws);
    await aws.clock.sleep(MINUTE);

    expect(aws.eventBridge.events.map(({ detail }) => detail.eventName)).toEqual(['DetachPolicy']);
  });
});

describe('faults', () => {
  async function detachTwice(faults: (aws: SimulatedAws) => void) {
    const aws = await startAws(OPTED_OUT);
    await deploy(aws, { ...toQueue({ EventPattern: { source: ['aws.organizations'] } }), Policy: queuePolicy('Rule') });
    faults(aws);
    const since = aws.clock.now();
    await detach(aws);
    await attach(aws);
    await aws.clock.sleep(MINUTE);
    await detach(aws);
    await aws.clock.sleep(HOUR);
    const arrived = aws.sqs.queue('Queue').messages.map((message) => [eventIn(message).detail.eventName, (message.sentAt - since) / 1000]);
    return { aws, arrived };
  }

  test('none', async () => {
    expect((await detachTwice(() => {})).arrived).toEqual([['DetachPolicy', 10], ['AttachPolicy', 10], ['DetachPolicy', 70]]);
  });

  test('the next event of a name is lost', async () => {
    const { aws, arrived } = await detachTwice(({ eventBridge }) => eventBridge.faults.lose('DetachPolicy'));

    expect(arrived).toEqual([['AttachPolicy', 10], ['DetachPolicy', 70]]);
    expect(aws.eventBridge.lost.map(({ detail }) => detail.eventName)).toEqual(['DetachPolicy']);
  });

  test('the next two of any name are lost', async () => {
    const { arrived } = await detachTwice(({ eventBridge }) => eventBridge.faults.lose(undefined, 2));

    expect(arrived).toEqual([['DetachPolicy', 70]]);
  });

  test('an event comes twice', async () => {
    const { aws, arrived } = await detachTwice(({ eventBridge }) => eventBridge.faults.duplicate('DetachPolicy', 5 * MINUTE));

    expect(arrived).toEqual([['DetachPolicy', 10], ['AttachPolicy', 10], ['DetachPolicy', 70], ['DetachPolicy', 310]]);
    const [first, , , second] = aws.sqs.queue('Queue').messages.map(eventIn);
    expect(second).toEqual(first);
  });

  test('a fault that was removed strikes no more', async () => {
    const { arrived } = await detachTwice(({ eventBridge }) => eventBridge.faults.lose('DetachPolicy').remove());

    expect(arrived).toHaveLength(3);
  });
});

test('the delay of what CloudTrail records can be chosen', async () => {
  const aws = await startAws({ ...OPTED_OUT, cloudTrailDelayMs: 15 * MINUTE });
  await deploy(aws, direct({ EventPattern: DETACHED }));
  const since = aws.clock.now();
  await detach(aws);
  await aws.clock.sleep(20 * MINUTE);

  expect(starts(aws, since)).toEqual([15 * MINUTE + 200]);
});

test('two runs have the same history, event by event', async () => {
  const history = async () => {
    const aws = await startAws(OPTED_OUT);
    const code = handler('await sleep(Math.random() * 10_000); console.log(event.Records?.length);');
    await deploy(aws, { ...throughQueue(code), Schedule: rule({ ScheduleExpression: 'rate(1 minute)' }), Permission: permission('Schedule') });
    await detach(aws);
    await aws.clock.sleep(61_000);
    await attach(aws);
    await detach(aws);
    await aws.clock.sleep(3 * MINUTE);
    // The memory is the real one.
    return [aws.eventBridge.deliveries, aws.cloudFormation.invocations.map(({ maxMemoryUsedMegabytes: _, ...invocation }) => invocation)];
  };
  const [first, second] = [await history(), await history()];

  expect(second).toEqual(first);
  expect(first[1].length).toBeGreaterThan(4);
});

test('every account and Region has a bus of its own', async () => {
  const aws = await startAws({
    scene: (organizations) => {
      OPTED_OUT.scene(organizations);
      organizations.delegateAdministrator(MEMBER);
    },
  });
  const { clock, organizations, endpoint, endpointUrl } = aws;
  const [member, elsewhere] = [
    new CloudFormation({ clock, organizations, endpoint, endpointUrl, accountId: MEMBER }),
    new CloudFormation({ clock, organizations, endpoint, endpointUrl, region: 'eu-west-1' }),
  ];
  const everywhere = [aws.cloudFormation, member, elsewhere];
  for (const cloudFormation of everywhere) {
    const Resources = direct({ EventPattern: { source: ['aws.organizations', 'aws.cloudformation'] } });
    const { failures } = await cloudFormation.createStack({ stackName: 'Stack', template: { Resources } });
    expect(failures).toEqual([]);
  }
  await detach(aws);
  await attach(aws, { accountId: MEMBER, arn: `arn:aws:iam::${MEMBER}:user/Bob` });
  await aws.clock.sleep(MINUTE);

  const nameOf = ({ eventName, 'stack-id': stackId }: any) => eventName ?? stackId.split(':').slice(3, 5).join(' ');
  const seen = everywhere.map(({ invocations }) => invocations.map(({ event }) => nameOf(event.detail)));
  expect(seen).toEqual([['us-east-1 111122223333', 'DetachPolicy'], [`us-east-1 ${MEMBER}`, 'AttachPolicy'], ['eu-west-1 111122223333']]);
  await member.close();
  await elsewhere.close();
});

test('closing ends schedules, messages and functions that are under way', async () => {
  const aws = await startAws(OPTED_OUT);
  await deploy(aws, { ...throughQueue(handler('await sleep(50_000);')), Schedule: rule({ ScheduleExpression: 'rate(1 minute)' }), Permission: permission('Schedule') });
  await detach(aws);
  await aws.clock.sleep(61_000);
  expect(aws.cloudFormation.invocations.some(({ durationMs }) => durationMs === undefined)).toBe(true);

  await expect(aws.close()).resolves.toBeUndefined();
});
