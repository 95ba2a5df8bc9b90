import { setTimeout as realSleep } from 'node:timers/promises';
import { SIMULATION_START, SimulatedClock, type ClockParticipant, type ParticipantState } from '../../simulator/simulated-clock';

let clock: SimulatedClock;

beforeEach(() => {
  clock = new SimulatedClock({ patience: 500 });
});

afterEach(() => {
  clock.stop();
});

/** A participant in the state that the test wants. */
class FakeProcess implements ClockParticipant {
  public readonly advanced: number[] = [];
  public failure?: Error;
  public state?: ParticipantState = { requestsInFlight: 0 };
  public time = SIMULATION_START;

  public constructor(public readonly name: string, public onAdvance: (process: FakeProcess) => void = () => {}) {}

  public async setTime(now: number): Promise<void> {
    this.time = now;
  }

  public fire(): void {
    this.advanced.push(this.time - SIMULATION_START);
    this.state = { requestsInFlight: 0 };
    this.onAdvance(this);
  }

  public fail(error: Error): void {
    this.failure = error;
  }

  public wait(milliseconds: number): this {
    this.state = { requestsInFlight: 0, nextTimer: SIMULATION_START + milliseconds };
    return this;
  }
}

test('starts at a fixed moment', () => {
  expect(new Date(clock.now()).toISOString()).toBe('2026-01-01T00:00:00.000Z');
});

test('an hour passes at once', async () => {
  await clock.sleep(3_600_000);

  expect(clock.now()).toBe(SIMULATION_START + 3_600_000);
});

test('timers fire in the order of their time, those of the same moment in the order of their making', async () => {
  const order: string[] = [];
  const note = async (name: string, milliseconds: number) => {
    await clock.sleep(milliseconds);
    order.push(`${name}@${clock.now() - SIMULATION_START}`);
  };

  await Promise.all([note('c', 20), note('a', 10), note('b', 10), note('z', 0)]);

  expect(order).toEqual(['z@0', 'a@10', 'b@10', 'c@20']);
});

test('what a timer sets off is finished before the next timer of the same moment fires', async () => {
  const order: string[] = [];
  const work = async (name: string) => {
    await clock.sleep(10);
    for (let step = 1; step <= 3; step++) {
      order.push(`${name}${step}`);
      await Promise.resolve();
    }
  };

  await Promise.all([work('a'), work('b')]);

  expect(order).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
});

test('time stands still while real work is done', async () => {
  const work = clock.busy(async () => {
    await realSleep(30);
    return clock.now();
  });
  const sleeping = clock.sleep(10);

  expect(await work).toBe(SIMULATION_START);
  await sleeping;
  expect(clock.now()).toBe(SIMULATION_START + 10);
});

test('work that fails lets time go on', async () => {
  await expect(clock.busy(async () => { throw new Error('broken'); })).rejects.toThrow('broken');

  await clock.sleep(10);

  expect(clock.now()).toBe(SIMULATION_START + 10);
});

test('a cancelled timer does not fire and does not move time', async () => {
  const fired: string[] = [];
  const cancel = clock.schedule(5000, () => fired.push('late'));
  clock.schedule(10, cancel);

  await clock.sleep(20);
  await realSleep(20);

  expect(fired).toEqual([]);
  expect(clock.now()).toBe(SIMULATION_START + 20);
});

test('processes and this process take turns by time', async () => {
  const first = new FakeProcess('first').wait(30);
  const second = new FakeProcess('second', (self) => {
    if (self.advanced.length < 3) self.wait(self.advanced.length * 20 + 10);
  }).wait(10);
  clock.join(first);
  clock.join(second);

  await clock.sleep(100);

  expect(first.advanced).toEqual([30]);
  expect(second.advanced).toEqual([10, 30, 50]);
});

test('every process knows the time before anything happens in it', async () => {
  const process = new FakeProcess('process');
  clock.join(process);
  const seen: number[] = [];
  clock.schedule(10, () => seen.push(process.time - SIMULATION_START));

  await clock.sleep(20);

  expect(seen).toEqual([10]);
  expect(process.time).toBe(SIMULATION_START + 20);
});

