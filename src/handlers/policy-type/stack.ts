import { log } from './log';

type Sdk = typeof import('@aws-sdk/client-cloudformation');

/** Returns the status of the stack, or undefined if it cannot be read. */
export async function stackStatus(StackName: string): Promise<string | undefined> {
  return describe('DescribeStacks', async (sdk, client, options) => (
    (await client.send(new sdk.DescribeStacksCommand({ StackName }), options)).Stacks![0].StackStatus
  ));
}

/** Returns the id of a resource in the stack, undefined if it cannot be read, or an empty text if CloudFormation could not create the resource. */
export async function physicalId(StackName: string, LogicalResourceId: string): Promise<string | undefined> {
  return describe('DescribeStackResource', async (sdk, client, options) => {
    const { StackResourceDetail } = await client.send(new sdk.DescribeStackResourceCommand({ StackName, LogicalResourceId }), options);
    const { ResourceStatus, PhysicalResourceId } = StackResourceDetail!;
    return ResourceStatus === 'CREATE_FAILED' ? '' : PhysicalResourceId;
  });
}

async function describe(
  name: string, call: (sdk: Sdk, client: InstanceType<Sdk['CloudFormationClient']>, options: { abortSignal: AbortSignal }) => Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    const sdk: Sdk = require('@aws-sdk/client-cloudformation');
    // Six attempts end most throttling, and fifteen seconds leave enough time to answer.
    const result = await call(sdk, new sdk.CloudFormationClient({ maxAttempts: 6 }), { abortSignal: AbortSignal.timeout(15_000) });
    log('found', { name, result });
    return result;
  } catch (error) {
    log('error', { name, error: `${error}` });
    return undefined;
  }
}
