import { connect } from 'node:net';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { refusal, Simulated, until } from './simulated';
import { AwsError } from '../../../simulator/aws-error';
import { ServiceCalls } from '../../../simulator/http/service-calls';
import type { FaultOptions } from '../../../simulator/organizations/organizations';

const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/organizations/aws4_request, SignedHeaders=host, Signature=0';

let simulated: Simulated;
beforeEach(async () => { simulated = await Simulated.organization(); });
afterEach(async () => { await simulated.stop(); });

async function post(headers: Record<string, string>, body: string, path = '/') {
  const response = await fetch(simulated.url + path, { method: 'POST', headers, body });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const target = (operation: string) => ({ 'x-amz-target': `AWSOrganizationsV20161128.${operation}`, 'authorization': AUTHORIZATION });

describe('AWS JSON', () => {
  test('answers with the headers of AWS, a counted request id and timestamps in epoch seconds', async () => {
    simulated.clock.pass(250);
    simulated.organizations.createAccount({ name: 'Member', id: '444455556666' });
    const { status, headers, text } = await post(target('DescribeAccount'), '{"AccountId":"444455556666"}');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(headers.get('x-amzn-requestid')).toBe('00000000-0000-4000-8000-000000000001');
    // No idle connection is closed after some real time, which a frozen function would notice only at its next call.
    expect([headers.get('connection'), headers.get('keep-alive')]).toEqual(['keep-alive', null]);
    expect(JSON.parse(text).Account.JoinedTimestamp).toBe(simulated.clock.now() / 1000);
  });

  test('answers errors as recorded: code without prefix, Message, Reason', async () => {
    const { status, headers, text } = await post(target('ListAccounts'), '{"MaxResults":0}');
    expect(status).toBe(400);
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(JSON.parse(text)).toEqual(
      { __type: 'InvalidInputException', Message: expect.any(String), Reason: 'MIN_VALUE_EXCEEDED:MAX_RESULTS' });
  });

  test.each([
    ['an unknown operation', target('CloseTheWorld'), '{}', 'UnknownOperationException'],
    ['another service', { 'x-amz-target': 'DynamoDB_20120810.ListTables', 'authorization': AUTHORIZATION }, '{}', 'UnknownOperationException'],
    ['no target at all', { authorization: AUTHORIZATION }, '{}', 'UnknownOperationException'],
    ['a body that is no JSON', target('ListRoots'), '{"MaxResults":', 'SerializationException'],
    ['a body that is no object', target('ListRoots'), '[]', 'SerializationException'],
    ['a member of the wrong type', target('ListRoots'), '{"MaxResults":"5"}', 'SerializationException'],
  ])('fails for %s in a way that clients can read', async (_, headers, body, code) => {
    const answer = await post(headers as Record<string, string>, body);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(JSON.parse(answer.text).__type).toBe(code);
  });

  test('fails for a request that nobody signed', async () => {
    const { status, text } = await post({ 'x-amz-target': 'AWSOrganizationsV20161128.ListRoots' }, '{}');
    expect([status, JSON.parse(text).__type]).toEqual([403, 'MissingAuthenticationTokenException']);
  });
});

test('every answer carries the simulated time', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'authorization': AUTHORIZATION };
  const answers: [Record<string, string>, string, string?][] = [
    [target('ListRoots'), '{}'],
    [target('ListAccounts'), '{"MaxResults":0}'],
    [{}, '{}'],
    [form, 'Action=GetCallerIdentity'],
    [form, 'Action=Nonsense'],
    [{}, '', '/moto-api/reset'],
  ];
  for (const [headers, body, path] of answers) {
    simulated.clock.pass(3_600_000);
    expect(Date.parse((await post(headers, body, path)).headers.get('date')!)).toBe(simulated.clock.now());
  }
});

describe('Query services', () => {
  const sts = (accessKeyId: string) => new STSClient(
    { endpoint: simulated.url, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey: 'secret' }, maxAttempts: 1 });

  test('know who is calling by the access key', async () => {
    simulated.endpoint.registerCaller('AKIAROLE', { accountId: '444455556666', arn: 'arn:aws:sts::444455556666:assumed-role/Reader/session' });
    const identity = async (accessKeyId: string) => {
      const { Account, Arn, UserId } = await sts(accessKeyId).send(new GetCallerIdentityCommand({}));
      return { Account, Arn, UserId };
    };
    expect(await identity('anything')).toEqual(
      { Account: '111122223333', Arn: 'arn:aws:iam::111122223333:user/Administrator', UserId: 'AIDA111122223333USER' });
    expect(await identity('777788889999')).toMatchObject({ Account: '777788889999', Arn: 'arn:aws:iam::777788889999:user/Administrator' });
    expect(await identity('AKIAROLE')).toEqual(
      { Account: '444455556666', Arn: 'arn:aws:sts::444455556666:assumed-role/Reader/session', UserId: 'AROA444455556666ROLE:session' });
  });

  test('can be added action by action, and their errors become XML', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', 'authorization': AUTHORIZATION };
    simulated.endpoint.registerQueryAction('DescribeStacks', async (params, { accountId }) => {
      if (params.get('StackName') !== 'ours') throw new AwsError('ValidationError', 'Stack <theirs> does not exist');
      return `<DescribeStacksResponse>${accountId}</DescribeStacksResponse>`;
    });
    expect(await post(form, 'Action=DescribeStacks&StackName=ours')).toMatchObject(
      { status: 200, text: '<DescribeStacksResponse>111122223333</DescribeStacksResponse>' });
    const failed = await post(form, 'Action=DescribeStacks&StackName=theirs');
    expect(failed.status).toBe(400);
    expect(failed.headers.get('content-type')).toBe('text/xml');
    expect(failed.text).toContain('<Code>ValidationError</Code>');
    expect(failed.text).toContain('<Message>Stack &lt;theirs&gt; does not exist</Message>');
    expect((await post(form, 'Action=Nonsense')).text).toContain('<Code>InvalidAction</Code>');
  });
});

