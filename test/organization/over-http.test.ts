import * as sdk from '@aws-sdk/client-organizations';
import { AUDITOR, Scene } from './scene';
import { SimulatedEndpoint } from '../../simulator/http/server';
import type { Organizations } from '../../simulator/organizations/organizations';
import { organizationsClient, SDK_CONFIGURATION, sendThrough, verifyOrganization, type OrganizationsClientOptions } from '../../src/organization';
import { FULL_LOCK, unlocked } from '../support/documents';
import { MANAGEMENT } from '../support/ids';

let scene: Scene;
let endpoint: SimulatedEndpoint;
let url: string;

beforeEach(async () => {
  scene = new Scene({ accounts: 25, emptyPages: ['ListAccounts', 'ListPolicies'] });
  endpoint = new SimulatedEndpoint({ organizations: scene.organizations });
  url = await endpoint.listen();
});

afterEach(async () => {
  await endpoint.close();
  scene.close();
});

/** Through the real SDK, on the machine's own clock. */
function client(accessKeyId = 'admin', options: OrganizationsClientOptions = {}) {
  const organizations = new sdk.OrganizationsClient({
    ...SDK_CONFIGURATION, endpoint: url, region: 'us-east-1', credentials: { accessKeyId, secretAccessKey: 'secret' },
  });
  return organizationsClient(sendThrough(sdk, organizations), options);
}

const askedBy = { arn: AUDITOR, accountId: MANAGEMENT };

test('an organization is verified through the real SDK', async () => {
  const { zone } = scene;
  scene.policy('OptOut', FULL_LOCK, zone.rootId);
  scene.policy('Lex', unlocked({ lex: 'optIn' }), zone.sandboxUnitId);
  const verification = await verifyOrganization(client(), { askedBy, evidence: 'computed' });
  expect(verification).toMatchObject({ status: 'optedOut', summary: { accounts: 25, optedOut: 25 }, organization: { complete: true } });
  expect(new Set(verification.accounts.map(({ evidence }) => evidence))).toEqual(new Set(['computed', 'effective', 'path']));
  expect(verification.calls).toMatchObject({ ListAccounts: 3, DescribeEffectivePolicy: 1 });
});

test('a member account learns about itself', async () => {
  const { zone } = scene;
  scene.policy('OptIn', unlocked({ default: 'optIn' }), zone.rootId);
  const verification = await verifyOrganization(client(zone.auditAccountId), { askedBy: { arn: 'arn', accountId: zone.auditAccountId } });
  expect(verification).toMatchObject({ status: 'notOptedOut', organization: { complete: false }, accounts: [{ id: zone.auditAccountId }] });
});

test.each<[string, (faults: Organizations['faults'], operation: string) => void]>([
  ['throttled', (faults, operation) => faults.throttle(operation, { calls: [1] })],
  ['answered with an internal error', (faults, operation) => faults.internalError(operation, { calls: [1] })],
  ['dropped', (faults, operation) => faults.add({ operation, dropConnection: true, calls: [1] })],
  ['answered with an HTML error page', (faults, operation) => (
    faults.add({ operation, answer: { status: 503, contentType: 'text/html', body: '<html><body>Service Unavailable</body></html>' }, calls: [1] })
  )],
])('calls that are %s are made again', async (_, strike) => {
  scene.policy('OptOut', FULL_LOCK, scene.zone.rootId);
  const operations = ['ListRoots', 'ListPolicies', 'ListAccounts'];
  operations.forEach((operation) => strike(scene.organizations.faults, operation));
  const verification = await verifyOrganization(client(), { askedBy, evidence: 'computed' });
  // ListPolicies and ListAccounts have an empty first page.
  expect(verification).toMatchObject({ status: 'optedOut', calls: { ListRoots: 2, ListPolicies: 3, ListAccounts: 4 } });
});

test('with an SDK that cannot list invalid effective policies, only effective policies show that an account is opted out', async () => {
  scene.policy('OptOut', FULL_LOCK, scene.zone.rootId);
  const { ListAccountsWithInvalidEffectivePolicyCommand: _, ...older } = sdk;
  const organizations = new sdk.OrganizationsClient({
    ...SDK_CONFIGURATION, endpoint: url, region: 'us-east-1', credentials: { accessKeyId: 'admin', secretAccessKey: 'secret' },
  });
  const withoutList = organizationsClient(sendThrough(older, organizations));
  expect(await verifyOrganization(withoutList, { askedBy, evidence: 'computed' })).toMatchObject({ status: 'unknown', summary: { unknown: 25 } });
  const fast = organizationsClient(sendThrough(older, organizations), { rates: { DescribeEffectivePolicy: [1000, 1000] } });
  expect(await verifyOrganization(fast, { askedBy })).toMatchObject({ status: 'optedOut', findings: [{ code: 'notRead' }] });
});

test('fails clearly where nobody listens', async () => {
  await endpoint.close();
  await expect(verifyOrganization(client('admin', { retryFor: () => 600 }), { askedBy })).rejects.toMatchObject({
    name: 'OrganizationsError', code: 'unavailable', message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('fails with the SDK\'s own error for credentials that are missing', async () => {
  const organizations = new sdk.OrganizationsClient({
    ...SDK_CONFIGURATION, endpoint: url, region: 'us-east-1', credentials: async () => { throw Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' }); },
  });
  await expect(verifyOrganization(organizationsClient(sendThrough(sdk, organizations)), { askedBy })).rejects.toMatchObject({ name: 'CredentialsProviderError' });
});

test('fails with the reason of an abort', async () => {
  scene.organizations.faults.add({ operation: 'ListAccounts', delayMs: 3_600_000 });
  const release = scene.clock.hold();
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('interrupted')), 300);
  await expect(verifyOrganization(client(), { askedBy, signal: controller.signal })).rejects.toThrow('interrupted');
  release();
});
