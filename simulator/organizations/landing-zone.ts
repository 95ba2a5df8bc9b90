import { Organizations, type OrganizationsOptions } from './organizations';

export interface LandingZoneOptions extends OrganizationsOptions {
  /**
   * All accounts, the management account included. At least 3.
   *
   * @default 25 - two pages of ListAccounts
   */
  readonly accounts?: number;
}

/** An organization as AWS Control Tower sets it up, and the ids in it. */
export interface LandingZone {
  readonly organizations: Organizations;
  readonly managementAccountId: string;
  readonly logArchiveAccountId: string;
  readonly auditAccountId: string;
  readonly rootId: string;
  readonly securityUnitId: string;
  readonly workloadsUnitId: string;

  /** Two units inside Workloads, so that some accounts are three levels down. */
  readonly productionUnitId: string;
  readonly testUnitId: string;
  readonly sandboxUnitId: string;

  /** All accounts, management first, in the order in which they joined. */
  readonly accountIds: string[];
}

/**
 * Builds a landing zone: management account in the root; log archive and audit in the Security unit; the rest in turn in Workloads/Production,
 * Workloads/Test and Sandbox. Only service control policies are enabled, as Control Tower leaves it.
 */
export function controlTower({ accounts = 25, ...options }: LandingZoneOptions): LandingZone {
  if (!Number.isInteger(accounts) || accounts < 3) throw new Error(`a landing zone has at least 3 accounts, got ${accounts}`);
  const organizations = new Organizations(options).createOrganization();
  organizations.enablePolicyType('SERVICE_CONTROL_POLICY');

  const securityUnitId = organizations.createOrganizationalUnit('Security');
  const workloadsUnitId = organizations.createOrganizationalUnit('Workloads');
  const productionUnitId = organizations.createOrganizationalUnit('Production', workloadsUnitId);
  const testUnitId = organizations.createOrganizationalUnit('Test', workloadsUnitId);
  const sandboxUnitId = organizations.createOrganizationalUnit('Sandbox');

  const logArchiveAccountId = organizations.createAccount({ name: 'Log Archive', parentId: securityUnitId });
  const auditAccountId = organizations.createAccount({ name: 'Audit', parentId: securityUnitId });
  const kinds = [
    { name: 'Production', parentId: productionUnitId },
    { name: 'Test', parentId: testUnitId },
    { name: 'Sandbox', parentId: sandboxUnitId },
  ];
  for (let index = 0; index < accounts - 3; index++) {
    const { name, parentId } = kinds[index % kinds.length];
    organizations.createAccount({ name: `${name} ${Math.floor(index / kinds.length) + 1}`, parentId });
  }

  return {
    organizations,
    managementAccountId: organizations.managementAccountId,
    logArchiveAccountId,
    auditAccountId,
    rootId: organizations.rootId,
    securityUnitId,
    workloadsUnitId,
    productionUnitId,
    testUnitId,
    sandboxUnitId,
    accountIds: organizations.accountIds,
  };
}
