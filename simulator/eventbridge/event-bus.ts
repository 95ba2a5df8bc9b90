import { eventTime, type BusEvent, type NewEvent } from './event';
import { EventFaults } from './faults';
import { compilePattern } from './pattern';
import { rateOf } from './schedule';
import { uuidFrom } from '../lambda/identifiers';
import { type LambdaService } from '../lambda/lambda-service';
import { type SimulatedClock } from '../simulated-clock';
import { type Sqs } from '../sqs/sqs';

export const RULE_STATES = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'] as const;
export type RuleState = typeof RULE_STATES[number];

/** Where a rule sends its events. */
export interface RuleTarget {
  readonly id: string;

  /** A Lambda function or an SQS queue of the same account and Region. */
  readonly arn: string;

  /** JSON that is sent instead of the event. */
  readonly input?: string;
}

/** A rule as PutRule and PutTargets make it. */
export interface RuleSettings {
  readonly name: string;
  readonly eventPattern?: unknown;
  readonly scheduleExpression?: string;
  readonly state: RuleState;
  readonly targets: readonly RuleTarget[];
}

/** One attempt to hand an event to a target. */
export interface Delivery {
  readonly time: number;
  readonly ruleName: string;
  readonly ruleArn: string;
  readonly targetId: string;
  readonly targetArn: string;
  readonly event: BusEvent;

  /** `refused`: the target's policy does not let the rule in. `failed`: there is no such target. Neither is tried again. */
  readonly outcome: 'delivered' | 'refused' | 'failed';
  readonly reason?: string;
}

/** What a bus works with. */
export interface EventBusEnvironment {
  readonly clock: SimulatedClock;
  readonly accountId: string;
  readonly region: string;
  readonly lambda: LambdaService;
  readonly sqs: Sqs;

  /** Told when the simulation itself breaks. */
  readonly onBroken: (error: Error) => void;
}

interface Rule {
  settings: RuleSettings;
  readonly arn: string;
  readonly matches: (event: BusEvent) => boolean;
  cancelSchedule?: () => void;
}

const SERVICE = 'events.amazonaws.com';

/**
 * The default event bus of one account in one Region.
 *
 * Events and schedules never make time pass: they happen while somebody sleeps on the clock or waits for a deployment.
 */
export class EventBus {
  /** Events that have reached the bus, whether a rule wanted them or not. Of read-only API calls, those only that a rule wanted. */
  public readonly events: BusEvent[] = [];

  /** Events that a fault has lost. */
  public readonly lost: BusEvent[] = [];

  public readonly deliveries: Delivery[] = [];
  public readonly faults = new EventFaults();

  private readonly rules = new Map<string, Rule>();
  private sequence = 0;
  private closed = false;

  public constructor(private readonly environment: EventBusEnvironment) {}

  public get accountId(): string {
    return this.environment.accountId;
  }

  public get region(): string {
    return this.environment.region;
  }

  /** Names of the rules. */
  public get ruleNames(): string[] {
    return [...this.rules.keys()];
  }

  /** Deliveries of one rule, by its name or ARN. */
  public deliveriesOf(rule: string): Delivery[] {
    return this.deliveries.filter(({ ruleName, ruleArn }) => ruleName === rule || ruleArn === rule);
  }

  /** A rule as it is now. */
  public rule(name: string): RuleSettings | undefined {
    return this.rules.get(name)?.settings;
  }

  /**
   * Creates or replaces a rule. A schedule begins anew when its expression or the rule's state changes: the first run comes one rate later.
   *
   * @throws InvalidPattern
   */
  public putRule(settings: RuleSettings): void {
    const existing = this.rules.get(settings.name);
    const matches = settings.eventPattern === undefined ? () => false : compilePattern(settings.eventPattern);
    const rule: Rule = { settings, arn: this.ruleArn(settings.name), matches };
    const sameSchedule = existing?.settings.scheduleExpression === settings.scheduleExpression && existing?.settings.state === settings.state;
    if (existing && sameSchedule) {
      rule.cancelSchedule = existing.cancelSchedule;
      this.rules.set(settings.name, rule);
      return;
    }
    existing?.cancelSchedule?.();
    this.rules.set(settings.name, rule);
    this.schedule(settings.name);
  }

  public removeRule(name: string): void {
    this.rules.get(name)?.cancelSchedule?.();
    this.rules.delete(name);
  }

