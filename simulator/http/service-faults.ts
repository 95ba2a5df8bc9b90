import { type AwsError } from '../aws-error';
import { type Clock } from '../clock';
import { Faults, type Fault, type FaultOptions, type FaultScope, type Strike } from '../organizations/faults';

/** What a service answers when it is overrun and when it fails. */
export interface CommonRefusals {
  readonly throttled: () => AwsError;
  readonly internal: () => AwsError;
}

/** What goes wrong, on purpose, with the calls to a service. */
export class ServiceFaults {
  private readonly faults: Faults;

  public constructor(clock: Clock, private readonly refusals: CommonRefusals) {
    this.faults = new Faults(clock);
  }

  public add(options: FaultOptions): Fault {
    return this.faults.add(options);
  }

  public clear(): void {
    this.faults.clear();
  }

  /** Too many requests. */
  public throttle(operation?: string, scope: FaultScope = {}): Fault {
    return this.preset(this.refusals.throttled(), operation, scope);
  }

  /** The service fails, status 500. */
  public internalError(operation?: string, scope: FaultScope = {}): Fault {
    return this.preset(this.refusals.internal(), operation, scope);
  }

  /** What the next call to an operation has to suffer. Counts the call. */
  public next(operation: string): Strike[] {
    return this.faults.next(operation);
  }

  private preset({ code, message, status }: AwsError, operation: string | undefined, scope: FaultScope): Fault {
    return this.add({ operation, error: { code, message, status }, ...scope });
  }
}
