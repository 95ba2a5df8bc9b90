import { AwsError } from '../aws-error';

/**
 * What AWS Organizations says when it refuses.
 *
 * Codes and Reasons are AWS's. So are the texts recorded from it, which are marked; the others have never been recorded and only say the
 * same as the service's documentation. Nothing should depend on those.
 */
export const refusals = {
  // Recorded texts
  accessDenied: () => new AwsError('AccessDeniedException', "You don't have permissions to access this resource."),
  malformedPolicy: () => new AwsError(
    'MalformedPolicyDocumentException', 'The provided policy document does not meet the requirements of the specified policy type.'),
  policyInUse: () => new AwsError('PolicyInUseException', 'The specified policy is in use and cannot be deleted.'),
  targetNotFound: () => new AwsError('TargetNotFoundException', "You specified a target that doesn't exist."),
  accountNotFound: () => new AwsError('AccountNotFoundException', "You specified an account that doesn't exist."),
  effectivePolicyNotFound: () => new AwsError('EffectivePolicyNotFoundException',
    'The specified policy type is not enabled. Enable that policy type on your organization root and then retry.'),
  targetNotSupported: () => new AwsError(
    'InvalidInputException', 'You specified a target that is not currently supported.', 'TARGET_NOT_SUPPORTED'),
  policyTypeNotEffective: () => new AwsError('InvalidInputException', 'You specified an invalid policy type.', 'INVALID_ENUM_POLICY_TYPE'),
  resourcePolicyNotFound: () => new AwsError('ResourcePolicyNotFoundException', 'No resource-based policy found.'),
  resourcePolicyJson: () => invalidInput('INVALID_RESOURCE_POLICY_JSON', 'This resource-based policy contains invalid JSON.'),
  resourcePolicyAction: (action: string) => invalidInput(
    'UNSUPPORTED_ACTION_IN_RESOURCE_POLICY', `${action} is not a supported action for this resource-based policy.`),
  resourcePolicyTags: () => constraint('UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED',
    'Adding tags on updating an existing resource-based policy is not supported.'),
  inputRequired: (member: string) => invalidInput(`INPUT_REQUIRED:${member}`, 'You must provide a value for the parameter.'),
  notAMember: (member: string) => invalidInput(`INVALID_ENUM:${member}`, 'You specified an invalid value.'),

  // Everything else
  notInUse: () => new AwsError('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.'),
  alreadyInOrganization: () => new AwsError('AlreadyInOrganizationException', 'The AWS account is already a member of an organization.'),
  notAuthorized: (arn: string, action: string, resource: string) => new AwsError('AccessDeniedException',
    `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`),
  rootNotFound: () => new AwsError('RootNotFoundException', "You specified a root that doesn't exist."),
  parentNotFound: () => new AwsError('ParentNotFoundException', "You specified a parent that doesn't exist."),
  childNotFound: () => new AwsError('ChildNotFoundException', "You specified a child that doesn't exist."),
  sourceParentNotFound: () => new AwsError('SourceParentNotFoundException', "You specified a source parent that doesn't exist."),
  destinationParentNotFound: () => new AwsError(
    'DestinationParentNotFoundException', "You specified a destination parent that doesn't exist."),
  duplicateAccount: () => new AwsError('DuplicateAccountException', 'The account is already in the destination that you specified.'),
  unitNotFound: () => new AwsError('OrganizationalUnitNotFoundException', "You specified an organizational unit that doesn't exist."),
  duplicateUnit: () => new AwsError('DuplicateOrganizationalUnitException', 'An OU with the same name already exists.'),
  createAccountStatusNotFound: () => new AwsError(
    'CreateAccountStatusNotFoundException', "You specified a create account request that doesn't exist."),
  policyNotFound: () => new AwsError('PolicyNotFoundException', "You specified a policy that doesn't exist."),
  duplicatePolicy: () => new AwsError('DuplicatePolicyException', 'A policy with the specified name and type already exists.'),
  duplicateAttachment: () => new AwsError(
    'DuplicatePolicyAttachmentException', 'The specified policy is already attached to the specified target.'),
  policyNotAttached: () => new AwsError('PolicyNotAttachedException', "The specified policy isn't attached to the specified target."),
  policyTypeAlreadyEnabled: () => new AwsError('PolicyTypeAlreadyEnabledException', 'The specified policy type is already enabled.'),
  policyTypeNotEnabled: () => new AwsError(
    'PolicyTypeNotEnabledException', 'This operation can be performed only for enabled policy types.'),
  policyTypeNotAvailable: () => new AwsError('PolicyTypeNotAvailableForOrganizationException',
    "You can't use the specified policy type with the feature set currently enabled for this organization."),
  policyChangesInProgress: () => new AwsError('PolicyChangesInProgressException',
    'Changes to the policy are in progress. Try the operation again later.'),
  concurrentModification: () => new AwsError('ConcurrentModificationException',
    'AWS Organizations can\'t complete your request because it conflicts with another attempt to modify the same entity. Try again later.'),
  // The Smithy model marks this one 429 and AccessDenied 403, but AccessDenied was recorded with 400: the JSON protocol answers client errors so.
  tooManyRequests: () => new AwsError('TooManyRequestsException', 'You have sent too many requests in too short a period of time. Try again later.'),
  service: () => new AwsError('ServiceException',
    "AWS Organizations can't complete your request because of an internal service error. Try again later.", undefined, 500),
  policyTooLong: (limit: number) => constraint('POLICY_CONTENT_LIMIT_EXCEEDED', `The policy content exceeds the limit of ${limit} characters.`),
  tooManyPolicies: () => constraint('POLICY_NUMBER_LIMIT_EXCEEDED', 'You have reached the maximum number of policies of this type.'),
  tooManyAttachments: () => constraint('MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
    'You have attached the maximum number of policies of this type to the specified target.'),
  unitTooDeep: () => constraint('OU_DEPTH_LIMIT_EXCEEDED', 'You have exceeded the number of levels that an OU tree can have.'),
  tooManyUnits: () => constraint('OU_NUMBER_LIMIT_EXCEEDED', 'You have exceeded the number of OUs that an organization can have.'),
  tooManyTags: () => constraint('MAX_TAG_LIMIT_EXCEEDED', 'You have exceeded the number of tags that a resource can have.'),
  duplicateTagKey: () => invalidInput('DUPLICATE_TAG_KEY', 'Tag keys must be unique among the tags of a resource.'),
  systemTag: () => invalidInput('INVALID_SYSTEM_TAGS_PARAMETER', 'You specified a tag key that starts with a system prefix.'),
  invalidToken: () => invalidInput('INVALID_NEXT_TOKEN', 'You specified an invalid value for the next token.'),
  patternMismatch: (reason: string) => invalidInput(reason, 'You provided a value that does not match the required pattern.'),
  outOfBounds: (reason: string) => invalidInput(reason, 'You provided a value that is outside the allowed range.'),
  unknownOperation: () => new AwsError('UnknownOperationException', ''),
  serialization: (message: string) => new AwsError('SerializationException', message),
  unitNotEmpty: () => new AwsError('OrganizationalUnitNotEmptyException',
    'The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.'),
  managementCannotLeave: () => new AwsError(
    'MasterCannotLeaveOrganizationException', "You can't remove a management account from an organization."),
  delegatedCannotLeave: () => constraint('CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG',
    "You can't remove an account that is registered as a delegated administrator for a service."),
  managementCannotClose: () => constraint('CANNOT_CLOSE_MANAGEMENT_ACCOUNT', "You can't close the management account."),
  alreadyClosed: () => new AwsError('AccountAlreadyClosedException', 'You attempted to close an account that is already closed.'),
  closingAlready: () => new AwsError('ConflictException', 'The request failed because it conflicts with the current state of the specified account.'),
  needsAllFeatures: () => constraint('ORGANIZATION_NOT_IN_ALL_FEATURES_MODE', 'This operation requires all features to be enabled.'),
  managementCannotBeDelegated: () => constraint('CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR',
    "You can't register the management account as a delegated administrator."),
  suspendedCannotBeDelegated: () => constraint('CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR',
    "You can't register a suspended account as a delegated administrator."),
  alreadyRegistered: () => new AwsError('AccountAlreadyRegisteredException',
    'The specified account is already a delegated administrator for this AWS service.'),
  notRegistered: () => new AwsError('AccountNotRegisteredException',
    'The specified account is not a delegated administrator for this AWS service.'),
};

function invalidInput(reason: string, message: string): AwsError {
  return new AwsError('InvalidInputException', message, reason);
}

function constraint(reason: string, message: string): AwsError {
  return new AwsError('ConstraintViolationException', message, reason);
}
