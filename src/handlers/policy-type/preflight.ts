import type { DescribeOrganizationResponse, DescribePolicyResponse, Organization, Parent, PolicySummary, Root } from '@aws-sdk/client-organizations';
import { targetsOf, type OrganizationIds, type PolicyTypeEvent, type PolicyTypeProperties } from './events';
import { log } from './log';
import { explain, skipIfDenied, Stop, type OrganizationsApi } from './organizations-api';
import { findRoot } from './policy-type';
import { physicalId, stackStatus } from './stack';
import { POLICY_TYPE } from '../../policy/grammar';
import { governing, merge, type LevelPolicy, type PolicyLevel } from '../../policy/inheritance';

/** AWS's limit of policies attached directly to one root, OU or account. */
const MAX_ATTACHED = 5;

/** The policy as an earlier deployment left it. */
export interface DeployedPolicy {
  /** Undefined if it could not be read. */
  readonly id?: string;

  /** Before and after this Update. During a rollback the policy may have either. */
  readonly names: string[];
  readonly targets: string[];
}

/** The opt-out policies on a root, OU or account, without this opt-out's own: its content is about to change. */
interface Level extends PolicyLevel {
  /** Whether this opt-out's own policy is attached. */
  readonly attached: boolean;

  /** How many other policies are attached, those included that could not be read. */
  readonly peers: number;
}

/** Returns the organization, or stops if this account cannot manage its opt-out policies. */
export async function checkOrganization(api: OrganizationsApi, stackId: string): Promise<{ ids: OrganizationIds; root: Root }> {
  const [, partition, , , account] = stackId.split(':');
  if (/^aws-(us-gov|cn)$/.test(partition)) throw new Stop(`AWS does not offer ${POLICY_TYPE} in partition ${partition}.`);

  const { Organization } = await api.call<DescribeOrganizationResponse>('DescribeOrganization')
    .catch(explain('AWSOrganizationsNotInUseException', `Account ${account} is in no organization; only organizations opt out.`));
  const { Id: OrganizationId, MasterAccountId: ManagementAccountId, FeatureSet } = Organization as Required<Organization>;
  if (FeatureSet !== 'ALL') throw new Stop(`Organization ${OrganizationId} has consolidated billing only; enable all features first.`);

  const root = await findRoot(api).catch(explain('AccessDeniedException', account !== ManagementAccountId
    && `Account ${account} is neither the management account (${ManagementAccountId}) nor a delegated administrator for ${POLICY_TYPE}. `
    + 'Deploy there or delegate first.'));
  return { root, ids: { OrganizationId, ManagementAccountId, RootId: root.Id! } };
}

/**
 * Finds the deployed policy. Stops if it was deleted, or if another policy has the name: the policy resource would fail last of all, and after a
 * deletion it could not roll back.
 */
export async function checkPolicy(
  api: OrganizationsApi, { StackId, ResourceProperties: props, OldResourceProperties: old }: PolicyTypeEvent, rootId: string,
): Promise<DeployedPolicy | undefined> {
  const id = old && await physicalId(StackId, props.PolicyResource);
  // With another logical id, CloudFormation creates another policy.
  const deployed = old && (id || old.PolicyResource === props.PolicyResource)
    ? { id, names: [old.Policy.Name, props.Policy.Name], targets: targetsOf(old, rootId) } : undefined;

  const policies = await api.list<PolicySummary>('ListPolicies', { Filter: POLICY_TYPE }).catch(skipIfDenied('existence and name of the policy'));
  if (!policies) return deployed;
  const named = (name: string) => policies.find(({ Name }) => Name === name);
  const own = id ? policies.find(({ Id }) => Id === id) : deployed?.names.map(named).find(Boolean);
  if (deployed && !own) {
    throw new Stop(`Policy ${id ?? `"${old!.Policy.Name}"`} was deleted outside CloudFormation, and no command restores its id. `
      + 'Deploy the opt-out under another construct id, which creates a new policy.');
  }
  const taken = named(props.Policy.Name);
  if (taken && taken !== own) {
    const updating = (await stackStatus(StackId))?.startsWith('UPDATE');
    throw new Stop(`Policy ${taken.Id} is named "${taken.Name}" already. ${updating
      ? 'It may be this stack\'s own policy: if its construct was renamed or moved, restore the construct id or choose another policyName. '
        + `With another policyName, ${taken.Id} stays attached until you delete it.`
      : 'Choose another policyName or rename it.'}`);
  }
  return deployed && { ...deployed, id: own!.Id };
}

