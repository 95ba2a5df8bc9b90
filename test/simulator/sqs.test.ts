import { startAws } from './cloudformation/scene';
import { arnOf, deploy, queue } from './eventbridge-scene';
import { SimulatedClock } from '../../simulator/simulated-clock';
import { Sqs } from '../../simulator/sqs/sqs';

let clock: SimulatedClock;
let sqs: Sqs;
beforeEach(() => {
  clock = new SimulatedClock();
  sqs = new Sqs(clock, '111122223333', 'us-east-1', (name) => `arn:aws:sqs:us-east-1:111122223333:${name}`);
});
afterEach(() => clock.stop());

const ATTRIBUTES = { visibilityTimeoutSeconds: 30, delaySeconds: 0, messageRetentionSeconds: 345_600 };

function create(name: string, attributes: object = {}) {
  const created = sqs.create(name, { ...ATTRIBUTES, ...attributes });
  if (typeof created === 'string') throw new Error(created);
  return created;
}

const bodies = (messages: readonly { body: string }[]) => messages.map(({ body }) => body);

test('a message that was received is invisible until the visibility timeout is over', async () => {
  const source = create('Queue');
  source.send('a', 'sender');
  expect(bodies(source.receive(10))).toEqual(['a']);
  await clock.sleep(29_999);
  expect(source.receive(10)).toEqual([]);
  await clock.sleep(1);
  expect(source.receive(10)).toMatchObject([{ body: 'a', receiveCount: 2 }]);
});

test('a message is deleted by the handle of the last time it was received', async () => {
  const source = create('Queue');
  source.send('a', 'sender');
  const [first] = source.receive(1);
  await clock.sleep(30_000);
  const [second] = source.receive(1);
  source.delete(first.receiptHandle!);
  expect(source.messages).toHaveLength(1);
  source.delete(second.receiptHandle!);
  expect(source.messages).toEqual([]);
});

test('no more than asked for are received, oldest first', () => {
  const source = create('Queue');
  for (const body of ['a', 'b', 'c']) source.send(body, 'sender');

  expect(bodies(source.receive(2))).toEqual(['a', 'b']);
  expect(bodies(source.receive(2))).toEqual(['c']);
});

test('a message is delayed', async () => {
  const source = create('Queue', { delaySeconds: 5 });
  source.send('a', 'sender');
  expect(source.receive(1)).toEqual([]);
  expect(source.nextVisibleAt()).toBe(clock.now() + 5000);
  await clock.sleep(5000);
  expect(source.receive(1)).toHaveLength(1);
});

test('a message that was received too often goes to the failure queue', async () => {
  const failures = create('Failures');
  const source = create('Queue', { redrive: { deadLetterTargetArn: failures.arn, maxReceiveCount: 2 } });
  const { id, sentAt } = source.send('a', 'sender');
  for (let time = 0; time < 2; time++) {
    expect(source.receive(1)).toHaveLength(1);
    await clock.sleep(30_000);
  }
  expect(failures.messages).toEqual([]);
  expect(source.receive(1)).toEqual([]);
  expect(source.messages).toEqual([]);
  expect(failures.messages).toMatchObject([{ id, body: 'a', sentAt, receiveCount: 0 }]);
});

test('a queue is found by its name, ARN and URL', () => {
  const source = create('Queue');

  expect([source.name, source.arn, source.url].map((identifier) => sqs.queue(identifier))).toEqual([source, source, source]);
  expect(source.url).toBe('https://sqs.us-east-1.amazonaws.com/111122223333/Queue');
  expect(() => sqs.queue('Other')).toThrow('there is no queue Other in the simulated account: Queue');
});

test('a name can be used again a minute after the deletion', async () => {
  create('Queue');
  expect(sqs.create('Queue', ATTRIBUTES)).toContain('already exists');
  sqs.delete('Queue');
  expect(sqs.create('Queue', ATTRIBUTES)).toContain('You must wait 60 seconds');
  await clock.sleep(60_000);
  expect(create('Queue').messages).toEqual([]);
});

test('a queue\'s own policy counts beside the caller\'s', async () => {
  const source = create('Queue');
  const arn = 'arn:aws:sts::111122223333:assumed-role/Role/Function';
  const may = { accountId: '111122223333', arn, authorize: async () => true };
  const mayNot = { ...may, authorize: async () => false };
  const Principal = { AWS: 'arn:aws:iam::111122223333:role/Role' };
  const statement = (Effect: string) => ({ Version: '2012-10-17', Statement: [{ Effect, Principal, Action: 'sqs:ReceiveMessage', Resource: '*' }] });
  const answers = async () => [await sqs.authorize(may, 'sqs:ReceiveMessage', source), await sqs.authorize(mayNot, 'sqs:ReceiveMessage', source)];

  expect(await answers()).toEqual([true, false]);
  source.policy = statement('Allow');
  expect(await answers()).toEqual([true, true]);
  source.policy = statement('Deny');
  expect(await answers()).toEqual([false, false]);
});

test('queues of a stack are reached from the simulated AWS', async () => {
  const aws = await startAws();
  await deploy(aws, {
    Failures: queue({ MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true }),
    Queue: queue({ VisibilityTimeout: 960, RedrivePolicy: { deadLetterTargetArn: arnOf('Failures'), maxReceiveCount: 3 } }),
  });
  const { resources } = aws.cloudFormation.describeStack('Stack');
  const [failures, source] = resources.map(({ physicalId }) => aws.sqs.queue(physicalId));

  expect(source.attributes).toEqual({
    visibilityTimeoutSeconds: 960,
    delaySeconds: 0,
    messageRetentionSeconds: 345_600,
    redrive: { deadLetterTargetArn: failures.arn, maxReceiveCount: 3 },
  });
  expect(failures.attributes.messageRetentionSeconds).toBe(1_209_600);
});
