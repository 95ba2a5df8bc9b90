import type { Root } from '@aws-sdk/client-organizations';
import { log } from './log';
import { Stop, type OrganizationsApi } from './organizations-api';
import { attachCommands, type DeployedPolicy } from './preflight';
import { awaitEnabled, policyTypeOn } from '../../organization/policy-type';
import { POLICY_TYPE } from '../../policy/grammar';

/** Milliseconds before each read of the status; the last one repeats. AWS allows one ListRoots a second, and two at once. */
const POLLS = [1_000, 2_000, 5_000];

/**
 * Waits until the policy type is enabled. The policy resource does not retry PolicyTypeNotEnabled.
 *
 * A disabled type is enabled for a Create. For an Update that would turn the stack green with the policy attached nowhere: disabling had
 * detached it, and CloudFormation compares templates, not the organization. So an Update stops there.
 */
export async function ensureEnabled(api: OrganizationsApi, root: Root, deployed?: DeployedPolicy): Promise<void> {
  if (policyTypeOn(root) === 'ENABLED') return;
  let reads = 0;
  await awaitEnabled(api, {
    root,
    wait: async (status) => {
      log('waiting', { status });
      await api.sleep(POLLS[reads++] ?? POLLS.at(-1)!, `the policy type was ${status}`);
    },
    ...(deployed && { whenDisabled: async (rootId) => refuse(rootId, deployed) }),
  });
}

function refuse(rootId: string, deployed: DeployedPolicy): never {
  throw new Stop(`Policy type ${POLICY_TYPE} was disabled, which detached its policies. `
    + `Run: aws organizations enable-policy-type --root-id ${rootId} --policy-type ${POLICY_TYPE}. When list-roots shows it as ENABLED, run: `
    + `${attachCommands(deployed, deployed.targets)}. Then update again.`);
}
