import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudFormationApi } from './cloudformation-api';
import { SimulatedAws, type SimulatedAwsOptions } from '../../../simulator/cloudformation/simulated-aws';

const FUNCTION_CONFIGURATION = /^\/2015-03-31\/functions\/([^/]+)\/configuration$/;

/**
 * The simulated AWS for the AWS CLI: what the simulator speaks over HTTP, and beside it as much of CloudFormation, AWS Lambda and Amazon S3 as the
 * commands of the documents need.
 */
export class AwsApi {
  public static async start(options: SimulatedAwsOptions): Promise<AwsApi> {
    const api = new AwsApi(await SimulatedAws.start(options));
    await new Promise<void>((resolve) => api.server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  private readonly server: Server;
  private readonly cloudFormation: CloudFormationApi;

  /** Uploaded files by the last part of their keys. */
  private readonly objects = new Map<string, string>();

  private constructor(public readonly aws: SimulatedAws) {
    this.cloudFormation = new CloudFormationApi(aws, this.objects);
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error) => {
        console.error(error);
        request.socket.destroy();
      });
    });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Deploys a stack before anybody types anything. */
  public async deploy(stackName: string, template: object): Promise<void> {
    await this.cloudFormation.deploy(stackName, template);
  }

  public async close(): Promise<void> {
    await this.cloudFormation.settle();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.aws.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { pathname } = new URL(request.url!, 'http://localhost');
    const functionName = FUNCTION_CONFIGURATION.exec(pathname)?.[1];
    if (functionName !== undefined) return this.functionConfiguration(functionName, response);
    if (/\/s3\/aws4_request/.test(request.headers.authorization ?? '')) return this.object(request.method!, pathname, body, response);
    return this.forward(request, body, response);
  }

  /** To the simulator. */
  private async forward({ url, method, headers }: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const passed = ['content-type', 'x-amz-target', 'authorization'].filter((name) => headers[name] !== undefined);
    const answer = await fetch(`${this.aws.endpointUrl}${url}`, {
      method,
      headers: Object.fromEntries(passed.map((name) => [name, String(headers[name])])),
      body: method === 'POST' ? body : undefined,
    });
    const content = Buffer.from(await answer.arrayBuffer());
    // Simulated deployments take no time, and the AWS CLI looks only every 30 seconds.
    await this.cloudFormation.settle();
    response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? 'text/plain' });
    response.end(content);
  }

  /** Amazon S3 as far as `aws cloudformation deploy` uses it. */
  private object(method: string, path: string, body: Buffer, response: ServerResponse): void {
    const key = path.split('/').at(-1)!;
    if (method === 'PUT') this.objects.set(key, body.toString('utf8'));
    response.writeHead(this.objects.has(key) ? 200 : 404, { ETag: '"0"' });
    response.end();
  }

  private functionConfiguration(name: string, response: ServerResponse): void {
    const configuration = this.cloudFormation.functionConfiguration(name);
    if (configuration === undefined) {
      response.writeHead(404, { 'x-amzn-ErrorType': 'ResourceNotFoundException' }).end('{}');
      return;
    }
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(configuration));
  }
}
