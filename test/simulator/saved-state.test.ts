import { SimulatedAws } from '../../simulator/cloudformation/simulated-aws';
import { SavedState } from '../../simulator/saved-state';

const LOG_GROUP_TEMPLATE = { Resources: { Log: { Type: 'AWS::Logs::LogGroup' } } };

/** A function that runs every 20 minutes. Its module counts, and it waits for a second. */
const SCHEDULED_FUNCTION_TEMPLATE = {
  Resources: {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: 'let runs = 0; exports.handler = async () => { await new Promise((resolve) => setTimeout(resolve, 1000)); return ++runs; };' },
      },
    },
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'Function' }, Principal: 'events.amazonaws.com', SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: { ScheduleExpression: 'rate(20 minutes)', Targets: [{ Id: 'Function', Arn: { 'Fn::GetAtt': ['Function', 'Arn'] } }] },
    },
  },
};

describe('a saved state', () => {
  class Counter {
    public count = 1;
    private readonly history: number[] = [];
    public increase = () => {
      this.count += 1;
      this.history.push(this.count);
    };
  }

  test('puts members, elements, entries and values back, in place and in their order', () => {
    const state = { a: 1, list: [1, 2], map: new Map([['x', { y: 1 }], ['z', { y: 2 }]]), set: new Set([1, 2]), nested: { deep: { er: true } } };
    const before = structuredClone(state);
    const { list, map, nested } = state;
    const entry = map.get('x')!;
    const saved = new SavedState(state);

    Object.assign(state, { a: 2, added: 'later', list: [9] });
    list.push(3);
    map.delete('x');
    map.set('x', { y: 3 });
    entry.y = 4;
    state.set.add(3);
    delete (nested.deep as any).er;
    saved.restore();

    expect(state).toEqual(before);
    expect(Object.keys(state)).toEqual(Object.keys(before));
    expect([...state.map.keys()]).toEqual(['x', 'z']);
    expect([state.list === list, state.map.get('x') === entry]).toEqual([true, true]);
  });

  test('keeps objects and their functions, also where they refer to each other', () => {
    const counter: Counter & { self?: Counter } = new Counter();
    counter.self = counter;
    const { increase } = counter;
    const saved = new SavedState({ counter });

    increase();
    increase();
    saved.restore();
    expect(counter).toMatchObject({ count: 1, history: [] });
    increase();
    expect(counter).toMatchObject({ count: 2, history: [2] });
    saved.restore();
    expect(counter).toMatchObject({ count: 1, history: [] });
  });
});

describe('a simulated AWS', () => {
  let aws: SimulatedAws;
  beforeEach(async () => { aws = await SimulatedAws.start(); });
  afterEach(async () => { await aws.close(); });

  const summary = () => ({
    now: aws.clock.now(),
    calls: aws.organizations.calls.length,
    invocations: aws.lambda.invocations.map(({ requestId, startedAt, result }) => ({ requestId, startedAt, result })),
    stacks: ['First', 'Second'].map((stackName) => {
      try {
        return aws.cloudFormation.describeStack(stackName);
      } catch {
        return undefined;
      }
    }),
  });

  test('goes on from a saved state as often as wanted, and in the same way every time', async () => {
    await aws.cloudFormation.createStack({ stackName: 'First', template: SCHEDULED_FUNCTION_TEMPLATE });
    await aws.clock.sleep(30 * 60_000);
    const restore = await aws.save();
    const before = summary();
    const outcomes: object[] = [];
    for (let run = 0; run < 3; run++) {
      await aws.cloudFormation.createStack({ stackName: 'Second', template: LOG_GROUP_TEMPLATE });
      aws.organizations.faults.throttle();
      await aws.organizations.call('ListRoots', {}, { accountId: aws.organizations.managementAccountId, arn: 'arn' }).catch(() => {});
      await aws.clock.sleep(60 * 60_000);
      outcomes.push(summary());
      await restore();
      expect(summary()).toEqual(before);
    }

    expect(before.invocations.map(({ result }) => result)).toEqual([1]);
    // The function starts cold after a restore, as it did after the save.
    expect((outcomes[0] as typeof before).invocations.map(({ result }) => result)).toEqual([1, 1, 1, 1]);
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[2]).toEqual(outcomes[0]);
    expect(await aws.organizations.call('ListRoots', {}, { accountId: aws.organizations.managementAccountId, arn: 'arn' })).toHaveProperty('Roots');
  });

  test('forgets what was under way', async () => {
    await aws.cloudFormation.createStack({ stackName: 'First', template: SCHEDULED_FUNCTION_TEMPLATE });
    const restore = await aws.save();
    const before = summary();
    const endless = jest.fn();
    void aws.cloudFormation.createStack({ stackName: 'Second', template: LOG_GROUP_TEMPLATE }).then(endless);
    const { attributes } = aws.cloudFormation.describeStack('First').resources.find(({ logicalId }) => logicalId === 'Function')!;
    void aws.cloudFormation.invokeFunction(attributes.Arn as string, {}).then(endless);
    await aws.clock.sleep(500);
    expect(aws.lambda.invocations).toHaveLength(1);
    await restore();
    await aws.clock.sleep(10 * 60_000);

    expect(endless).not.toHaveBeenCalled();
    expect({ ...summary(), now: 0 }).toEqual({ ...before, now: 0 });
  });

  test('cannot be saved while something is under way', async () => {
    const creation = aws.cloudFormation.createStack({ stackName: 'First', template: LOG_GROUP_TEMPLATE });

    await expect(aws.save()).rejects.toThrow('the simulation cannot be saved: something is under way, let time pass until it is over');
    await creation;
    expect(await aws.save()).toBeInstanceOf(Function);
  });
});
