/**
 * Why an organization could not be read at all:
 * - `noOrganization`: the account is not in an organization;
 * - `denied`: the caller may not even read which organization it is in;
 * - `throttled`: AWS throttled a call for as long as it was retried;
 * - `unavailable`: AWS failed or was out of reach for as long as a call was retried.
 *
 * Other errors, for example expired credentials, are thrown as the SDK threw them. An abort is thrown as the signal's reason.
 */
export type OrganizationsErrorCode = 'noOrganization' | 'denied' | 'throttled' | 'unavailable';

/** The message is for people and says what to do. */
export class OrganizationsError extends Error {
  public readonly name = 'OrganizationsError';

  public constructor(public readonly code: OrganizationsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Members of errors that the SDK and Node.js throw. */
interface AwsError extends Error {
  readonly code?: unknown;
  readonly $fault?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Whether the caller may not do this. Other calls may still be allowed. */
export function isDenied(error: unknown): boolean {
  return /^AccessDenied/.test(nameOf(error));
}

/** Whether AWS does not know the credentials. That passes for a new role and in a Region that was just enabled. */
export function isUnrecognized(error: unknown): boolean {
  return /^(UnrecognizedClient|InvalidClientTokenId)/.test(nameOf(error));
}

/** Whether AWS refused the time of the signature. The SDK corrects its clock by the answer, so a second attempt succeeds if that was the cause. */
export function isClockSkew(error: unknown): boolean {
  return /^(InvalidSignature|SignatureDoesNotMatch|RequestExpired|RequestInTheFuture|RequestTimeTooSkewed)/.test(nameOf(error));
}

/** Too many requests, by any caller. */
export function isThrottling(error: unknown): boolean {
  return /^(TooManyRequests|(Request)?Throttl|RequestLimitExceeded|SlowDown)/.test(nameOf(error)) || statusOf(error) === 429;
}

const CONNECTION = /\b(E(CONN\w+|PIPE|TIMEDOUT|AI_AGAIN|NOTFOUND|\w+UNREACH)|UND_ERR_\w+|aborted)\b|socket hang up/;

/**
 * Whether no answer arrived that AWS Organizations wrote: the connection failed, the call timed out, or the answer is not JSON.
 *
 * The HTTP status does not show it: the SDK reports 200 for a connection that breaks in the middle of an answer. Where the SDK wraps an error of
 * Node.js, the code is left in the message only.
 */
export function isUnreachable(error: unknown, depth = 0): boolean {
  const { name, code, message, cause, $fault, $metadata } = (error ?? {}) as AwsError;
  if ($fault === 'client') return false;
  return name === 'TimeoutError' || (name === 'SyntaxError' && $metadata !== undefined) || CONNECTION.test(`${code} ${message}`)
    || (cause !== undefined && depth < 5 && isUnreachable(cause, depth + 1));
}

/** Whether the same call may succeed a moment later. */
export function isTransient(error: unknown): boolean {
  return isThrottling(error) || isUnreachable(error) || (statusOf(error) ?? 0) >= 500
    || /^(ConcurrentModification|PolicyChangesInProgress|Service)Exception$/.test(nameOf(error));
}

export function nameOf(error: unknown): string {
  return (error as Error | undefined)?.name ?? '';
}

/** An error in one line, for people. */
export function describeError(error: unknown): string {
  const { name, message } = error as Error;
  return message ? `${name}: ${message}` : name;
}

function statusOf(error: unknown): number | undefined {
  return (error as AwsError | undefined)?.$metadata?.httpStatusCode;
}
