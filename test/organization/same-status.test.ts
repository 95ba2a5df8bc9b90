import * as fc from 'fast-check';
import { attached, effectiveBySimulator, isOptedOut, sceneWith } from './arbitraries';
import { awsError, effectivePolicy, type Scene } from './scene';
import { evaluate } from '../../src/handlers/monitoring/config-rule';
import { verify, type Verification } from '../../src/handlers/monitoring/verification';
import type { OrganizationsClient } from '../../src/organization';
import { runs } from '../support/properties';

/*
 * verify, the monitor and the Config rule report the same status for the same account, and none reports an account as opted out that is not. The
 * monitor and the Config rule run as in Lambda, with a client of the simulated organization.
 */

let client: OrganizationsClient;
let evaluations: any[];
jest.mock('../../src/handlers/monitoring/aws', () => {
  // The handler reads its environment when it is loaded, which is after this.
  process.env.SPOT_CHECKS = '9';
  return {
    organizations: () => client,
    callAws: async (_operation: string, { Evaluations }: any) => {
      evaluations.push(...Evaluations);
      return {};
    },
  };
});
jest.mock('../../src/handlers/monitoring/log', () => ({ log: () => {} }));
afterAll(() => { delete process.env.SPOT_CHECKS; });

const READS = [
  'ListRoots', 'ListPolicies', 'ListTargetsForPolicy', 'DescribePolicy', 'ListPoliciesForTarget', 'ListOrganizationalUnitsForParent',
  'ListAccountsWithInvalidEffectivePolicy', 'DescribeEffectivePolicy',
];

/** Reads that fail, each for good, and for some of the inputs only. */
const failures = fc.array(fc.record({
  operation: fc.constantFrom(...READS),
  error: fc.constantFrom('AccessDeniedException', 'TooManyRequestsException', 'ServiceException', 'UnsupportedAPIEndpointException', 'malformed'),
  /** Chooses the inputs that fail: all with 0. */
  share: fc.nat(2),
}), { maxLength: 3 });

/** Accounts with an invalid effective policy: AWS keeps an older policy in effect for them. */
const invalid = fc.array(fc.record({ account: fc.nat(8), optedOut: fc.boolean() }), { maxLength: 2 });

const EVENT = { accountId: '111122223333', resultToken: 'token', invokingEvent: '{"notificationCreationTime":"2026-01-01T00:00:00.000Z"}' };

/** Changes what AWS returns, and returns what is in effect for an account. */
function disturb(scene: Scene, failing: any[], older: Map<string, object>): (id: string) => Promise<boolean> {
  scene.on('ListAccountsWithInvalidEffectivePolicy', () => ({ Accounts: [...older.keys()].map((Id) => ({ Id })) }));
  scene.on('DescribeEffectivePolicy', ({ TargetId }) => older.has(TargetId) && effectivePolicy(older.get(TargetId)!));
  for (const { operation, error, share } of failing) {
    scene.on(operation, (input) => {
      const hash = [...JSON.stringify(input)].reduce((sum, character) => sum + character.charCodeAt(0), 0);
      // After some errors no more effective policies are read, so which accounts have one would depend on the order of the calls.
      const all = operation === 'DescribeEffectivePolicy' && error !== 'malformed';
      if (!all && hash % (share + 1) !== 0) return undefined;
      return error === 'malformed' ? { Message: 'OK' } : Object.assign(awsError(error), { $metadata: { httpStatusCode: error === 'ServiceException' ? 500 : 400 } });
    });
  }
  return async (id) => isOptedOut((older.get(id) ?? await effectiveBySimulator(scene, id)) as any);
}

/** What the Config rule makes of a verification: an evaluation, or none if the function fails. */
async function evaluationOf(verification: Verification): Promise<string | undefined> {
  evaluations = [];
  await evaluate(EVENT, verification).catch(() => {});
  return evaluations[0]?.ComplianceType;
}

test('verify, the monitor and the Config rule report the same status, and never a false "opted out"', async () => {
  await fc.assert(fc.asyncProperty(attached, failures, invalid, async (policies, failing, invalidAccounts) => {
    const scene = sceneWith(policies);
    try {
      const { accountIds } = scene.zone;
      const older = new Map(invalidAccounts.map(({ account, optedOut }) => [
        accountIds[account], optedOut ? { services: { default: { opt_out_policy: 'optOut' } } } : {},
      ]));
      const truth = disturb(scene, failing, older);
      client = scene.client();
      const forPeople = await scene.verify({ evidence: 'effective' }).catch((error: Error) => error);
      client = scene.client();
      const forMonitor = await verify(new AbortController().signal).catch((error: Error) => error);
      if (forPeople instanceof Error || forMonitor instanceof Error) {
        // Without an organization there is no result at all, for anybody.
        expect([forPeople instanceof Error, forMonitor instanceof Error]).toEqual([true, true]);
        return;
      }

      const byMonitor = new Map([
        ...accountIds.map((id) => [id, 'optedOut'] as const),
        ...forMonitor.notOptedOut.map(({ id }) => [id, 'notOptedOut'] as const),
        ...forMonitor.unknown.map(({ id }) => [id, 'unknown'] as const),
      ]);
      for (const { id, status } of forPeople.accounts) {
        expect({ id, monitor: byMonitor.get(id) }).toEqual({ id, monitor: status });
        if (status === 'optedOut') expect({ id, optedOut: await truth(id) }).toEqual({ id, optedOut: true });
      }
      const expected = { optedOut: 'COMPLIANT', notOptedOut: 'NON_COMPLIANT', unknown: undefined }[forPeople.status];
      expect(await evaluationOf(forMonitor)).toBe(expected);

      const { accounts } = await scene.verify({ evidence: 'computed' });
      for (const { id, status } of accounts) if (status === 'optedOut') expect({ id, optedOut: await truth(id) }).toEqual({ id, optedOut: true });
    } finally {
      scene.close();
    }
  }), runs(500));
});
