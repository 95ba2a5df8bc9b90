import { AwsError } from '../aws-error';

const TIERS = 'https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html';

/** What Parameter Store says when it refuses. The texts are AWS's, as far as they are publicly quoted; `ParameterNotFound` really has none. */
export const refusals = {
  denied: (message: string) => new AwsError('AccessDeniedException', message),
  throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
  internal: () => new AwsError('InternalServerError', 'An error occurred on the server side.', undefined, 500),
  notFound: () => new AwsError('ParameterNotFound', ''),
  versionNotFound: (name: string, version: string) => new AwsError(
    'ParameterVersionNotFound', `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`),
  labelNotFound: (name: string, label: string) => new AwsError(
    'ParameterVersionNotFound', `Systems Manager could not find label ${label} for parameter ${name}. Verify the label and try again.`),
  alreadyExists: () => new AwsError('ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.'),
  tooLong: (limit: number) => new AwsError('ValidationException',
    `Standard tier parameters support a maximum parameter value of ${limit} characters. To create a larger parameter value, `
    + `upgrade the parameter to use the advanced-parameter tier. For more information, see ${TIERS}`),
  typeRequired: () => new AwsError('ValidationException', 'A parameter type is required when you create a parameter.'),
  unsupportedType: (type: string) => new AwsError('UnsupportedParameterType', `The parameter type ${type} is not supported: the simulation has no keys.`),
  reservedName: () => new AwsError('ValidationException', 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).'),
  notQualified: () => new AwsError('ValidationException', 'Parameter name must be a fully qualified name.'),
  badName: () => new AwsError('ValidationException',
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; '
    + 'each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_'),
  patternMismatch: () => new AwsError('ParameterPatternMismatchException', 'The parameter value does not match the allowed pattern.'),
  tagsAndOverwrite: () => new AwsError('ValidationException',
    'Invalid request: tags and overwrite can\'t be used together. To create a parameter with tags, please remove overwrite flag. '
    + 'To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.'),
  unknownOperation: () => new AwsError('UnknownOperationException', ''),
};
