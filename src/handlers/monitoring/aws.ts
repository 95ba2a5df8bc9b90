import type * as CloudFormation from '@aws-sdk/client-cloudformation';
import type * as ConfigService from '@aws-sdk/client-config-service';
import type * as SNS from '@aws-sdk/client-sns';
import type * as SSM from '@aws-sdk/client-ssm';
import { isTransient } from '../../organization/errors';
import { organizationsClient, retryTime, SDK_CONFIGURATION, sendThrough, type OrganizationsClient } from '../../organization/organizations-client';

/** A client that retries transient errors until the signal of a call ends it. */
export function organizations(): OrganizationsClient {
  const sdk = require('@aws-sdk/client-organizations') as typeof import('@aws-sdk/client-organizations');
  return organizationsClient(sendThrough(sdk, new sdk.OrganizationsClient(SDK_CONFIGURATION)), {
    retryFor: (error) => (isTransient(error) ? Infinity : retryTime(error)),
  });
}

/** Operations of other services: what each takes and returns. */
interface Operations {
  DescribeStacks: [CloudFormation.DescribeStacksCommandInput, CloudFormation.DescribeStacksCommandOutput];
  GetParameter: [SSM.GetParameterCommandInput, SSM.GetParameterCommandOutput];
  Publish: [SNS.PublishCommandInput, SNS.PublishCommandOutput];
  PutEvaluations: [ConfigService.PutEvaluationsCommandInput, ConfigService.PutEvaluationsCommandOutput];
  PutParameter: [SSM.PutParameterCommandInput, SSM.PutParameterCommandOutput];
}

const SERVICES: Record<keyof Operations, string> = {
  DescribeStacks: 'CloudFormation', GetParameter: 'SSM', Publish: 'SNS', PutEvaluations: 'ConfigService', PutParameter: 'SSM',
};
const PACKAGES: Record<string, string> = { ConfigService: 'config-service' };

/** Calls another service. Its client is loaded when it is needed, and retries by itself. */
export async function callAws<O extends keyof Operations>(operation: O, input: Operations[O][0]): Promise<Operations[O][1]> {
  const service = SERVICES[operation];
  const sdk = require(`@aws-sdk/client-${PACKAGES[service] ?? service.toLowerCase()}`);
  return new sdk[`${service}Client`]({}).send(new sdk[`${operation}Command`](input));
}
