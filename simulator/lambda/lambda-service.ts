import { AwsError } from '../aws-error';
import { type PolicyDocument } from '../iam';
import { evaluateResourcePolicy, serviceContext } from '../resource-policy';
import { uuidFrom } from './identifiers';
import { LambdaFunction, type Invocation, type LambdaEnvironment, type LambdaFaults, type LambdaFunctionProps } from './lambda-function';

/** How events reach a function. */
export interface DeliveryOptions {
  /**
   * Lambda delivers an event at least once. One more delivery for every number: so many simulated milliseconds after the first.
   *
   * @default []
   */
  duplicateDeliveries?: number[];
}

/** What sent a function an event. */
export interface Trigger {
  /** For example `events.amazonaws.com`. */
  readonly service: string;

  /** ARN of the rule, the queue, … */
  readonly arn: string;
}

/** An invocation and what set it off: nothing when it was CloudFormation or a test. */
export interface TriggeredInvocation extends Invocation {
  readonly trigger?: Trigger;
}

/** A statement of a function's resource policy. */
export interface PermissionStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: string | Record<string, string>;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Record<string, Record<string, string>>;
}

/** What Lambda waits before it tries an event again that the function failed on. */
const RETRY_DELAYS_MS = [60_000, 120_000];

/** The functions of one account, and asynchronous invocation. */
export class LambdaService {
  /** Every invocation so far, in order, running ones included. */
  public readonly invocations: TriggeredInvocation[] = [];

  /** What happens to functions; may be changed at any time. */
  public readonly faults: LambdaFaults = {};

  private readonly functions = new Map<string, LambdaFunction>();
  private readonly replaced: LambdaFunction[] = [];

  /** By the function's ARN. */
  private readonly permissions = new Map<string, PermissionStatement[]>();

  /** By request id. */
  private readonly triggers = new Map<string, Trigger>();
  private events = 0;
  private closed = false;

  public constructor(
    private readonly environment: LambdaEnvironment,
    public readonly delivery: DeliveryOptions,
    private readonly onBroken: (error: Error) => void,
  ) {}

  /** Creates a function or replaces its code and configuration; what runs already runs on. */
  public put(props: LambdaFunctionProps): void {
    this.retire(props.arn);
    const onInvocation = (invocation: Invocation) => {
      const trigger = this.triggers.get(invocation.requestId);
      this.invocations.push(trigger ? Object.assign(invocation, { trigger }) : invocation);
    };
    this.functions.set(props.arn, new LambdaFunction(props, { ...this.environment, faults: this.faults, onInvocation }));
  }

  /** Deletes a function and its resource policy. */
  public delete(arn: string): void {
    this.retire(arn);
    this.permissions.delete(arn);
  }

  public has(arn: string): boolean {
    return this.functions.has(arn);
  }

  /** A function as it is configured now. */
  public configurationOf(arn: string): LambdaFunctionProps {
    return this.find(arn).props;
  }

  /** Adds a statement to a function's resource policy. */
  public addPermission(arn: string, statement: PermissionStatement): void {
    this.find(arn);
    this.permissions.set(arn, [...this.permissions.get(arn) ?? [], statement]);
  }

  /** Takes a statement away; it may be gone already. */
  public removePermission(arn: string, sid: string): void {
    this.permissions.set(arn, (this.permissions.get(arn) ?? []).filter(({ Sid }) => Sid !== sid));
  }

  /** Whether the function's resource policy lets a service invoke it for one of the service's resources. */
  public async mayInvoke(arn: string, service: string, source: { readonly arn?: string; readonly account: string }): Promise<boolean> {
    const statements = this.permissions.get(arn) ?? [];
    const policy: PolicyDocument | undefined = statements.length > 0 ? { Version: '2012-10-17', Statement: statements } : undefined;
    return await this.environment.clock.busy(async () => evaluateResourcePolicy(policy, {
      principal: service,
      action: 'lambda:InvokeFunction',
      resource: arn,
      accountId: arn.split(':')[4],
      context: serviceContext(source.arn, source.account),
    })) === 'Allowed';
  }

  /** Runs a function and waits for its end. */
  public async invoke(arn: string, event: unknown, trigger?: Trigger): Promise<TriggeredInvocation> {
    return this.find(arn).invoke(event, { requestId: this.nextRequestId(arn, trigger), attempt: 1 });
  }

  /** Accepts an event and returns; a function that fails gets it twice more, with the same request id. */
  public invokeAsync(arn: string, event: unknown, trigger?: Trigger): void {
    this.find(arn);
    for (const delay of [0, ...this.delivery.duplicateDeliveries ?? []]) {
      const requestId = this.nextRequestId(arn, trigger);
      this.deliver(arn, event, requestId, delay).catch((error: Error) => {
        if (!this.closed) this.onBroken(error);
      });
    }
  }

  /** Discards all execution environments that do not run, so that every function starts cold next time. */
  public discardEnvironments(): void {
    for (const lambdaFunction of this.functions.values()) lambdaFunction.discardEnvironments();
  }

  /** Ends everything that runs; resolves when nothing can happen in it any more. */
  public async abort(): Promise<void> {
    await Promise.all([...this.functions.values(), ...this.replaced].map(async (lambdaFunction) => lambdaFunction.abort()));
  }

  /** Ends every running function. */
  public close(): void {
    this.closed = true;
    for (const lambdaFunction of [...this.functions.values(), ...this.replaced]) lambdaFunction.close();
  }

  private async deliver(arn: string, event: unknown, requestId: string, delay: number): Promise<void> {
    if (delay > 0) await this.environment.clock.sleep(delay);
    for (let attempt = 1; ; attempt++) {
      if (this.closed) return;
      // A function that was deleted meanwhile gets nothing any more.
      const invocation = await this.functions.get(arn)?.invoke(event, { requestId, attempt });
      if (this.closed || !invocation?.error || attempt > RETRY_DELAYS_MS.length) return;
      await this.environment.clock.sleep(RETRY_DELAYS_MS[attempt - 1]);
    }
  }

  private find(arn: string): LambdaFunction {
    // What started now would never end.
    if (this.closed) throw new Error(`${arn} can not run any more: the simulated account is closed`);
    const found = this.functions.get(arn);
    if (!found) throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, undefined, 404);
    return found;
  }

  /** What runs already runs on. */
  private retire(arn: string): void {
    const existing = this.functions.get(arn);
    if (!existing) return;
    existing.retire();
    this.replaced.push(existing);
    this.functions.delete(arn);
  }

  private nextRequestId(arn: string, trigger?: Trigger): string {
    this.events += 1;
    const requestId = uuidFrom('lambda-request', arn, String(this.events));
    if (trigger) this.triggers.set(requestId, trigger);
    return requestId;
  }
}
