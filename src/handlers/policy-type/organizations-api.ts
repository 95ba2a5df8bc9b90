import { log } from './log';

/** IAM is eventually consistent: a new role may be refused at first. Half the time must be left for the work. */
const ROLE_SETTLES = 60_000;
const TRANSIENT = /^(ConcurrentModification|PolicyChangesInProgress|TooManyRequests|Throttling|Service)Exception$|^(Abort|Timeout)Error$/;

/** A finding that ends the request; the message says what to do. */
export class Stop extends Error {
  public readonly name = 'AiServicesOptOut';
}

/** For `catch`: an error of that name with a text gets the text, every other one is thrown as AWS gave it. */
export function explain(name: string, text: string | false): (error: Error) => never {
  return (error) => {
    throw error.name === name && text ? new Stop(text) : error;
  };
}

/** The Organizations API with retries, never past the deadline. */
export interface OrganizationsApi {
  /** Calls an operation until it answers; an `optional` one answers nothing where it stays denied. */
  call<T>(name: string, input?: object, optional?: boolean): Promise<T>;

  /** Every item of a list; a page may be empty and still have a successor. */
  list<T>(name: string, member: string, input?: object, optional?: boolean): Promise<T[]>;

  /** Waits, or stops where that would pass the deadline. */
  sleep(milliseconds: number, why: string): Promise<void>;
}

export function organizationsApi(timeoutSeconds: number): OrganizationsApi {
  // Loaded here and not at the top, so that a Delete answers without the SDK.
  const sdk = require('@aws-sdk/client-organizations');
  // The SDK would retry without knowing the deadline, nor what is transient here.
  const client = new sdk.OrganizationsClient({ maxAttempts: 1 });
  const started = Date.now();
  const left = () => started + timeoutSeconds * 1000 - Date.now();

  const sleep = async (milliseconds: number, why: string) => {
    if (milliseconds >= left()) throw new Stop(`Gave up after ${timeoutSeconds} s: ${why}. Deploy again or raise enablementTimeout.`);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  };

  const call = async (name: string, input: object = {}, optional?: boolean) => {
    for (let pause = 500; ; pause = Math.min(2 * pause, 8_000)) {
      log('call', { name, input });
      try {
        // A call that does not answer within ten seconds is made again.
        const abortSignal = AbortSignal.timeout(Math.max(1, Math.min(10_000, left())));
        return await client.send(new sdk[`${name}Command`](input), { abortSignal });
      } catch (error: any) {
        log('error', { name, error: `${error}` });
        const denied = error.name === 'AccessDeniedException';
        const status = error.$metadata?.httpStatusCode;
        const passes = denied
          ? Date.now() < started + Math.min(ROLE_SETTLES, timeoutSeconds * 500)
          : TRANSIENT.test(error.name) || (status ? status >= 500 : error.code);
        if (!passes && denied && optional) return {};
        if (!passes) throw error;
        await sleep(pause * (0.5 + Math.random() / 2), `${name} kept failing: ${error}`);
      }
    }
  };

  const list = async (name: string, member: string, input?: object, optional?: boolean) => {
    const items = [];
    let page: any = {};
    do {
      page = await call(name, { ...input, NextToken: page.NextToken }, optional);
      items.push(...page[member] ?? []);
    } while (page.NextToken);
    return items;
  };

  return { call, list, sleep };
}
