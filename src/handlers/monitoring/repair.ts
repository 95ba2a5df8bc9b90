import { isDeepStrictEqual } from 'node:util';
import { callAws } from './aws';
import type { Change } from './events';
import { DAY, remember, type Memory } from './memory';
import { describeError, nameOf } from '../../organization/errors';
import type { OrganizationsClient } from '../../organization/organizations-client';
import { awaitEnabled, enablePolicyType, policyTypeOn, POLICY_TYPE_POLL, readRoot } from '../../organization/policy-type';
import { POLICY_TYPE } from '../../policy/grammar';

/** What the policy's stack says the policy is. */
interface Declared {
  readonly policyId: string;
  readonly targetIds: string[];
  readonly content: object;
}

export interface Repair {
  /** What was repaired, in words. */
  readonly done: string[];

  /** Why something was left as it is, where a person has to act. */
  readonly problem?: string;

  /** Why it was left for a later run. */
  readonly later?: string;

  /** The call that made it necessary, where it was seen. */
  readonly cause?: Change;
}

const REPAIRS_A_DAY = 3;

/** How long AWS takes until reads see a change. */
const SETTLES = 5_000;

/**
 * Makes the policy what its stack declares: the type enabled, the content restored, attached to its targets. Nobody else's policy is touched.
 *
 * A deployment is never undone: what CloudFormation did is left alone, and so is everything while a stack is at work. What is declared changes
 * together with the policy, because it is a resource of the same stack.
 */
export async function repairPolicy(client: OrganizationsClient, changes: Change[], signal: AbortSignal): Promise<Repair> {
  const done: string[] = [];
  let cause: Change | undefined;
  try {
    const read = async () => (await callAws('GetParameter', { Name: process.env.DECLARED_PARAMETER })).Parameter!;
    const { Value, Version } = await read();
    const declared: Declared = JSON.parse(Value!);
    const fixes = await deviations(client, declared, signal);
    if (fixes.size === 0) return { done };

    // In this order: what a deployment has changed meanwhile is seen once its stack is at rest.
    const isSettled = async () => await areStacksAtRest() && (await read()).Version === Version;
    cause = changes.filter(({ ids }) => ids.includes(declared.policyId) || ids.includes(POLICY_TYPE)).at(-1);
    if (cause?.byCloudFormation) return { done, cause, later: 'CloudFormation made the change' };
    if (!await isSettled()) return { done, cause, later: 'a stack is being changed, or needs help' };
    const before = await begin();
    if (!before) return { done, cause, problem: `it was repaired ${REPAIRS_A_DAY} times within a day, and somebody keeps undoing it` };
    let problem: string | undefined;
    for (const [what, fix] of fixes) {
      // The end of the deployment starts another run.
      if (!await isSettled()) break;
      try {
        if (await fix()) done.push(what);
      } catch (error) {
        problem ??= describeError(error);
      }
    }
    // What changed nothing does not count, and what was refused is no news. Without a refusal, the answer to a change of ours may have got lost.
    const { told, since } = before;
    if (done.length === 0) await remember((seen) => ({ ...seen, repairs: seen.repairs!.slice(0, -1), ...(problem && { told, since }) }));
    // Wait, so that the next read sees this change.
    await client.clock.sleep(SETTLES, signal);
    return { done, cause, problem };
  } catch (error) {
    const gone = nameOf(error) === 'PolicyNotFoundException';
    // What could not be read once may be read by the next run.
    return { done, cause, ...(gone ? { problem: 'the policy was deleted; deploy it again under another construct id' } : { later: describeError(error) }) };
  }
}

/** What has to be done, in this order, and how. A fix returns a falsy value if another process was faster. */
async function deviations(client: OrganizationsClient, declared: Declared, signal: AbortSignal): Promise<Map<string, () => Promise<unknown>>> {
  const { policyId: PolicyId, targetIds, content } = declared;
  const fixes = new Map<string, () => Promise<unknown>>();
  const { Policy } = await client.call('DescribePolicy', { PolicyId }, signal);
  if (!isDeepStrictEqual(JSON.parse(Policy!.Content!), content)) {
    fixes.set('restored the content of the policy', async () => client.call('UpdatePolicy', { PolicyId, Content: JSON.stringify(content) }, signal));
  }
  const root = await readRoot(client, signal);
  if (policyTypeOn(root) !== 'ENABLED') {
    fixes.set('enabled the policy type', async () => {
      let enabled = false;
      await awaitEnabled(client, {
        signal,
        root,
        wait: async () => client.clock.sleep(POLICY_TYPE_POLL, signal),
        whenDisabled: async (rootId) => { enabled = await enablePolicyType(client, rootId, signal) || enabled; },
      });
      return enabled;
    });
  }
  const attached = await client.list('ListTargetsForPolicy', { PolicyId }, signal);
  for (const TargetId of targetIds.filter((id) => attached.every((target) => target.TargetId !== id))) {
    fixes.set(`attached the policy to ${TargetId}`, async () => (
      client.call('AttachPolicy', { PolicyId, TargetId }, signal).catch((error) => {
        if (nameOf(error) !== 'DuplicatePolicyAttachmentException') throw error;
      })
    ));
  }
  return fixes;
}

/**
 * Counts the repair and answers what was remembered before; nothing where there were enough. Before anything is done, so that a run that breaks off
 * counts as well, and somebody is told.
 */
async function begin(): Promise<Memory | undefined> {
  let before: Memory | undefined;
  await remember((seen) => {
    const now = Date.now();
    const repairs = (seen.repairs ?? []).filter((at) => at > now - DAY);
    before = repairs.length < REPAIRS_A_DAY ? seen : undefined;
    return before ? { ...seen, repairs: [...repairs, now], told: 0, since: now } : seen;
  });
  return before;
}

async function areStacksAtRest(): Promise<boolean> {
  for (const StackName of process.env.STACK_IDS!.split(',')) {
    const { Stacks } = await callAws('DescribeStacks', { StackName });
    if (!/^(CREATE|(UPDATE|IMPORT)(_ROLLBACK)?)_COMPLETE$/.test(Stacks![0].StackStatus!)) return false;
  }
  return true;
}
