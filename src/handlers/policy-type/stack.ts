import { log } from './log';

type Sdk = typeof import('@aws-sdk/client-cloudformation');

/** Six attempts end throttling in most cases. The time limit leaves the function enough time to answer. */
const MAX_ATTEMPTS = 6;
const TIME_LIMIT = 15_000;

/** Returns the status of the stack, or undefined if it cannot be read. */
export async function stackStatus(StackName: string): Promise<string | undefined> {
  return describe('DescribeStacks', async (sdk, client, options) => (
    (await client.send(new sdk.DescribeStacksCommand({ StackName }), options)).Stacks![0].StackStatus
  ));
}

/** Returns the id of a resource in the stack, or undefined if it cannot be read. */
export async function physicalId(StackName: string, LogicalResourceId: string): Promise<string | undefined> {
  return describe('DescribeStackResource', async (sdk, client, options) => (
    (await client.send(new sdk.DescribeStackResourceCommand({ StackName, LogicalResourceId }), options)).StackResourceDetail!.PhysicalResourceId
  ));
}

async function describe(
  name: string, call: (sdk: Sdk, client: InstanceType<Sdk['CloudFormationClient']>, options: { abortSignal: AbortSignal }) => Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    const sdk: Sdk = require('@aws-sdk/client-cloudformation');
    const client = new sdk.CloudFormationClient({ maxAttempts: MAX_ATTEMPTS });
    const result = await call(sdk, client, { abortSignal: AbortSignal.timeout(TIME_LIMIT) });
    log('found', { name, result });
    return result;
  } catch (error) {
    log('error', { name, error: `${error}` });
    return undefined;
  }
}
