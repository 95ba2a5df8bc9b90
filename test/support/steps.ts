/** A call, and what it returns or throws: see `exactly` and `fails`. Without an expectation the call must succeed. */
export type Step = readonly [act: () => unknown, expected?: unknown];

/** Makes the calls one after the other. Results are compared with `toMatchObject`. */
export async function expectSteps(...steps: Step[]): Promise<void> {
  for (const [step, [act, ...expectations]] of steps.entries()) {
    const outcome = await outcomeOf(act);
    const [expected] = expectations;
    if ('error' in outcome && !(expected instanceof Failure)) throw outcome.error;
    if (expected instanceof Exact) expect({ step, ...outcome }).toEqual({ step, result: expected.value });
    else if (expected instanceof Failure) expect({ step, ...outcome }).toMatchObject({ step, failure: expected.members });
    else if (expectations.length > 0) expect({ step, ...outcome }).toMatchObject({ step, result: expected });
  }
}

/** Expects this result with no members beside it. */
export function exactly(value: unknown): Exact {
  return new Exact(value);
}

/** Expects an error of this name whose message is this text or matches this pattern. */
export function fails(name: string, message: string | RegExp = /^/, status?: number): Failure {
  return new Failure({ name, message: typeof message === 'string' ? message : expect.stringMatching(message), ...(status && { status }) });
}

class Exact {
  public constructor(public readonly value: unknown) {}
}

class Failure {
  public constructor(public readonly members: object) {}
}

async function outcomeOf(act: () => unknown): Promise<{ result: unknown } | { failure: object; error: unknown }> {
  try {
    return { result: await act() };
  } catch (error: any) {
    return { failure: { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode }, error };
  }
}
