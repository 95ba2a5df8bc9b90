import type { Organization, PolicySummary, Root } from '@aws-sdk/client-organizations';
import { targetsOf, type OrganizationIds, type PolicyTypeEvent, type PolicyTypeProperties } from './events';
import { log } from './log';
import { on, REDEPLOY, Stop, type OrganizationsApi } from './organizations-api';
import { physicalId } from './stack';
import { readRoot } from '../../organization/policy-type';
import { conflictsOf } from '../../policy/conflicts';
import { MAX_POLICIES_PER_TARGET, POLICY_TYPE } from '../../policy/grammar';
import type { LevelPolicy, PolicyLevel } from '../../policy/inheritance';
import { UNSUPPORTED_PARTITIONS } from '../../policy/partitions';

/** The policy as an earlier deployment left it. */
export interface DeployedPolicy {
  /** Undefined if it could not be read. */
  readonly id?: string;

  /** Before and after this Update. During a rollback the policy may have either. */
  readonly names: string[];
  readonly targets: string[];
}

/** Returns the organization, or stops if this account cannot manage its opt-out policies. */
export async function checkOrganization(api: OrganizationsApi, stackId: string): Promise<{ ids: OrganizationIds; root: Root }> {
  const [, partition, , , account] = stackId.split(':');
  if (UNSUPPORTED_PARTITIONS.includes(partition!)) throw new Stop(`AWS does not offer ${POLICY_TYPE} in partition ${partition}.`);

  const described = await api.call('DescribeOrganization', {})
    .catch(on('AWSOrganizationsNotInUseException', `Account ${account} is in no organization; only organizations opt out.`));
  const { Id: OrganizationId, MasterAccountId: ManagementAccountId, FeatureSet } = described!.Organization as Required<Organization>;
  if (FeatureSet !== 'ALL') throw new Stop(`Organization ${OrganizationId} has consolidated billing only; enable all features first.`);

  const root = await readRoot(api).catch(on(account !== ManagementAccountId && 'AccessDeniedException', `Account ${account} is neither the management `
    + `account (${ManagementAccountId}) nor a delegated administrator for ${POLICY_TYPE}. Deploy there or delegate first.`));
  return { root: root!, ids: { OrganizationId, ManagementAccountId, RootId: root!.Id } };
}

/**
 * Finds the deployed policy. Stops if it was deleted, or if another policy has the name: the policy resource would fail last of all, and after a
 * deletion it could not roll back.
 */
export async function checkPolicy(
  api: OrganizationsApi, { StackId, ResourceProperties: props, OldResourceProperties: old }: PolicyTypeEvent, rootId: string,
): Promise<DeployedPolicy | undefined> {
  const found = old && await physicalId(StackId, props.PolicyResource);
  // With another logical id, CloudFormation creates another policy.
  const names = old && (found ?? old.PolicyResource === props.PolicyResource) ? [old.Policy.Name, props.Policy.Name] : [];
  const policies = await api.list('ListPolicies', { Filter: POLICY_TYPE }).catch(api.skipIfDenied('policies'));
  const named = (name: string) => policies?.find(({ Name }) => Name === name);
  const own = found ? policies?.find(({ Id }) => Id === found) : names.map(named).find(Boolean);
  const id = own?.Id ?? found;
  if (names.length > 0 && policies && !own) {
    throw new Stop(`Policy ${id ?? `"${names[0]}"`} was deleted outside CloudFormation, and no command restores its id. ${REDEPLOY}`);
  }
  const taken = named(props.Policy.Name);
  if (taken && taken !== own) {
    throw new Stop(`Policy ${taken.Id} is named "${taken.Name}" already. Choose another policyName. If it is this stack's own, because a construct was `
      + `renamed or moved, restore the construct id, or delete ${taken.Id} after the deployment.`);
  }
  return old && names.length > 0 ? { id, names, targets: targetsOf(old, rootId) } : undefined;
}

