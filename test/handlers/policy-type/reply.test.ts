import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { Deployment, MANAGEMENT, templateOf } from './deployment';
import type { FaultOptions } from '../../../simulator/organizations/organizations';
import { POLICY_TYPE } from '../../../src/policy';

/** The answer of S3 to a presigned URL that has expired. */
const EXPIRED: FaultOptions = { error: { code: 'AccessDenied', message: 'Request has expired', status: 403 } };

let deployment: Deployment;
beforeEach(async () => { deployment = await Deployment.start(); });
afterEach(() => deployment.close());

const functionArn = () => deployment.aws.cloudFormation.describeStack('AiOptOut').resources.find(({ type }) => type === 'AWS::Lambda::Function')!
  .attributes.Arn as string;

describe('the answer to CloudFormation', () => {
  test.each([
    ['is dropped twice', [{ dropConnection: true, calls: [1, 2] }], 2],
    ['arrives but its confirmation gets lost', [{ dropConnection: true, effect: 'after', calls: [1] }], 1],
    ['meets a 500 and a 503', [{ answer: { status: 500 }, calls: [1] }, { answer: { status: 503 }, calls: [2] }], 2],
    ['meets a 403 four times', [{ ...EXPIRED, calls: [1, 2, 3, 4] }], 4],
    ['meets an address that does not answer for a minute', [{ delayMs: 60_000, calls: [1] }], 1],
  ] as [string, FaultOptions[], number][])('is sent again when it %s', async (_name, faults, again) => {
    faults.forEach((fault) => deployment.aws.cloudFormation.responseFaults.add(fault));

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });

    await deployment.aws.clock.sleep(90_000);
    expect(deployment.aws.cloudFormation.responses.length).toBe(again + 1);
    expect(deployment.aws.cloudFormation.invocations).toHaveLength(1);
  });

  test('is sent once to an address that stalls after its headers', async () => {
    deployment.aws.cloudFormation.responseFaults.add({ stallAnswer: true });
    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(deployment.aws.cloudFormation.responses).toMatchObject([{ status: 200, counted: true }]);
  });

  test.each([
    ['answers 403 for good', EXPIRED],
    ['never answers', { delayMs: 3 * 3_600_000 }],
  ] as [string, FaultOptions][])('to an address that %s is tried until Lambda gives up, and CloudFormation rolls back', async (_name, fault) => {
    // Lambda delivers the event three times, and the function makes five attempts each time. The Delete of the rollback gets through.
    deployment.aws.cloudFormation.responseFaults.add({ ...fault, calls: Array.from({ length: 15 }, (_call, index) => index + 1) });
    expect(await deployment.create()).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(deployment.aws.cloudFormation.invocations.filter(({ event }) => event.RequestType === 'Create').map(({ error }) => error?.errorMessage)).toEqual(
      Array(3).fill('CloudFormation takes no answer'));
    expect(await deployment.policies()).toEqual([]);
  });

  test('that can not be sent five times makes the function fail, so that Lambda delivers the event again', async () => {
    deployment.aws.cloudFormation.responseFaults.add({ answer: { status: 500 }, calls: [1, 2, 3, 4, 5] });

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });

    const [first, second] = deployment.aws.cloudFormation.invocations;
    expect(first.error?.errorMessage).toBe('CloudFormation takes no answer');
    expect(second).toMatchObject({ attempt: 2, requestId: first.requestId });
    // The second time the type is enabled already.
    expect(deployment.callNames().filter((name) => name === 'EnablePolicyType')).toHaveLength(1);
  });

  test('has no content type, as the signature of a presigned URL demands, and names what was asked', async () => {
    await deployment.create();
    const [response] = deployment.aws.cloudFormation.responses;
    expect(response.contentType ?? '').toBe('');
    const { RequestId, StackId, LogicalResourceId } = deployment.invocation().event;
    expect(JSON.parse(response.body)).toEqual({
      Status: 'SUCCESS',
      Reason: '',
      PhysicalResourceId: `${deployment.organizations.organizationId}/${MANAGEMENT}/r-a1b2`,
      Data: { OrganizationId: deployment.organizations.organizationId, ManagementAccountId: MANAGEMENT, RootId: 'r-a1b2' },
      RequestId,
      StackId,
      LogicalResourceId,
    });
  });

  test.each([['ASCII', 'x'], ['characters of two bytes', 'é'], ['characters of four bytes', '🎉'], ['characters that JSON escapes', '"']])(
    'stays under 4,096 bytes when AWS is verbose in %s', async (_name, letter) => {
      deployment.organizations.faults.add({ operation: 'DescribeOrganization', error: { code: 'InvalidInputException', message: letter.repeat(6000) } });

      const outcome = await deployment.create();

      const { body } = deployment.aws.cloudFormation.responses[0];
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096);
      expect(Buffer.byteLength(body)).toBeGreaterThan(3000);
      expect(outcome.failures[0].reason).toContain('InvalidInputException');
    });

  test('and its URL, which is a credential, is never logged', async () => {
    deployment.aws.cloudFormation.responseFaults.add({ dropConnection: true, calls: [1] });
    deployment.aws.cloudFormation.responseFaults.add({ answer: { status: 500 }, calls: [2] });
    deployment.organizations.faults.internalError('ListRoots', { calls: [1] });
    await deployment.create();
    await deployment.update(templateOf({ description: 'x', policyName: 'New' }));
    await deployment.delete();

    const log = deployment.aws.cloudFormation.invocations.flatMap(({ logLines }) => logLines).join('\n');
    expect(log).not.toMatch(/ResponseURL|X-Amz-Signature|http:\/\//);
    expect(log).toContain('"step":"error"');
  });
});

