import { custom, handler, requests, startAws, SUCCEED, withFunction } from './scene';
import { stringified } from '../../../simulator/cloudformation/providers/custom-resource';
import { type SimulatedAwsOptions } from '../../../simulator/cloudformation/simulated-aws';
import { type FaultOptions } from '../../../simulator/organizations/organizations';
import { SIMULATION_START } from '../../../simulator/simulated-clock';

/** Deploys one custom resource behind a handler. */
async function deploy(code: string, properties: object = {}, options: SimulatedAwsOptions = {}, functionProperties: object = {}) {
  const aws = await startAws(options);
  const outcome = await aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: {
      Resources: { ...withFunction(code, functionProperties), Thing: custom(properties) },
      Outputs: { Data: { Value: { 'Fn::GetAtt': ['Thing', 'Value'] }, Condition: 'WithData' } },
      Conditions: { WithData: { 'Fn::Equals': [(properties as any).WithData ?? '', 'yes'] } },
    },
  });
  return { aws, outcome, reason: outcome.failures[0]?.reason };
}

describe('the event', () => {
  test('of a Create is what the protocol says', async () => {
    const { aws } = await deploy(SUCCEED, { Flag: true, Number: 5, List: [false, 1, { Deep: 0 }], ServiceTimeout: 60 });
    const { event } = aws.cloudFormation.invocations[0];
    const serviceToken = aws.cloudFormation.describeStack('Stack').resources.find(({ logicalId }) => logicalId === 'Function')!.attributes.Arn;

    expect(event).toEqual({
      RequestType: 'Create',
      ServiceToken: serviceToken,
      ResponseURL: expect.stringMatching(new RegExp(`^http://127\\.0\\.0\\.1:\\d+/${event.RequestId}\\?.*X-Amz-Signature=`)),
      StackId: aws.cloudFormation.describeStack('Stack').stackId,
      RequestId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
      LogicalResourceId: 'Thing',
      ResourceType: 'Custom::Thing',
      ResourceProperties: {
        ServiceToken: serviceToken, ServiceTimeout: '60', Flag: 'true', Number: '5', List: ['false', '1', { Deep: '0' }],
      },
    });
  });

  test('holds strings only', () => {
    expect(stringified({ a: true, b: [1, 'x'], c: { d: false } })).toEqual({ a: 'true', b: ['1', 'x'], c: { d: 'false' } });
  });
});

describe('an answer', () => {
  test('gives the physical id and the attributes', async () => {
    const { aws, outcome } = await deploy(handler('await answer(event, { PhysicalResourceId: "mine", Data: { Value: "data" } });'), { WithData: 'yes' });

    expect(outcome.status).toBe('CREATE_COMPLETE');
    expect(aws.cloudFormation.describeStack('Stack')).toMatchObject({
      outputs: { Data: 'data' },
      resources: [{}, {}, { logicalId: 'Thing', physicalId: 'mine', attributes: { Value: 'data' } }],
    });
  });

  test('without an attribute that is used fails the stack', async () => {
    const { outcome } = await deploy(SUCCEED, { WithData: 'yes' });

    expect(outcome.reason).toContain('CustomResource attribute error: Vendor response doesn\'t contain Value attribute in object arn:aws:cloudformation:');
  });

  test('that says FAILED fails the resource, which is then deleted under the id it answered', async () => {
    const { aws, outcome, reason } = await deploy(handler(`
      await answer(event, event.RequestType === 'Create' ? { Status: 'FAILED', Reason: 'because', PhysicalResourceId: 'marker' } : {});
    `));

    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(reason).toMatch(/^Received response status \[FAILED\] from custom resource. Message returned: because \(RequestId: [0-9a-f-]{36}\)$/);
    expect(requests(aws)).toEqual(['Create', 'Delete marker']);
  });

  test.each([
    ['another stack', '{ StackId: "other" }', 'Invalid Response object: StackId does not match the request'],
    ['another request', '{ RequestId: "other" }', 'Invalid Response object: RequestId does not match the request'],
    ['another resource', '{ LogicalResourceId: "Other" }', 'Invalid Response object: LogicalResourceId does not match the request'],
    ['another status', '{ Status: "OK" }', 'Invalid Response object: Status must be SUCCESS or FAILED'],
    ['no physical id', '{ PhysicalResourceId: undefined }', 'Invalid PhysicalResourceId'],
    ['an empty physical id', '{ PhysicalResourceId: "" }', 'Invalid PhysicalResourceId'],
    ['a physical id of more than 1 KB', '{ PhysicalResourceId: "x".repeat(1025) }', 'Invalid PhysicalResourceId'],
    ['more than 4,096 bytes', '{ Data: { Value: "ä".repeat(2000) } }', 'Response object is too long.'],
  ])('with %s fails the resource', async (_, members, expected) => {
    const { outcome, reason } = await deploy(handler(`await answer(event, event.RequestType === 'Create' ? ${members} : {});`));

    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(reason).toBe(expected);
  });

  test('that is no JSON fails the resource', async () => {
    const { reason } = await deploy(handler('await answer(event, {}, event.RequestType === "Create" ? { body: "<html>" } : {});'));

    expect(reason).toBe('Invalid Response object: it is not valid JSON');
  });

  test('counts once: the first one', async () => {
    const { aws } = await deploy(handler(`
      await answer(event, { PhysicalResourceId: 'first' });
      await answer(event, { Status: 'FAILED', Reason: 'late', PhysicalResourceId: 'second' });
    `));

    expect(aws.cloudFormation.describeStack('Stack').resources.at(-1)!.physicalId).toBe('first');
    expect(aws.cloudFormation.responses).toMatchObject([{ status: 200, counted: true }, { status: 200, counted: false }]);
  });
});

