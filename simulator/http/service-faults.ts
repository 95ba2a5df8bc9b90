import { AwsError } from '../aws-error';
import { type Clock } from '../clock';
import { type Exchange, type HttpAnswer } from './exchange';

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

  /** An error of the service, returned instead of the result. */
  readonly error?: FaultError;

  /** An answer that the service did not write, for example of a load balancer: no SDK finds an error code in it. */
  readonly answer?: HttpAnswer;

  /** How long the answer is held back. */
  readonly delayMs?: number;

  /** The connection ends without an answer. */
  readonly dropConnection?: boolean;

  /** The service does its work, and the connection ends in the middle of the answer's body. */
  readonly cutAnswer?: boolean;

  /** The service does its work, the headers of the answer arrive, and nothing after that until the client gives up. */
  readonly stallAnswer?: boolean;

  /**
   * How far AWS's clock is ahead of the simulated clock; negative: behind. The `Date` header shows it, and AWS refuses a request that was signed
   * more than five minutes earlier or later. SDKs then correct their clock.
   */
  readonly clockSkewMs?: number;

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
   * Whether it strikes before the operation has done its work, or after: then the change is made and only the answer suffers. Does not apply to
   * `cutAnswer` and `stallAnswer`, which strike after the work, and to `clockSkewMs`, which strikes before it.
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

/** A connection that breaks before the answer is complete. The server breaks it; callers in this process get this error. */
export class ConnectionDropped extends Error {
  public constructor() {
    super('the simulated endpoint dropped the connection');
    this.name = 'ConnectionDropped';
  }
}

/** An answer that the service did not write. The server sends it as it is; callers in this process get the error that the SDK makes of it. */
export class ForeignAnswer extends AwsError {
  public constructor(public readonly answer: HttpAnswer) {
    super('Unknown', 'UnknownError', undefined, answer.status);
  }
}

/** What one call has to suffer. */
export interface Strike {
  readonly effect: 'before' | 'after';
  readonly delayMs: number;
  readonly clockSkewMs?: number;
  readonly failure?: Error;
  readonly broken?: 'cut' | 'stalled';
}

/** What a service answers when it is overrun and when it fails. */
export interface CommonRefusals {
  readonly throttled: () => AwsError;
  readonly internal: () => AwsError;
}

/** What goes wrong, on purpose, with the calls to a service. */
export class ServiceFaults {
  private readonly added: AddedFault[] = [];

  public constructor(private readonly clock: Clock, private readonly refusals: CommonRefusals) {}

  public add(options: FaultOptions): Fault {
    const fault = new AddedFault(options, this.clock.now(), this.added);
    this.added.push(fault);
    return fault;
  }

  public clear(): void {
    this.added.length = 0;
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
    return [...this.added].flatMap((fault) => fault.strike(operation, this.clock.now()));
  }

  protected preset({ code, message, reason, status }: AwsError, operation: string | undefined, scope: FaultScope): Fault {
    return this.add({ operation, error: { code, message, reason, status }, ...scope });
  }
}

class AddedFault implements Fault {
  public strikes = 0;
  private seen = 0;

  public constructor(private readonly options: FaultOptions, private readonly addedAt: number, private readonly siblings: AddedFault[]) {}

  public remove(): void {
    const index = this.siblings.indexOf(this);
    if (index !== -1) this.siblings.splice(index, 1);
  }

  public strike(operation: string, now: number): Strike[] {
    const { options } = this;
    if (options.operation !== undefined && options.operation !== operation) return [];
    this.seen += 1;
    if (options.calls && !options.calls.includes(this.seen)) return [];
    if (options.forMs !== undefined && now >= this.addedAt + options.forMs) return [];
    this.strikes += 1;
    const { delayMs = 0, clockSkewMs } = options;
    return [{ effect: effectOf(options), delayMs, clockSkewMs, failure: failureOf(options), broken: brokenBy(options) }];
  }
}

/** Lets a call suffer what comes before or after its work. */
export async function suffer(strikes: readonly Strike[], effect: Strike['effect'], exchange: Exchange, clock: Clock): Promise<void> {
  for (const { delayMs, clockSkewMs, failure, broken } of strikes.filter((strike) => strike.effect === effect)) {
    if (delayMs > 0) await hold(delayMs, exchange, clock);
    if (clockSkewMs !== undefined && exchange.http) {
      exchange.http.clockSkewMs = clockSkewMs;
      checkSignatureTime(exchange.http.signedAt, clock.now() + clockSkewMs);
    }
    if (failure) throw failure;
    if (broken && !exchange.http) throw new ConnectionDropped();
    if (broken) exchange.http!.broken = broken;
  }
}

/** What became of a call that its service has answered. */
export function outcomeOf(exchange: Exchange): string {
  return exchange.http?.broken ? 'ConnectionDropped' : 'ok';
}

async function hold(delayMs: number, exchange: Exchange, clock: Clock): Promise<void> {
  exchange.held += 1;
  try {
    await clock.sleep(delayMs);
  } finally {
    exchange.held -= 1;
  }
}

const MAX_SKEW_MS = 5 * 60_000;

/** As every AWS service words it. A request of this process has no signature. */
function checkSignatureTime(signedAt: number | undefined, now: number): void {
  if (signedAt === undefined || Math.abs(signedAt - now) <= MAX_SKEW_MS) return;
  const [limit, comparison, sign] = signedAt < now ? [now - MAX_SKEW_MS, 'expired', '-'] : [now + MAX_SKEW_MS, 'not yet current', '+'];
  const relation = signedAt < now ? 'is now earlier than' : 'is still later than';
  throw new AwsError(
    'InvalidSignatureException',
    `Signature ${comparison}: ${signatureTime(signedAt)} ${relation} ${signatureTime(limit)} (${signatureTime(now)} ${sign} 5 min.)`,
  );
}

/** For example 20260101T000000Z. */
function signatureTime(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** Signatures are checked before the service works, and an answer breaks after it. */
function effectOf(options: FaultOptions): Strike['effect'] {
  if (options.clockSkewMs !== undefined) return 'before';
  return brokenBy(options) ? 'after' : options.effect ?? 'before';
}

function brokenBy({ cutAnswer, stallAnswer }: FaultOptions): Strike['broken'] {
  if (cutAnswer) return 'cut';
  return stallAnswer ? 'stalled' : undefined;
}

function failureOf({ error, answer, dropConnection }: FaultOptions): Error | undefined {
  if (dropConnection) return new ConnectionDropped();
  if (answer) return new ForeignAnswer(answer);
  return error && new AwsError(error.code, error.message ?? `simulated ${error.code}`, error.reason, error.status);
}
