import { AwsError } from '../aws-error';
import { type Caller } from '../caller';
import { type Clock } from '../clock';
import { type Exchange } from './exchange';
import { outcomeOf, ServiceFaults, suffer, type CommonRefusals } from './service-faults';
import { type RecordedCall } from '../organizations/organizations';

/** How a service speaks about what it refuses. */
export interface Refusals extends CommonRefusals {
  readonly denied: (message: string) => AwsError;
}

/** A call to a service. */
export interface ServiceCall {
  readonly operation: string;
  readonly input: object;
  readonly caller: Caller;
  readonly exchange?: Exchange;
}

/** What happens around every call to a service: it is recorded, faults strike, IAM is asked. */
export class ServiceCalls {
  public readonly recorded: RecordedCall[] = [];
  public readonly faults: ServiceFaults;

  public constructor(private readonly clock: Clock, private readonly refusals: Refusals) {
    this.faults = new ServiceFaults(clock, refusals);
  }

  /** Does the work of a call, as far as faults let it. */
  public async run<Output>({ operation, input, caller, exchange = { held: 0 } }: ServiceCall, work: () => Promise<Output>): Promise<Output> {
    const record = {
      time: this.clock.now(),
      accountId: caller.accountId,
      callerArn: caller.arn,
      operation,
      input: structuredClone(input),
      outcome: 'pending',
    };
    this.recorded.push(record);
    const strikes = this.faults.next(operation);
    try {
      await suffer(strikes, 'before', exchange, this.clock);
      const output = await work();
      await suffer(strikes, 'after', exchange, this.clock);
      record.outcome = outcomeOf(exchange);
      return output;
    } catch (error) {
      record.outcome = error instanceof AwsError ? error.code : (error as Error).name;
      throw error;
    }
  }

  /** Asks IAM; `action` is worded in the refusal as the service words it. */
  public async authorize(caller: Caller, action: string, resource: string, context: Record<string, string | string[]> = {}): Promise<void> {
    if (!caller.authorize) return;
    const [service, operation] = action.split(':');
    if (await caller.authorize({ action: `${service.toLowerCase()}:${operation}`, resources: [resource], context })) return;
    throw this.refusals.denied(notAuthorized(caller, action, resource));
  }

  /** Back to no calls and no faults. */
  public reset(): void {
    this.recorded.length = 0;
    this.faults.clear();
  }
}

/** As IAM words it for every service. */
export function notAuthorized(caller: Caller, action: string, resource: string): string {
  return `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
}