/** Stops if the policy is no longer attached where it was deployed, cannot be attached to a target, or would not take effect there. */
export async function checkTargets(api: OrganizationsApi, rootId: string, props: PolicyTypeProperties, deployed?: DeployedPolicy): Promise<void> {
  const targets = targetsOf(props, rootId);
  const known = deployed?.targets ?? [];
  for (const target of known.filter((id) => !targets.includes(id))) {
    await findPeers(api, target).catch(on('TargetNotFoundException', `Target ${target} no longer exists, so CloudFormation cannot detach the policy `
      + `from it. Leave ${target} in targetIds, or deploy the opt-out under another construct id and policyName and delete policy `
      + `${deployed!.id ?? 'of this stack'} afterwards.`));
  }

  const levels = new Map<string, PolicyLevel>();
  const detached: string[] = [];
  for (const target of targets) {
    const kept = known.includes(target);
    const found = await findPeers(api, target, deployed, kept).catch(on('TargetNotFoundException', kept
      ? () => log('warning', { message: `Target ${target} no longer exists. Leave it in targetIds.` }) : `Target ${target} does not exist.`));
    if (!found) continue;
    if (kept && !found.attached) detached.push(target);
    if (!kept && !found.attached && found.peers.length >= MAX_POLICIES_PER_TARGET) {
      throw new Stop(`${target} carries ${found.peers.length} opt-out policies, the most AWS allows. Detach one of them first.`);
    }
    levels.set(target, await readLevel(api, target, found.peers));
  }
  if (detached.length > 0) {
    throw new Stop(`Policy ${deployed!.id ?? `"${deployed!.names[0]}"`} was detached from ${detached.join(', ')}. `
      + `Attach it, then update again: ${attachCommands(deployed!, detached)}`);
  }
  const { Name, Content } = props.Policy;
  const own = { name: Name, document: typeof Content === 'string' ? JSON.parse(Content) : Content };
  for (const level of [...levels.values()]) {
    const [conflict] = conflictsOf(await levelsAbove(api, level.name, deployed, levels), level, own);
    if (!conflict) continue;
    const { key, wanted, winner } = conflict;
    throw new Stop(`On ${level.name}, ${key} would not be ${wanted}: `
      + `${winner ? `policy "${winner.policy}" on ${winner.level} says ${winner.setting}` : 'a control above forbids it'}. `
      + 'Earlier policies and controls from above win; change them first.');
  }
}

/** The commands that attach a policy. A name never gets into a command. */
export function attachCommands({ id = 'POLICY_ID' }: DeployedPolicy, targets: string[]): string {
  return targets.map((target) => `aws organizations attach-policy --policy-id ${id} --target-id ${target}`).join('; ');
}

/** Returns the levels above a target, from the root down. `levels` caches each level by its id. */
async function levelsAbove(
  api: OrganizationsApi, target: string, deployed: DeployedPolicy | undefined, levels: Map<string, PolicyLevel>,
): Promise<PolicyLevel[]> {
  const above: PolicyLevel[] = [];
  for (let id: string | undefined = target; id && !id.startsWith('r-');) {
    const parents: { Id?: string }[] | undefined = await api.list('ListParents', { ChildId: id }).catch(api.skipIfDenied(`policies above ${id}`));
    id = parents?.[0]?.Id;
    if (!id) break;
    if (!levels.has(id)) levels.set(id, await readLevel(api, id, (await findPeers(api, id, deployed)).peers));
    above.unshift(levels.get(id)!);
  }
  return above;
}

/**
 * Lists the policies on a root, OU or account other than this opt-out's own, whose content is about to change, and returns whether that is attached.
 *
 * @param required whether to fail if the list may not be read: otherwise nothing would tell whether the policy is attached
 */
async function findPeers(
  api: OrganizationsApi, TargetId: string, deployed?: DeployedPolicy, required = false,
): Promise<{ peers: PolicySummary[]; attached: boolean }> {
  const reading = api.list('ListPoliciesForTarget', { TargetId, Filter: POLICY_TYPE });
  const listed = required ? await reading : await reading.catch(api.skipIfDenied(`policies on ${TargetId}`)) ?? [];
  const peers = listed.filter(({ Id, Name }) => !(deployed?.id ? Id === deployed.id : deployed?.names.includes(Name!)));
  return { peers, attached: peers.length < listed.length };
}

async function readLevel(api: OrganizationsApi, name: string, peers: PolicySummary[]): Promise<PolicyLevel> {
  const policies: LevelPolicy[] = [];
  for (const { Id, Name } of peers) {
    const found = await api.call('DescribePolicy', { PolicyId: Id }).catch(api.skipIfDenied(`policy ${Id}`))
      .catch(on('PolicyNotFoundException', () => {}));
    if (found) policies.push({ name: Name!, document: JSON.parse(found.Policy!.Content!) });
  }
  return { name, policies };
}
