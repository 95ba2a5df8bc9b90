import type { Root } from '@aws-sdk/client-organizations';
import { log } from './log';
import { Stop, type OrganizationsApi } from './organizations-api';
import { attachCommands, type DeployedPolicy } from './preflight';
import { POLICY_TYPE } from '../../policy/grammar';

/** Milliseconds before each read of the status; the last one repeats. AWS allows one ListRoots a second, and two at once. */
const POLLS = [1_000, 2_000, 5_000];

/** An organization has one root. */
export async function findRoot(api: OrganizationsApi): Promise<Root> {
  return (await api.list<Root>('ListRoots'))[0];
}

/**
 * Waits until the policy type is enabled; if it was not at first, until two reads in a row return ENABLED: the policy resource does not retry
 * PolicyTypeNotEnabled.
 *
 * A disabled type is enabled for a Create. For an Update that would turn the stack green with the policy attached nowhere: disabling had
 * detached it, and CloudFormation compares templates, not the organization. So an Update stops there.
 */
export async function awaitEnabled(api: OrganizationsApi, root: Root, deployed?: DeployedPolicy): Promise<void> {
  let status = statusIn(root);
  const polls = [...POLLS];
  for (let settled = status === 'ENABLED'; !settled;) {
    if (status === 'DISABLED') await (deployed ? refuse(root.Id!, deployed) : enable(api, root.Id!));
    await api.sleep(polls.length > 1 ? polls.shift()! : polls[0], `the policy type was ${status}`);
    const before = status;
    status = statusIn(await findRoot(api));
    settled = status === before && status === 'ENABLED';
  }
}

async function enable(api: OrganizationsApi, rootId: string): Promise<void> {
  await api.call('EnablePolicyType', { RootId: rootId, PolicyType: POLICY_TYPE }).catch((error) => {
    // Another process was faster, or the answer to an earlier attempt was lost.
    if (error.name !== 'PolicyTypeAlreadyEnabledException') throw error;
  });
}

async function refuse(rootId: string, deployed: DeployedPolicy): Promise<never> {
  throw new Stop(`Policy type ${POLICY_TYPE} was disabled: that detached its policies, and no account is opted out. `
    + `Run: aws organizations enable-policy-type --root-id ${rootId} --policy-type ${POLICY_TYPE}. When aws organizations list-roots shows it as ENABLED, `
    + `run: ${attachCommands(deployed, deployed.targets)}. Then update again.`);
}

/** ENABLED, PENDING_ENABLE or PENDING_DISABLE; a disabled type is not listed at all. */
function statusIn(root: Root): string {
  const status = root.PolicyTypes?.find(({ Type }) => Type === POLICY_TYPE)?.Status ?? 'DISABLED';
  log('found', { status });
  return status;
}
