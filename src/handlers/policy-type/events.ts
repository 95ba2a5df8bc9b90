/** What CloudFormation sends; every property value is a string or holds strings. */
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

/** Only what the user chose: nothing here may change with the library's version, or every upgrade would be an Update. */
export interface PolicyTypeProperties {
  readonly PolicyName: string;
  /** The policy's content as compact JSON. */
  readonly Document: string;
  /** Absent: the organization root. */
  readonly TargetIds?: string[];
  /** Seconds. */
  readonly EnablementTimeout: string;
}

/** Known since the Create and carried in the physical id, so that no later request needs a call to learn them. */
export interface OrganizationIds {
  readonly OrganizationId: string;
  readonly ManagementAccountId: string;
  readonly RootId: string;
}

export function targetsOf(props: PolicyTypeProperties, rootId: string): string[] {
  return props.TargetIds ?? [rootId];
}

/** What CloudFormation wants to hear, in its own words. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  /** The attributes of the resource. */
  readonly Data?: OrganizationIds;
}
