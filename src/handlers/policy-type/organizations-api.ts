import { log } from './log';

/** IAM is eventually consistent: a new role or a changed policy may be denied at first. Half the time must be left for the work. */
const ROLE_SETTLES = 60_000;

/** The same on a Create, once the new role has been allowed another call: its policy has very likely arrived. */
const ROLE_SETTLED = 10_000;

const TRANSIENT = /^(ConcurrentModification|PolicyChangesInProgress|TooManyRequests|Throttling|Service)Exception$|^(Abort|Timeout|Syntax)Error$/;

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

/** For `catch`: skips a check whose read stays denied, and logs which. */
export function skipIfDenied(check: string): (error: Error) => undefined {
  return (error) => {
    if (error.name !== 'AccessDeniedException') throw error;
    log('skipped', { check, error: describeError(error) });
    return undefined;
  };
}

/** An error in one line, with the operation that failed. */
export function describeError(error: any): string {
  return error.operation ? `${error.operation} failed: ${error}` : `${error}`;
}

/** The Organizations API with retries, never past the deadline. */
export interface OrganizationsApi {
  /** Calls an operation until it succeeds or fails for good. */
  call<T>(name: string, input?: object): Promise<T>;

  /** Every item of a list; a page may be empty and still have a successor. */
  list<T>(name: string, input?: object): Promise<T[]>;

  /** Waits, or stops where that would pass the deadline. */
  sleep(milliseconds: number, why: string): Promise<void>;
}

export function organizationsApi(timeoutSeconds: number, isNewRole: boolean): OrganizationsApi {
  // Loaded here and not at the top, so that a Delete answers without the SDK.
  const sdk = require('@aws-sdk/client-organizations');
  // The SDK would retry without knowing the deadline, nor what is transient here.
  const client = new sdk.OrganizationsClient({ maxAttempts: 1 });
  const started = Date.now();
  const left = () => started + timeoutSeconds * 1000 - Date.now();
  let deniedUntil = started + Math.min(ROLE_SETTLES, timeoutSeconds * 500);
  let allowed = false;
  let clockCorrected = false;

  const sleep = async (milliseconds: number, why: string) => {
    if (milliseconds >= left()) throw new Stop(`Gave up after ${timeoutSeconds} s: ${why}. Deploy again or raise enablementTimeout.`);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  };

  const passes = (error: any) => {
    const status = error.$metadata?.httpStatusCode;
    if (/^(AccessDenied|UnrecognizedClient)Exception$/.test(error.name)) {
      if (isNewRole && allowed) deniedUntil = Math.min(deniedUntil, Date.now() + ROLE_SETTLED);
      return Date.now() < deniedUntil;
    }
    if (error.name === 'InvalidSignatureException') return !clockCorrected && (clockCorrected = true);
    return TRANSIENT.test(error.name) || error.code || status >= 500 || status === 429;
  };

  const call = async (name: string, input: object = {}) => {
    for (let pause = 500; ; pause = Math.min(2 * pause, 8_000)) {
      log('call', { name, input });
      try {
        // A call that does not answer within ten seconds is made again.
        const abortSignal = AbortSignal.timeout(Math.max(1, Math.min(10_000, left())));
        const output = await client.send(new sdk[`${name}Command`](input), { abortSignal });
        allowed = true;
        return output;
      } catch (error: any) {
        log('error', { name, error: `${error}` });
        if (!passes(error)) throw Object.assign(error, { operation: name });
        await sleep(pause * (0.5 + Math.random() / 2), `${name} kept failing: ${error}`);
      }
    }
  };

  const list = async (name: string, input?: object) => {
    const items: any[] = [];
    let page: any = {};
    do {
      page = await call(name, { ...input, NextToken: page.NextToken });
      items.push(...Object.values(page).find(Array.isArray) as any[] ?? []);
    } while (page.NextToken);
    return items;
  };

  return { call, list, sleep };
}
