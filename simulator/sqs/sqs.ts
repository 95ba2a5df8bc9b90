import { type Caller } from '../caller';
import { evaluateResourcePolicy, serviceContext } from '../resource-policy';
import { type SimulatedClock } from '../simulated-clock';
import { Queue, type QueueAttributes } from './queue';

export type { Message, Queue, QueueAttributes } from './queue';

/** Simulated milliseconds for which the name of a deleted queue can not be used again. */
const NAME_REUSE_MS = 60_000;

/** The queues of one account in one Region. */
export class Sqs {
  private readonly queues = new Map<string, Queue>();
  private readonly deletedAt = new Map<string, number>();

  public constructor(
    private readonly clock: SimulatedClock,
    private readonly accountId: string,
    private readonly region: string,
    private readonly arnOf: (name: string) => string,
  ) {}

  /**
   * A queue by its ARN, URL or name.
   *
   * @throws Error when there is none
   */
  public queue(identifier: string): Queue {
    const queue = this.find(identifier);
    if (!queue) throw new Error(`there is no queue ${identifier} in the simulated account: ${[...this.queues.keys()].join(', ') || 'there are none'}`);
    return queue;
  }

  public find(identifier: string): Queue | undefined {
    return [...this.queues.values()].find(({ name, arn, url }) => [name, arn, url].includes(identifier));
  }

  /** Creates a queue, or answers why not. */
  public create(name: string, attributes: QueueAttributes): Queue | string {
    if (this.queues.has(name)) return `Resource of type 'AWS::SQS::Queue' with identifier '${name}' already exists.`;
    if (this.clock.now() < (this.deletedAt.get(name) ?? -Infinity) + NAME_REUSE_MS) {
      return 'You must wait 60 seconds after deleting a queue before you can create another with the same name.';
    }
    const url = `https://sqs.${this.region}.amazonaws.com/${this.accountId}/${name}`;
    const queue = new Queue(name, this.arnOf(name), url, attributes, this.clock, (arn) => this.find(arn));
    this.queues.set(name, queue);
    return queue;
  }

  public delete(name: string): void {
    if (this.queues.delete(name)) this.deletedAt.set(name, this.clock.now());
  }

  /** Whether a queue's policy lets a service send messages for one of the service's resources. */
  public async maySend(queue: Queue, service: string, source: { readonly arn: string; readonly account: string }): Promise<boolean> {
    return await this.verdict(queue, service, 'sqs:SendMessage', serviceContext(source.arn, source.account)) === 'Allowed';
  }

  /** Whether a role of the account may do something with a queue: its own policies or the queue's have to allow it, and neither may deny it. */
  public async authorize(caller: Caller, action: string, queue: Queue): Promise<boolean> {
    const allowed = await (caller.authorize?.({ action, resources: [queue.arn], context: {} }) ?? true);
    if (!queue.policy) return allowed;
    const verdict = await this.verdict(queue, caller.arn, action, { 'aws:SecureTransport': 'true' });
    return verdict === 'Allowed' || (allowed && verdict !== 'ExplicitlyDenied');
  }

  private async verdict(queue: Queue, principal: string, action: string, context: Record<string, string>) {
    const request = { principal, action, resource: queue.arn, accountId: this.accountId, context };
    return this.clock.busy(async () => evaluateResourcePolicy(queue.policy, request));
  }
}
