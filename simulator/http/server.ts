import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError } from '../aws-error';
import type { Caller } from '../caller';
import { Callers } from './callers';
import { bodyOf, Exchanges, KEEP_CONNECTIONS, type Exchange, type HttpAnswer } from './exchange';
import { ForeignAnswer } from './service-faults';
import { getCallerIdentity } from './sts';
import { awsJson, awsJsonError, jsonError, queryError } from './wire';
import { type Organizations } from '../organizations/organizations';

const ORGANIZATIONS_PREFIX = 'AWSOrganizationsV20161128.';
const JSON_TYPE = 'application/x-amz-json-1.1';

/** Answers a whole XML document, or throws an AwsError that becomes one. */
export type QueryHandler = (params: URLSearchParams, caller: Caller, requestId: string, exchange: Exchange) => Promise<string>;

/** Answers what an SDK would return, with Dates for timestamps, or throws an AwsError. */
export type JsonHandler = (operation: string, input: object, caller: Caller, exchange: Exchange) => Promise<object>;

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
  private readonly exchanges: Exchanges;
  private requestCount = 0;

  public constructor({ organizations }: { organizations: Organizations }) {
    this.exchanges = new Exchanges(organizations.clock);
    this.callers = new Callers(() => organizations.managementAccountId);
    this.server = createServer(KEEP_CONNECTIONS, (request, response) => this.serve(request, response));
    this.jsonServices.set(ORGANIZATIONS_PREFIX, {
      handler: async (operation, input, caller, exchange) => organizations.call(operation, input, caller, exchange),
      errorBody: awsJsonError,
    });
    this.onReset(() => organizations.reset());
    this.registerQueryAction('GetCallerIdentity', async (_, caller, requestId) => getCallerIdentity(caller, requestId));
  }

  /** Requests that have arrived and have no answer yet. */
  public get active(): number {
    return this.exchanges.active;
  }

  /** Those among them that wait for nothing but time: a fault holds them back, or their answer stalls. */
  public get held(): number {
    return this.exchanges.held;
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
    const requestId = this.nextRequestId();
    response.setHeader('x-amzn-RequestId', requestId);
    this.exchanges.serve(request, response, async (exchange) => this.answer(request, requestId, exchange));
  }

  private async answer(request: IncomingMessage, requestId: string, exchange: Exchange): Promise<HttpAnswer> {
    const body = await bodyOf(request);
    if (request.method === 'POST' && request.url === '/moto-api/reset') {
      for (const reset of this.resets) reset();
      return { status: 200, contentType: 'application/json', body: '{"status": "ok"}' };
    }
    const isQuery = /^application\/x-www-form-urlencoded/.test(request.headers['content-type'] ?? '');
    return isQuery ? this.answerQuery(request, requestId, body, exchange) : this.answerJson(request, body, exchange);
  }

  private async answerJson(request: IncomingMessage, body: string, exchange: Exchange): Promise<HttpAnswer> {
    const target = String(request.headers['x-amz-target'] ?? '');
    const prefix = target.slice(0, target.indexOf('.') + 1);
    const service = this.jsonServices.get(prefix);
    const errorBody = service?.errorBody ?? awsJsonError;
    return answerOf(JSON_TYPE, (error) => [error.status, errorBody(error)], async () => {
      if (!service) throw new AwsError('UnknownOperationException', '');
      const caller = this.callers.from(request.headers.authorization);
      const output = await service.handler(target.slice(prefix.length), parsed(body), caller, exchange);
      return isEmpty(output) ? '' : awsJson(output);
    });
  }

  private async answerQuery(request: IncomingMessage, requestId: string, body: string, exchange: Exchange): Promise<HttpAnswer> {
    const refusal = (error: AwsError): Refusal => {
      // Query services have another name for a signature from the past or the future.
      const named = error.code === 'InvalidSignatureException' ? new AwsError('SignatureDoesNotMatch', error.message, undefined, 403) : error;
      return [named.status, queryError(named, requestId)];
    };
    return answerOf('text/xml', refusal, async () => {
      const params = new URLSearchParams(body);
      const action = params.get('Action') ?? '';
      const handler = this.queryHandlers.get(action);
      if (!handler) throw new AwsError('InvalidAction', `The action ${action} is not valid for this endpoint.`);
      return handler(params, this.callers.from(request.headers.authorization), requestId, exchange);
    });
  }

  private nextRequestId(): string {
    this.requestCount += 1;
    return `00000000-0000-4000-8000-${this.requestCount.toString(16).padStart(12, '0')}`;
  }
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

/** Status and body of an error. */
type Refusal = [status: number, body: string];

/** What a service answers, or the error that it throws. */
async function answerOf(contentType: string, refusal: (error: AwsError) => Refusal, work: () => Promise<string>): Promise<HttpAnswer> {
  try {
    return { status: 200, contentType, body: await work() };
  } catch (error) {
    if (error instanceof ForeignAnswer) return error.answer;
    if (!(error instanceof AwsError)) throw error;
    const [status, body] = refusal(error);
    return { status, contentType, body };
  }
}
