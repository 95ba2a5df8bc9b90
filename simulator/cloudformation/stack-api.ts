import { AwsError } from '../aws-error';
import { type Caller } from '../caller';
import { type Clock } from '../clock';
import { type Stack } from './stack';
import { validationError } from './template';
import { type SimulatedEndpoint } from '../http/server';
import { ServiceCalls } from '../http/service-calls';
import { type ServiceFaults } from '../http/service-faults';
import { type RecordedCall } from '../organizations/organizations';

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

/** The errors of CloudFormation's API. The codes are those of the Query protocol's common errors. */
const REFUSALS = {
  denied: (message: string) => new AwsError('AccessDenied', message, undefined, 403),
  throttled: () => new AwsError('Throttling', 'Rate exceeded'),
  internal: () => new AwsError('InternalFailure', 'An internal failure occurred.', undefined, 500),
};

/**
 * The part of CloudFormation's API that a function may call about its own stack: `DescribeStacks` and `DescribeStackResource`, in the Query protocol.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
 */
export class StackApi {
  private readonly api: ServiceCalls;

  public constructor(clock: Clock, private readonly find: (nameOrId: string) => Stack | undefined) {
    this.api = new ServiceCalls(clock, REFUSALS);
  }

  /** Calls that arrived, in order. */
  public get calls(): RecordedCall[] {
    return this.api.recorded;
  }

  public get faults(): ServiceFaults {
    return this.api.faults;
  }

  public serve(endpoint: SimulatedEndpoint): void {
    const results: Record<string, (stack: Stack, params: URLSearchParams) => string> = {
      DescribeStacks: stackResult,
      DescribeStackResource: (stack, params) => resourceResult(stack, params.get('LogicalResourceId')),
    };
    for (const [operation, resultOf] of Object.entries(results)) {
      endpoint.registerQueryAction(operation, async (params, caller, requestId, exchange) => (
        this.api.run({ operation, input: Object.fromEntries(params), caller, exchange }, async () => (
          answer(operation, requestId, resultOf(await this.stackFor(operation, params, caller), params))
        ))
      ));
    }
    endpoint.onReset(() => this.api.reset());
  }

  private async stackFor(operation: string, params: URLSearchParams, caller: Caller): Promise<Stack> {
    const name = params.get('StackName');
    if (!name) throw validationError('the simulation describes one stack at a time: StackName is missing');
    const stack = this.find(name);
    await this.api.authorize(caller, `cloudformation:${operation}`, stack?.id ?? name);
    if (!stack) throw validationError(operation === 'DescribeStacks' ? `Stack with id ${name} does not exist` : `Stack '${name}' does not exist`);
    return stack;
  }
}

function answer(operation: string, requestId: string, result: string): string {
  return `<${operation}Response xmlns="${NAMESPACE}"><${operation}Result>${result}</${operation}Result>`
    + `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`;
}

function stackResult(stack: Stack): string {
  return [
    '<Stacks><member>',
    element('StackId', stack.id),
    element('StackName', stack.name),
    element('CreationTime', new Date(stack.createdAt).toISOString()),
    element('StackStatus', stack.status),
    stack.reason === undefined ? '' : element('StackStatusReason', stack.reason),
    `<Outputs>${Object.entries(stack.outputs).map(([key, value]) => member('OutputKey', key, 'OutputValue', value)).join('')}</Outputs>`,
    `<Tags>${Object.entries(stack.tags).map(([key, value]) => member('Key', key, 'Value', value)).join('')}</Tags>`,
    '<DisableRollback>false</DisableRollback>',
    '</member></Stacks>',
  ].join('');
}

/** What the last event about a resource says. A resource that was deleted or skipped is still described. */
function resourceResult(stack: Stack, logicalId: string | null): string {
  if (!logicalId) throw validationError('1 validation error detected: Value null at \'logicalResourceId\' failed to satisfy constraint: Member must not be null');
  const last = stack.events.findLast((event) => event.logicalId === logicalId && event.physicalId !== stack.id);
  if (!last) throw validationError(`Resource ${logicalId} does not exist for stack ${stack.name}`);
  const physicalId = stack.resources.get(logicalId)?.physicalId ?? last.physicalId;
  return [
    '<StackResourceDetail>',
    element('StackName', stack.name),
    element('StackId', stack.id),
    element('LogicalResourceId', logicalId),
    physicalId === undefined ? '' : element('PhysicalResourceId', physicalId),
    element('ResourceType', last.type),
    element('LastUpdatedTimestamp', new Date(last.time).toISOString()),
    element('ResourceStatus', last.status),
    last.reason === undefined ? '' : element('ResourceStatusReason', last.reason),
    '<DriftInformation><StackResourceDriftStatus>NOT_CHECKED</StackResourceDriftStatus></DriftInformation>',
    '</StackResourceDetail>',
  ].join('');
}

function member(keyName: string, key: string, valueName: string, value: string): string {
  return `<member>${element(keyName, key)}${element(valueName, value)}</member>`;
}

function element(name: string, text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${name}>${escaped}</${name}>`;
}
