import { AwsError } from '../simulator/aws-error';
import { administratorOf } from '../simulator/http/callers';
import { Organizations } from '../simulator/organizations/organizations';
import { SimulatedClock } from '../simulator/simulated-clock';
import { organizationsClient, type OrganizationsClient, type Send } from '../src/organization';
import { compose, POLICY_TYPE } from '../src/policy';

/** Where the opt-out policies hang. */
export type Shape = 'root' | 'units' | 'accounts';

export const SHAPES: Readonly<Record<Shape, string>> = {
  root: 'root only',
  units: '20 OUs',
  accounts: '500 accounts',
};

const UNITS = 20;
const ATTACHED_ACCOUNTS = 500;
const ACCOUNT_POLICIES = 10;

/** A simulated organization that refuses whoever is faster than AWS's documented rates, and a client of its management account. */
export interface Scene {
  readonly organizations: Organizations;
  readonly clock: SimulatedClock;
  readonly send: Send;
  readonly client: OrganizationsClient;
  readonly askedBy: { readonly accountId: string; readonly arn: string };
}

/**
 * Builds an organization: the management account in the root, all others spread over 20 OUs, which are in an OU of their own.
 *
 * The document is always the library's default. On the root it is one policy, on the OUs one each, on the accounts ten for 50 accounts each.
 */
export function sceneOf(accounts: number, shape: Shape): Scene {
  const clock = new SimulatedClock();
  const organizations = new Organizations({ clock, throttling: true }).createOrganization();
  organizations.enablePolicyType(POLICY_TYPE);
  const workloads = organizations.createOrganizationalUnit('Workloads');
  const units = Array.from({ length: UNITS }, (_, index) => organizations.createOrganizationalUnit(`Unit ${index + 1}`, workloads));
  for (let index = 0; index < accounts - 1; index++) {
    organizations.createAccount({ name: `Account ${index + 1}`, parentId: units[index % UNITS] });
  }
  const content = JSON.stringify(compose({ byDefault: true, optOut: [], optIn: [], unlocked: false, unlockedKeys: [] }));
  for (const [index, targetIds] of targetsOf(organizations, units, shape).entries()) {
    organizations.addPolicy({ name: `ai-opt-out-${index + 1}`, content, targetIds });
  }

  const askedBy = administratorOf(organizations.managementAccountId);
  const send: Send = async (operation, input) => {
    try {
      return await organizations.call(operation, input, askedBy);
    } catch (error) {
      // As the SDK would throw it.
      if (error instanceof AwsError) Object.assign(error, { $metadata: { httpStatusCode: error.status }, Reason: error.reason });
      throw error;
    }
  };
  return { organizations, clock, send, client: organizationsClient(send, { clock }), askedBy };
}

/** The targets of each policy. */
function targetsOf({ rootId, accountIds }: Organizations, units: string[], shape: Shape): string[][] {
  switch (shape) {
    case 'root': return [[rootId]];
    case 'units': return units.map((unit) => [unit]);
    case 'accounts': {
      const attached = accountIds.slice(1, ATTACHED_ACCOUNTS + 1);
      return Array.from({ length: ACCOUNT_POLICIES }, (_, policy) => attached.filter((__, index) => index % ACCOUNT_POLICIES === policy));
    }
  }
}