describe('the response URL', () => {
  test.each([
    ['a content type', 403, 'await answer(event, {}, { headers: { "content-type": "application/json" } })'],
    ['another method', 403, 'await answer(event, {}, { method: "POST" })'],
    ['another path', 403, 'await fetch(event.ResponseURL.replace(event.RequestId, "other"), { method: "PUT", body: "", headers: { "content-type": "" } })'],
    ['a body of unknown length', 501, 'await answer(event, {}, { body: new Blob(["{}"]).stream(), duplex: "half" })'],
  ])('refuses %s with %d', async (_, status, call) => {
    const { aws, outcome } = await deploy(handler(`console.log((${call}).status); await answer(event);`));

    expect(outcome.status).toBe('CREATE_COMPLETE');
    expect(aws.cloudFormation.invocations[0].logLines[0]).toMatch(new RegExp(`${status}$`));
    expect(aws.cloudFormation.responses).toMatchObject([{ status, counted: false }, { status: 200, counted: true }]);
  });

  test('accepts what node:https sends', async () => {
    const { outcome } = await deploy(`
      exports.handler = async (event) => {
        const body = JSON.stringify({ ...event, Status: 'SUCCESS', PhysicalResourceId: 'x', ResourceProperties: undefined });
        const { hostname, port, pathname, search, protocol } = new URL(event.ResponseURL);
        await new Promise((resolve, reject) => {
          const options = { hostname, port, protocol, path: pathname + search, method: 'PUT', headers: { 'content-type': '', 'content-length': Buffer.byteLength(body) } };
          require('https').request(options, resolve).on('error', reject).end(body);
        });
      };
    `);

    expect(outcome.status).toBe('CREATE_COMPLETE');
  });

  const persistent = handler(`
    for (let attempt = 1; attempt <= 5; attempt++) {
      try {
        const { status } = await answer(event);
        console.log(status);
        if (status === 200) return;
      } catch (error) {
        console.log(error.name);
      }
      await sleep(1000);
    }
  `);

  test.each([
    ['a server error', [{ answer: { status: 500 }, calls: [1] }, { answer: { status: 503 }, calls: [2] }], ['500', '503', '200'], [false, false, true]],
    ['an expired address', [{ error: { code: 'AccessDenied', status: 403 }, calls: [1] }], ['403', '200'], [false, true]],
    ['a lost request', [{ dropConnection: true, calls: [1] }], ['TypeError', '200'], [false, true]],
    ['a lost reply', [{ dropConnection: true, effect: 'after', calls: [1] }], ['TypeError', '200'], [true, false]],
    ['a slow reply', [{ delayMs: 20_000, calls: [1] }], ['200'], [true]],
  ] as [string, FaultOptions[], string[], boolean[]][])('can suffer from %s', async (_, faults, seen, counted) => {
    const aws = await startAws();
    faults.forEach((fault) => aws.cloudFormation.responseFaults.add(fault));
    const outcome = await aws.cloudFormation.createStack({
      stackName: 'Stack',
      template: { Resources: { ...withFunction(persistent), Thing: custom() } },
    });
    await aws.clock.sleep(10_000);

    expect(outcome.status).toBe('CREATE_COMPLETE');
    expect(aws.cloudFormation.invocations[0].logLines.map((line) => line.split('\t')[3])).toEqual(seen);
    expect(aws.cloudFormation.responses.map((response) => response.counted)).toEqual(counted);
  });
});

