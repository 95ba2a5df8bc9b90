import { AwsError } from '../aws-error';
import { uuidFrom } from './identifiers';
import { LambdaFunction, type Invocation, type LambdaEnvironment, type LambdaFunctionProps } from './lambda-function';

/** How events reach a function. */
export interface DeliveryOptions {
  /**
   * Lambda delivers an event at least once. One more delivery for every number: so many simulated milliseconds after the first.
   *
   * @default []
   */
  duplicateDeliveries?: number[];
}

/** What Lambda waits before it tries an event again that the function failed on. */
const RETRY_DELAYS_MS = [60_000, 120_000];

/** The functions of one account, and asynchronous invocation. */
export class LambdaService {
  /** Every invocation so far, in order, running ones included. */
  public readonly invocations: Invocation[] = [];

  private readonly functions = new Map<string, LambdaFunction>();
  private readonly replaced: LambdaFunction[] = [];
  private events = 0;
  private closed = false;

  public constructor(
    private readonly environment: LambdaEnvironment,
    public readonly delivery: DeliveryOptions,
    private readonly onBroken: (error: Error) => void,
  ) {}

  /** Creates a function or replaces its code and configuration; what runs already runs on. */
  public put(props: LambdaFunctionProps): void {
    this.delete(props.arn);
    const onInvocation = (invocation: Invocation) => { this.invocations.push(invocation); };
    this.functions.set(props.arn, new LambdaFunction(props, { ...this.environment, onInvocation }));
  }

  public delete(arn: string): void {
    const existing = this.functions.get(arn);
    if (existing) this.replaced.push(existing);
    this.functions.delete(arn);
  }

  public has(arn: string): boolean {
    return this.functions.has(arn);
  }

  /** Runs a function and waits for its end. */
  public async invoke(arn: string, event: unknown): Promise<Invocation> {
    return this.find(arn).invoke(event, { requestId: this.nextRequestId(arn), attempt: 1 });
  }

  /** Accepts an event and returns; a function that fails gets it twice more, with the same request id. */
  public invokeAsync(arn: string, event: unknown): void {
    this.find(arn);
    for (const delay of [0, ...this.delivery.duplicateDeliveries ?? []]) {
      const requestId = this.nextRequestId(arn);
      this.deliver(arn, event, requestId, delay).catch((error: Error) => {
        if (!this.closed) this.onBroken(error);
      });
    }
  }

  /** Ends every running function. */
  public close(): void {
    this.closed = true;
    for (const lambdaFunction of [...this.functions.values(), ...this.replaced]) lambdaFunction.close();
  }

  private async deliver(arn: string, event: unknown, requestId: string, delay: number): Promise<void> {
    if (delay > 0) await this.environment.clock.sleep(delay);
    for (let attempt = 1; ; attempt++) {
      // A function that was deleted meanwhile gets nothing any more.
      const invocation = await this.functions.get(arn)?.invoke(event, { requestId, attempt });
      if (this.closed || !invocation?.error || attempt > RETRY_DELAYS_MS.length) return;
      await this.environment.clock.sleep(RETRY_DELAYS_MS[attempt - 1]);
    }
  }

  private find(arn: string): LambdaFunction {
    const found = this.functions.get(arn);
    if (!found) throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, undefined, 404);
    return found;
  }

  private nextRequestId(arn: string): string {
    this.events += 1;
    return uuidFrom('lambda-request', arn, String(this.events));
  }
}
