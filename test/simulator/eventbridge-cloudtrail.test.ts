import { allow, custom, handler, policy, startAws, withFunction } from './cloudformation/scene';
import { AI, ALICE, deploy, detach, MANAGEMENT, MEMBER, MINUTE, OPTED_OUT } from './eventbridge-scene';
import { ConnectionDropped } from '../../simulator/organizations/organizations';

/** Events of an organization that have reached the bus a minute later. */
async function eventsAfter(act: (aws: any) => Promise<unknown>, options: object = OPTED_OUT) {
  const aws = await startAws(options);
  await act(aws);
  await aws.clock.sleep(MINUTE);
  return { aws, events: aws.eventBridge.events.filter(({ source }) => source === 'aws.organizations') };
}

const refused = async (call: Promise<unknown>) => { await expect(call).rejects.toThrow(); };

describe('a call', () => {
  test('looks as CloudTrail records it', async () => {
    const { aws, events } = await eventsAfter(detach);
    const { requestParameters } = events[0].detail;

    expect(events).toEqual([{
      'version': '0',
      'id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'AWS API Call via CloudTrail',
      'source': 'aws.organizations',
      'account': MANAGEMENT,
      'time': '2026-01-01T00:00:00Z',
      'region': 'us-east-1',
      'resources': [],
      'detail': {
        eventVersion: '1.11',
        userIdentity: {
          type: 'IAMUser', principalId: expect.any(String), arn: ALICE.arn, accountId: MANAGEMENT, accessKeyId: expect.any(String), userName: 'Alice',
        },
        eventTime: '2026-01-01T00:00:00Z',
        eventSource: 'organizations.amazonaws.com',
        eventName: 'DetachPolicy',
        awsRegion: 'us-east-1',
        sourceIPAddress: '192.0.2.0',
        userAgent: 'aws-sdk',
        requestParameters: { policyId: expect.stringMatching(/^p-/), targetId: aws.organizations.rootId },
        responseElements: null,
        requestID: expect.any(String),
        eventID: expect.any(String),
        readOnly: false,
        eventType: 'AwsApiCall',
        managementEvent: true,
        recipientAccountId: MANAGEMENT,
        eventCategory: 'Management',
      },
    }]);
    expect(Object.keys(requestParameters)).toEqual(['policyId', 'targetId']);
  });

  test('that failed carries the error', async () => {
    const { events } = await eventsAfter(async ({ organizations }) => {
      await refused(organizations.call('AttachPolicy', { PolicyId: 'p-0123456789', TargetId: organizations.rootId }, ALICE));
    });

    expect(events.map(({ detail }) => detail)).toMatchObject([{
      eventName: 'AttachPolicy',
      errorCode: 'PolicyNotFoundException',
      errorMessage: "You specified a policy that doesn't exist.",
      requestParameters: { policyId: 'p-0123456789' },
      responseElements: null,
    }]);
  });

  test('that succeeded has no error code at all', async () => {
    const { events } = await eventsAfter(detach);

    expect(events[0].detail).not.toHaveProperty('errorCode');
  });

  test('that was not allowed is told as well', async () => {
    const nobody = { ...ALICE, authorize: async () => false };
    const { events } = await eventsAfter(async ({ organizations }) => {
      await refused(organizations.call('DisablePolicyType', { RootId: organizations.rootId, PolicyType: AI }, nobody));
    });

    expect(events.map(({ detail }) => [detail.eventName, detail.errorCode])).toEqual([['DisablePolicyType', 'AccessDeniedException']]);
  });

  test('has its answer, in lower camel case, and hides names and addresses', async () => {
    const { events } = await eventsAfter(async ({ organizations }) => {
      await organizations.call('DisablePolicyType', { RootId: organizations.rootId, PolicyType: AI }, ALICE);
      await organizations.call('CreateAccount', { AccountName: 'New', Email: 'new@example.com' }, ALICE);
    }, { ...OPTED_OUT, organizations: { disableDelayMs: 30_000 } });
    const [disabled, created] = events.map(({ detail }) => detail);

    expect(disabled.requestParameters).toEqual({ rootId: 'r-a1b2', policyType: AI });
    expect(disabled.responseElements).toMatchObject({ root: { id: 'r-a1b2', policyTypes: [{ type: AI, status: 'PENDING_DISABLE' }] } });
    expect(created.requestParameters).toEqual({ accountName: '****', email: '****' });
    expect(created.responseElements.createAccountStatus).toMatchObject({ state: 'IN_PROGRESS', accountName: '****', requestedTimestamp: 'Jan 1, 2026, 12:00:00 AM' });
  });

  test('without input has no parameters', async () => {
    const bob = { accountId: MEMBER, arn: `arn:aws:iam::${MEMBER}:user/Bob` };
    const { events } = await eventsAfter(async ({ organizations }) => organizations.call('LeaveOrganization', {}, bob), { ...OPTED_OUT, accountId: MEMBER });

    expect(events.map(({ account, detail }) => [account, detail.eventName, detail.requestParameters])).toEqual([[MEMBER, 'LeaveOrganization', null]]);
  });

  test('of a role session and of a root user', async () => {
    const role = { accountId: MANAGEMENT, arn: `arn:aws:sts::${MANAGEMENT}:assumed-role/Admin/carol` };
    const root = { accountId: MANAGEMENT, arn: `arn:aws:iam::${MANAGEMENT}:root` };
    const { events } = await eventsAfter(async (aws) => {
      await detach(aws, role);
      await refused(detach(aws, root));
    });

    expect(events.map(({ detail }) => detail.userIdentity)).toMatchObject([
      {
        type: 'AssumedRole',
        arn: role.arn,
        principalId: expect.stringMatching(/:carol$/),
        sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${MANAGEMENT}:role/Admin`, userName: 'Admin' } },
      },
      { type: 'Root', arn: root.arn },
    ]);
    expect(events[0].detail.userIdentity).not.toHaveProperty('invokedBy');
  });

  test('of CloudFormation is marked as such', async () => {
    const { events } = await eventsAfter(async (aws) => deploy(aws, { Policy: policy({ Name: 'Other', TargetIds: [MEMBER] }) }));

    const service = 'cloudformation.amazonaws.com';
    expect(events.map(({ detail }) => detail)).toMatchObject(['CreatePolicy', 'AttachPolicy'].map((eventName) => (
      { eventName, sourceIPAddress: service, userAgent: service, userIdentity: { type: 'AssumedRole', invokedBy: service } }
    )));
  });

  test('of a function is its role\'s', async () => {
    const disable = handler(`
      const { OrganizationsClient, DisablePolicyTypeCommand } = require('@aws-sdk/client-organizations');
      if (event.RequestType === 'Create') await new OrganizationsClient().send(new DisablePolicyTypeCommand({ RootId: 'r-a1b2', PolicyType: '${AI}' }));
      await answer(event);
    `);
    const { events } = await eventsAfter(async (aws) => deploy(aws, { ...withFunction(disable, {}, allow('organizations:DisablePolicyType')), Thing: custom() }));

    expect(events).toHaveLength(1);
    expect(events[0].detail).toMatchObject({ eventName: 'DisablePolicyType', userIdentity: { type: 'AssumedRole' } });
    expect(events[0].detail.userIdentity.sessionContext.sessionIssuer.userName).toMatch(/^Stack-Role-/);
    expect(events[0].detail.userIdentity.arn).toMatch(/:assumed-role\/Stack-Role-\w+\/Stack-Function-\w+$/);
  });

  test('is told in the caller\'s account only', async () => {
    const { events } = await eventsAfter(detach, { ...OPTED_OUT, accountId: MEMBER });

    expect(events).toEqual([]);
  });

  test('is told in us-east-1 only', async () => {
    const { events } = await eventsAfter(detach, { ...OPTED_OUT, region: 'eu-central-1' });

    expect(events).toEqual([]);
  });

  test('whose answer was lost is told as what it was', async () => {
    const { events } = await eventsAfter(async (aws) => {
      aws.organizations.faults.add({ operation: 'DetachPolicy', dropConnection: true, effect: 'after' });
      await expect(detach(aws)).rejects.toThrow(ConnectionDropped);
    });

    expect(events.map(({ detail }) => [detail.eventName, detail.errorCode])).toEqual([['DetachPolicy', undefined]]);
  });

  test('that never arrived is not told, one that was throttled is', async () => {
    const { events } = await eventsAfter(async (aws) => {
      aws.organizations.faults.add({ operation: 'DetachPolicy', dropConnection: true, calls: [1] });
      aws.organizations.faults.throttle('DetachPolicy', { calls: [2] });
      await refused(detach(aws));
      await refused(detach(aws));
      await refused(aws.organizations.call('NoSuchOperation', {}, ALICE));
    });

    expect(events.map(({ detail }) => [detail.eventName, detail.errorCode])).toEqual([['DetachPolicy', 'TooManyRequestsException']]);
  });
});

describe('service events', () => {
  const details = (events: any[]) => events.filter((event) => event['detail-type'] === 'AWS Service Event via CloudTrail')
    .map(({ detail: { eventName, serviceEventDetails: told } }) => [eventName, told.accountId, told.joinedMethod ?? told.departedMethod]);

  async function changeMembers({ organizations }: any) {
    organizations.createAccount({ name: 'Joined', id: '555566667777' });
    await organizations.call('CreateAccount', { AccountName: 'New', Email: 'new@example.com' }, ALICE);
    await organizations.call('RemoveAccountFromOrganization', { AccountId: '555566667777' }, ALICE);
    await organizations.call('LeaveOrganization', {}, { accountId: MEMBER, arn: `arn:aws:iam::${MEMBER}:user/Bob` });
    await refused(organizations.call('RemoveAccountFromOrganization', { AccountId: MEMBER }, ALICE));
  }

  test('tell the management account who has joined and who has gone', async () => {
    const { aws, events } = await eventsAfter(changeMembers);

    expect(details(events)).toEqual([
      ['AccountJoinedOrganization', '555566667777', 'Invited'],
      ['AccountJoinedOrganization', aws.organizations.accountIds.at(-1), 'Created'],
      ['AccountDepartedOrganization', '555566667777', 'Removed'],
      ['AccountDepartedOrganization', MEMBER, 'Left'],
    ]);
    expect(events[0].detail).toMatchObject({
      eventType: 'AwsServiceEvent', readOnly: false, userIdentity: { accountId: MANAGEMENT, invokedBy: 'AWS Internal' }, requestParameters: null,
    });
  });

  test('tell nobody else', async () => {
    const { events } = await eventsAfter(changeMembers, { ...OPTED_OUT, accountId: MEMBER });

    expect(details(events)).toEqual([]);
  });

  test('do not tell about accounts that the scene began with', async () => {
    const { events } = await eventsAfter(async () => {});

    expect(events).toEqual([]);
  });

  test.each(['INVALID', 'VALID'] as const)('tell that an effective policy is %s', async (state) => {
    const { events } = await eventsAfter(async ({ organizations }) => {
      organizations.emitEffectivePolicyValidation({ accountId: MEMBER, policyType: AI, state });
    });

    expect(events).toMatchObject([{
      'detail-type': 'AWS Service Event via CloudTrail',
      'detail': {
        eventName: 'EffectivePolicyValidation', eventType: 'AwsServiceEvent', readOnly: true, serviceEventDetails: { accountId: MEMBER, policyType: AI, state },
      },
    }]);
  });
});

describe('a stack\'s status', () => {
  test('is told at every change, a second later', async () => {
    const aws = await startAws();
    const failing = { Broken: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: -1 } } };
    await deploy(aws, failing);
    const { stackId } = aws.cloudFormation.describeStack('Stack');
    await aws.clock.sleep(MINUTE);
    const events = aws.eventBridge.events;

    expect(events.map(({ detail }) => detail['status-details'].status)).toEqual(['CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE']);
    expect(events[1]).toMatchObject({
      'source': 'aws.cloudformation',
      'detail-type': 'CloudFormation Stack Status Change',
      'account': MANAGEMENT,
      'region': 'us-east-1',
      'resources': [stackId],
      'detail': {
        'stack-id': stackId,
        'status-details': { 'status': 'ROLLBACK_IN_PROGRESS', 'status-reason': expect.stringContaining('[Broken]') },
        'client-request-token': events[0].detail['client-request-token'],
      },
    });
    expect(events[0].detail['status-details']['status-reason']).toBe('');
  });

  test('has another token for every operation', async () => {
    const aws = await startAws({ region: 'eu-west-1' });
    await deploy(aws, { Queue: { Type: 'AWS::SQS::Queue' } });
    await aws.cloudFormation.deleteStack('Stack');
    await aws.clock.sleep(MINUTE);
    const tokens = aws.eventBridge.events.map(({ detail }) => detail['client-request-token']);

    expect(tokens).toHaveLength(4);
    expect(new Set(tokens).size).toBe(2);
  });
});
