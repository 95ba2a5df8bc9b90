/**
 * Why an organization could not be read at all:
 * - `noOrganization`: the account is in none;
 * - `denied`: not even which organization it is may be read;
 * - `throttled`: AWS refused for too many requests until patience ran out;
 * - `unavailable`: AWS failed or was out of reach until patience ran out.
 *
 * Everything else that ends the work, expired credentials for example, is thrown as the SDK gave it; an abort is thrown as the signal's reason.
 */
export type OrganizationsErrorCode = 'noOrganization' | 'denied' | 'throttled' | 'unavailable';

/** Ends the work; the message is for people and says what to do. */
export class OrganizationsError extends Error {
  public readonly name = 'OrganizationsError';

  public constructor(public readonly code: OrganizationsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Whether the caller may not do this. Other calls may still be allowed. */
export function isDenied(error: unknown): boolean {
  return /^AccessDenied/.test(nameOf(error));
}

/** Too many requests, whoever made them. */
export function isThrottling(error: unknown): boolean {
  return /^(TooManyRequests|Throttling|RequestLimitExceeded|SlowDown)/.test(nameOf(error));
}

/** Words for a connection that failed. The SDK wraps what it does not take for an Error, and then they are only left in the message. */
const CONNECTION = /\b(E(CONN\w+|PIPE|TIMEDOUT|AI_AGAIN|NOTFOUND|\w+UNREACH)|UND_ERR_\w+)\b|socket hang up/;

/** Whether the same call may succeed a moment later. */
export function isTransient(error: unknown): boolean {
  const { $metadata, code, message } = error as Error & { $metadata?: { httpStatusCode?: number }; code?: string };
  return isThrottling(error)
    || /^(ConcurrentModification|PolicyChangesInProgress|Service)Exception$|^TimeoutError$/.test(nameOf(error))
    || ($metadata?.httpStatusCode ?? 0) >= 500
    || ($metadata?.httpStatusCode === undefined && CONNECTION.test(`${code} ${message}`));
}

export function nameOf(error: unknown): string {
  return (error as Error | undefined)?.name ?? '';
}

/** An error of AWS in one line, for people. */
export function describeError(error: unknown): string {
  const { name, message } = error as Error;
  return message ? `${name}: ${message}` : name;
}
