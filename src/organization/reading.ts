import { describeError, isDenied } from './errors';
import type { OrganizationsClient } from './organizations-client';
import type { ProgressListener } from './progress';
import type { Gap } from './snapshot';

/** How many calls are under way at once. Their pace is the client's matter. */
export const PARALLEL = 8;

/** What the parts of the reader share. */
export interface Reading {
  readonly client: OrganizationsClient;
  readonly signal: AbortSignal;
  readonly onProgress?: ProgressListener;
  readonly gaps: Gap[];
}

/** Answers nothing where the caller may not read this, and keeps that in mind. */
export async function unlessDenied<T>({ gaps }: Reading, operation: string, id: string | undefined, read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (!isDenied(error)) throw error;
    gaps.push({ operation, ...(id !== undefined && { id }), error: describeError(error) });
    return undefined;
  }
}
