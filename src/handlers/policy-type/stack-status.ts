import { log } from './log';

/**
 * Whether the stack is on its way back to what it was. Where its status cannot be read, the answer is no: a stack that
 * needs help is better than one that is green with nobody opted out.
 */
export async function isRollingBack(stackId: string): Promise<boolean> {
  try {
    const { CloudFormationClient, DescribeStacksCommand } = require('@aws-sdk/client-cloudformation') as typeof import('@aws-sdk/client-cloudformation');
    const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName: stackId }));
    const status = Stacks![0].StackStatus!;
    log('found', { status });
    return status.startsWith('UPDATE_ROLLBACK');
  } catch (error) {
    log('error', { error: `${error}` });
    return false;
  }
}
