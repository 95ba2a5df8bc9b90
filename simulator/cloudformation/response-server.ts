import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { AwsError } from '../aws-error';
import { bodyOf, Exchanges, KEEP_CONNECTIONS, type Exchange, type HttpAnswer } from '../http/exchange';
import { ForeignAnswer, ServiceFaults, suffer } from '../http/service-faults';
import { escapeXml } from '../http/wire';
import { type SimulatedClock, type Traffic } from '../simulated-clock';

/** One PUT to a response URL. */
export interface RecordedResponse {
  readonly time: number;

  /** The custom resource's request id; absent for a URL that was never given out. */
  readonly requestId?: string;
  readonly body: string;
  readonly contentType?: string;

  /** The HTTP status that was answered; absent when the connection broke before, or stays open without an answer. */
  readonly status?: number;

  /** True for the one answer that CloudFormation took. */
  readonly counted: boolean;
}

/**
 * Where custom resources send their answers: as picky as a presigned S3 URL.
 *
 * The first answer to a request counts, later ones are accepted and ignored.
 */
export class ResponseServer implements Traffic {
  /** Every PUT so far. */
  public readonly responses: RecordedResponse[] = [];

  /** Strike requests that S3 would take. */
  public readonly faults: ServiceFaults;

  private readonly exchanges: Exchanges;
  private readonly expected = new Map<string, { requestId: string; take?: (body: string) => void }>();
  private readonly server: Server;
  private listening?: Promise<string>;

  public constructor(private readonly clock: SimulatedClock) {
    this.server = createServer(KEEP_CONNECTIONS, (request, response) => this.serve(request, response));
    this.server.unref();
    this.exchanges = new Exchanges(clock);
    this.faults = new ServiceFaults(clock, {
      throttled: () => new AwsError('SlowDown', 'Please reduce your request rate.', undefined, 503),
      internal: () => new AwsError('InternalError', 'We encountered an internal error. Please try again.', undefined, 500),
    });
    this.clock.watch(this);
  }

  public get active(): number {
    return this.exchanges.active;
  }

  public get held(): number {
    return this.exchanges.held;
  }

  /** Makes a URL for one request and resolves with the first answer to it. */
  public async expect(requestId: string): Promise<{ url: string; answer: Promise<string> }> {
    const base = await this.listen();
    const answer = new Promise<string>((resolve) => { this.expected.set(`/${requestId}`, { requestId, take: resolve }); });
    return { url: `${base}/${requestId}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=7200&X-Amz-Signature=${requestId.replace(/-/g, '')}`, answer };
  }

  public async close(): Promise<void> {
    if (!this.listening) return;
    await this.listening;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  /** Starts listening on this machine, if it does not already. */
  public async listen(): Promise<string> {
    this.listening ??= this.clock.busy(async () => {
      await new Promise<void>((resolve, reject) => {
        this.server.once('error', reject);
        this.server.listen(0, '127.0.0.1', resolve);
      });
      return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    });
    return this.listening;
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    this.exchanges.serve(request, response, async (exchange) => {
      const body = await bodyOf(request);
      const expected = this.expected.get(new URL(request.url!, 'http://localhost').pathname);
      const record: Mutable<RecordedResponse> = {
        time: this.clock.now(),
        requestId: expected?.requestId,
        body,
        contentType: request.headers['content-type'],
        counted: false,
      };
      this.responses.push(record);
      const refusal = refuse(request, expected !== undefined);
      const answer = refusal !== undefined ? { status: refusal } : await this.underFaults(exchange, () => {
        record.counted = expected!.take !== undefined;
        expected!.take?.(body);
        expected!.take = undefined;
      });
      record.status = answer.status;
      return answer;
    });
  }

  private async underFaults(exchange: Exchange, work: () => void): Promise<HttpAnswer> {
    const strikes = this.faults.next('PutObject');
    try {
      await suffer(strikes, 'before', exchange, this.clock);
      work();
      await suffer(strikes, 'after', exchange, this.clock);
      return { status: 200 };
    } catch (error) {
      if (error instanceof ForeignAnswer) return error.answer;
      if (!(error instanceof AwsError)) throw error;
      return { status: error.status, contentType: 'application/xml', body: s3Error(error) };
    }
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function s3Error({ code, message }: AwsError): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message></Error>`;
}

/** The HTTP status with which S3 refuses a request. */
function refuse(request: IncomingMessage, known: boolean): number | undefined {
  if (request.method !== 'PUT' || !known) return 403;
  // The signature covers an empty content type.
  if ((request.headers['content-type'] ?? '') !== '') return 403;
  // S3 takes no body of unknown length.
  if (request.headers['transfer-encoding'] !== undefined) return 501;
  if (request.headers['content-length'] === undefined) return 411;
  return undefined;
}
