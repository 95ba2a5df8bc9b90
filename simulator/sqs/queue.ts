import { createHash } from 'node:crypto';
import { type PolicyDocument } from '../iam';
import { uuidFrom } from '../lambda/identifiers';
import { type SimulatedClock } from '../simulated-clock';

/** The attributes of a queue that matter here. */
export interface QueueAttributes {
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly messageRetentionSeconds: number;
  readonly redrive?: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number };
}

/** A message in a queue. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly md5OfBody: string;

  /** Simulated time at which it was sent, also when it has been moved since. */
  readonly sentAt: number;

  /** Who sent it. */
  readonly senderId: string;

  /** How often it has been received from this queue. */
  readonly receiveCount: number;
  readonly firstReceivedAt?: number;

  /** Simulated time from which on it can be received. */
  readonly visibleAt: number;

  /** Of the last time it was received. */
  readonly receiptHandle?: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A standard queue. Messages are received in the order in which they were sent, which SQS does not promise. */
export class Queue {
  /** Messages that nobody has deleted yet, invisible ones included. */
  public readonly messages: Message[] = [];

  /** The queue's own policy. */
  public policy?: PolicyDocument;

  public attributes: QueueAttributes;

  private readonly listeners = new Set<() => void>();
  private sent = 0;

  public constructor(
    public readonly name: string,
    public readonly arn: string,
    public readonly url: string,
    attributes: QueueAttributes,
    private readonly clock: SimulatedClock,
    private readonly deadLetterQueue: (arn: string) => Queue | undefined,
  ) {
    this.attributes = attributes;
  }

  /** Puts a message into the queue. */
  public send(body: string, senderId: string): Message {
    this.sent += 1;
    const now = this.clock.now();
    return this.add({
      id: uuidFrom('sqs-message', this.arn, String(this.sent)),
      body,
      md5OfBody: createHash('md5').update(body).digest('hex'),
      sentAt: now,
      senderId,
      receiveCount: 0,
      visibleAt: now + this.attributes.delaySeconds * 1000,
    });
  }

  /** Takes up to so many visible messages and makes them invisible. Those that have been received too often go to the failure queue instead. */
  public receive(maximum: number): Message[] {
    const now = this.clock.now();
    const { redrive, visibilityTimeoutSeconds } = this.attributes;
    const received: Message[] = [];
    for (const message of [...this.messages] as Array<Mutable<Message>>) {
      if (received.length >= maximum) break;
      if (message.visibleAt > now) continue;
      const failureQueue = redrive && message.receiveCount >= redrive.maxReceiveCount ? this.deadLetterQueue(redrive.deadLetterTargetArn) : undefined;
      if (failureQueue) {
        this.remove(message);
        failureQueue.add({ ...message, receiveCount: 0, firstReceivedAt: undefined, receiptHandle: undefined, visibleAt: now });
        continue;
      }
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      message.visibleAt = now + visibilityTimeoutSeconds * 1000;
      message.receiptHandle = uuidFrom('sqs-receipt', message.id, String(message.receiveCount));
      received.push({ ...message });
    }
    return received;
  }

  /** Deletes a message that was received; one that has been received again since stays. */
  public delete(receiptHandle: string): void {
    const message = this.messages.find((candidate) => candidate.receiptHandle === receiptHandle);
    if (message) this.remove(message);
  }

  /** When the next message can be received: now or later; `undefined` for an empty queue. */
  public nextVisibleAt(): number | undefined {
    if (this.messages.length === 0) return undefined;
    return Math.max(this.clock.now(), Math.min(...this.messages.map(({ visibleAt }) => visibleAt)));
  }

  /** Calls back whenever a message has come. */
  public onMessage(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }

  private add(message: Message): Message {
    this.messages.push(message);
    for (const listener of this.listeners) listener();
    return message;
  }

  private remove(message: Message): void {
    this.messages.splice(this.messages.indexOf(message), 1);
  }
}
