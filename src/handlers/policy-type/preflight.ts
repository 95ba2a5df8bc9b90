import type { DescribeOrganizationResponse, Organization, DescribePolicyResponse, Parent, PolicySummary, Root } from '@aws-sdk/client-organizations';
import { targetsOf, type OrganizationIds, type PolicyTypeProperties } from './events';
import { explain, Stop, type OrganizationsApi } from './organizations-api';
import { findRoot } from './policy-type';
import { conflictsOf } from '../../policy/conflicts';
import { POLICY_TYPE } from '../../policy/grammar';
import type { LevelPolicy, PolicyLevel } from '../../policy/inheritance';
import { UNSUPPORTED_PARTITIONS } from '../../policy/partitions';

/** Whether this account may manage opt-out policies, and of which organization. */
export async function checkOrganization(api: OrganizationsApi, stackId: string): Promise<{ ids: OrganizationIds; root: Root }> {
  const [, partition, , , account] = stackId.split(':');
  if (UNSUPPORTED_PARTITIONS.includes(partition!)) throw new Stop(`AWS does not offer ${POLICY_TYPE} in partition ${partition}.`);

  const { Organization } = await api.call<DescribeOrganizationResponse>('DescribeOrganization')
    .catch(explain('AWSOrganizationsNotInUseException', `Account ${account} is in no organization; only organizations opt out.`));
  const { Id: OrganizationId, MasterAccountId: ManagementAccountId, FeatureSet } = Organization as Required<Organization>;
  if (FeatureSet !== 'ALL') throw new Stop(`Organization ${OrganizationId} has consolidated billing only; enable all features first.`);

  const root = await findRoot(api).catch(explain('AccessDeniedException', account !== ManagementAccountId
    && `Account ${account} is neither the management account (${ManagementAccountId}) nor a delegated administrator for ${POLICY_TYPE}. `
    + 'Deploy there or delegate first.'));
  return { root, ids: { OrganizationId, ManagementAccountId, RootId: root.Id! } };
}

/** The policy resource fails on a taken name, after everything else is done; better to say so now. */
export async function checkName(api: OrganizationsApi, name: string): Promise<void> {
  const policies = await api.list<PolicySummary>('ListPolicies', 'Policies', { Filter: POLICY_TYPE }, true);
  const taken = policies.find((policy) => policy.Name === name);
  if (taken) throw new Stop(`Policy ${taken.Id} is named "${name}" already. Choose another policyName or rename it.`);
}

/** Whether the policy will fit on its targets and win there. Targets that it was deployed to before are left alone. */
export async function checkTargets(
  api: OrganizationsApi, rootId: string, props: PolicyTypeProperties, deployed?: PolicyTypeProperties,
): Promise<void> {
  const own = { name: props.PolicyName, document: JSON.parse(props.Document) };
  // What ours says now, here or further up, is about to change.
  const names = [own.name, deployed?.PolicyName];
  const known = deployed && targetsOf(deployed, rootId);
  for (const target of targetsOf(props, rootId).filter((id) => !known?.includes(id))) {
    const { policies: peers } = await readLevel(api, target, names);
    if (peers.length >= 5) throw new Stop(`${target} carries ${peers.length} opt-out policies, the most AWS allows.`);
    const above: PolicyLevel[] = [];
    for (let id: string | undefined = target; id && !id.startsWith('r-');) {
      id = (await api.list<Parent>('ListParents', 'Parents', { ChildId: id }, true))[0]?.Id;
      if (id) above.unshift(await readLevel(api, id, names));
    }

    const [conflict] = conflictsOf(above, { name: target, policies: peers }, own);
    if (conflict) {
      const { key, wanted, winner } = conflict;
      throw new Stop(`On ${target}, ${key} would not be ${wanted}: `
        + `${winner ? `policy "${winner.policy}" on ${winner.level} says ${winner.setting}` : 'a control above forbids it'}. `
        + 'Earlier policies and controls from above win; change them first.');
    }
  }
}

/** The opt-out policies that a root, OU or account carries, but for our own. */
async function readLevel(api: OrganizationsApi, id: string, own: (string | undefined)[]): Promise<PolicyLevel> {
  const policies: LevelPolicy[] = [];
  const input = { TargetId: id, Filter: POLICY_TYPE };
  for (const { Id, Name } of await api.list<PolicySummary>('ListPoliciesForTarget', 'Policies', input, true)) {
    if (own.includes(Name)) continue;
    const { Policy } = await api.call<DescribePolicyResponse>('DescribePolicy', { PolicyId: Id }, true);
    policies.push({ name: Name!, document: JSON.parse(Policy?.Content ?? '{}') });
  }
  return { name: id, policies };
}
