import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError } from '../aws-error';
import type { Caller } from '../caller';
import { Callers } from './callers';
import { getCallerIdentity } from './sts';
import { awsJson, awsJsonError, jsonError, queryError } from './wire';
import { ConnectionDropped, type HoldCounter, type Organizations } from '../organizations/organizations';

const ORGANIZATIONS_PREFIX = 'AWSOrganizationsV20161128.';
const JSON_TYPE = 'application/x-amz-json-1.1';

/** Answers a whole XML document, or throws an AwsError that becomes one. */
export type QueryHandler = (params: URLSearchParams, caller: Caller, requestId: string, holds: HoldCounter) => Promise<string>;

/** Answers what an SDK would return, with Dates for timestamps, or throws an AwsError. */
export type JsonHandler = (operation: string, input: object, caller: Caller, holds: HoldCounter) => Promise<object>;

/** A service that speaks AWS JSON 1.1. */
interface JsonService {
  readonly handler: JsonHandler;
  readonly errorBody: (error: AwsError) => string;
}

/**
 * The simulated AWS as a server on this machine: services that speak AWS JSON 1.1 by the prefix of their targets, Query services by their actions.
 *
 * Every answer is one that an AWS client can read, also to nonsense.
 */
export class SimulatedEndpoint {
  private readonly server: Server;
  private readonly callers: Callers;
  private readonly queryHandlers = new Map<string, QueryHandler>();
  private readonly jsonServices = new Map<string, JsonService>();
  private readonly resets: Array<() => void> = [];
  private readonly holds: HoldCounter = { held: 0 };
  private activeRequests = 0;
  private requestCount = 0;

  public constructor({ organizations }: { organizations: Organizations }) {
    this.callers = new Callers(() => organizations.managementAccountId);
    this.server = createServer((request, response) => this.serve(request, response));
    this.jsonServices.set(ORGANIZATIONS_PREFIX, {
      handler: async (operation, input, caller, holds) => organizations.call(operation, input, caller, holds),
      errorBody: awsJsonError,
    });
    this.onReset(() => organizations.reset());
    this.registerQueryAction('GetCallerIdentity', async (_, caller, requestId) => getCallerIdentity(caller, requestId));
  }

  /** Requests that have arrived and have no answer yet. */
  public get active(): number {
    return this.activeRequests;
  }

  /** Those among them that a slow fault is holding back, so that only the clock can free them. */
  public get held(): number {
    return this.holds.held;
  }

  /** Starts listening on this machine only. Port 0 takes a free one. */
  public async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Stops at once, also for clients that keep their connections. */
  public async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  /** Says who signs with an access key. */
  public registerCaller(accessKeyId: string, caller: Caller): void {
    this.callers.register(accessKeyId, caller);
  }

  /** Adds an action of a Query service, for example CloudFormation's DescribeStacks. */
  public registerQueryAction(name: string, handler: QueryHandler): void {
    this.queryHandlers.set(name, handler);
  }

  /** Adds a service that speaks AWS JSON 1.1, by the prefix of its targets with the dot, for example `AmazonSSM.`. */
  public registerJsonService(prefix: string, handler: JsonHandler): void {
    this.jsonServices.set(prefix, { handler, errorBody: jsonError });
  }

  /** Says what else a reset empties. */
  public onReset(reset: () => void): void {
    this.resets.push(reset);
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    this.activeRequests += 1;
    const closed = new Promise<void>((resolve) => { response.once('close', () => resolve()); });
    const requestId = this.nextRequestId();
    response.setHeader('x-amzn-RequestId', requestId);
    const answered = this.answer(request, response, requestId).catch((error) => {
      // A client that goes away in the middle of its request is no failure of ours.
      if (!(error instanceof ConnectionDropped) && request.complete) console.error('the simulator failed:', error);
      request.socket.destroy();
    });
    // A client may go away while its request is held back, which does not end the work on it.
    void Promise.all([closed, answered]).then(() => { this.activeRequests -= 1; });
  }

  private async answer(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const body = await bodyOf(request);
    if (request.method === 'POST' && request.url === '/moto-api/reset') {
      for (const reset of this.resets) reset();
      return send(response, 200, 'application/json', '{"status": "ok"}');
    }
    const isQuery = /^application\/x-www-form-urlencoded/.test(request.headers['content-type'] ?? '');
    return isQuery ? this.answerQuery(request, response, requestId, body) : this.answerJson(request, response, body);
  }

  private async answerJson(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const target = String(request.headers['x-amz-target'] ?? '');
    const prefix = target.slice(0, target.indexOf('.') + 1);
    const service = this.jsonServices.get(prefix);
    try {
      if (!service) throw new AwsError('UnknownOperationException', '');
      const caller = this.callers.from(request.headers.authorization);
      const output = await service.handler(target.slice(prefix.length), parsed(body), caller, this.holds);
      send(response, 200, JSON_TYPE, isEmpty(output) ? '' : awsJson(output));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      send(response, error.status, JSON_TYPE, (service?.errorBody ?? awsJsonError)(error));
    }
  }

  private async answerQuery(request: IncomingMessage, response: ServerResponse, requestId: string, body: string): Promise<void> {
    try {
      const params = new URLSearchParams(body);
      const action = params.get('Action') ?? '';
      const handler = this.queryHandlers.get(action);
      if (!handler) throw new AwsError('InvalidAction', `The action ${action} is not valid for this endpoint.`);
      send(response, 200, 'text/xml', await handler(params, this.callers.from(request.headers.authorization), requestId, this.holds));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      send(response, error.status, 'text/xml', queryError(error, requestId));
    }
  }

  private nextRequestId(): string {
    this.requestCount += 1;
    return `00000000-0000-4000-8000-${this.requestCount.toString(16).padStart(12, '0')}`;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(body: string): object {
  try {
    return JSON.parse(body || '{}');
  } catch {
    throw new AwsError('SerializationException', 'the body is not JSON');
  }
}

/** Operations without a result answer with nothing at all. */
function isEmpty(output: object): boolean {
  return Object.keys(output).length === 0;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
