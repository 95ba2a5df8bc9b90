import type {
  CreateOrganizationRequest, CreateOrganizationResponse, DescribeOrganizationResponse, ListRootsRequest, ListRootsResponse,
  Organization as OrganizationAnswer, Root,
} from '@aws-sdk/client-organizations';
import { refusals } from '../errors';
import { choice, paging } from '../input';
import { page } from '../paging';
import { operation } from './operation';
import type { Organization } from '../state/organization';

/** The organization itself and its root. */
export const organizationOperations = {
  CreateOrganization: operation<CreateOrganizationRequest, CreateOrganizationResponse>({
    callers: 'outsiders',
    input: { FeatureSet: choice(['ALL', 'CONSOLIDATED_BILLING']) },
    run: ({ FeatureSet }, { caller, found }) => ({
      Organization: organizationAnswer(found(caller.accountId, FeatureSet ?? 'ALL')),
    }),
  }),

  DescribeOrganization: operation<object, DescribeOrganizationResponse>({
    callers: 'anyone',
    input: {},
    run: (_, { organization }) => ({ Organization: organizationAnswer(organization) }),
  }),

  ListRoots: operation<ListRootsRequest, ListRootsResponse>({
    callers: 'administrators',
    input: paging,
    run: (input, context) => {
      const { items: Roots, ...next } = page([rootAnswer(context.organization, context.now)], input, context);
      return { Roots, ...next };
    },
  }),
};

/** The root with the policy types that are enabled or on their way. */
export function rootAnswer(organization: Organization, now: number): Root {
  const { root } = organization.tree;
  return {
    Id: root.id,
    Arn: organization.arnOf(root),
    Name: root.name,
    PolicyTypes: organization.policyTypes.summaries(now) as Root['PolicyTypes'],
  };
}

function organizationAnswer(organization: Organization): OrganizationAnswer {
  const management = organization.tree.account(organization.managementAccountId);
  if (!management) throw refusals.service();
  return {
    Id: organization.id,
    Arn: organization.arn('organization'),
    FeatureSet: organization.featureSet,
    MasterAccountArn: organization.arnOf(management),
    MasterAccountId: management.id,
    MasterAccountEmail: management.email,
    // Deprecated, and a trap: it never lists anything but service control policies, whatever is enabled.
    AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
  };
}