test('the response address tells the simulated time', async () => {
  const code = handler("const { headers } = await answer(event); console.log(Date.now() - Date.parse(headers.get('date')) < 1000);");
  const aws = await startAws();
  await aws.cloudFormation.createStack({ stackName: 'Stack', template: { Resources: { ...withFunction(code), Thing: custom() } } });
  await aws.clock.sleep(1_000);
  expect(aws.cloudFormation.invocations[0].logLines.map((line) => line.split('\t')[3])).toEqual(['true']);
});

describe('when no answer comes', () => {
  test.each([
    ['the function returns without one', handler('return;')],
    ['the function fails three times', handler('throw new Error("broken");')],
    ['the function runs out of time', handler('await sleep(100_000);')],
  ])('because %s, CloudFormation gives up after the service timeout', async (_, code) => {
    const { aws, reason } = await deploy(code, { ServiceTimeout: '300' });
    const failure = aws.cloudFormation.events.find(({ status }) => status === 'CREATE_FAILED')!;

    expect(failure.time - SIMULATION_START).toBe(2000 + 300_000);
    expect(reason).toMatch(/^CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId \[[0-9a-f-]{36}\]\./);
    // It has an id of CloudFormation's own making.
    expect(requests(aws).at(-1)).toMatch(/^Delete Stack-Thing-[A-Z0-9]{12}$/);
  });

  test('an hour is the default', async () => {
    const { aws, outcome } = await deploy(handler('if (event.RequestType === "Delete") await answer(event);'));

    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(outcome.failures[0].time - SIMULATION_START).toBe(2000 + 3_600_000);
    expect(aws.cloudFormation.invocations[0].error).toBeUndefined();
  });

  test('a retry of the invocation may still bring one', async () => {
    const code = handler('if (Date.now() < Date.UTC(2026, 0, 1, 0, 2)) throw new Error("not yet"); await answer(event);');
    const { aws, outcome } = await deploy(code);

    expect(outcome.status).toBe('CREATE_COMPLETE');
    expect(aws.cloudFormation.invocations.map(({ attempt, startedAt }) => [attempt, startedAt - SIMULATION_START])).toEqual([
      [1, 2200], [2, 62_205], [3, 182_210],
    ]);
  });
});

test('an event that is delivered twice runs the function twice, and one answer counts', async () => {
  const { aws, outcome } = await deploy(handler('await sleep(5000); await answer(event);'), {}, { duplicateDeliveries: [1000] });
  await aws.clock.sleep(10_000);

  expect(outcome.status).toBe('CREATE_COMPLETE');
  expect(aws.cloudFormation.invocations.map(({ startedAt, event }) => [startedAt - SIMULATION_START, event.RequestId])).toEqual([
    [2200, aws.cloudFormation.invocations[0].event.RequestId],
    [3200, aws.cloudFormation.invocations[0].event.RequestId],
  ]);
  expect(aws.cloudFormation.responses.map(({ counted }) => counted)).toEqual([true, false]);
});

test('an unknown function fails the resource', async () => {
  const aws = await startAws();
  const { failures } = await aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: { Resources: { Thing: { Type: 'AWS::CloudFormation::CustomResource', Properties: { ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:None' } } } },
  });

  expect(failures[0].reason).toContain('Function not found: arn:aws:lambda:us-east-1:111122223333:function:None');
});

test('a handler that never comes to rest ends the operation with a clear error', async () => {
  await expect(deploy(handler('for (;;);'), {}, { clock: { patience: 500 } })).rejects.toThrow(/function Stack-Function-\w+ kept the simulated clock from moving/);
});

test('something can be done while a deployment is under way', async () => {
  const aws = await startAws();
  const deployment = aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: { Resources: { ...withFunction(handler('await sleep(60_000); await answer(event);'), { Timeout: 900 }), Thing: custom() } },
  });
  await aws.clock.sleep(30_000);

  expect(aws.cloudFormation.describeStack('Stack').status).toBe('CREATE_IN_PROGRESS');
  expect(aws.cloudFormation.invocations[0].durationMs).toBeUndefined();
  expect((await deployment).status).toBe('CREATE_COMPLETE');
  expect(aws.cloudFormation.invocations[0].durationMs).toBe(60_000);
});
