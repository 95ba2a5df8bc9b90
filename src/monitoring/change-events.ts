import type { CfnCondition, CfnResource } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { CfnQueue, CfnQueuePolicy } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { POLICY_TYPE } from '../policy';

/** The Region whose EventBridge gets what happens in AWS Organizations. */
export const EVENTS_REGION = 'us-east-1';

/** What can undo an opt-out, or shows that it was done. */
const CHANGES = [
  'EnablePolicyType', 'DisablePolicyType', 'DetachPolicy', 'DeletePolicy', 'UpdatePolicy', 'AttachPolicy', 'MoveAccount',
  'LeaveOrganization', 'RemoveAccountFromOrganization',
];

/** What no API call of an administrator says. */
const SERVICE_EVENTS = ['AccountJoinedOrganization', 'AccountDepartedOrganization', 'EffectivePolicyValidation'];

export interface ChangeEventsProps {
  readonly functionName: string;
  /** Under which the resources exist; absent: always. */
  readonly condition?: CfnCondition;
}

/**
 * Brings changes of the organization to the function, through a queue that gathers what comes within a minute: an administrator who moves
 * a hundred accounts causes a few verifications and not a hundred.
 */
export class ChangeEvents extends Construct {
  public readonly queueArn: string;
  public readonly failureQueueName: string;

  public constructor(scope: Construct, id: string, { functionName, condition }: ChangeEventsProps) {
    super(scope, id);

    const failures = new CfnQueue(this, 'Failures', { sqsManagedSseEnabled: true, messageRetentionPeriod: 14 * 24 * 60 * 60 });
    const queue = new CfnQueue(this, 'Queue', {
      sqsManagedSseEnabled: true,
      // Longer than the function runs, so that a message is never verified twice at the same time.
      visibilityTimeout: 960,
      redrivePolicy: { deadLetterTargetArn: failures.attrArn, maxReceiveCount: 3 },
    });

    const target = { arn: queue.attrArn, id: 'Queue' };
    const pattern = (kind: string, eventName: string[], rest: object = {}) => ({
      'source': ['aws.organizations'],
      'detail-type': [`AWS ${kind} via CloudTrail`],
      'detail': { eventSource: ['organizations.amazonaws.com'], eventName, ...rest },
    });
    const changes = new CfnRule(this, 'Changes', {
      description: 'Changes that can undo an AI services opt-out',
      eventPattern: pattern('API Call', CHANGES, {
        errorCode: [{ exists: false }],
        // Only the calls that enable and disable a type name it.
        $or: [{ requestParameters: { policyType: [POLICY_TYPE] } }, { requestParameters: { policyType: [{ exists: false }] } }],
      }),
      targets: [target],
    });
    const serviceEvents = new CfnRule(this, 'ServiceEvents', {
      description: 'Accounts that come and go, and invalid effective policies',
      // One of these events is marked as read-only, and rules that are merely enabled do not get those.
      state: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
      eventPattern: pattern('Service Event', SERVICE_EVENTS),
      targets: [target],
    });

    const denyWithoutTls = ({ attrArn }: CfnQueue) => ({
      Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: attrArn, Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    const send = {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queue.attrArn,
      Condition: { ArnEquals: { 'aws:SourceArn': [changes.attrArn, serviceEvents.attrArn] } },
    };
    const policyOf = (of: CfnQueue, policyId: string, ...statements: object[]) => new CfnQueuePolicy(this, policyId, {
      queues: [of.ref],
      policyDocument: { Version: '2012-10-17', Statement: [...statements, denyWithoutTls(of)] },
    });
    policyOf(queue, 'QueuePolicy', send);
    policyOf(failures, 'FailuresPolicy');

    new CfnEventSourceMapping(this, 'Mapping', {
      functionName,
      eventSourceArn: queue.attrArn,
      batchSize: 1000,
      maximumBatchingWindowInSeconds: 60,
      // The least there can be: verifications at the same time would only throttle each other.
      scalingConfig: { maximumConcurrency: 2 },
    });

    if (condition) for (const resource of this.node.children as CfnResource[]) resource.cfnOptions.condition = condition;
    this.queueArn = queue.attrArn;
    this.failureQueueName = failures.attrQueueName;
  }
}
