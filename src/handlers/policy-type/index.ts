import type { Answer, OrganizationIds, PolicyTypeEvent } from './events';
import { log } from './log';
import { organizationsApi } from './organizations-api';
import { awaitEnabled, findRoot } from './policy-type';
import { checkName, checkOrganization, checkTargets } from './preflight';
import { reply } from './reply';
import { isRollingBack } from './stack-status';

/**
 * Prepares the organization for the policy that follows in the template.
 *
 * Create  looks for everything that would make the policy fail or stay without effect, enables the policy type and waits for it.
 * Update  checks again; finding the type disabled it fails, because then every attachment is gone and CloudFormation would not notice.
 * Delete  does nothing: disabling the type would detach every policy of this type in the organization.
 *
 * Gotchas: a FAILED answer while the stack rolls an update back would lock the stack, so the stack's status is read before an Update
 * fails; Lambda delivers an event again when a function fails, so everything here can be done twice.
 */
async function handler(event: PolicyTypeEvent): Promise<void> {
  log(event.RequestType, { stack: event.StackId, resource: event.LogicalResourceId });
  await reply(event, await answer(event));
}

async function answer(event: PolicyTypeEvent): Promise<Answer> {
  const { RequestType, PhysicalResourceId = 'create-failed' } = event;
  if (RequestType === 'Delete') return { Status: 'SUCCESS', PhysicalResourceId };
  try {
    const ids = await prepare(event);
    return { Status: 'SUCCESS', PhysicalResourceId: Object.values(ids).join('/'), Data: ids };
  } catch (error) {
    if (RequestType === 'Update' && await isRollingBack(event.StackId)) {
      return { Status: 'SUCCESS', PhysicalResourceId, Data: parseIds(PhysicalResourceId) };
    }
    return { Status: 'FAILED', Reason: `${error}`, PhysicalResourceId };
  }
}

async function prepare(event: PolicyTypeEvent): Promise<OrganizationIds> {
  const { ResourceProperties: props, OldResourceProperties: deployed } = event;
  const api = organizationsApi(Number(props.EnablementTimeout));
  const { ids, root } = deployed
    ? { ids: parseIds(event.PhysicalResourceId!), root: await findRoot(api) }
    : await checkOrganization(api, event.StackId);
  if (props.PolicyName !== deployed?.PolicyName) await checkName(api, props.PolicyName);
  await awaitEnabled(api, root, deployed);
  await checkTargets(api, ids.RootId, props, deployed);
  return ids;
}

function parseIds(physicalId: string): OrganizationIds {
  const [OrganizationId, ManagementAccountId, RootId] = physicalId.split('/');
  return { OrganizationId, ManagementAccountId, RootId };
}

exports.handler = handler;