/** Stops if the policy is no longer attached where it was deployed, cannot be attached to a target, or would not take effect there. */
export async function checkTargets(api: OrganizationsApi, rootId: string, props: PolicyTypeProperties, deployed?: DeployedPolicy): Promise<void> {
  const targets = targetsOf(props, rootId);
  const known = deployed?.targets ?? [];
  for (const target of known.filter((id) => !targets.includes(id))) await checkRemovable(api, target, deployed!);

  const levels = new Map<string, Level>();
  const detached: string[] = [];
  for (const target of targets) {
    const kept = known.includes(target);
    const level = await readLevel(api, target, deployed, kept).catch(explain('TargetNotFoundException', !kept && `Target ${target} does not exist.`))
      .catch((error) => {
        if (error.name !== 'TargetNotFoundException') throw error;
        log('warning', { message: `Target ${target} no longer exists. Leave it in targetIds: CloudFormation could not detach the policy from it.` });
      });
    if (!level) continue;
    levels.set(target, level);
    if (kept && !level.attached) detached.push(target);
    if (!kept && !level.attached && level.peers >= MAX_ATTACHED) {
      throw new Stop(`${target} carries ${level.peers} opt-out policies, the most AWS allows. Detach one of them first.`);
    }
  }
  if (detached.length > 0) {
    throw new Stop(`Policy ${labelOf(deployed!)} was detached from ${detached.join(', ')}, where it opts no account out. `
      + `Attach it, then update again: ${attachCommands(deployed!, detached)}`);
  }
  for (const target of [...levels.keys()]) await checkConflicts(api, target, props, deployed, levels);
}

/** The commands that attach a policy. A name never gets into a command. */
export function attachCommands({ id = 'POLICY_ID' }: DeployedPolicy, targets: string[]): string {
  return targets.map((target) => `aws organizations attach-policy --policy-id ${id} --target-id ${target}`).join('; ');
}

function labelOf({ id, names: [name] }: DeployedPolicy): string {
  return id ?? `"${name}" (POLICY_ID below)`;
}

/** CloudFormation fails to detach a policy from a target that no longer exists, and then cannot roll back. */
async function checkRemovable(api: OrganizationsApi, target: string, deployed: DeployedPolicy): Promise<void> {
  await attachedTo(api, target).catch(explain('TargetNotFoundException', `Target ${target} no longer exists: CloudFormation could neither detach the `
    + `policy from it nor roll back. Leave ${target} in targetIds, or deploy the opt-out under another construct id and policyName. `
    + `Policy ${deployed.id ?? `"${deployed.names[0]}"`} then stays attached to the other targets until you delete it.`))
    .catch(skipIfDenied(`existence of ${target}`));
}

async function checkConflicts(
  api: OrganizationsApi, target: string, props: PolicyTypeProperties, deployed: DeployedPolicy | undefined, levels: Map<string, Level>,
): Promise<void> {
  const above: PolicyLevel[] = [];
  for (let id: string | undefined = target; id && !id.startsWith('r-');) {
    const parents: Parent[] | undefined = await api.list<Parent>('ListParents', { ChildId: id }).catch(skipIfDenied(`policies above ${id}`));
    id = parents?.[0]?.Id;
    if (!id) break;
    if (!levels.has(id)) levels.set(id, await readLevel(api, id, deployed));
    above.unshift(levels.get(id)!);
  }

  // Attached last, the policy silently loses to each peer, whatever their order, and to controls from above.
  const { Name, Content } = props.Policy;
  const own = { name: Name, document: typeof Content === 'string' ? JSON.parse(Content) : Content };
  const wanted = merge([{ name: target, policies: [own] }]);
  for (const earlier of [[], ...levels.get(target)!.policies.map((peer) => [peer])]) {
    const expected = merge([...above, { name: target, policies: [...earlier, own] }]);
    for (const key of [...wanted.keys(), ...expected.keys()]) {
      const want = governing(wanted, key)?.setting;
      const got = governing(expected, key);
      if (want && want !== got?.setting) {
        throw new Stop(`On ${target}, ${key} would not be ${want}: `
          + `${got ? `policy "${got.policy}" on ${got.level} says ${got.setting}` : 'a control above forbids it'}. `
          + 'Earlier policies and controls from above win; change them first.');
      }
    }
  }
}

/** @param required whether to fail if the policies may not be listed: otherwise nothing would tell whether the policy is attached */
async function readLevel(api: OrganizationsApi, id: string, deployed?: DeployedPolicy, required = false): Promise<Level> {
  const isOwn = ({ Id, Name }: PolicySummary) => (deployed?.id ? Id === deployed.id : deployed?.names.includes(Name!) ?? false);
  const listed = required ? await attachedTo(api, id) : await attachedTo(api, id).catch(skipIfDenied(`conflicts with policies on ${id}`)) ?? [];
  const peers = listed.filter((policy) => !isOwn(policy));
  const policies: LevelPolicy[] = [];
  for (const { Id, Name } of peers) {
    const found = await api.call<DescribePolicyResponse>('DescribePolicy', { PolicyId: Id }).catch(skipIfDenied(`conflicts with policy ${Id}`))
      // Deleted since it was listed.
      .catch((error) => { if (error.name !== 'PolicyNotFoundException') throw error; });
    if (found) policies.push({ name: Name!, document: JSON.parse(found.Policy!.Content!) });
  }
  return { name: id, policies, peers: peers.length, attached: peers.length < listed.length };
}

async function attachedTo(api: OrganizationsApi, TargetId: string): Promise<PolicySummary[]> {
  return api.list<PolicySummary>('ListPoliciesForTarget', { TargetId, Filter: POLICY_TYPE });
}
