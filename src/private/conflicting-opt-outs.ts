import { Stack, type CfnResource } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { OptOutError } from './errors';
import { known } from './rules';
import type { OptOutPolicyDocument } from '../opt-out-policy-document';
import { conflictsOf, MAX_POLICIES_PER_TARGET } from '../policy';

/** One AiServicesOptOut of an app. */
export interface OptOut {
  readonly scope: Construct;
  readonly document: OptOutPolicyDocument;
  readonly policyName: string;
  /** Absent: the organization root. */
  readonly targetIds?: string[];
  readonly policyType: CfnResource;
  readonly policy: CfnResource;
}

/** The opt-outs of each app. */
const optOutsIn = new WeakMap<IConstruct, OptOut[]>();

/**
 * Checks an opt-out against the earlier ones of the app that are certainly in the same organization: those of its own stack, and of stacks
 * with the same known account.
 *
 * @throws OptOutError if two have the same policy name, contradict each other on a target, or if a target would have too many policies.
 */
export function requireNoConflict(optOut: OptOut): void {
  const { root } = optOut.scope.node;
  const all = optOutsIn.get(root) ?? [];
  const others = all.filter((other) => inSameOrganization(other.scope, optOut.scope));
  for (const other of others) {
    requireOwnName(other, optOut);
    requireNoContradiction(other, optOut);
  }
  requireRoom(others, optOut);
  optOutsIn.set(root, [...all, optOut]);
}

function inSameOrganization(one: IConstruct, other: IConstruct): boolean {
  const [stack, { account }] = [Stack.of(one), Stack.of(other)];
  return stack === Stack.of(other) || (known(account) && stack.account === account);
}

function requireOwnName(earlier: OptOut, later: OptOut): void {
  const [earlierName, laterName] = [earlier, later].map(({ scope, policyName }) => Stack.of(scope).resolve(policyName));
  // Names that depend on the stack differ between stacks, however they are written.
  const comparable = Stack.of(earlier.scope) === Stack.of(later.scope) || typeof laterName === 'string';
  if (comparable && JSON.stringify(earlierName) === JSON.stringify(laterName)) {
    throw new OptOutError('PolicyNameTaken',
      `policyName ${JSON.stringify(laterName)} is that of ${earlier.scope.node.path} too; AWS allows each name once, so give one of them another policyName`,
      later.scope);
  }
}

/** AWS attaches at most five policies of this type to one target. */
function requireRoom(others: OptOut[], optOut: OptOut): void {
  for (const target of targetsOf(optOut)) {
    const sharing = [...others.filter((other) => sharedTargets(other, optOut).includes(target)), optOut];
    if (sharing.length > MAX_POLICIES_PER_TARGET) {
      throw new OptOutError('TargetFull', `${sharing.length} policies would be attached to ${target}, of which AWS allows ${MAX_POLICIES_PER_TARGET}: `
        + `those of ${sharing.map(({ scope }) => scope.node.path).join(', ')}; combine some of them into one, or give them other targetIds`, optOut.scope);
    }
  }
}

/**
 * AWS merges two policies on one target: the one attached first wins where they differ. Nothing reports that, so it is an error here.
 */
function requireNoContradiction(earlier: OptOut, later: OptOut): void {
  if (earlier.document._isPlaceholder || later.document._isPlaceholder) return;
  const [shared] = sharedTargets(earlier, later);
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

const ROOT = '(organization root)';

/** Targets that both are attached to. What a token stands for is only the same within one stack. */
function sharedTargets(one: OptOut, other: OptOut): string[] {
  const targets = targetsOf(one);
  const sameStack = Stack.of(one.scope) === Stack.of(other.scope);
  return targetsOf(other).filter((target) => targets.includes(target) && (sameStack || !target.startsWith('{')));
}

/** What an opt-out is attached to, comparable: an organization has one root, whether it is left out, named, or the `RootId` of an opt-out. */
function targetsOf({ scope, targetIds }: OptOut): string[] {
  if (targetIds === undefined) return [ROOT];
  const text = (id: unknown) => (typeof id === 'string' ? id : JSON.stringify(id));
  return [Stack.of(scope).resolve(targetIds)].flat().map(text).map((id) => (/^r-|^\{"Fn::GetAtt":\["\w+","RootId"\]\}$/.test(id) ? ROOT : id));
}
