import { machineClock, pause, type Clock } from './clock';
import { describeError, isThrottling, isTransient, OrganizationsError } from './errors';
import type { ProgressListener } from './progress';
import { CAUTIOUS, RATES, TokenBucket, type Rate } from './rates';

/**
 * Sends one request and answers what the SDK would, or throws what the SDK would. It neither waits nor retries, and it ends by itself when AWS
 * does not answer.
 */
export type Send = (operation: string, input: object, signal?: AbortSignal) => Promise<any>;

export interface OrganizationsClientOptions {
  readonly clock?: Clock;

  /** Hears of every retry. */
  readonly onProgress?: ProgressListener;

  /**
   * Between 0 and 1; spreads retries.
   *
   * @default Math.random
   */
  readonly random?: () => number;

  /**
   * Calls a second and burst by operation, where they are to differ from what AWS documents.
   *
   * @default - as documented
   */
  readonly rates?: Readonly<Record<string, Rate>>;

  /**
   * How long one call is tried again while AWS throttles or fails.
   *
   * @default 300000 - five minutes
   */
  readonly patience?: number;
}

/** The Organizations API at the pace that AWS allows. */
export interface OrganizationsClient {
  readonly clock: Clock;

  /** Requests sent so far by operation, retries included. */
  readonly calls: Readonly<Record<string, number>>;

  /** Calls an operation until it answers, or until it is clear that it will not. */
  call<T = any>(operation: string, input?: object, signal?: AbortSignal): Promise<T>;

  /**
   * Every item of a list; a page may be empty and still have a successor. Hears how many there are after each page. `pick` takes from an item
   * what is wanted, so that tens of thousands need not be kept whole.
   */
  list<T = any>(
    operation: string, member: string, input?: object, signal?: AbortSignal, onPage?: (items: number) => void, pick?: (item: any) => T,
  ): Promise<T[]>;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 20_000;

/** Out of reach or misspelled: no use to try as long as with AWS itself. */
const UNREACHABLE_PATIENCE = 60_000;

/** Makes a client out of something that sends. Requests are paced and retried here and nowhere else, so the SDK has to have `maxAttempts: 1`. */
export function organizationsClient(send: Send, options: OrganizationsClientOptions = {}): OrganizationsClient {
  const { clock = machineClock, onProgress, random = Math.random, patience = 300_000 } = options;
  const rates = { ...RATES, ...options.rates };
  const buckets = new Map<string, TokenBucket>();
  const calls: Record<string, number> = {};

  const bucketOf = (operation: string) => {
    const bucket = buckets.get(operation) ?? new TokenBucket(rates[operation] ?? CAUTIOUS);
    buckets.set(operation, bucket);
    return bucket;
  };

  const call = async (operation: string, input: object = {}, signal?: AbortSignal) => {
    const bucket = bucketOf(operation);
    let firstFailure: number | undefined;
    for (let longest = FIRST_PAUSE; ; longest = Math.min(2 * longest, LONGEST_PAUSE)) {
      const wait = bucket.take(clock.now());
      if (wait > 0) await pause(clock, wait, signal);
      signal?.throwIfAborted();
      try {
        calls[operation] = (calls[operation] ?? 0) + 1;
        return await send(operation, input, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (!isTransient(error)) throw error;
        if (isThrottling(error)) bucket.empty();
        firstFailure ??= clock.now();
        const inMilliseconds = Math.ceil(longest * (0.5 + random() / 2));
        if (clock.now() + inMilliseconds - firstFailure > patienceWith(error, patience)) {
          throw gaveUp(operation, error, Math.round((clock.now() - firstFailure) / 1000));
        }
        onProgress?.({ kind: 'retry', operation, error: describeError(error), inMilliseconds });
        await pause(clock, inMilliseconds, signal);
      }
    }
  };

  const list: OrganizationsClient['list'] = async (operation, member, input = {}, signal, onPage, pick = (item) => item) => {
    const items = [];
    let NextToken: string | undefined;
    do {
      const page = await call(operation, NextToken ? { ...input, NextToken } : input, signal);
      for (const item of page[member] ?? []) items.push(pick(item));
      onPage?.(items.length);
      NextToken = page.NextToken;
    } while (NextToken);
    return items;
  };

  return { clock, calls, call, list };
}

function patienceWith(error: unknown, patience: number): number {
  const reached = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  return reached ? patience : Math.min(patience, UNREACHABLE_PATIENCE);
}

function gaveUp(operation: string, cause: unknown, seconds: number): OrganizationsError {
  return isThrottling(cause)
    ? new OrganizationsError('throttled', `AWS throttled ${operation} for ${seconds} s: something else in this organization calls it too often; `
      + 'find it in CloudTrail, or try again later', { cause })
    : new OrganizationsError('unavailable', `${operation} kept failing for ${seconds} s: ${describeError(cause)}`, { cause });
}

/** What is used of the AWS SDK's client. */
interface SdkClient {
  send(command: any, options?: { abortSignal?: AbortSignal }): Promise<any>;
}

/** The configuration that an SDK client needs to send for `organizationsClient`: no retries of its own, and no waiting without end. */
export const SDK_CONFIGURATION = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
};

/** Sends through the AWS SDK, given the module `@aws-sdk/client-organizations` and a client made with `SDK_CONFIGURATION`. */
export function sendThrough(sdk: object, client: SdkClient): Send {
  const commands = sdk as Record<string, new (input: object) => unknown>;
  return async (operation, input, abortSignal) => {
    const Command = commands[`${operation}Command`];
    // The SDK of an older Lambda runtime: the same as an AWS that does not have the operation.
    if (!Command) throw Object.assign(new Error(`this AWS SDK has no ${operation}`), { name: 'UnknownOperationException' });
    return client.send(new Command(input), { abortSignal });
  };
}
