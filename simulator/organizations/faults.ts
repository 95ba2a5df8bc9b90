import type { Clock } from '../clock';
import { refusals } from './errors';
import { ServiceFaults, type Fault, type FaultScope } from '../http/service-faults';

/** What goes wrong, on purpose, with the calls to AWS Organizations. */
export class Faults extends ServiceFaults {
  public constructor(clock: Clock) {
    super(clock, { throttled: refusals.tooManyRequests, internal: refusals.service });
  }

  /** Another caller is changing the organization. */
  public concurrentModification(operation?: string, scope: FaultScope = {}): Fault {
    return this.preset(refusals.concurrentModification(), operation, scope);
  }

  /** Policies are still being worked on. */
  public policyChangesInProgress(operation?: string, scope: FaultScope = {}): Fault {
    return this.preset(refusals.policyChangesInProgress(), operation, scope);
  }

  /** The caller may not, whoever it is. */
  public accessDenied(operation?: string, scope: FaultScope = {}): Fault {
    return this.preset(refusals.accessDenied(), operation, scope);
  }
}
