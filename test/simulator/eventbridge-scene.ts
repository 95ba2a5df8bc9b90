import { allow, withFunction } from './cloudformation/scene';
import { type SimulatedAws } from '../../simulator/cloudformation/simulated-aws';
import { MANAGEMENT, MEMBER } from '../support/ids';

export const AI = 'AISERVICES_OPT_OUT_POLICY';
export { MANAGEMENT, MEMBER };
export const MINUTE = 60_000;

/** An organization with an attached opt-out, and a member account. */
export const OPTED_OUT = {
  scene: (organizations: any) => {
    organizations.createOrganization().enablePolicyType(AI);
    organizations.createAccount({ name: 'Member', id: MEMBER });
    organizations.addPolicy({ name: 'OptOut', content: JSON.stringify({ services: {} }), targetIds: [organizations.rootId] });
  },
};

/** Somebody who is not deploying. */
export const ALICE = { accountId: MANAGEMENT, arn: `arn:aws:iam::${MANAGEMENT}:user/Alice` };

/** Code of a function that answers nothing. */
export const NOTE = 'exports.handler = async (event) => ({ seen: true });';

export function arnOf(logicalId: string) {
  return { 'Fn::GetAtt': [logicalId, 'Arn'] };
}

export function rule(properties: object = {}, attributes: object = {}) {
  return { Type: 'AWS::Events::Rule', Properties: { Targets: [{ Id: 'Target', Arn: arnOf('Function') }], ...properties }, ...attributes };
}

export const DETACHED = { 'source': ['aws.organizations'], 'detail-type': ['AWS API Call via CloudTrail'], 'detail': { eventName: ['DetachPolicy'] } };

/** Lets EventBridge invoke `Function` for a rule. */
export function permission(ruleId = 'Rule', properties: object = {}) {
  return {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'Function' }, Principal: 'events.amazonaws.com', SourceArn: arnOf(ruleId), ...properties,
    },
  };
}

export function queue(properties: object = {}, attributes: object = {}) {
  return { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60, ...properties }, ...attributes };
}

/** Lets EventBridge send to `Queue` for rules, and refuses everything without TLS. */
export function queuePolicy(...ruleIds: string[]) {
  const Statement = [
    {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arnOf('Queue'),
      Condition: { ArnEquals: { 'aws:SourceArn': ruleIds.map(arnOf) } },
    },
    { Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: arnOf('Queue'), Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  ];
  return { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'Queue' }], PolicyDocument: { Version: '2012-10-17', Statement } } };
}

export function mapping(properties: object = {}) {
  return {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: { EventSourceArn: arnOf('Queue'), FunctionName: { Ref: 'Function' }, ...properties },
  };
}

export const MAY_READ_QUEUE = allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], arnOf('Queue'));

/** Rule, queue, mapping and function. */
export function throughQueue(code = NOTE, mappingProperties: object = {}, queueProperties: object = {}) {
  return {
    ...withFunction(code, {}, MAY_READ_QUEUE),
    Queue: queue(queueProperties),
    Rule: rule({ EventPattern: DETACHED, Targets: [{ Id: 'Queue', Arn: arnOf('Queue') }] }),
    Policy: queuePolicy('Rule'),
    Mapping: mapping(mappingProperties),
  };
}

export async function deploy(aws: SimulatedAws, resources: object, stackName = 'Stack') {
  return aws.cloudFormation.createStack({ stackName, template: { Resources: resources } });
}

/** Takes the opt-out off the root, or puts it there again. */
export async function detach(aws: SimulatedAws, caller: any = ALICE) {
  const { Policies: [{ Id }] } = await aws.organizations.call('ListPolicies', { Filter: AI }, caller) as any;
  return aws.organizations.call('DetachPolicy', { PolicyId: Id, TargetId: aws.organizations.rootId }, caller);
}

export async function attach(aws: SimulatedAws, caller: any = ALICE) {
  const { Policies: [{ Id }] } = await aws.organizations.call('ListPolicies', { Filter: AI }, caller) as any;
  return aws.organizations.call('AttachPolicy', { PolicyId: Id, TargetId: aws.organizations.rootId }, caller);
}

/** The event in a message's body. */
export function eventIn(record: { body: string }): any {
  return JSON.parse(record.body);
}
