import { callFromProcess, type ClientCall, type ClientOutcome } from './client-process';
import type { FaultOptions } from '../../simulator/organizations/organizations';
import { Simulated } from '../simulator/organizations/simulated';

const HTML = '<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>';
const AI = 'AISERVICES_OPT_OUT_POLICY';

/** Each case has an operation of its own, so that one process makes all calls. */
const CASES: [what: string, fault: FaultOptions, call: ClientCall, seen: Partial<ClientOutcome>][] = [
  ['cut in their body', { cutAnswer: true, calls: [1, 2] }, { operation: 'ListRoots' }, { name: 'ok', requests: 3 }],
  ['dropped', { dropConnection: true, calls: [1] }, { operation: 'ListAccounts' }, { name: 'ok', requests: 2 }],
  ['stalled after their headers', { stallAnswer: true, calls: [1] }, { operation: 'ListPolicies', input: { Filter: AI }, timeout: 500 }, { name: 'ok', requests: 2 }],
  [
    'stalled for good', { stallAnswer: true }, { operation: 'DescribeEffectivePolicy', input: { PolicyType: AI }, timeout: 100 },
    { name: 'OrganizationsError', message: expect.stringMatching(/^DescribeEffectivePolicy kept failing for \d+ s: TimeoutError: no complete answer within 0\.1 s$/) },
  ],
  ['an HTTP 429 without a body', { answer: { status: 429 }, calls: [1] }, { operation: 'DescribeOrganization' }, { name: 'ok', requests: 2 }],
  [
    'an HTML page', { answer: { status: 503, contentType: 'text/html', body: HTML }, calls: [1] }, { operation: 'ListAccountsForParent', input: { ParentId: 'ROOT' } },
    { name: 'ok', requests: 2 },
  ],
  [
    'an HTML page with status 200', { answer: { status: 200, contentType: 'text/html', body: HTML }, calls: [1] },
    { operation: 'ListOrganizationalUnitsForParent', input: { ParentId: 'ROOT' } }, { name: 'ok', requests: 2 },
  ],
  [
    'refused for the time of their signature', { clockSkewMs: 600_000 },
    { operation: 'ListPoliciesForTarget', input: { TargetId: 'ROOT', Filter: AI }, correctsClock: true }, { name: 'ok', requests: 2 },
  ],
  [
    'refused for their signature', { clockSkewMs: 600_000 }, { operation: 'ListParents', input: { ChildId: '111122223333' } },
    { name: 'InvalidSignatureException', requests: 2 },
  ],
];

test('broken answers are retried, with the errors that the SDK throws outside of jest', async () => {
  const simulated = await Simulated.organization();
  try {
    simulated.organizations.enablePolicyType(AI);
    CASES.forEach(([, fault, { operation }]) => simulated.organizations.faults.add({ operation, ...fault }));
    const calls = CASES.map(([, , call]) => JSON.parse(JSON.stringify(call).replace('ROOT', simulated.rootId)));
    const outcomes = await callFromProcess(simulated.url, calls);
    expect(CASES.map(([what], index) => ({ what, seen: outcomes[index] })))
      .toEqual(CASES.map(([what, , , seen]) => ({ what, seen: expect.objectContaining(seen) })));
  } finally {
    await simulated.stop();
  }
});
