import { Deployment } from './deployment';
import type { FaultOptions } from '../../../simulator/organizations/organizations';

const HTML = '<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>';
const OPERATIONS = ['DescribeOrganization', 'ListRoots', 'ListPolicies', 'EnablePolicyType', 'ListPoliciesForTarget'];

let deployment: Deployment;
beforeEach(async () => { deployment = await Deployment.start(); });
afterEach(() => deployment.close());

test.each<[string, FaultOptions]>([
  ['stalls after its headers', { stallAnswer: true }],
  ['is an HTML error page', { answer: { status: 503, contentType: 'text/html', body: HTML } }],
])('the policy is deployed although the first answer of every operation %s', async (_, fault) => {
  for (const operation of OPERATIONS) deployment.organizations.faults.add({ operation, calls: [1], ...fault });

  expect(await deployment.create()).toMatchObject({ status: 'CREATE_COMPLETE' });

  for (const operation of OPERATIONS) {
    const [first, second] = deployment.calls().filter((call) => call.operation === operation);
    expect([operation, first.outcome === 'ok']).toEqual([operation, false]);
    // A stalled EnablePolicyType has done its work.
    expect([operation, second.outcome]).toEqual([operation, expect.stringMatching(/^(ok|PolicyTypeAlreadyEnabledException)$/)]);
  }
});