test('faults of other services break their answers, too', async () => {
  const faulty = new ServiceCalls(simulated.clock, {
    throttled: () => new AwsError('ThrottlingException', 'Rate exceeded'),
    internal: () => new AwsError('InternalFailure', '', undefined, 500),
    denied: (message) => new AwsError('AccessDeniedException', message),
  });
  simulated.endpoint.registerJsonService('AmazonSSM.', async (operation, input, caller, exchange) => (
    faulty.run({ operation, input, caller, exchange }, async () => ({ Done: true }))
  ));
  simulated.endpoint.registerQueryAction('Publish', async (_params, caller, _id, exchange) => (
    faulty.run({ operation: 'Publish', input: {}, caller, exchange }, async () => '<PublishResponse/>')
  ));
  const json = { 'x-amz-target': 'AmazonSSM.GetParameter', 'authorization': AUTHORIZATION, 'x-amz-date': '20261122T000000Z' };
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'authorization': AUTHORIZATION, 'x-amz-date': '20261122T000000Z' };
  const outcomes = async (fault: FaultOptions) => {
    const added = faulty.faults.add(fault);
    const seen = [];
    for (const call of [async () => post(json, '{}'), async () => post(form, 'Action=Publish')]) {
      seen.push(await call().then(({ status, text }) => `${status} ${/InvalidSignatureException|SignatureDoesNotMatch/.exec(text) ?? text}`, ({ name }) => name));
    }
    added.remove();
    return seen;
  };
  expect(await outcomes({ clockSkewMs: 60_000 })).toEqual(['200 {"Done":true}', '200 <PublishResponse/>']);
  expect(await outcomes({ clockSkewMs: 600_000 })).toEqual(['400 InvalidSignatureException', '403 SignatureDoesNotMatch']);
  expect(await outcomes({ answer: { status: 429 } })).toEqual(['429 ', '429 ']);
  expect(await outcomes({ cutAnswer: true })).toEqual(['TypeError', 'TypeError']);
  expect(faulty.recorded.slice(-2).map(({ outcome }) => outcome)).toEqual(['ConnectionDropped', 'ConnectionDropped']);
});

describe('the server', () => {
  test('empties everything on request, and an organization can be created again', async () => {
    await simulated.enable();
    expect(await post({}, '', '/moto-api/reset')).toMatchObject({ status: 200 });
    expect(simulated.organizations.calls).toEqual([]);
    expect(await refusal(simulated.client.listRoots())).toMatchObject({ name: 'AWSOrganizationsNotInUseException' });
    await simulated.client.createOrganization({});
    expect((await simulated.client.listRoots()).Roots![0].PolicyTypes).toEqual([]);
  });

  test('stops although clients keep their connections and wait for responses', async () => {
    await simulated.client.listRoots();
    // The clock stands still, so this request never gets its response.
    simulated.organizations.faults.add({ operation: 'ListRoots', delayMs: 1_000, calls: [1] });
    const waiting = refusal(simulated.client.listRoots());
    await until(() => simulated.endpoint.held === 1);
    await simulated.endpoint.close();
    expect(await waiting).toMatchObject({ message: expect.stringContaining('socket hang up') });
    simulated = await Simulated.organization();
  });

  test('survives clients that go away, in the middle of a request or while they wait', async () => {
    const complaint = jest.spyOn(console, 'error').mockImplementation(() => {});
    const { port } = new URL(simulated.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{');
    simulated.organizations.faults.add({ operation: 'ListRoots', delayMs: 1_000, calls: [1] });
    const leaving = new AbortController();
    const waiting = simulated.client.listRoots({}, { abortSignal: leaving.signal }).catch(({ name }) => name);
    await until(() => simulated.endpoint.active === 2 && simulated.endpoint.held === 1);

    socket.destroy();
    leaving.abort();

    expect(await waiting).toBe('AbortError');
    // The request that is held back still counts: otherwise active less held would hide another one that is being worked on.
    await until(() => simulated.endpoint.active === 1);
    expect(simulated.endpoint.held).toBe(1);
    simulated.clock.pass(1_000);
    await until(() => simulated.endpoint.active === 0);
    expect(simulated.endpoint.held).toBe(0);
    await simulated.client.listRoots();
    expect(complaint).not.toHaveBeenCalled();
    complaint.mockRestore();
  });

  test('says so when it fails itself, and drops the connection', async () => {
    const complaint = jest.spyOn(console, 'error').mockImplementation(() => {});
    simulated.endpoint.registerQueryAction('Broken', async () => { throw new TypeError('a bug'); });
    await expect(post({ 'content-type': 'application/x-www-form-urlencoded', 'authorization': AUTHORIZATION }, 'Action=Broken')).rejects.toThrow();
    expect(complaint).toHaveBeenCalledWith('the simulator failed:', new TypeError('a bug'));
    complaint.mockRestore();
  });

  test('fails to listen on a port that is taken', async () => {
    const other = await Simulated.empty();
    try {
      await other.endpoint.close();
      await expect(other.endpoint.listen(Number(new URL(simulated.url).port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
    } finally {
      await simulated.stop();
      simulated = await Simulated.organization();
    }
  });
});
