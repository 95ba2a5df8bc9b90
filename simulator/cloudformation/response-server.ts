import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type SimulatedClock, type Traffic } from '../simulated-clock';

/** What goes wrong with the next answers: `drop` loses the request, `lose` counts it but loses the reply, a number is an HTTP status. */
export type ResponseFault = 'drop' | 'lose' | number;

/** One PUT to a response URL. */
export interface RecordedResponse {
  readonly time: number;

  /** The custom resource's request id; absent for a URL that was never given out. */
  readonly requestId?: string;
  readonly body: string;
  readonly contentType?: string;

  /** The HTTP status that was answered; absent when the connection was dropped. */
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

  /** Strike one after the other, each once. */
  public readonly faults: ResponseFault[] = [];

  /** Answers are taken at once: none is ever held back. */
  public readonly held = 0;

  private activeRequests = 0;
  private readonly expected = new Map<string, { requestId: string; take?: (body: string) => void }>();
  private readonly server: Server;
  private listening?: Promise<string>;

  public constructor(private readonly clock: SimulatedClock) {
    this.server = createServer((request, response) => this.serve(request, response));
    this.server.unref();
    this.clock.watch(this);
  }

  public get active(): number {
    return this.activeRequests;
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

  private async listen(): Promise<string> {
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
    this.activeRequests += 1;
    response.once('close', () => { this.activeRequests -= 1; });
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => this.answer(request, response, Buffer.concat(chunks).toString('utf8')));
    // The sender gave up in the middle, or its content-length promised more than it sent.
    request.on('error', () => response.destroy());
  }

  private answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const expected = this.expected.get(new URL(request.url!, 'http://localhost').pathname);
    const refusal = refuse(request, expected !== undefined);
    const fault = refusal === undefined ? this.faults.shift() : undefined;
    const status = refusal ?? (typeof fault === 'number' ? fault : 200);
    const counted = (status === 200 && fault !== 'drop') && expected?.take !== undefined;
    this.responses.push({
      time: this.clock.now(),
      requestId: expected?.requestId,
      body,
      contentType: request.headers['content-type'],
      status: typeof fault === 'string' ? undefined : status,
      counted,
    });
    if (counted) {
      expected.take!(body);
      expected.take = undefined;
    }
    if (typeof fault === 'string') {
      request.socket.destroy();
      return;
    }
    response.writeHead(status, { 'Content-Length': 0 });
    response.end();
  }
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
