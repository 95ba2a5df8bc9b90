import { machineClock, pause, type Clock } from './clock';
import { scoped } from './concurrency';
import { describeError, isClockSkew, isThrottling, isTransient, isUnreachable, isUnrecognized, OrganizationsError } from './errors';
import type { Input, Item, ListOperation, Operation, Output } from './operations';
import type { RetryListener } from './progress';
import { CAUTIOUS, RATES, TokenBucket, type Rate } from './rates';

/** Sends one request and returns or throws what the SDK does. It neither waits nor retries, and it ends by itself if AWS does not answer. */
export type Send = <O extends Operation>(operation: O, input: Input<O>, signal?: AbortSignal) => Promise<Output<O>>;

export interface OrganizationsClientOptions {
  readonly clock?: Clock;

  /** Is called before each retry. If it throws, the call throws the same. */
  readonly onRetry?: RetryListener;

  /**
   * Returns how long a call is retried after an error, in milliseconds from its first failure; 0 if it is not retried.
   *
   * @default retryTime
   */
  readonly retryFor?: (error: unknown) => number;

  /**
   * Returns numbers between 0 and 1, which spread retries.
   *
   * @default Math.random
   */
  readonly random?: () => number;

  /**
   * Calls a second and burst by operation, where they differ from `RATES`.
   *
   * @default - as AWS documents them
   */
  readonly rates?: Readonly<Record<string, Rate>>;
}

/** The Organizations API. Calls are paced and retried here and nowhere else. */
export interface OrganizationsClient {
  readonly clock: Clock;

  /** Requests sent so far by operation, retries included. */
  readonly calls: Readonly<Record<string, number>>;

  /**
   * Calls an operation, and retries it after transient errors.
   *
   * @throws OrganizationsError if transient errors do not end, other errors as the SDK throws them, and the signal's reason when it is aborted
   */
  call<O extends Operation>(operation: O, input: Input<O>, signal?: AbortSignal): Promise<Output<O>>;

  /** The pages of a list, to its end. A page may be empty and still have a successor. */
  pages<O extends ListOperation>(operation: O, input: Input<O>, signal?: AbortSignal): AsyncGenerator<Item<O>[]>;

  /** Every item of a list. */
  list<O extends ListOperation>(operation: O, input: Input<O>, signal?: AbortSignal): Promise<Item<O>[]>;
}

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 20_000;

/** How long transient errors are retried. Without a network, or with unknown credentials, retries rarely help, so they end earlier. */
const PATIENCE = 300_000;
const SHORT_PATIENCE = 60_000;

/** A call that takes longer is aborted and retried. It covers the answer to its end. */
const CALL_TIMEOUT = 20_000;

/** The default of `retryFor`. */
export function retryTime(error: unknown): number {
  if (isUnreachable(error) || isUnrecognized(error)) return SHORT_PATIENCE;
  return isTransient(error) ? PATIENCE : 0;
}

