import type { Answer, OrganizationIds, PolicyTypeEvent } from './events';
import { log, logRequest } from './log';
import { organizationsApi, REDEPLOY, Stop } from './organizations-api';
import { ensureEnabled } from './policy-type';
import { checkOrganization, checkPolicy, checkTargets } from './preflight';
import { reply } from './reply';
import { stackStatus } from './stack';
import { readRoot } from '../../organization/policy-type';

/** What the construct accepts. The function's own timeout leaves a minute for the answer. */
const MAX_TIMEOUT = 840;

/**
 * Prepares the organization for the policy that follows in the template.
 *
 * Create  checks that the policy can be created, attached and take effect, enables the policy type and waits for it.
 * Update  checks the same, and that the policy still exists and is still attached where it was deployed. It never enables the type: if the type is
 *         disabled, every policy is detached, and CloudFormation would not notice.
 * Delete  does nothing: disabling the type would detach every policy of this type in the organization.
 *
 * Gotchas: a FAILED answer while the stack rolls an update back would lock the stack, so the stack's status is read before an Update
 * fails; Lambda delivers an event again when a function fails, so everything here can be done twice.
 */
async function handler(event: PolicyTypeEvent): Promise<void> {
  logRequest(event.RequestId);
  log(event.RequestType, { stack: event.StackId, resource: event.LogicalResourceId });
  await reply(event, await answer(event));
}

async function answer(event: PolicyTypeEvent): Promise<Answer> {
  const { RequestType, PhysicalResourceId = 'create-failed' } = event;
  if (RequestType === 'Delete') return { Status: 'SUCCESS', PhysicalResourceId };
  try {
    const ids = await prepare(event);
    return { Status: 'SUCCESS', PhysicalResourceId: Object.values(ids).join('/'), Data: ids };
  } catch (error: any) {
    const Reason = error.operation ? `${error.operation} failed: ${error}` : `${error}`;
    // If the status cannot be read, the Update fails: a stack that needs help is better than one that is green with no account opted out.
    const rollback = RequestType === 'Update' && (await stackStatus(event.StackId))?.startsWith('UPDATE_ROLLBACK');
    return { Status: rollback ? 'SUCCESS' : 'FAILED', Reason, PhysicalResourceId, Data: rollback ? parseIds(PhysicalResourceId) : undefined };
  }
}

async function prepare(event: PolicyTypeEvent): Promise<OrganizationIds> {
  const { RequestType, StackId, PhysicalResourceId, ResourceProperties: props } = event;
  const isCreate = RequestType === 'Create';
  if (!isCreate && RequestType !== 'Update') throw new Stop(`RequestType ${RequestType} is unknown.`);
  const timeout = Number(props.EnablementTimeout);
  if (!(timeout > 0 && timeout <= MAX_TIMEOUT)) throw new Stop(`EnablementTimeout must be up to ${MAX_TIMEOUT} seconds, got "${props.EnablementTimeout}".`);

  const api = organizationsApi(timeout, isCreate);
  const { ids, root } = isCreate ? await checkOrganization(api, StackId) : { ids: parseIds(PhysicalResourceId!), root: await readRoot(api) };
  if (root.Id !== ids.RootId) {
    throw new Stop(`This account is now in an organization with the root ${root.Id}; the policy was deployed in ${ids.OrganizationId}. ${REDEPLOY}`);
  }
  const deployed = await checkPolicy(api, event, ids.RootId);
  await ensureEnabled(api, root, deployed);
  // After the wait: enabling a type attaches nothing.
  await checkTargets(api, ids.RootId, props, deployed);
  return ids;
}

function parseIds(physicalId: string): OrganizationIds {
  const [OrganizationId, ManagementAccountId, RootId] = physicalId.split('/');
  return { OrganizationId, ManagementAccountId, RootId };
}

exports.handler = handler;
