import { describeError, isClockSkew, isUnrecognized, nameOf } from './errors';
import type { OrganizationsClient } from './organizations-client';
import type { ProgressListener } from './progress';
import type { Gap } from './snapshot';

/** How many calls are in progress at once. The client paces them. */
export const PARALLEL = 8;

/** What the parts of the reader share. */
export interface Reading {
  readonly client: OrganizationsClient;
  readonly signal: AbortSignal;
  readonly onProgress?: ProgressListener;
  readonly gaps: Gap[];
}

/** Credentials that AWS rejects, and mistakes in this program: no other read would be any better. */
const FATAL = /^(ExpiredToken|TokenRefresh|CredentialsProvider|TokenProvider|IncompleteSignature|MissingAuthentication|AuthFailure|(Type|Range|Reference|Syntax)Error$)/;

/** Errors that say something about the organization. Each caller knows what they mean. */
const MEANINGFUL = /(NotFound|NotInUse)Exception$/;

/** Whether an error leaves only this read without a result, so that the work goes on without it. */
export function isGap(error: unknown): boolean {
  return !FATAL.test(nameOf(error)) && !isUnrecognized(error) && !isClockSkew(error) && !MEANINGFUL.test(nameOf(error));
}

/** Returns the result of a read. If the read fails, returns undefined and adds a gap. */
export async function orGap<T>(
  { gaps, signal }: Reading, operation: string, id: string | undefined, read: Promise<T>, tolerates = isGap,
): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    signal.throwIfAborted();
    if (!tolerates(error)) throw error;
    gaps.push({ operation, ...(id !== undefined && { id }), error: describeError(error) });
    return undefined;
  }
}
