import { allow, handler, role, startAws, withFunction } from './scene';
import { type SimulatedAws } from '../../../simulator/cloudformation/simulated-aws';
import { arnOf, deploy, mapping, MAY_READ_QUEUE, MINUTE, NOTE, queue } from '../eventbridge-scene';

/** Queue, mapping and function, without a rule. */
function reading(code = NOTE, mappingProperties: object = {}, queueProperties: object = {}, statements = [MAY_READ_QUEUE]) {
  return { ...withFunction(code, {}, ...statements), Queue: queue({ QueueName: 'Queue', ...queueProperties }), Mapping: mapping(mappingProperties) };
}

async function start(...args: Parameters<typeof reading>) {
  const aws = await startAws();
  const outcome = await deploy(aws, reading(...args));
  return { aws, source: aws.sqs.find('Queue')!, outcome, since: aws.clock.now() };
}

/** For every invocation: seconds since a moment, and the bodies it got. */
function batches(aws: SimulatedAws, since: number): Array<[number, string]> {
  return aws.cloudFormation.invocations.map(({ startedAt, coldStart, event }) => [(startedAt - since - (coldStart ? 200 : 5)) / 1000, event.Records.map(({ body }: any) => body).join('')]);
}

const FAIL = 'exports.handler = async () => { throw new Error("no"); };';

test('the function gets a real event, and the messages are deleted when it has returned', async () => {
  const { aws, source, since } = await start();
  source.send('a', 'sender');
  await aws.clock.sleep(10_000);

  expect(aws.cloudFormation.invocations).toHaveLength(1);
  expect(aws.cloudFormation.invocationsBy('Queue')).toHaveLength(1);
  expect(aws.cloudFormation.invocations[0].event).toEqual({
    Records: [{
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.any(String),
      body: 'a',
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(since), SenderId: 'sender', ApproximateFirstReceiveTimestamp: String(since) },
      messageAttributes: {},
      md5OfBody: '0cc175b9c0f1b6a831c399e269772661',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:111122223333:Queue',
      awsRegion: 'us-east-1',
    }],
  });
  expect(source.messages).toEqual([]);
});

