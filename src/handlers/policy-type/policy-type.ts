import type { PolicySummary, Root } from '@aws-sdk/client-organizations';
import { targetsOf, type PolicyTypeProperties } from './events';
import { log } from './log';
import { Stop, type OrganizationsApi } from './organizations-api';
import { POLICY_TYPE } from '../../policy/grammar';

/** Below the documented rate of one ListRoots a second, and how far apart two ENABLED answers must lie. */
const POLL = 5_000;

/** An organization has one root. */
export async function findRoot(api: OrganizationsApi): Promise<Root> {
  return (await api.list<Root>('ListRoots', 'Roots'))[0];
}

/**
 * Waits until the policy type is enabled; where it was not at first, until AWS says so twice: the policy resource does not retry
 * PolicyTypeNotEnabled.
 *
 * A disabled type is enabled for a Create. For an Update that would turn the stack green with the policy attached nowhere: disabling had
 * detached it, and CloudFormation compares templates, not the organization. So an Update stops there.
 */
export async function awaitEnabled(api: OrganizationsApi, root: Root, deployed?: PolicyTypeProperties): Promise<void> {
  let status = statusIn(root);
  for (let settled = status === 'ENABLED'; !settled;) {
    if (status === 'DISABLED') await (deployed ? refuse(api, root.Id!, deployed) : enable(api, root.Id!));
    await api.sleep(POLL, `the policy type was ${status}`);
    const before = status;
    status = statusIn(await findRoot(api));
    settled = status === before && status === 'ENABLED';
  }
}

async function enable(api: OrganizationsApi, rootId: string): Promise<void> {
  await api.call('EnablePolicyType', { RootId: rootId, PolicyType: POLICY_TYPE }).catch((error) => {
    // Somebody else was faster, or an earlier call of ours lost its answer.
    if (error.name !== 'PolicyTypeAlreadyEnabledException') throw error;
  });
}

async function refuse(api: OrganizationsApi, rootId: string, deployed: PolicyTypeProperties): Promise<never> {
  const policies = await api.list<PolicySummary>('ListPolicies', 'Policies', { Filter: POLICY_TYPE }, true);
  const id = policies.find(({ Name }) => Name === deployed.PolicyName)?.Id ?? `ID_OF_${deployed.PolicyName}`;
  const attach = targetsOf(deployed, rootId).map((target) => `; aws organizations attach-policy --policy-id ${id} --target-id ${target}`);
  throw new Stop(`Policy type ${POLICY_TYPE} was disabled: its policies are detached, nobody is opted out. Repair, then update again: `
    + `aws organizations enable-policy-type --root-id ${rootId} --policy-type ${POLICY_TYPE}${attach.join('')}`);
}

/** ENABLED, PENDING_ENABLE or PENDING_DISABLE; a disabled type is not listed at all. */
function statusIn(root: Root): string {
  const status = root.PolicyTypes?.find(({ Type }) => Type === POLICY_TYPE)?.Status ?? 'DISABLED';
  log('found', { status });
  return status;
}
