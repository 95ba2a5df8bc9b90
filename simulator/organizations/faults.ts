import { AwsError } from '../aws-error';
import type { Clock } from '../clock';
import { refusals } from './errors';

/** An error to answer with. Code and text may be anything, also what the model does not list for the operation. */
export interface FaultError {
  readonly code: string;
  readonly message?: string;
  readonly reason?: string;
  readonly status?: number;
}

/** Something that goes wrong with calls. */
export interface FaultOptions {
  /**
   * The operation it strikes.
   *
   * @default - every operation
   */
  readonly operation?: string;

  /** What is answered instead of the result. */
  readonly error?: FaultError;

  /** How long the answer is held back. */
  readonly delayMs?: number;

  /** The connection ends without an answer. */
  readonly dropConnection?: boolean;

  /**
   * Which calls, counted from 1 among those to the operation since the fault was added.
   *
   * @default - all
   */
  readonly calls?: number[];

  /**
   * How long after it was added it strikes.
   *
   * @default - until removed
   */
  readonly forMs?: number;

  /**
   * Whether it strikes before the operation has done its work, or after: then the change is made and only the answer suffers.
   *
   * @default 'before'
   */
  readonly effect?: 'before' | 'after';
}

/** A fault that was added. */
export interface Fault {
  /** Calls it has struck so far. */
  readonly strikes: number;
  remove(): void;
}

/** Which calls a preset strikes. */
export type FaultScope = Pick<FaultOptions, 'calls' | 'forMs' | 'delayMs' | 'effect'>;

/** What the HTTP front answers by ending the connection; callers in the same process see it as an error. */
export class ConnectionDropped extends Error {
  public constructor() {
    super('the simulated endpoint dropped the connection');
    this.name = 'ConnectionDropped';
  }
}

/** What one call has to suffer. */
export interface Strike {
  readonly effect: 'before' | 'after';
  readonly delayMs: number;
  readonly failure?: Error;
}

/** What goes wrong, on purpose, in a simulated organization. */
export class Faults {
  private added: AddedFault[] = [];

  public constructor(private readonly clock: Clock) {}

  public add(options: FaultOptions): Fault {
    const fault: AddedFault = {
      options,
      addedAt: this.clock.now(),
      seen: 0,
      strikes: 0,
      remove: () => {
        this.added = this.added.filter((other) => other !== fault);
      },
    };
    this.added.push(fault);
    return fault;
  }

  public clear(): void {
    this.added = [];
  }

  /** Too many requests. */
  public throttle(operation?: string, scope: FaultScope = {}): Fault {
    return this.preset(refusals.tooManyRequests(), operation, scope);
  }

  /** Somebody else is changing the organization. */
  public concurrentModification(operation?: string, scope: FaultScope = {}): Fault {
    return this.preset(refusals.concurrentModification(), operation, scope);
  }

  /** Policies are still being worked on. */
  public policyChangesInProgress(operation?: string, scope: FaultScope = {}): Fault {
    return this.preset(refusals.policyChangesInProgress(), operation, scope);
  }

  /** The service fails, status 500. */
  public internalError(operation?: string, scope: FaultScope = {}): Fault {
    return this.preset(refusals.service(), operation, scope);
  }

  /** The caller may not, whoever it is. */
  public accessDenied(operation?: string, scope: FaultScope = {}): Fault {
    return this.preset(refusals.accessDenied(), operation, scope);
  }

  /** What the next call to an operation has to suffer. Counts the call. */
  public next(operation: string): Strike[] {
    const strikes: Strike[] = [];
    for (const fault of this.added) {
      const { options } = fault;
      if (options.operation !== undefined && options.operation !== operation) continue;
      fault.seen += 1;
      if (options.calls && !options.calls.includes(fault.seen)) continue;
      if (options.forMs !== undefined && this.clock.now() >= fault.addedAt + options.forMs) continue;
      fault.strikes += 1;
      strikes.push({ effect: options.effect ?? 'before', delayMs: options.delayMs ?? 0, failure: failureOf(options) });
    }
    return strikes;
  }

  private preset(error: AwsError, operation: string | undefined, scope: FaultScope): Fault {
    const { code, message, reason, status } = error;
    return this.add({ operation, error: { code, message, reason, status }, ...scope });
  }
}

interface AddedFault extends Fault {
  readonly options: FaultOptions;
  readonly addedAt: number;
  seen: number;
  strikes: number;
}

function failureOf({ error, dropConnection }: FaultOptions): Error | undefined {
  if (dropConnection) return new ConnectionDropped();
  return error && new AwsError(error.code, error.message ?? `simulated ${error.code}`, error.reason, error.status);
}
