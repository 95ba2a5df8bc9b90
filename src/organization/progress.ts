/**
 * Where the work is:
 * - `organization`, `policies`, `accounts`, `units`: reading;
 * - `effective`: asking AWS for effective policies;
 * - `settling`: asking again where answers do not fit, because a change may be on its way.
 */
export type Phase = 'organization' | 'policies' | 'accounts' | 'units' | 'effective' | 'settling';

/** Something moved. */
export type Progress =
  /** So many of the phase's items are done; `total` is absent while nobody knows how many there are. */
  | { readonly kind: 'step'; readonly phase: Phase; readonly done: number; readonly total?: number }
  /** A call failed and will be made again. */
  | { readonly kind: 'retry'; readonly operation: string; readonly error: string; readonly inMilliseconds: number };

export type ProgressListener = (progress: Progress) => void;
