import { SimulatedAws } from '../../simulator/cloudformation/simulated-aws';

// eslint-disable-next-line @typescript-eslint/no-require-imports -- jest loads its environment as CommonJS, which has no types to import
const SceneEnvironment = require('../support/scene-environment.cjs');

let aws: SimulatedAws;
beforeEach(async () => { aws = await SimulatedAws.start(); });
afterEach(async () => { await aws.close(); });

/** A scene with a stack that fails, a call and a run. */
async function play(): Promise<void> {
  const role = `arn:aws:iam::${aws.organizations.managementAccountId}:role/Role`;
  aws.cloudFormation.registerRole(role, { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }] });
  const code = 'exports.handler = async () => { console.log("hello"); await new Promise((r) => setTimeout(r, 500)); process.stdout.write("raw"); throw new Error("no"); };';
  await aws.cloudFormation.createStack({
    stackName: 'Stack',
    template: { Resources: { F: { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: role, Code: { ZipFile: code } } } } },
  });
  const caller = { accountId: aws.organizations.managementAccountId, arn: 'arn:aws:iam::111122223333:user/alice' };
  await aws.organizations.call('DescribePolicy', { PolicyId: 'p-11111111' }, caller).catch(() => {});
  await aws.cloudFormation.invokeFunction(aws.cloudFormation.describeStack('Stack').resources[0].attributes.Arn as string, {});
}

test('a timeline shows calls, runs, log lines and events of stacks in the order of simulated time', async () => {
  await play();
  const lines = aws.timeline().split('\n').map((line) => line.replace(/Stack-F-\w+/, 'F-1'));

  expect(lines.filter((line) => !line.includes('Invoke Error'))).toEqual([
    '01-01 00:00:00.000  stack    Stack CREATE_IN_PROGRESS',
    '01-01 00:00:00.000  stack    F CREATE_IN_PROGRESS',
    '01-01 00:00:01.000  stack    F CREATE_COMPLETE',
    '01-01 00:00:01.000  stack    Stack CREATE_COMPLETE',
    '01-01 00:00:01.000  call     DescribePolicy PolicyNotFoundException by alice',
    '01-01 00:00:01.200  run      F-1 begins (cold start)',
    '01-01 00:00:01.200  log      hello',
    '01-01 00:00:01.200  log      raw',
    '01-01 00:00:01.700  run      F-1 fails: Error: no',
    '01-01 00:00:01.700  now',
  ]);
  expect(aws.timeline(1).split('\n')).toEqual(['(9 earlier lines)', expect.stringContaining('fails'), expect.stringContaining('now')]);
});

test('the failure of a test shows the timeline of the simulation that was used last, before the stack trace', async () => {
  await play();
  const second = await SimulatedAws.start();
  const restore = await aws.save();
  await restore();
  const error = new Error('expected 1, received 2');
  SceneEnvironment.prototype.handleTestEvent.call({ global: globalThis }, { name: 'test_fn_failure', error });
  await second.close();

  expect(error.stack).toMatch(/^Error: expected 1, received 2\n\nWhat happened in simulated time:\n\n01-01 [\s\S]*F CREATE_COMPLETE[\s\S]*now\n\n\s+at /);
});

test('the failure of a test without a simulation stays as it is', () => {
  const error = new Error('expected 1, received 2');
  const { stack } = error;
  SceneEnvironment.prototype.handleTestEvent.call({ global: {} }, { name: 'test_fn_failure', error });

  expect(error.stack).toBe(stack);
});
