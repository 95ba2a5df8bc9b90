import { Aws, Fn } from 'aws-cdk-lib';
import { POLICY_TYPE } from '../policy';

/** What a role allows. */
export interface Statement {
  readonly action: string | string[];
  readonly resource: string[];
  readonly condition?: object;
}

/** The narrowest ARNs that IAM allows for ids unknown before deployment. */
export interface OrganizationArns {
  readonly root: string;
  readonly unit: string;
  readonly account: string;
  readonly policy: string;
}

export const ARNS = arns((path) => `arn:${Aws.PARTITION}:organizations::*:${path}`);

/** The same in a third of the lines, for templates that have to stay small. */
export const SHORT_ARNS = arns((path) => Fn.sub(`arn:\${AWS::Partition}:organizations::*:${path}`));

const ofType = { 'organizations:PolicyType': POLICY_TYPE };

/** For changes: AWS has to say the policy type. */
export const ONLY_OF_TYPE = { StringEquals: ofType };

/** For reads, of which AWS does not always say it. */
export const OF_TYPE_IF_SAID = { StringEqualsIfExists: ofType };

/** The statement as a policy document has it. */
export function allow({ action, resource, condition }: Statement): object {
  return { Effect: 'Allow', Action: action, Resource: resource.length === 1 ? resource[0] : resource, Condition: condition };
}

/** The account is the management account, which a delegated administrator's stack does not know. */
function arns(arn: (path: string) => string): OrganizationArns {
  return {
    root: arn('root/o-*/r-*'),
    unit: arn('ou/o-*/ou-*'),
    account: arn('account/o-*/*'),
    policy: arn('policy/o-*/aiservices_opt_out_policy/p-*'),
  };
}