describe('log lines', () => {
  test('are JSON, one a line, with the calls, what they found and the answer', async () => {
    await deployment.create();
    expect(deployment.log().map(({ step, name, status, Status }) => [step, name ?? status ?? Status])).toEqual([
      ['Create', undefined],
      ['call', 'DescribeOrganization'],
      ['call', 'ListRoots'],
      ['call', 'ListPolicies'],
      ['call', 'EnablePolicyType'],
      ['waiting', 'DISABLED'],
      ['call', 'ListRoots'],
      ['waiting', 'ENABLED'],
      ['call', 'ListRoots'],
      ['call', 'ListPoliciesForTarget'],
      ['answer', 'SUCCESS'],
    ]);
  });

  test('carry the RequestId of CloudFormation, each of its own request', async () => {
    await deployment.create();
    await deployment.update(templateOf({ description: 'New' }));
    for (const index of [0, 1]) {
      const { event: { RequestId } } = deployment.invocation(index);
      expect(new Set(deployment.log(index).map((line) => line.RequestId))).toEqual(new Set([RequestId]));
    }
    expect(deployment.invocation(0).event.RequestId).not.toBe(deployment.invocation(1).event.RequestId);
  });
});

describe('an event that is delivered twice', () => {
  test('does no harm while the first is being worked on, nor after the policy is there', async () => {
    deployment.aws.cloudFormation.delivery.duplicateDeliveries = [1_000, 120_000];

    expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });
    const before = [await deployment.policies(), await deployment.effective()];
    await deployment.aws.clock.sleep(600_000);

    expect(deployment.aws.cloudFormation.invocations).toHaveLength(3);
    expect(deployment.aws.cloudFormation.invocations.every(({ error }) => !error)).toBe(true);
    expect([await deployment.policies(), await deployment.effective()]).toEqual(before);
    const changes = deployment.organizations.calls.filter(({ operation, outcome }) => outcome === 'ok' && !/^(List|Describe)/.test(operation));
    expect(changes.map(({ operation }) => operation)).toEqual(['EnablePolicyType', 'CreatePolicy', 'AttachPolicy']);
  });

  test('does no harm for an Update and a Delete', async () => {
    await deployment.create();
    deployment.aws.cloudFormation.delivery.duplicateDeliveries = [1_000, 120_000];
    expect(await deployment.update(templateOf({ policyName: 'New' }))).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await deployment.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    await deployment.aws.clock.sleep(600_000);
    expect((await deployment.policies()).map(({ Name }) => Name)).toEqual(['New']);
  });
});

