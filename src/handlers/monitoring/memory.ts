import { callAws } from './aws';

/** What one run has to tell the next, in one parameter of the stack, 4 KB at most. Times are milliseconds since the epoch. */
export interface Memory {
  /** When the organization was last read to its end, and how many accounts it had. */
  readonly verified?: number;
  readonly accounts?: number;

  /** Where the next verification continues. */
  readonly next?: string;

  /** How many runs in a row left the status of some account unknown. */
  readonly blind?: number;

  /** The state as a fingerprint, since when it has been so, and when somebody was last told: 0 while nobody was. */
  readonly state?: string;
  readonly since?: number;
  readonly told?: number;

  /** When repairs were begun, those of the last day. */
  readonly repairs?: number[];

  /** Which call of `remember` wrote this. */
  readonly by?: number;
}

export async function recall(): Promise<Memory> {
  return (await read()).memory;
}

/**
 * Changes what is remembered. Runs may overlap, and the parameter store knows no conditional write, but it counts versions: where somebody else has
 * written in between, the change is made once more, to what they wrote.
 */
export async function remember(change: (seen: Memory) => Memory): Promise<void> {
  let { memory, version } = await read();
  const by = Math.random();
  for (;;) {
    const { Version: written } = await callAws('PutParameter', { Name, Value: JSON.stringify({ ...change(memory), by }), Overwrite: true });
    if (written === version + 1) return;
    ({ memory } = await read(`:${written! - 1}`));
    // Written here, where an answer got lost.
    if (memory.by === by) return;
    version = written!;
  }
}

export const DAY = 24 * 3600_000;

const Name = process.env.STATE_PARAMETER;

async function read(selector = ''): Promise<{ memory: Memory; version: number }> {
  const { Parameter } = await callAws('GetParameter', { Name: Name + selector });
  return { memory: JSON.parse(Parameter!.Value!), version: Parameter!.Version! };
}
