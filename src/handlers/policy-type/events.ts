/** A request of CloudFormation. Every property value is a string or consists of strings. */
export interface PolicyTypeEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly StackId: string;
  readonly ResponseURL: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: PolicyTypeProperties;
  readonly OldResourceProperties?: PolicyTypeProperties;
}

/** Nothing here may change with the library's version, or every upgrade would be an Update. */
export interface PolicyTypeProperties {
  /** The properties of the policy resource. A change of any of them invokes the checks before CloudFormation changes the policy. */
  readonly Policy: PolicyProperties;

  /** The logical id of the policy resource. */
  readonly PolicyResource: string;

  /** Seconds. */
  readonly EnablementTimeout: string;
}

export interface PolicyProperties {
  readonly Name: string;
  readonly Content: string | object;

  /** `RootId` stands for the organization root. */
  readonly TargetIds?: string[];
}

/** Carried in the physical id since the Create. */
export interface OrganizationIds {
  readonly OrganizationId: string;
  readonly ManagementAccountId: string;
  readonly RootId: string;
}

export function targetsOf({ Policy }: PolicyTypeProperties, rootId: string): string[] {
  return (Policy.TargetIds ?? []).map((id) => (id === 'RootId' ? rootId : id));
}

/** The answer to CloudFormation. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  /** The attributes of the resource. */
  readonly Data?: OrganizationIds;
}
