import { inParallel } from './concurrency';
import { documentIn } from './content';
import { nameOf } from './errors';
import { orGap, PARALLEL, type Reading } from './reading';
import type { Policy } from './snapshot';
import { POLICY_TYPE } from '../policy/grammar';

/** The policies, and what hangs where. */
export interface PoliciesRead {
  readonly policies: Policy[];
  readonly attachments: Map<string, string[]>;
}

/**
 * Reads every opt-out policy and its targets: two calls a policy, however many accounts there are.
 *
 * A policy that is gone by the time it is read is left out: AWS deletes none that is attached anywhere.
 */
export async function readPolicies(reading: Reading): Promise<PoliciesRead> {
  const { client, signal, onProgress } = reading;
  const summaries = await orGap(reading, 'ListPolicies', undefined,
    client.list('ListPolicies', { Filter: POLICY_TYPE }, signal)) ?? [];

  let done = 0;
  const read = await inParallel(summaries, PARALLEL, async ({ Id, Name }) => {
    const policy = await readPolicy(reading, Id!, Name ?? Id!);
    done += 1;
    onProgress?.({ kind: 'step', phase: 'policies', done, total: summaries.length });
    return policy;
  });
  const policies = read.filter((policy) => policy !== undefined);

  const attachments = new Map<string, string[]>();
  for (const { id, targetIds } of policies) {
    for (const target of targetIds) attachments.set(target, [...attachments.get(target) ?? [], id]);
  }
  // Only where several policies meet does their order matter.
  const shared = [...attachments].filter(([, ids]) => ids.length > 1);
  await inParallel(shared, PARALLEL, async ([target, ids]) => {
    const ordered = await orderOn(reading, target, ids);
    if (ordered.length > 0) attachments.set(target, ordered);
    else attachments.delete(target);
  });
  return {
    policies: policies.map((policy) => ({ ...policy, targetIds: policy.targetIds.filter((target) => attachments.get(target)?.includes(policy.id)) })),
    attachments,
  };
}

async function readPolicy(reading: Reading, id: string, name: string): Promise<Policy | undefined> {
  const { client, signal, gaps } = reading;
  try {
    const [described, targets] = await Promise.all([
      orGap(reading, 'DescribePolicy', id, client.call('DescribePolicy', { PolicyId: id }, signal)),
      orGap(reading, 'ListTargetsForPolicy', id, client.list('ListTargetsForPolicy', { PolicyId: id }, signal)),
    ]);
    const content = described?.Policy?.Content;
    const document = content === undefined ? undefined : documentIn(content);
    if (described && !document) gaps.push({ operation: 'DescribePolicy', id, error: 'the content is not what this version understands' });
    return {
      id,
      name,
      targetIds: (targets ?? []).map(({ TargetId }) => TargetId!),
      ...(content !== undefined && { content }),
      ...(document && { document }),
    };
  } catch (error) {
    if (nameOf(error) === 'PolicyNotFoundException') return undefined;
    throw error;
  }
}

/** The policies on a target in the order in which AWS lists them; none where the target is gone. */
async function orderOn(reading: Reading, target: string, known: string[]): Promise<string[]> {
  const { client, signal, gaps } = reading;
  try {
    const listed = await orGap(reading, 'ListPoliciesForTarget', target,
      client.list('ListPoliciesForTarget', { TargetId: target, Filter: POLICY_TYPE }, signal));
    if (!listed) return known;
    const ids = listed.map(({ Id }) => Id!);
    if (ids.length === known.length && ids.every((id) => known.includes(id))) return ids;
    gaps.push({ operation: 'ListPoliciesForTarget', id: target, error: 'the attached policies changed while they were read' });
    return known;
  } catch (error) {
    if (nameOf(error) === 'TargetNotFoundException') return [];
    throw error;
  }
}