describe('batches', () => {
  test('are what comes within the window after the first message', async () => {
    const { aws, source, since } = await start(NOTE, { BatchSize: 1000, MaximumBatchingWindowInSeconds: 20 });
    source.send('a', 'sender');
    await aws.clock.sleep(19_000);
    source.send('b', 'sender');
    await aws.clock.sleep(2000);
    source.send('c', 'sender');
    await aws.clock.sleep(MINUTE);

    expect(batches(aws, since)).toEqual([[20, 'ab'], [41, 'c']]);
  });

  test('are sent at once when they are full', async () => {
    const { aws, source, since } = await start(NOTE, { BatchSize: 2, MaximumBatchingWindowInSeconds: 20 });
    for (const body of ['a', 'b', 'c', 'd', 'e']) source.send(body, 'sender');
    await aws.clock.sleep(MINUTE);

    expect(batches(aws, since)).toEqual([[0, 'ab'], [0, 'cd'], [20, 'e']]);
  });

  test('hold ten messages unless the mapping says otherwise', async () => {
    const { aws, source, since } = await start();
    for (const body of 'abcdefghijkl') source.send(body, 'sender');
    await aws.clock.sleep(MINUTE);

    expect(batches(aws, since)).toEqual([[0, 'abcdefghij'], [0, 'kl']]);
  });

  test('wait while as many functions run as are allowed', async () => {
    const { aws, source, since } = await start(handler('await sleep(10_000);'), { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    for (const body of ['a', 'b', 'c', 'd', 'e']) source.send(body, 'sender');
    await aws.clock.sleep(5000);
    expect(source.messages.filter(({ receiveCount }) => receiveCount > 0)).toHaveLength(2);
    await aws.clock.sleep(MINUTE);

    expect(batches(aws, since).map(([seconds]) => Math.floor(seconds / 10))).toEqual([0, 0, 1, 1, 2]);
    expect(batches(aws, since).map(([, text]) => text).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('that wait too long are delivered twice: the visibility timeout counts from the receipt', async () => {
    const { aws, source, since } = await start(NOTE, { MaximumBatchingWindowInSeconds: 60 });
    source.send('a', 'sender');
    await aws.clock.sleep(5 * MINUTE);

    expect(batches(aws, since).length).toBeGreaterThan(1);
  });
});

describe('a function that fails', () => {
  test('gets the messages again after the visibility timeout', async () => {
    const { aws, source, since } = await start(FAIL);
    source.send('a', 'sender');
    await aws.clock.sleep(30_000);
    expect(source.messages).toHaveLength(1);
    await aws.clock.sleep(MINUTE);

    expect(batches(aws, since)).toEqual([[0, 'a'], [60, 'a']]);
    expect(aws.cloudFormation.invocations.map(({ event, attempt }) => [event.Records[0].attributes.ApproximateReceiveCount, attempt])).toEqual([['1', 1], ['2', 1]]);
    expect(new Set(aws.cloudFormation.invocations.map(({ requestId }) => requestId)).size).toBe(2);
  });

  test('gets them so often, then they are in the failure queue', async () => {
    const aws = await startAws();
    await deploy(aws, {
      ...reading(FAIL, {}, { RedrivePolicy: { deadLetterTargetArn: arnOf('Failures'), maxReceiveCount: 3 } }),
      Failures: queue({ QueueName: 'Failures' }),
    });
    aws.sqs.queue('Queue').send('a', 'sender');
    await aws.clock.sleep(2.5 * MINUTE);
    expect(aws.sqs.queue('Failures').messages).toEqual([]);
    await aws.clock.sleep(10 * MINUTE);

    expect(aws.cloudFormation.invocations).toHaveLength(3);
    expect(aws.sqs.queue('Queue').messages).toEqual([]);
    expect(aws.sqs.queue('Failures').messages.map(({ body }) => body)).toEqual(['a']);
  });

  test.each([
    ['the ones that it names', 'event.Records.filter(({ body }) => body === "b").map(({ messageId }) => ({ itemIdentifier: messageId }))', ['b']],
    ['none', '[]', []],
    ['none, when it names nothing', 'undefined', []],
    ['all, when it names an unknown one', '[{ itemIdentifier: "x" }]', ['a', 'b']],
    ['all, when it answers nonsense', '"x"', ['a', 'b']],
  ])('with ReportBatchItemFailures keeps %s', async (_, failures, expected) => {
    const code = `exports.handler = async (event) => ({ batchItemFailures: ${failures} });`;
    const { aws, source } = await start(code, { FunctionResponseTypes: ['ReportBatchItemFailures'] });
    for (const body of ['a', 'b']) source.send(body, 'sender');
    await aws.clock.sleep(30_000);

    expect(source.messages.map(({ body }) => body)).toEqual(expected);
  });

  test('may answer what it wants without ReportBatchItemFailures', async () => {
    const { aws, source } = await start('exports.handler = async (event) => ({ batchItemFailures: [{ itemIdentifier: event.Records[0].messageId }] });');
    source.send('a', 'sender');
    await aws.clock.sleep(30_000);

    expect(source.messages).toEqual([]);
  });
});

describe('the function\'s role', () => {
  const ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

  test('is asked, and the answers are kept', async () => {
    const { aws, source } = await start();
    expect(aws.cloudFormation.evaluatedRequests.map(({ action, resources, allowed }) => [action, resources, allowed]))
      .toEqual(ACTIONS.map((action) => [action, [source.arn], true]));
    source.send('a', 'sender');
    await aws.clock.sleep(MINUTE);

    const asked = aws.cloudFormation.evaluatedRequests.slice(3).filter(({ action }) => action.startsWith('sqs:'));
    expect(asked.map(({ action }) => action)).toEqual(['sqs:ReceiveMessage', 'sqs:DeleteMessage']);
    expect(asked[0].principal).toMatch(/:assumed-role\/Stack-Role-\w+\/Stack-Function-\w+$/);
  });

  test.each(ACTIONS)('without %s is refused', async (action) => {
    const { outcome } = await start(NOTE, {}, {}, [allow(ACTIONS.filter((other) => other !== action), arnOf('Queue'))]);

    expect(outcome.failures[0]).toMatchObject({ logicalId: 'Mapping', status: 'CREATE_FAILED' });
    expect(outcome.failures[0].reason).toContain(`The provided execution role does not have permissions to call ${action.slice(4)} on SQS`);
  });

  test('for another queue is refused', async () => {
    const { outcome } = await start(NOTE, {}, {}, [allow(ACTIONS, 'arn:aws:sqs:us-east-1:111122223333:Other')]);

    expect(outcome.failures[0].reason).toContain('does not have permissions to call ReceiveMessage on SQS');
  });

  test('that lost its permissions leaves the messages where they are, until it has them back', async () => {
    const { aws, source } = await start();
    const without = { ...reading(), Role: role() };
    await aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: without } });
    source.send('a', 'sender');
    await aws.clock.sleep(5 * MINUTE);
    expect(aws.cloudFormation.invocations).toEqual([]);
    expect(source.messages).toHaveLength(1);

    await aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: reading() } });
    await aws.clock.sleep(2 * MINUTE);
    expect(aws.cloudFormation.invocations).toHaveLength(1);
  });
});

