import { AwsError } from '../aws-error';

/** What Amazon SNS says when it refuses. Codes and statuses are the service model's, the texts are AWS's as far as they are publicly quoted. */
export const refusals = {
  denied: (message: string) => new AwsError('AuthorizationError', message, undefined, 403),
  throttled: () => new AwsError('Throttled', 'Rate exceeded', undefined, 429),
  internal: () => new AwsError('InternalError', 'An internal error occurred', undefined, 500),
  notFound: () => new AwsError('NotFound', 'Topic does not exist', undefined, 404),
  invalid: (what: string) => new AwsError('InvalidParameter', `Invalid parameter: ${what}`),
  keyDenied: (message: string) => new AwsError('KMSAccessDenied', `${message} (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException)`),
};
