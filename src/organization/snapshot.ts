import type { PolicyDocument } from '../policy';

/**
 * An organization as it was read: what the computed evidence rests on.
 *
 * Whatever could not be read is absent and named in `gaps`; nothing here is guessed.
 */
export interface OrganizationSnapshot {
  readonly organizationId: string;
  readonly managementAccountId: string;
  readonly rootId: string;
  readonly policyType: PolicyTypeStatus;
  readonly units: Unit[];
  readonly accounts: Account[];
  /** Every opt-out policy, those included that are attached nowhere. */
  readonly policies: Policy[];
  /** Ids of the policies on a root, OU or account, in the order in which AWS lists them. Targets without policies are absent. */
  readonly attachments: ReadonlyMap<string, readonly string[]>;
  readonly gaps: Gap[];
}

export type PolicyTypeStatus = 'ENABLED' | 'PENDING_ENABLE' | 'PENDING_DISABLE' | 'DISABLED' | 'UNKNOWN';

export interface Unit {
  readonly id: string;
  readonly name: string;
  /** The root's or another unit's id. */
  readonly parentId: string;
}

export interface Account {
  readonly id: string;
  readonly name: string;
  /** The root's or a unit's id; empty where it could not be read. A unit that vanished meanwhile is not among `units`. */
  readonly parentId: string;
  /** `ACTIVE`, or what keeps it from being: its effective policy does not matter then. */
  readonly state: string;
}

export interface Policy {
  readonly id: string;
  readonly name: string;
  /** Absent where the content could not be read. */
  readonly content?: string;
  /** Absent where there is no content or it is not JSON. */
  readonly document?: PolicyDocument;
  readonly targetIds: string[];
}

/** Something that could not be read, and what that leaves in the dark. */
export interface Gap {
  /** The operation, for example `ListPoliciesForTarget`. */
  readonly operation: string;
  /** The root, OU, account or policy; absent where the whole list is missing. */
  readonly id?: string;
  /** What AWS answered. */
  readonly error: string;
}
