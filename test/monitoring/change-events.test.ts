import { monitorTemplate, resource, SHARED, US_EAST_1 } from '../support/monitoring';
import { newStack, resourcesOf, theOnly } from '../support/stacks';

const template = monitorTemplate({}, newStack(US_EAST_1));
const CHANGES = 'MonitorEventsChangesD16EA027';
const SERVICE_EVENTS = 'MonitorEventsServiceEvents0FD399F2';
const QUEUE = 'MonitorEventsQueueC93120A4';
const FAILURES = 'MonitorEventsFailures17150040';

test('calls that can undo an opt-out reach the queue', () => {
  expect(resource(template, CHANGES).Properties).toEqual({
    Description: expect.any(String),
    EventPattern: {
      'source': ['aws.organizations'],
      'detail-type': ['AWS API Call via CloudTrail'],
      'detail': {
        eventSource: ['organizations.amazonaws.com'],
        eventName: [
          'EnablePolicyType', 'DisablePolicyType', 'DetachPolicy', 'DeletePolicy', 'UpdatePolicy', 'AttachPolicy', 'MoveAccount', 'LeaveOrganization',
          'RemoveAccountFromOrganization',
        ],
        errorCode: [{ exists: false }],
        $or: [
          { requestParameters: { policyType: ['AISERVICES_OPT_OUT_POLICY'] } },
          { requestParameters: { policyType: [{ exists: false }] } },
        ],
      },
    },
    Targets: [{ Id: 'Queue', Arn: { 'Fn::GetAtt': [QUEUE, 'Arn'] } }],
  });
});

test('what AWS itself says reaches the queue, read-only events included', () => {
  expect(resource(template, SERVICE_EVENTS).Properties).toEqual({
    Description: expect.any(String),
    State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
    EventPattern: {
      'source': ['aws.organizations'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      'detail': {
        eventSource: ['organizations.amazonaws.com'],
        eventName: ['AccountJoinedOrganization', 'AccountDepartedOrganization', 'EffectivePolicyValidation'],
      },
    },
    Targets: [{ Id: 'Queue', Arn: { 'Fn::GetAtt': [QUEUE, 'Arn'] } }],
  });
});

test('the queue is encrypted, outlasts a run, and gives up after three', () => {
  expect(resource(template, QUEUE).Properties).toEqual({
    SqsManagedSseEnabled: true,
    VisibilityTimeout: 960,
    RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': [FAILURES, 'Arn'] }, maxReceiveCount: 3 },
  });
  expect(resource(template, SHARED.function).Properties.Timeout).toBeLessThan(960);
});

test('what could not be handled is kept for two weeks, encrypted', () => {
  expect(resource(template, FAILURES).Properties).toEqual({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86_400 });
});

describe('the policies of the queues', () => {
  const policies = resourcesOf(template, 'AWS::SQS::QueuePolicy').map(([, { Properties }]) => Properties);
  const withoutTls = (id: string) => ({
    Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: { 'Fn::GetAtt': [id, 'Arn'] }, Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });

  test('let both rules send, and nobody else', () => {
    expect(policies[0]).toEqual({
      Queues: [{ Ref: QUEUE }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: { 'Fn::GetAtt': [QUEUE, 'Arn'] },
            Condition: { ArnEquals: { 'aws:SourceArn': [{ 'Fn::GetAtt': [CHANGES, 'Arn'] }, { 'Fn::GetAtt': [SERVICE_EVENTS, 'Arn'] }] } },
          },
          withoutTls(QUEUE),
        ],
      },
    });
  });

  test('let nobody send to the queue of failures', () => {
    expect(policies[1]).toEqual({ Queues: [{ Ref: FAILURES }], PolicyDocument: { Version: '2012-10-17', Statement: [withoutTls(FAILURES)] } });
    expect(policies).toHaveLength(2);
  });
});

test('the function gets what comes within a minute at once', () => {
  expect(theOnly(template, 'AWS::Lambda::EventSourceMapping').Properties).toEqual({
    FunctionName: { Ref: SHARED.function },
    EventSourceArn: { 'Fn::GetAtt': [QUEUE, 'Arn'] },
    BatchSize: 1000,
    MaximumBatchingWindowInSeconds: 60,
    ScalingConfig: { MaximumConcurrency: 2 },
  });
});
