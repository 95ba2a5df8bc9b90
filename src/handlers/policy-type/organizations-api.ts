import { log } from './log';
import { machineClock } from '../../organization/clock';
import { isDenied, isTransient, isUnrecognized, nameOf } from '../../organization/errors';
import { organizationsClient, SDK_CONFIGURATION, sendThrough, type OrganizationsClient, type Send } from '../../organization/organizations-client';

/** IAM is eventually consistent: a new role or a changed policy may be denied at first. Half the time must be left for the work. */
const ROLE_SETTLES = 60_000;

/** The same on a Create, once the new role has been allowed another call: its policy has very likely arrived. */
const ROLE_SETTLED = 10_000;

const CALL_TIMEOUT = 10_000;

/** The remedy if the policy cannot be updated any more. */
export const REDEPLOY = 'Deploy the opt-out under another construct id.';

/** A finding that ends the request; the message says what to do. */
export class Stop extends Error {
  public readonly name = 'AiServicesOptOut';
}

/** For `catch`: handles errors of that name. A text is thrown as a `Stop`. */
export function on(name: string | false, handle: string | (() => void)): (error: Error) => undefined {
  return (error) => {
    if (nameOf(error) !== name) throw error;
    if (typeof handle === 'string') throw new Stop(handle);
    handle();
    return undefined;
  };
}

/** The Organizations API with retries, never past the deadline. */
export interface OrganizationsApi extends Pick<OrganizationsClient, 'call' | 'list'> {
  /** Waits, or stops if that would pass the deadline. */
  sleep(milliseconds: number, why: string): Promise<void>;

  /** For `catch`: skips what may not be read, and logs it. */
  skipIfDenied(what: string): (error: Error) => undefined;
}

export function organizationsApi(timeoutSeconds: number, isNewRole: boolean): OrganizationsApi {
  // Loaded here and not at the top, so that a Delete answers without the SDK.
  const sdk: typeof import('@aws-sdk/client-organizations') = require('@aws-sdk/client-organizations');
  const started = Date.now();
  const left = () => started + timeoutSeconds * 1000 - Date.now();
  const checkTime = (milliseconds: number, why: string) => {
    if (milliseconds >= left()) throw new Stop(`Gave up after ${timeoutSeconds} s: ${why}. Deploy again or raise enablementTimeout.`);
  };
  let allowed = false;
  let denied = false;

  const sendOnce = sendThrough(sdk, new sdk.OrganizationsClient(SDK_CONFIGURATION), () => Math.max(1, Math.min(CALL_TIMEOUT, left())));
  const send: Send = async (operation, input, signal) => {
    log('call', { name: operation, input });
    try {
      const output = await sendOnce(operation, input, signal);
      allowed = true;
      return output;
    } catch (error) {
      log('error', { name: operation, error: `${error}` });
      throw Object.assign(error as Error, { operation });
    }
  };
  const { call, list } = organizationsClient(send, {
    retryFor: (error) => {
      if (!isDenied(error) && !isUnrecognized(error)) return isTransient(error) ? Infinity : 0;
      if (denied) return 0;
      return isNewRole && allowed ? ROLE_SETTLED : Math.min(ROLE_SETTLES, timeoutSeconds * 500);
    },
    onRetry: ({ operation, error, inMilliseconds }) => checkTime(inMilliseconds, `${operation} kept failing: ${error}`),
  });

  return {
    call,
    list,
    sleep: async (milliseconds, why) => {
      checkTime(milliseconds, why);
      await machineClock.sleep(milliseconds);
    },
    skipIfDenied: (what) => (error) => {
      if (!isDenied(error)) throw error;
      // The role has settled: what is denied from now on stays denied.
      denied = true;
      log('skipped', { what, error: `${error}` });
      return undefined;
    },
  };
}
