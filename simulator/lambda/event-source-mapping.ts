import { type LambdaService, type TriggeredInvocation } from './lambda-service';
import { type SimulatedClock } from '../simulated-clock';
import { type Message, type Queue, type Sqs } from '../sqs/sqs';

/** How an event source mapping reads its queue. */
export interface EventSourceMappingSettings {
  readonly functionArn: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;

  /** Invocations at the same time. */
  readonly maximumConcurrency: number;
  readonly reportBatchItemFailures: boolean;
}

/** What a mapping works with. */
export interface EventSourceMappingEnvironment {
  readonly clock: SimulatedClock;
  readonly region: string;
  readonly lambda: LambdaService;
  readonly sqs: Sqs;

  /** Told when the simulation itself breaks. */
  readonly onBroken: (error: Error) => void;
}

/** What the function's role is asked for: Lambda reads the queue with it. */
export const POLLING_ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/** How long Lambda waits before it tries to read a queue again that it was not allowed to. */
const REFUSED_RETRY_MS = 60_000;

/**
 * Reads a queue and invokes a function with what it finds, as Lambda's own pollers do.
 *
 * Gotchas that it shares with the real ones: a message is invisible from the moment it is received, so that the batching window counts against the
 * visibility timeout; a failed batch stays invisible until then; a batch that could not be deleted is delivered again.
 */
export class EventSourceMapping {
  /** Why the last attempt to read or delete did not work. */
  public problem?: string;

  private settings: EventSourceMappingSettings;
  private collected: Message[] = [];
  private cancelWindow?: () => void;
  private cancelPoll?: () => void;
  private running = 0;
  private polling = false;
  private pollAgain = false;
  private closed = false;
  private readonly unsubscribe: () => void;

  public constructor(
    public readonly id: string,
    public readonly queue: Queue,
    settings: EventSourceMappingSettings,
    private readonly environment: EventSourceMappingEnvironment,
  ) {
    this.settings = settings;
    this.unsubscribe = queue.onMessage(() => this.poll());
    this.poll();
  }

  public get functionArn(): string {
    return this.settings.functionArn;
  }

  /** Changes how the queue is read; batches that are under way are not touched. */
  public configure(settings: EventSourceMappingSettings): void {
    this.settings = settings;
    this.poll();
  }

  /** Reads no more. What has been received and not processed becomes visible again by itself. */
  public close(): void {
    this.closed = true;
    this.unsubscribe();
    this.cancelWindow?.();
    this.cancelPoll?.();
  }

  private poll(): void {
    if (this.closed) return;
    this.pollAgain = true;
    if (this.polling) return;
    this.polling = true;
    this.inBackground(async () => {
      try {
        while (this.pollAgain && !this.closed) {
          this.pollAgain = false;
          await this.receive();
        }
      } finally {
        this.polling = false;
      }
    });
  }

  private async receive(): Promise<void> {
    const { clock } = this.environment;
    const { batchSize, batchingWindowSeconds, enabled, maximumConcurrency } = this.settings;
    while (enabled && (this.collected.length > 0 || this.running < maximumConcurrency)) {
      if (!this.hasVisible()) break;
      if (!await this.allowed('sqs:ReceiveMessage')) return this.pollIn(REFUSED_RETRY_MS);
      const received = this.queue.receive(batchSize - this.collected.length);
      if (received.length === 0) continue;
      if (this.collected.length === 0) this.cancelWindow = clock.schedule(batchingWindowSeconds * 1000, () => this.flush());
      this.collected.push(...received);
      if (this.collected.length >= batchSize) this.flush();
    }
    const next = this.queue.nextVisibleAt();
    if (next !== undefined && next > clock.now()) this.pollIn(next - clock.now());
  }

  private hasVisible(): boolean {
    const next = this.queue.nextVisibleAt();
    return next !== undefined && next <= this.environment.clock.now();
  }

  private pollIn(milliseconds: number): void {
    this.cancelPoll?.();
    this.cancelPoll = this.environment.clock.scheduleInBackground(milliseconds, () => this.poll());
  }

  private flush(): void {
    this.cancelWindow?.();
    const batch = this.collected;
    this.collected = [];
    if (batch.length === 0 || this.closed) return;
    this.running += 1;
    this.inBackground(async () => {
      try {
        await this.process(batch);
      } finally {
        this.running -= 1;
        this.poll();
      }
    });
  }

  private async process(batch: Message[]): Promise<void> {
    const { lambda } = this.environment;
    const { functionArn } = this.settings;
    if (!lambda.has(functionArn)) {
      this.problem = `the function ${functionArn} does not exist`;
      return;
    }
    const event = { Records: batch.map((message) => this.record(message)) };
    const invocation = await lambda.invoke(functionArn, event, { service: 'sqs.amazonaws.com', arn: this.queue.arn });
    const done = invocation.error ? [] : this.succeeded(batch, invocation);
    if (done.length === 0 || this.closed || !await this.allowed('sqs:DeleteMessage')) return;
    for (const { receiptHandle } of done) this.queue.delete(receiptHandle!);
  }

  /** The messages that need not come again. A report that Lambda does not understand means that all of them have failed. */
  private succeeded(batch: Message[], { result }: TriggeredInvocation): Message[] {
    if (!this.settings.reportBatchItemFailures) return batch;
    const failures = (result as { batchItemFailures?: unknown } | null)?.batchItemFailures ?? [];
    if (!Array.isArray(failures)) return [];
    const failed = failures.map((failure) => failure?.itemIdentifier);
    if (failed.some((id) => !batch.some((message) => message.id === id))) return [];
    return batch.filter(({ id }) => !failed.includes(id));
  }

  private record(message: Message): object {
    return {
      messageId: message.id,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: {
        ApproximateReceiveCount: String(message.receiveCount),
        SentTimestamp: String(message.sentAt),
        SenderId: message.senderId,
        ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
      },
      messageAttributes: {},
      md5OfBody: message.md5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: this.queue.arn,
      awsRegion: this.environment.region,
    };
  }

  private async allowed(action: string): Promise<boolean> {
    const { lambda, sqs } = this.environment;
    const { functionArn } = this.settings;
    const allowed = lambda.has(functionArn) && await sqs.authorize(lambda.configurationOf(functionArn).role, action, this.queue);
    this.problem = allowed ? undefined : `the function's role is not allowed to call ${action} on ${this.queue.arn}`;
    return allowed;
  }

  private inBackground(work: () => Promise<void>): void {
    const { clock, onBroken } = this.environment;
    clock.inBackground(() => {
      work().catch((error: Error) => {
        if (!this.closed) onBroken(error);
      });
    });
  }
}