describe('invoked directly', () => {
  const PROPERTIES = { Policy: { Name: 'P', Content: { services: {} }, TargetIds: ['RootId'] }, PolicyResource: 'Policy', EnablementTimeout: '60' };
  const event = (over: object) => ({
    RequestType: 'Create',
    RequestId: 'r',
    ResponseURL: 'http://127.0.0.1:9/none',
    StackId: `arn:aws:cloudformation:us-east-1:${MANAGEMENT}:stack/S/1`,
    LogicalResourceId: 'L',
    ResourceType: 'Custom::X',
    ResourceProperties: PROPERTIES,
    ...over,
  });
  const answered = async (over: object) => {
    await deployment.create();
    deployment.organizations.calls.length = 0;
    const { logLines } = await deployment.aws.cloudFormation.invokeFunction(functionArn(), event(over));
    const line = logLines.find((text) => text.includes('"step":"answer"'))!;
    return JSON.parse(line.slice(line.indexOf('{')));
  };

  test.each(['aws-us-gov', 'aws-cn'])('fails in partition %s without a call', async (partition) => {
    expect(await answered({ StackId: `arn:${partition}:cloudformation:us-gov-west-1:${MANAGEMENT}:stack/S/1` })).toMatchObject({
      Status: 'FAILED',
      Reason: `AiServicesOptOut: AWS does not offer ${POLICY_TYPE} in partition ${partition}.`,
    });
    expect(deployment.organizations.calls).toEqual([]);
  });

  test('answers a Delete without loading the SDK', async () => {
    const code = readFileSync(join(__dirname, '../../../assets/handlers/policy-type/index.js'), 'utf8');
    const exported: { handler?: (event: unknown) => Promise<void> } = {};
    const required: string[] = [];
    runInNewContext(code, {
      exports: exported,
      require: (name: string) => {
        if (name.startsWith('node:')) return jest.requireActual(name);
        required.push(name);
        throw new Error(`${name} was loaded`);
      },
      console: { log: () => {} },
      fetch: async () => ({ ok: true }),
      Buffer,
      AbortSignal,
    });
    await exported.handler!(event({ RequestType: 'Delete', PhysicalResourceId: 'x' }));
    expect(required).toEqual([]);
    await exported.handler!(event({ RequestType: 'Create' }));
    expect(required).toEqual(['@aws-sdk/client-organizations']);
  });

  test.each(['', 'soon', 'NaN', '0', '-1', '841'])('fails without a call if EnablementTimeout is "%s"', async (EnablementTimeout) => {
    expect(await answered({ ResourceProperties: { ...PROPERTIES, EnablementTimeout } })).toMatchObject({
      Status: 'FAILED', Reason: `AiServicesOptOut: EnablementTimeout must be up to 840 seconds, got "${EnablementTimeout}".`,
    });
    expect(deployment.organizations.calls).toEqual([]);
  });

  test('fails without a call for an unknown RequestType', async () => {
    expect(await answered({ RequestType: 'Import' })).toMatchObject({ Status: 'FAILED', Reason: 'AiServicesOptOut: RequestType Import is unknown.' });
    expect(deployment.organizations.calls).toEqual([]);
  });

  test.each(['Create', 'Delete'])('answers a %s whose ids leave no room for a reason', async (RequestType) => {
    const LogicalResourceId = 'L'.repeat(5000);
    expect(await answered({ RequestType, LogicalResourceId, PhysicalResourceId: 'x', ResourceProperties: { ...PROPERTIES, EnablementTimeout: 'no' } }))
      .toMatchObject({ Status: RequestType === 'Create' ? 'FAILED' : 'SUCCESS', Reason: '' });
  });

  test('answers a Delete without a call and whatever the properties are', async () => {
    expect(await answered({ RequestType: 'Delete', PhysicalResourceId: 'whatever', ResourceProperties: undefined })).toMatchObject({
      Status: 'SUCCESS', PhysicalResourceId: 'whatever',
    });
    expect(deployment.organizations.calls).toEqual([]);
  });
});
