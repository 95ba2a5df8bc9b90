import { Stack, Token, type CfnResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { OptOutError } from './errors';
import type { OptOutPolicyDocument } from '../opt-out-policy-document';
import { conflictsOf } from '../policy';

/** One AiServicesOptOut of a stack. */
export interface OptOut {
  readonly scope: Construct;
  readonly document: OptOutPolicyDocument;
  readonly policyName: string;
  /** Absent: the organization root. */
  readonly targetIds?: string[];
  readonly policyType: CfnResource;
  readonly policy: CfnResource;
}

/**
 * Two policies on one target are merged by AWS: the one attached first wins where they differ. That is silent, so saying opposite things
 * in one stack is an error here, as is a name used twice.
 */
export function requireNoConflict(earlier: OptOut, later: OptOut): void {
  const resolve = (value: unknown) => JSON.stringify(Stack.of(later.scope).resolve(value));
  if (resolve(earlier.policyName) === resolve(later.policyName)) {
    throw new OptOutError('PolicyNameTaken',
      `policyName ${resolve(later.policyName)} is that of ${earlier.scope.node.path} too; AWS allows each name once, so give one of them another policyName`,
      later.scope);
  }

  const targets = targetsOf(earlier);
  const shared = targetsOf(later).find((target) => targets.includes(target));
  if (shared === undefined) return;

  const policyOf = ({ scope, document }: OptOut) => ({ name: scope.node.path, document: document.toJson() });
  // An entry of one and the default of the other conflict only in one direction.
  for (const [first, second] of [[earlier, later], [later, earlier]]) {
    const [conflict] = conflictsOf([], { name: shared, policies: [policyOf(first)] }, policyOf(second));
    if (!conflict) continue;
    const { key, wanted, winner } = conflict;
    throw new OptOutError('OptOutsContradict',
      `${second.scope.node.path} sets "${key}" to ${wanted} and ${winner!.policy} to ${winner!.setting} on the same target ${shared}; `
      + 'AWS would let the one attached first win, so say it in one of them only, or attach them to different targets', later.scope);
  }
}

/** What an opt-out is attached to, comparable: an organization has one root, whether it is left out, named, or somebody's `RootId`. */
function targetsOf({ scope, targetIds }: OptOut): string[] {
  const root = '(organization root)';
  if (targetIds === undefined) return [root];
  const resolve = (value: unknown) => JSON.stringify(Stack.of(scope).resolve(value));
  if (Token.isUnresolved(targetIds)) return [resolve(targetIds)];
  return targetIds.map((id) => (/^r-/.test(id) || /^\{"Fn::GetAtt":\["\w+","RootId"\]\}$/.test(resolve(id)) ? root : resolve(id)));
}
