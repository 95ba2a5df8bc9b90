import { AwsError } from '../aws-error';

/** What AWS Config says when it refuses. Codes are the service model's; of the texts, those of PutConfigRule are publicly quoted, the others are not. */
export const refusals = {
  denied: (message: string) => new AwsError('AccessDeniedException', message),
  throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
  internal: () => new AwsError('InternalFailure', 'The request processing has failed because of an unknown error, exception or failure.', undefined, 500),
  noRecorder: () => new AwsError('NoAvailableConfigurationRecorderException', 'Configuration recorder is not available to put config rule.'),
  notInvokable: (functionArn: string) => new AwsError('InsufficientPermissionsException',
    `The AWS Lambda function ${functionArn} cannot be invoked. Check the specified function ARN, and check the function's permissions.`),
  noSuchRule: (name: string) => new AwsError('NoSuchConfigRuleException',
    `The ConfigRule '${name}' provided in the request is invalid. Please check the configRule name`),
  invalidToken: () => new AwsError('InvalidResultTokenException', 'The specified ResultToken is not valid.'),
  invalidValue: (message: string) => new AwsError('InvalidParameterValueException', message),
  unknownOperation: () => new AwsError('UnknownOperationException', ''),
};
