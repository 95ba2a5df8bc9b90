import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConnectionDropped } from './service-faults';
import type { Clock } from '../clock';

/** What a service and the server in front of it share about one call. */
export interface Exchange {
  /** Above 0 while the call waits for nothing but time. */
  held: number;

  /** Absent for a call inside this process. */
  readonly http?: HttpExchange;
}

/** The HTTP side of a call. Faults change it, and the server answers accordingly. */
export interface HttpExchange {
  /** When the caller signed the request, by the caller's clock. Absent where the signature has no date. */
  readonly signedAt?: number;

  /** How far AWS's clock is ahead of the simulated clock in this answer. */
  clockSkewMs: number;

  /** The connection breaks in the middle of the answer's body, or stalls after its headers. */
  broken?: 'cut' | 'stalled';
}

/** An HTTP answer. */
export interface HttpAnswer {
  readonly status: number;

  /** @default - no Content-Type header */
  readonly contentType?: string;

  /** @default - an empty body */
  readonly body?: string;
}

/**
 * For `createServer`: idle connections stay open. A function may be frozen for longer than the five real seconds after which Node.js closes them, and
 * its next call would meet a closed connection, or not, depending on the load of the machine.
 */
export const KEEP_CONNECTIONS = { keepAliveTimeout: 0 };

/** The requests that a server is working on. */
export class Exchanges {
  private readonly open = new Set<Exchange>();

  public constructor(private readonly clock: Clock) {}

  /** Requests that have arrived and have no answer yet. */
  public get active(): number {
    return this.open.size;
  }

  /** Those among them that wait for nothing but time. */
  public get held(): number {
    return [...this.open].filter(({ held }) => held > 0).length;
  }

  /** Answers a request. It counts until its connection is closed, and after the client has gone away as long as the work goes on. */
  public serve(request: IncomingMessage, response: ServerResponse, answer: (exchange: Exchange) => Promise<HttpAnswer>): void {
    const exchange: Exchange = { held: 0, http: { signedAt: signingTime(request), clockSkewMs: 0 } };
    const closed = new Promise<void>((resolve) => { response.once('close', () => resolve()); });
    const answered = answer(exchange).then((found) => deliver(response, found, exchange, this.clock.now())).catch((error) => {
      // A client that goes away in the middle of its request is no failure of ours.
      if (!(error instanceof ConnectionDropped) && request.complete) console.error('the simulator failed:', error);
      response.destroy();
    });
    this.open.add(exchange);
    void Promise.all([closed, answered]).then(() => { this.open.delete(exchange); });
  }
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Sends an answer at a time of AWS's clock, as far as the faults of the exchange let it arrive. */
function deliver(response: ServerResponse, answer: HttpAnswer, exchange: Exchange, now: number): void {
  const { clockSkewMs, broken } = exchange.http!;
  // An answer without a body has no middle to be cut in.
  const body = Buffer.from(broken ? answer.body || '{}' : answer.body ?? '');
  response.writeHead(answer.status, {
    'Date': new Date(now + clockSkewMs).toUTCString(),
    'Content-Length': body.length,
    ...(answer.contentType !== undefined && { 'Content-Type': answer.contentType }),
  });
  switch (broken) {
    case 'cut':
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
      break;
    case 'stalled':
      // Until the client gives up and closes the connection.
      exchange.held += 1;
      response.flushHeaders();
      break;
    default:
      response.end(body);
  }
}

/** From the header that every signed request carries, for example `20260101T000000Z`. */
function signingTime(request: IncomingMessage): number | undefined {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers['x-amz-date'])) ?? [];
  if (parts.length === 0) return undefined;
  const [year, month, day, hour, minute, second] = parts.map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