describe('a mapping is refused', () => {
  const FUNCTION = { FunctionName: { Ref: 'Function' }, EventSourceArn: arnOf('Queue') };
  test.each<[string, object, object, string]>([
    ['for a visibility timeout below the function\'s', {}, { VisibilityTimeout: 30 }, 'Invalid request provided: Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds'],
    ['for a large batch without a window', { BatchSize: 11 }, {}, 'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10'],
    ['for no batch', { BatchSize: 0 }, {}, '#/BatchSize: 0 is not greater or equal to 1'],
    ['for too large a batch', { BatchSize: 10_001 }, {}, '#/BatchSize: 10001 is not less or equal to 10000'],
    ['for too long a window', { MaximumBatchingWindowInSeconds: 301 }, {}, '#/MaximumBatchingWindowInSeconds: 301 is not less or equal to 300'],
    ['for too little concurrency', { ScalingConfig: { MaximumConcurrency: 1 } }, {}, '#/ScalingConfig/MaximumConcurrency: 1 is not greater or equal to 2'],
    ['for a text instead of a number', { BatchSize: 'many' }, {}, '#/BatchSize: expected type: Integer, found: String'],
    ['for an unknown property', { BatchWindow: 5 }, {}, '#: extraneous key [BatchWindow] is not permitted'],
    ['for an unknown response type', { FunctionResponseTypes: ['ReportFailures'] }, {}, 'ReportFailures is not a valid enum value'],
    ['for a filter', { FilterCriteria: {} }, {}, '#/FilterCriteria: the simulation does not support it'],
    ['for a missing queue', { EventSourceArn: 'arn:aws:sqs:us-east-1:111122223333:Other' }, {}, 'The specified queue does not exist'],
    ['for something else than a queue', { EventSourceArn: 'arn:aws:kinesis:us-east-1:111122223333:stream/x' }, {}, '#/EventSourceArn: failed validation'],
    ['for a missing function', { FunctionName: 'Other' }, {}, 'Function not found: arn:aws:lambda:us-east-1:111122223333:function:Other'],
  ])('%s', async (_, properties, queueProperties, message) => {
    const { outcome } = await start(NOTE, { ...FUNCTION, ...properties }, queueProperties);

    expect(outcome.failures[0]).toMatchObject({ logicalId: 'Mapping', reason: expect.stringContaining(message) });
  });

  test('for the same queue and function a second time', async () => {
    const aws = await startAws();
    const { failures } = await deploy(aws, { ...reading(), Second: { ...mapping(), DependsOn: 'Mapping' } });

    expect(failures[0]).toMatchObject({ logicalId: 'Second', reason: expect.stringContaining('already exists. Please update or delete the existing mapping with UUID') });
  });
});

test('a mapping has its UUID and ARN', async () => {
  const { aws } = await start();
  const { physicalId, attributes } = aws.cloudFormation.describeStack('Stack').resources.find(({ logicalId }) => logicalId === 'Mapping')!;

  expect(physicalId).toMatch(/^[0-9a-f-]{36}$/);
  expect(attributes).toEqual({ Id: physicalId, EventSourceMappingArn: `arn:aws:lambda:us-east-1:111122223333:event-source-mapping:${physicalId}` });
});

describe('an update', () => {
  test('in place changes how the queue is read', async () => {
    const { aws, source } = await start();
    await aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: reading(NOTE, { Enabled: false }) } });
    source.send('a', 'sender');
    await aws.clock.sleep(MINUTE);
    expect(aws.cloudFormation.invocations).toEqual([]);

    await aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: reading(NOTE, { BatchSize: '5', MaximumBatchingWindowInSeconds: 10 }) } });
    const since = aws.clock.now();
    await aws.clock.sleep(MINUTE);
    expect(batches(aws, since)).toHaveLength(1);
  });

  test('to another queue replaces the mapping', async () => {
    const { aws, source } = await start();
    const other = { ...reading(NOTE, { EventSourceArn: arnOf('Other') }), Other: queue({ QueueName: 'Other' }), Role: role(allow('sqs:*')) };
    const id = () => aws.cloudFormation.describeStack('Stack').resources.find(({ logicalId }) => logicalId === 'Mapping')!.physicalId;
    const before = id();
    await aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: other } });
    source.send('a', 'sender');
    aws.sqs.queue('Other').send('b', 'sender');
    await aws.clock.sleep(MINUTE);

    expect(id()).not.toBe(before);
    expect(aws.cloudFormation.invocations.map(({ event }) => event.Records[0].body)).toEqual(['b']);
  });

  test('that is refused leaves the mapping as it was', async () => {
    const { aws, source } = await start();
    const { status } = await aws.cloudFormation.updateStack({ stackName: 'Stack', template: { Resources: reading(NOTE, { BatchSize: 100 }) } });
    source.send('a', 'sender');
    await aws.clock.sleep(MINUTE);

    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(aws.cloudFormation.invocations).toHaveLength(1);
  });
});

test('a deleted stack reads nothing any more', async () => {
  const { aws, source } = await start();
  const { failures } = await aws.cloudFormation.deleteStack('Stack');
  source.send('a', 'sender');
  await aws.clock.sleep(MINUTE);

  expect(failures).toEqual([]);
  expect(aws.cloudFormation.invocations).toEqual([]);
});