  public ruleArn(name: string): string {
    const { accountId, region } = this.environment;
    return `arn:aws:events:${region}:${accountId}:rule/${name}`;
  }

  /** Sends an event to the bus, where it arrives some simulated milliseconds later. */
  public put(event: NewEvent, delayMs = 0): void {
    const sent = this.stamped(event);
    // Reading a large organization takes thousands of calls: none of them has to be on its way when no rule wants it.
    if (isReadOnlyApiCall(sent) && !this.rulesFor(sent).length) return;
    const deliveries = this.faults.deliveriesOf(sent);
    if (deliveries.length === 0) this.lost.push(sent);
    for (const extra of deliveries) this.environment.clock.scheduleInBackground(delayMs + extra, () => this.arrive(sent));
  }

  /** Ends every schedule. */
  public close(): void {
    this.closed = true;
    for (const { cancelSchedule } of this.rules.values()) cancelSchedule?.();
  }

  private arrive(event: BusEvent): void {
    if (this.closed) return;
    this.events.push(event);
    for (const rule of this.rulesFor(event)) this.send(rule, event);
  }

  private rulesFor(event: BusEvent): Rule[] {
    return [...this.rules.values()].filter(({ settings: { state }, matches }) => state !== 'DISABLED'
      // Read-only management events are for those rules only that ask for them.
      && (state === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' || event.detail.readOnly !== true)
      && matches(event));
  }

  private schedule(name: string): void {
    const rule = this.rules.get(name);
    if (!rule || rule.settings.scheduleExpression === undefined || rule.settings.state === 'DISABLED') return;
    const rate = rateOf(rule.settings.scheduleExpression);
    if (rate === undefined) return;
    const cancel = this.environment.clock.scheduleInBackground(rate, () => {
      const current = this.rules.get(name);
      if (!current) return;
      this.schedule(name);
      this.send(current, this.stamped({ source: 'aws.events', detailType: 'Scheduled Event', detail: {}, resources: [current.arn] }));
    });
    rule.cancelSchedule = cancel;
  }

  private send(rule: Rule, event: BusEvent): void {
    for (const target of rule.settings.targets) {
      this.deliver(rule, target, event).catch((error: Error) => {
        if (!this.closed) this.environment.onBroken(error);
      });
    }
  }

  private async deliver(rule: Rule, target: RuleTarget, event: BusEvent): Promise<void> {
    const { clock, lambda, sqs, accountId } = this.environment;
    const time = clock.now();
    const record = (outcome: Delivery['outcome'], reason?: string) => {
      const { settings: { name: ruleName }, arn: ruleArn } = rule;
      this.deliveries.push({ time, ruleName, ruleArn, targetId: target.id, targetArn: target.arn, event, outcome, ...(reason && { reason }) });
    };
    const source = { arn: rule.arn, account: accountId };
    const queue = sqs.find(target.arn);
    if (queue) {
      if (!await sqs.maySend(queue, SERVICE, source)) return record('refused', `the queue's policy does not allow ${SERVICE} to send messages for ${rule.arn}`);
      queue.send(target.input ?? JSON.stringify(event), SENDER_ID);
      return record('delivered');
    }
    if (!lambda.has(target.arn)) return record('failed', `${target.arn} does not exist`);
    if (!await lambda.mayInvoke(target.arn, SERVICE, source)) {
      return record('refused', `the function's resource policy does not allow ${SERVICE} to invoke it for ${rule.arn}`);
    }
    record('delivered');
    lambda.invokeAsync(target.arn, target.input === undefined ? event : JSON.parse(target.input), { service: SERVICE, arn: rule.arn });
  }

  private stamped({ source, detailType, detail, resources = [], time = this.environment.clock.now() }: NewEvent): BusEvent {
    const { accountId, region } = this.environment;
    this.sequence += 1;
    return {
      'version': '0',
      'id': uuidFrom('event', accountId, region, String(this.sequence)),
      'detail-type': detailType,
      source,
      'account': accountId,
      'time': eventTime(time),
      region,
      resources,
      detail,
    };
  }
}

/** Made up: AWS does not say which id its own service has. */
const SENDER_ID = 'AIDAEVENTBRIDGEEXAMPLE';

function isReadOnlyApiCall({ detail }: BusEvent): boolean {
  return detail.readOnly === true && detail.eventType === 'AwsApiCall';
}
