/**
 * What is being done:
 * - `organization`, `policies`, `accounts`, `units`: reading;
 * - `effective`: reading effective policies;
 * - `settling`: reading effective policies again that differ from what the policies come to, because a change may be in progress.
 */
export type Phase = 'organization' | 'policies' | 'accounts' | 'units' | 'effective' | 'settling';

/** Progress of the work. */
export type Progress =
  /** The items of a phase that are done. `total` is absent while it is unknown. */
  | { readonly kind: 'step'; readonly phase: Phase; readonly done: number; readonly total?: number }
  | Retry;

/** A call failed and will be made again. */
export interface Retry {
  readonly kind: 'retry';
  readonly operation: string;
  readonly error: string;
  readonly inMilliseconds: number;
}

export type ProgressListener = (progress: Progress) => void;
export type RetryListener = (retry: Retry) => void;
