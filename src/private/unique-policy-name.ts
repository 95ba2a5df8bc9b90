import { Aws, Fn, Names, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** What AWS allows, less the dash and the eight characters of the UUID. */
const MAX_LENGTH = 128 - 9;

/**
 * Stack name, construct path and the first block of the stack's UUID, as CloudFormation itself would name it: a stack that is deleted
 * and deployed again gets another name than the policy it left behind.
 */
export function uniquePolicyName(scope: IConstruct): string {
  let stack = Stack.of(scope);
  while (stack.nestedStackParent) stack = stack.nestedStackParent;
  const path = scope.node.scopes.slice(scope.node.scopes.indexOf(stack) + 1).map(({ node }) => node.id);
  const readable = [stack.stackName, ...path].join('-');
  const name = !Token.isUnresolved(readable) && readable.length <= MAX_LENGTH && /^[\w.-]+$/.test(readable)
    ? readable
    : Names.uniqueResourceName(scope, { maxLength: MAX_LENGTH, separator: '-' });

  const uuid = Fn.select(2, Fn.split('/', Aws.STACK_ID));
  return Fn.join('-', [name, Fn.select(0, Fn.split('-', uuid))]);
}
