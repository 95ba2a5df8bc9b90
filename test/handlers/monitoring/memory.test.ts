import { recall, remember, type Memory } from '../../../src/handlers/monitoring/memory';

/** Parameter Store as far as the memory needs it. Every call waits until the test lets it through. */
class Store {
  public readonly versions = ['{}'];
  public readonly waiting: { readonly by: number; readonly operation: string; let(): void }[] = [];
  public writer = 0;

  public async call(operation: string, { Name, Value }: { Name: string; Value?: string }): Promise<object> {
    const by = this.writer;
    await new Promise<void>((resolve) => this.waiting.push({ by, operation, let: resolve }));
    return this.answer(operation, Name, Value);
  }

  public answer(operation: string, name: string, value?: string): object {
    if (operation === 'PutParameter') return { Version: this.versions.push(value!) };
    const [, version = this.versions.length] = name.split(':');
    return { Parameter: { Value: this.versions[Number(version) - 1], Version: Number(version) } };
  }

  public get memory(): any {
    return JSON.parse(this.versions.at(-1)!);
  }
}

let store: Store;
let answerLost = 0;
jest.mock('../../../src/handlers/monitoring/aws', () => {
  // The memory reads its environment when it is loaded, which is after this.
  process.env.STATE_PARAMETER = 'State';
  return { callAws: async (...call: [any, any]) => callAws(...call) };
});

async function callAws(operation: string, input: any): Promise<any> {
  if (operation === 'PutParameter' && answerLost > 0) {
    // The SDK tries again, and AWS has done it already.
    answerLost -= 1;
    store.answer(operation, input.Name, input.Value);
  }
  return store.call(operation, input);
}

const turn = async () => new Promise((resolve) => { setImmediate(resolve); });

beforeEach(() => {
  store = new Store();
  answerLost = 0;
});
afterAll(() => { delete process.env.STATE_PARAMETER; });

/** Lets calls through as they come. */
async function settle(work: Promise<unknown>): Promise<void> {
  let over = false;
  const end = work.finally(() => { over = true; });
  end.catch(() => {});
  while (!over) {
    await turn();
    store.waiting.shift()?.let();
  }
  await end;
}

/** Lets runs write in the order that `choices` say, and answers how many there were to choose from at each step. */
async function interleave(writers: (() => Promise<void>)[], choices: number[]): Promise<number[]> {
  let open = writers.length;
  const options: number[] = [];
  for (const [index, write] of writers.entries()) {
    store.writer = index;
    void write().then(() => { open -= 1; });
    await turn();
  }
  for (let step = 0; open > 0; step++) {
    if (step > 60) throw new Error('they never come to an end');
    const calls = [...store.waiting].sort((left, right) => left.by - right.by);
    options.push(calls.length);
    const call = calls[choices[step] ?? 0];
    store.waiting.splice(store.waiting.indexOf(call), 1);
    store.writer = call.by;
    call.let();
    await turn();
  }
  return options;
}

/** All orders in which the calls of some runs can reach AWS. */
async function forEveryOrder(writers: () => (() => Promise<void>)[], check: (order: number[]) => void): Promise<number> {
  let orders = 0;
  const pending: number[][] = [[]];
  while (pending.length > 0) {
    const choices = pending.pop()!;
    store = new Store();
    const options = await interleave(writers(), choices);
    check(choices);
    orders += 1;
    for (let step = choices.length; step < options.length; step++) {
      for (let choice = 1; choice < options[step]; choice++) {
        pending.push([...choices, ...Array.from({ length: step - choices.length }, () => 0), choice]);
      }
    }
  }
  return orders;
}

test('what is remembered is read, changed and written once', async () => {
  store.versions[0] = '{"accounts":4}';
  await settle(remember((seen) => ({ ...seen, blind: 1 })));
  expect(store.versions).toHaveLength(2);
  expect(store.memory).toMatchObject({ accounts: 4, blind: 1 });

  let recalled: Memory = {};
  await settle(recall().then((memory) => { recalled = memory; }));
  expect(recalled).toMatchObject({ accounts: 4, blind: 1 });
  expect(store.versions).toHaveLength(2);
});

test('two runs at once both leave what they have to remember, whoever calls when', async () => {
  const add = (at: number) => async () => remember((seen) => ({ ...seen, repairs: [...seen.repairs ?? [], at] }));
  const orders = await forEveryOrder(() => [add(1), add(2)], (order) => {
    expect([order, [...store.memory.repairs].sort()]).toEqual([order, [1, 2]]);
  });
  expect(orders).toBeGreaterThan(5);
});

test('of two runs at once that find the same news, exactly one is to tell it, whoever calls when', async () => {
  let telling: number[] = [];
  const run = (number: number) => async () => {
    let due = false;
    await remember((seen) => {
      due = seen.state !== 'new';
      return { ...seen, state: 'new', since: number };
    });
    if (due) telling.push(number);
  };
  await forEveryOrder(() => {
    telling = [];
    return [run(1), run(2)];
  }, (order) => expect([order, telling]).toEqual([order, [expect.any(Number)]]));
});

test('an answer that is lost, so that the SDK writes twice, is not taken for somebody else', async () => {
  answerLost = 1;
  let due = false;
  await settle(remember((seen) => {
    due = seen.state !== 'new';
    return { ...seen, state: 'new', repairs: [...seen.repairs ?? [], 1] };
  }));
  expect(due).toBe(true);
  expect(store.memory).toMatchObject({ state: 'new', repairs: [1] });
});

test('what cannot be written is thrown', async () => {
  jest.spyOn(store, 'answer').mockImplementation((operation) => {
    if (operation === 'PutParameter') throw new Error('denied');
    return { Parameter: { Value: '{}', Version: 1 } };
  });
  await expect(settle(remember((seen) => seen))).rejects.toThrow('denied');
  expect(store.versions).toEqual(['{}']);
});

test('all there can be to remember is far below the 4 KB of a parameter', () => {
  const time = Date.UTC(2286, 10, 20);
  const most: Required<Memory> = {
    verified: time, accounts: 50_000, next: '999999999999', blind: 10_000, state: '0123456789abcdef', since: time, told: time, repairs: [time, time, time], by: 0.1234567890123456,
  };
  expect(JSON.stringify(most).length).toBeLessThan(400);
});
