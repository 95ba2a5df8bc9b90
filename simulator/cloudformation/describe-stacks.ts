import { AwsError } from '../aws-error';
import { type Caller } from '../caller';
import { type Stack } from './stack';
import { validationError } from './template';

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

/** Answers DescribeStacks for one stack, as the Query protocol writes it. */
export async function describeStacks(
  params: URLSearchParams,
  caller: Caller,
  requestId: string,
  find: (name: string) => Stack | undefined,
): Promise<string> {
  const name = params.get('StackName');
  if (!name) throw validationError('the simulation describes one stack at a time: StackName is missing');
  const stack = find(name);
  const resource = stack?.id ?? name;
  if (caller.authorize && !await caller.authorize({ action: 'cloudformation:DescribeStacks', resources: [resource], context: {} })) {
    throw new AwsError(
      'AccessDenied',
      `User: ${caller.arn} is not authorized to perform: cloudformation:DescribeStacks on resource: ${resource} `
      + 'because no identity-based policy allows the cloudformation:DescribeStacks action',
      undefined,
      403,
    );
  }
  if (!stack) throw validationError(`Stack with id ${name} does not exist`);
  return [
    `<DescribeStacksResponse xmlns="${NAMESPACE}"><DescribeStacksResult><Stacks><member>`,
    element('StackId', stack.id),
    element('StackName', stack.name),
    element('CreationTime', new Date(stack.createdAt).toISOString()),
    element('StackStatus', stack.status),
    stack.reason === undefined ? '' : element('StackStatusReason', stack.reason),
    `<Outputs>${Object.entries(stack.outputs).map(([key, value]) => member('OutputKey', key, 'OutputValue', value)).join('')}</Outputs>`,
    `<Tags>${Object.entries(stack.tags).map(([key, value]) => member('Key', key, 'Value', value)).join('')}</Tags>`,
    '<DisableRollback>false</DisableRollback>',
    `</member></Stacks></DescribeStacksResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></DescribeStacksResponse>`,
  ].join('');
}

function member(keyName: string, key: string, valueName: string, value: string): string {
  return `<member>${element(keyName, key)}${element(valueName, value)}</member>`;
}

function element(name: string, text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<${name}>${escaped}</${name}>`;
}
