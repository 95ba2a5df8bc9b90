import { startAws } from './cloudformation/scene';
import { arnOf, deploy, queue } from './eventbridge-scene';
import { SimulatedClock } from '../../simulator/simulated-clock';
import { Sqs, type Message, type Queue } from '../../simulator/sqs/sqs';
import { exactly, expectSteps, fails, type Step } from '../support/steps';

const ATTRIBUTES = { visibilityTimeoutSeconds: 30, delaySeconds: 0, messageRetentionSeconds: 345_600 };
const ARN = 'arn:aws:sqs:us-east-1:111122223333:';
const REDRIVE = { redrive: { deadLetterTargetArn: `${ARN}Failures`, maxReceiveCount: 2 } };

let clock: SimulatedClock;
let sqs: Sqs;
let sent: Message[];
beforeEach(() => {
  clock = new SimulatedClock();
  sqs = new Sqs(clock, '111122223333', 'us-east-1', (name) => `${ARN}${name}`);
});
afterEach(() => clock.stop());

const create = (attributes: object = {}, name = 'Queue') => sqs.create(name, { ...ATTRIBUTES, ...attributes });
const source = () => sqs.queue('Queue');
const send = (...bodies: string[]) => { sent = bodies.map((body) => source().send(body, 'sender')); };
const receive = (maximum = 10) => source().receive(maximum).map(({ body, receiveCount }) => `${body} ${receiveCount}`);
const sleep = (milliseconds: number): Step => [() => clock.sleep(milliseconds)];
const left = (name = 'Queue') => sqs.queue(name).messages;

/** Deletes with the receipt handle that the last message has now. */
function deleteLater(): Step[] {
  let handle: string;
  return [[() => { handle = left()[0].receiptHandle!; }], sleep(30_000), [receive, ['a 2']], [() => source().delete(handle)]];
}

test.each<[string, object, ...Step[]]>([
  ['hides a received message until its visibility timeout is over', {},
    [() => send('a')], [receive, ['a 1']], sleep(29_999), [receive, []], sleep(1), [receive, ['a 2']]],
  ['deletes a message only with its latest receipt handle', {},
    [() => send('a')], [receive, ['a 1']], ...deleteLater(), [() => left().length, 1], [() => source().delete(left()[0].receiptHandle!)], [left, []]],
  ['returns at most as many messages as requested, oldest first', {},
    [() => send('a', 'b', 'c')], [() => receive(2), ['a 1', 'b 1']], [() => receive(2), ['c 1']]],
  ['delays messages', { delaySeconds: 5 },
    [() => send('a')], [receive, []], [() => source().nextVisibleAt()! - clock.now(), 5000], sleep(5000), [receive, ['a 1']]],
  ['moves a message that was received too often to the dead-letter queue', REDRIVE,
    [() => create({}, 'Failures')], [() => send('a')], [receive, ['a 1']], sleep(30_000), [receive, ['a 2']], sleep(30_000), [() => left('Failures'), []],
    [receive, []], [left, []], [() => left('Failures'), [{ body: 'a', sentAt: Date.UTC(2026, 0, 1), receiveCount: 0 }]],
    [() => left('Failures')[0].id === sent[0].id, true]],
  ['is found by its name, ARN and URL', {},
    [() => ['Queue', `${ARN}Queue`, 'https://sqs.us-east-1.amazonaws.com/111122223333/Queue'].map((identifier) => sqs.queue(identifier) === source()), [true, true, true]],
    [() => sqs.queue('Other'), fails('Error', 'there is no queue Other in the simulated account: Queue')]],
  ['can be created again a minute after it was deleted', {},
    [create, expect.stringContaining('already exists')], [() => sqs.delete('Queue')], [create, expect.stringContaining('You must wait 60 seconds')],
    sleep(60_000), [create, { messages: [] }]],
])('a queue %s', async (_, attributes, ...steps) => {
  create(attributes);
  await expectSteps(...steps);
});

test.each<[string | undefined, boolean, boolean]>([
  [undefined, true, true], [undefined, false, false], ['Allow', true, true], ['Allow', false, true], ['Deny', true, false], ['Deny', false, false],
])('with the queue policy %s and a role that is allowed (%p) the request is allowed: %p', async (Effect, byRole, expected) => {
  const Statement = [{ Effect, Principal: { AWS: 'arn:aws:iam::111122223333:role/Role' }, Action: 'sqs:ReceiveMessage', Resource: '*' }];
  const target = create() as Queue;
  if (Effect) target.policy = { Version: '2012-10-17', Statement } as Queue['policy'];
  const caller = { accountId: '111122223333', arn: 'arn:aws:sts::111122223333:assumed-role/Role/Function', authorize: async () => byRole };
  expect(await sqs.authorize(caller, 'sqs:ReceiveMessage', target)).toBe(expected);
});

test('AWS::SQS::Queue sets the attributes of its queue', async () => {
  const aws = await startAws();
  await deploy(aws, {
    Failures: queue({ QueueName: 'Failures', MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true }),
    Queue: queue({ VisibilityTimeout: 960, RedrivePolicy: { deadLetterTargetArn: arnOf('Failures'), maxReceiveCount: 3 } }),
  });
  const [failures, main] = aws.cloudFormation.describeStack('Stack').resources.map(({ physicalId }) => aws.sqs.queue(physicalId));
  await expectSteps(
    [
      () => main.attributes,
      exactly({ ...ATTRIBUTES, visibilityTimeoutSeconds: 960, redrive: { deadLetterTargetArn: failures.arn, maxReceiveCount: 3 } }),
    ],
    [() => failures, { name: 'Failures', attributes: { messageRetentionSeconds: 1_209_600 } }],
  );
});
