import { runSimulation } from '@cloud-copilot/iam-simulate';
import { type PolicyDocument } from './iam';

/** What a resource's own policy says about one call. */
export type PolicyVerdict = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

/** One call on a resource that has a policy of its own. */
export interface ResourceRequest {
  /** A service, for example `events.amazonaws.com`, or the ARN of a user or role session. */
  readonly principal: string;
  readonly action: string;

  /** ARN of the resource. */
  readonly resource: string;

  /** The account of the resource. */
  readonly accountId: string;
  readonly context: Record<string, string | string[]>;
}

/** Condition keys of a call that a service makes for one of its resources: always over TLS. */
export function serviceContext(sourceArn: string | undefined, sourceAccount: string): Record<string, string> {
  return {
    ...(sourceArn !== undefined && { 'aws:SourceArn': sourceArn }),
    'aws:SourceAccount': sourceAccount,
    'aws:PrincipalIsAWSService': 'true',
    'aws:SecureTransport': 'true',
  };
}

/** Evaluates a resource's policy alone: nobody's identity policies are looked at. */
export async function evaluateResourcePolicy(policy: PolicyDocument | undefined, request: ResourceRequest): Promise<PolicyVerdict> {
  if (!policy) return 'ImplicitlyDenied';
  const { principal, action, resource, accountId, context } = request;
  const answer = await runSimulation({
    request: { principal, action, resource: { resource, accountId }, contextVariables: context },
    identityPolicies: [],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: policy,
  }, {});
  if (answer.resultType === 'error') throw new Error(`${action} on ${resource} can not be evaluated: ${JSON.stringify(answer.errors)}`);
  return answer.overallResult as PolicyVerdict;
}