test('a process with an unanswered request stops time, unless a server holds the request back', async () => {
  const traffic = { active: 0, held: 0 };
  clock.watch(traffic);
  const waiting = new FakeProcess('waiting');
  waiting.state = { requestsInFlight: 1 };
  clock.join(waiting);
  const sleeping = clock.sleep(10);

  await realSleep(50);
  expect(clock.now()).toBe(SIMULATION_START);

  Object.assign(traffic, { active: 1, held: 1 });
  await sleeping;
  expect(clock.now()).toBe(SIMULATION_START + 10);
});

test('a server that works on a request stops time', async () => {
  const traffic = { active: 2, held: 1 };
  clock.watch(traffic);
  const sleeping = clock.sleep(10);

  await realSleep(50);
  expect(clock.now()).toBe(SIMULATION_START);

  traffic.active = 1;
  await sleeping;
});

test('time does not pass while something moves in a process', async () => {
  const restless = new FakeProcess('restless');
  restless.state = undefined;
  clock.join(restless);
  const sleeping = clock.sleep(10);
  await realSleep(20);
  expect(clock.now()).toBe(SIMULATION_START);

  restless.state = { requestsInFlight: 0 };
  clock.notice();
  await sleeping;
  expect(clock.now()).toBe(SIMULATION_START + 10);
});

test('a process that never comes to rest is ended with a clear error, and nobody else', async () => {
  const spinning = new FakeProcess('function Spinner');
  spinning.state = undefined;
  const calm = new FakeProcess('calm');
  clock.join(calm);
  const leave = clock.join(spinning);
  const sleeping = clock.sleep(10);
  while (!spinning.failure) await realSleep(20);

  expect(spinning.failure.message).toMatch(/^function Spinner kept the simulated clock from moving for 0.5 real seconds/);
  expect(calm.failure).toBeUndefined();
  leave();
  await sleeping;
});

test('a process that waits for something outside the simulation is ended too', async () => {
  const lost = new FakeProcess('lost');
  lost.state = { requestsInFlight: 1 };
  const leave = clock.join(lost);
  const sleeping = clock.sleep(10);
  while (!lost.failure) await realSleep(20);

  leave();
  await sleeping;
});

test('nothing fires after the clock was stopped', async () => {
  const fired: string[] = [];
  clock.schedule(10, () => fired.push('late'));

  clock.stop();
  await realSleep(20);

  expect(fired).toEqual([]);
});

describe('in the background', () => {
  test('things happen on the way to what somebody waits for, at their time', async () => {
    const times: number[] = [];
    const again = () => {
      times.push(clock.now() - SIMULATION_START);
      clock.scheduleInBackground(1000, again);
    };
    clock.scheduleInBackground(1000, again);
    await clock.sleep(2500);

    expect(times).toEqual([1000, 2000]);
    expect(clock.now() - SIMULATION_START).toBe(2500);
  });

  test('nothing makes time pass', async () => {
    clock.scheduleInBackground(1000, () => {});
    await realSleep(20);

    expect(clock.now()).toBe(SIMULATION_START);
  });

  test('things come before the others of the same moment', async () => {
    const order: string[] = [];
    const slept = clock.sleep(1000).then(() => order.push('sleep'));
    clock.scheduleInBackground(1000, () => order.push('background'));
    await slept;

    expect(order).toEqual(['background', 'sleep']);
  });

  test('things can be called off', async () => {
    const callback = jest.fn();
    clock.scheduleInBackground(1000, callback)();
    await clock.sleep(2000);

    expect(callback).not.toHaveBeenCalled();
  });

  test('things happen while a process waits for time', async () => {
    const callback = jest.fn();
    const process = new FakeProcess('function');
    const ended = new Promise<void>((resolve) => { process.onAdvance = () => resolve(); });
    process.wait(2000);
    clock.scheduleInBackground(1000, callback);
    const leave = clock.join(process);
    await ended;
    leave();

    expect(callback).toHaveBeenCalledTimes(1);
    expect(process.advanced).toEqual([2000]);
  });
});
