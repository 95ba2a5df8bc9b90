import { isDeepStrictEqual } from 'node:util';
import { callAws } from './aws';
import type { Change } from './events';
import { DAY, remember } from './memory';
import { describeError, nameOf } from '../../organization/errors';
import type { SurveyClient } from '../../organization/survey/client';
import { policyTypeOn } from '../../organization/survey/read';
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
const POLL = 5_000;

/**
 * Makes the policy what its stack declares: the type enabled, the content restored, attached to its targets. Nobody else's policy is touched.
 *
 * A deployment is never undone: what CloudFormation did is left alone, and so is everything while a stack is at work. What is declared changes
 * together with the policy, because it is a resource of the same stack.
 */
export async function repairPolicy(client: SurveyClient, changes: Change[], signal: AbortSignal): Promise<Repair> {
  const done: string[] = [];
  let cause: Change | undefined;
  try {
    const { Parameter } = await callAws('SSM', 'GetParameter', { Name: process.env.DECLARED_PARAMETER });
    const declared: Declared = JSON.parse(Parameter.Value);
    const fixes = await deviations(client, declared, signal);
    if (fixes.size === 0) return { done };

    cause = changes.filter(({ parameters }) => parameters.policyId === declared.policyId || parameters.policyType).at(-1);
    if (cause?.byCloudFormation) return { done, cause, later: 'CloudFormation made the change' };
    if (!await areStacksAtRest()) return { done, cause, later: 'a stack is being changed, or needs help' };
    if (!await mayRepair()) return { done, cause, problem: `it was repaired ${REPAIRS_A_DAY} times within a day, and somebody keeps undoing it` };
    for (const [what, fix] of fixes) {
      if (!await areStacksAtRest()) return { done, cause, later: 'a deployment has begun' };
      await fix();
      done.push(what);
    }
    // For what AWS answers to be about now.
    await client.clock.sleep(POLL, signal);
    return { done, cause };
  } catch (error) {
    const gone = nameOf(error) === 'PolicyNotFoundException';
    return { done, cause, problem: gone ? 'the policy was deleted; deploy it again under another construct id' : describeError(error) };
  }
}

/** What has to be done, in this order, and how. */
async function deviations(client: SurveyClient, declared: Declared, signal: AbortSignal): Promise<Map<string, () => Promise<unknown>>> {
  const { policyId: PolicyId, targetIds, content } = declared;
  const fixes = new Map<string, () => Promise<unknown>>();
  const { Policy } = await client.call('DescribePolicy', { PolicyId }, signal);
  if (!isDeepStrictEqual(JSON.parse(Policy.Content), content)) {
    fixes.set('restored the content of the policy', async () => client.call('UpdatePolicy', { PolicyId, Content: JSON.stringify(content) }, signal));
  }
  const readRoot = async () => (await client.list('ListRoots', 'Roots', {}, signal))[0];
  const root = await readRoot();
  if (policyTypeOn(root) !== 'ENABLED') {
    fixes.set('enabled the policy type', async () => {
      await client.call('EnablePolicyType', { RootId: root.Id, PolicyType: POLICY_TYPE }, signal).catch(unless('PolicyTypeAlreadyEnabledException'));
      // Twice, because attaching may still be refused after the first answer.
      for (let enabled = 0; enabled < 2;) {
        await client.clock.sleep(POLL, signal);
        enabled = policyTypeOn(await readRoot()) === 'ENABLED' ? enabled + 1 : 0;
      }
    });
  }
  const attached = await client.list('ListTargetsForPolicy', 'Targets', { PolicyId }, signal);
  for (const TargetId of targetIds.filter((id) => attached.every((target) => target.TargetId !== id))) {
    fixes.set(`attached the policy to ${TargetId}`, async () => (
      client.call('AttachPolicy', { PolicyId, TargetId }, signal).catch(unless('DuplicatePolicyAttachmentException'))
    ));
  }
  return fixes;
}

/** Somebody else was faster. */
function unless(name: string): (error: Error) => void {
  return (error) => {
    if (nameOf(error) !== name) throw error;
  };
}

/** Counted before anything is done, so that a run that breaks off counts as well. */
async function mayRepair(): Promise<boolean> {
  let may = false;
  await remember((seen) => {
    const repairs = (seen.repairs ?? []).filter((at) => at > Date.now() - DAY);
    may = repairs.length < REPAIRS_A_DAY;
    return { ...seen, repairs: may ? [...repairs, Date.now()] : repairs };
  });
  return may;
}

async function areStacksAtRest(): Promise<boolean> {
  for (const StackName of process.env.STACK_IDS!.split(',')) {
    const { Stacks: [{ StackStatus }] } = await callAws('CloudFormation', 'DescribeStacks', { StackName });
    if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE$/.test(StackStatus)) return false;
  }
  return true;
}
