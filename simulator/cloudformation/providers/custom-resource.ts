import { AwsError } from '../../aws-error';
import { uuidFrom } from '../../lambda/identifiers';
import { type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { type ResourceDefinition } from '../template';

const DEFAULT_SERVICE_TIMEOUT_SECONDS = 3600;
const MAX_RESPONSE_BYTES = 4096;
const MAX_PHYSICAL_ID_BYTES = 1024;

interface Answer extends PhysicalResource {
  readonly failure?: string;
}

/** Custom::* and AWS::CloudFormation::CustomResource with a Lambda function behind them. */
export class CustomResourceProvider implements ResourceProvider {
  public readonly types = ['Custom::*', 'AWS::CloudFormation::CustomResource'];
  private requests = 0;

  public problems(logicalId: string, { Type, Properties }: ResourceDefinition): string[] {
    const problems = [];
    if (!/^(Custom::[A-Za-z0-9_@-]{1,52}|AWS::CloudFormation::CustomResource)$/.test(Type)) problems.push(`${logicalId}: ${Type} is not a type name of a custom resource`);
    if (Properties?.ServiceToken === undefined) problems.push(`${logicalId}: ServiceToken is missing`);
    const timeout = Properties?.ServiceTimeout;
    if (['string', 'number'].includes(typeof timeout) && !(Number(timeout) >= 1 && Number(timeout) <= 3600)) {
      problems.push(`${logicalId}: ServiceTimeout must be between 1 and 3600`);
    }
    return problems;
  }

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    // Until the function answers with an id, and when it never does, the resource has one of CloudFormation's own making.
    context.created(context.account.generatedName(context, 255));
    const answer = await this.send(context, { RequestType: 'Create', ResourceProperties: stringified(properties) }, properties);
    if (answer.physicalId) context.created(answer.physicalId);
    if (answer.failure) throw new Error(answer.failure);
    return answer;
  }

  public async update(context: ResourceContext, { physicalId, properties, previous }: ResourceUpdate): Promise<PhysicalResource> {
    const answer = await this.send(context, {
      RequestType: 'Update',
      PhysicalResourceId: physicalId,
      ResourceProperties: stringified(properties),
      OldResourceProperties: stringified(previous),
    }, properties);
    if (answer.failure) throw new Error(answer.failure);
    return answer;
  }

  public async delete(context: ResourceContext, physicalId: string, properties: any): Promise<void> {
    const answer = await this.send(context, { RequestType: 'Delete', PhysicalResourceId: physicalId, ResourceProperties: stringified(properties) }, properties);
    if (answer.failure) throw new Error(answer.failure);
  }

  private async send(context: ResourceContext, request: Record<string, unknown>, properties: any): Promise<Answer> {
    const { account, stack, logicalId, type } = context;
    this.requests += 1;
    const requestId = uuidFrom('custom-resource', stack.id, logicalId, String(this.requests));
    const { RequestType, ...rest } = request;
    await account.ask('lambda:InvokeFunction', properties.ServiceToken);
    const { url, answer } = await account.aws.responses.expect(requestId);
    try {
      account.aws.lambda.invokeAsync(properties.ServiceToken, {
        RequestType,
        ServiceToken: properties.ServiceToken,
        ResponseURL: url,
        StackId: stack.id,
        RequestId: requestId,
        LogicalResourceId: logicalId,
        ...rest,
        ResourceType: type,
      });
    } catch (error) {
      if (error instanceof AwsError) throw new Error(`${error.message} (Service: Lambda; Status Code: ${error.status}; Error Code: ${error.code})`);
      throw error;
    }
    const body = await this.firstOf(context, answer, Number(properties.ServiceTimeout ?? DEFAULT_SERVICE_TIMEOUT_SECONDS) * 1000, requestId);
    // What the function still does at this very moment comes before anything that its answer sets off.
    await account.aws.clock.sleep(0);
    return interpret(body, { StackId: stack.id, RequestId: requestId, LogicalResourceId: logicalId });
  }

  /** The answer, unless time or CloudFormation's patience is over before. */
  private async firstOf(context: ResourceContext, answer: Promise<string>, timeout: number, requestId: string): Promise<string> {
    let forget = () => {};
    const given = new Promise<never>((_, reject) => {
      const cancelTimer = context.account.aws.clock.schedule(timeout, () => reject(new Error(
        'CloudFormation did not receive a response from your Custom Resource. '
        + `Please check your logs for requestId [${requestId}]. `
        + 'If you are using the Python cfn-response module, you may need to update your Lambda function code so that CloudFormation can attach the updated version.',
      )));
      const onCancel = () => reject(new Error('cancelled'));
      if (context.cancelled.aborted) onCancel();
      context.cancelled.addEventListener('abort', onCancel);
      forget = () => {
        cancelTimer();
        context.cancelled.removeEventListener('abort', onCancel);
      };
    });
    try {
      return await Promise.race([answer, given]);
    } finally {
      forget();
    }
  }
}

/** Everything that a custom resource gets is a string, except for objects and lists. */
export function stringified(value: any): any {
  if (Array.isArray(value)) return value.map(stringified);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, stringified(member)]));
}

function interpret(body: string, expected: Record<string, string>): Answer {
  const broken = (failure: string): Answer => ({ physicalId: '', attributes: {}, failure });
  if (Buffer.byteLength(body) > MAX_RESPONSE_BYTES) return broken('Response object is too long.');
  let response: any;
  try {
    response = JSON.parse(body);
  } catch {
    return broken('Invalid Response object: it is not valid JSON');
  }
  if (response?.Status !== 'SUCCESS' && response?.Status !== 'FAILED') return broken('Invalid Response object: Status must be SUCCESS or FAILED');
  const mismatch = Object.keys(expected).find((member) => response[member] !== expected[member]);
  if (mismatch) return broken(`Invalid Response object: ${mismatch} does not match the request`);
  const physicalId = response.PhysicalResourceId;
  if (typeof physicalId !== 'string' || physicalId === '' || Buffer.byteLength(physicalId) > MAX_PHYSICAL_ID_BYTES) return broken('Invalid PhysicalResourceId');
  const failure = response.Status === 'FAILED'
    ? `Received response status [FAILED] from custom resource. Message returned: ${response.Reason ?? null} (RequestId: ${expected.RequestId})`
    : undefined;
  return { physicalId, attributes: response.Data ?? {}, failure };
}