/** Makes a client from a function that sends. The SDK must not retry: see `SDK_CONFIGURATION`. */
export function organizationsClient(send: Send, options: OrganizationsClientOptions = {}): OrganizationsClient {
  const { clock = machineClock, onRetry, random = Math.random, retryFor = retryTime } = options;
  const rates = { ...RATES, ...options.rates };
  const buckets = new Map<string, TokenBucket>();
  const calls: Record<string, number> = {};

  const bucketOf = (operation: string) => {
    const bucket = buckets.get(operation) ?? new TokenBucket(rates[operation] ?? CAUTIOUS);
    buckets.set(operation, bucket);
    return bucket;
  };

  const call: OrganizationsClient['call'] = async (operation, input, signal) => {
    const bucket = bucketOf(operation);
    let firstFailure: number | undefined;
    let clockCorrected = false;
    for (let longest = FIRST_PAUSE; ; longest = Math.min(2 * longest, LONGEST_PAUSE)) {
      const wait = bucket.take(clock.now());
      if (wait > 0) await pause(clock, wait, signal);
      signal?.throwIfAborted();
      try {
        calls[operation] = (calls[operation] ?? 0) + 1;
        return await send(operation, input, signal);
      } catch (error) {
        signal?.throwIfAborted();
        const once: boolean = isClockSkew(error) && !clockCorrected;
        clockCorrected ||= once;
        const time = once ? SHORT_PATIENCE : retryFor(error);
        if (time === 0) throw error;
        if (isThrottling(error)) bucket.empty();
        firstFailure ??= clock.now();
        const inMilliseconds = Math.ceil(longest * (0.5 + random() / 2));
        if (clock.now() + inMilliseconds - firstFailure > time) throw gaveUp(operation, error, Math.round((clock.now() - firstFailure) / 1000));
        onRetry?.({ kind: 'retry', operation, error: describeError(error), inMilliseconds });
        await pause(clock, inMilliseconds, signal);
      }
    }
  };

  async function* pages<O extends ListOperation>(operation: O, input: Input<O>, signal?: AbortSignal): AsyncGenerator<Item<O>[]> {
    let NextToken: string | undefined;
    do {
      const page = await call(operation, NextToken ? { ...input, NextToken } : input, signal);
      const items = Object.values(page).find(Array.isArray) as Item<O>[] | undefined;
      // Without this check, a broken answer would be an empty list.
      if (!items) throw Object.assign(new Error(`${operation} returned no list`), { name: 'MalformedAnswer' });
      yield items;
      ({ NextToken } = page);
    } while (NextToken);
  }

  const list: OrganizationsClient['list'] = async (operation, input, signal) => {
    const items = [];
    for await (const page of pages(operation, input, signal)) items.push(...page);
    return items;
  };

  return { clock, calls, call, pages, list };
}

function gaveUp(operation: string, cause: unknown, seconds: number): unknown {
  if (isThrottling(cause)) {
    return new OrganizationsError('throttled', `AWS throttled ${operation} for ${seconds} s: another process in this organization calls it too often; `
      + 'find it in CloudTrail, or try again later', { cause });
  }
  return isTransient(cause)
    ? new OrganizationsError('unavailable', `${operation} kept failing for ${seconds} s: ${describeError(cause)}`, { cause })
    : cause;
}

/** What an SDK client needs to send for `organizationsClient`: no retries of its own. */
export const SDK_CONFIGURATION = { maxAttempts: 1 };

/**
 * Sends through the AWS SDK.
 *
 * @param sdk the module `@aws-sdk/client-organizations`
 * @param client made with `SDK_CONFIGURATION`
 * @param timeoutOf returns after how many milliseconds a call that starts now is aborted
 */
export function sendThrough(
  sdk: object,
  client: { send(command: never, options?: { abortSignal?: AbortSignal }): Promise<unknown> },
  timeoutOf = () => CALL_TIMEOUT,
): Send {
  const commands = sdk as Record<string, (new (input: object) => never) | undefined>;
  return async <O extends Operation>(operation: O, input: Input<O>, signal?: AbortSignal) => scoped(signal, async (abortSignal, controller) => {
    const Command = commands[`${operation}Command`];
    // An older SDK without the operation is the same as an AWS without it.
    if (!Command) throw Object.assign(new Error(`this AWS SDK has no ${operation}`), { name: 'UnknownOperationException' });
    const milliseconds = timeoutOf();
    const timer = setTimeout(() => controller.abort(), milliseconds);
    try {
      return await client.send(new Command(input), { abortSignal }) as Output<O>;
    } catch (error) {
      if (!abortSignal.aborted || signal?.aborted) throw error;
      throw Object.assign(new Error(`no complete answer within ${milliseconds / 1000} s`), { name: 'TimeoutError' });
    } finally {
      clearTimeout(timer);
    }
  });
}
