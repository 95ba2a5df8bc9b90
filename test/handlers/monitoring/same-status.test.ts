import * as fc from 'fast-check';
import { EVENT_PATH, MANAGEMENT, Monitored } from './monitored';
import { organizationsClient, verifyOrganization } from '../../../src/organization';
import { policyDocument } from '../../policy/arbitraries';
import { unlocked } from '../../support/documents';

const READS = ['ListPolicies', 'ListTargetsForPolicy', 'DescribePolicy', 'ListPoliciesForTarget', 'ListAccountsWithInvalidEffectivePolicy', 'DescribeEffectivePolicy'];

/** Policies beside the opt-out of the stack, where they are attached, and a read that is denied. */
const disturbance = fc.record({
  policies: fc.array(fc.record({
    document: fc.oneof(policyDocument(), fc.constant(unlocked({ default: 'optIn' })), fc.constant(unlocked({ lex: 'optIn' }))),
    targets: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 2 }),
  }), { maxLength: 2 }),
  attached: fc.boolean(),
  denied: fc.option(fc.constantFrom(...READS), { nil: undefined }),
});

test('the deployed monitor reports the same status for each account as verify', async () => {
  const monitored = await Monitored.start();
  try {
    const { organizations, ids, aws, rootId, policyId } = monitored;
    const targets = [rootId, ids.sandbox, ids.dev, ids.playground];
    const functionArn = monitored.runs()[0].functionArn;
    for (const [index, { policies, attached, denied }] of fc.sample(disturbance, { numRuns: 20, seed: jest.getSeed() }).entries()) {
      if (!attached) await monitored.act('DetachPolicy', { PolicyId: policyId, TargetId: rootId });
      const added = policies.map(({ document, targets: where }, number) => organizations.addPolicy({
        name: `Other ${index}-${number}`, content: JSON.stringify(document), targetIds: where.map((target) => targets[target]),
      }));
      await monitored.pass(EVENT_PATH);
      const fault = denied === undefined ? undefined : organizations.faults.accessDenied(denied);

      const before = monitored.runs().length;
      await aws.cloudFormation.invokeFunction(functionArn, {});
      const lines = monitored.runs().slice(before).flatMap(({ logLines }) => logLines.filter((line) => line.startsWith('{"step":"found"')).map((line) => JSON.parse(line)));
      const byMonitor = new Map(lines.flatMap(({ status, accounts }: any) => accounts.map((text: string) => [text.slice(0, 12), status])));

      const caller = { accountId: MANAGEMENT, arn: `arn:aws:iam::${MANAGEMENT}:user/Auditor` };
      const client = organizationsClient(async (operation, input) => organizations.call(operation, input, caller) as any, { clock: aws.clock });
      const { accounts } = await verifyOrganization(client, { askedBy: caller, evidence: 'effective' });
      expect({ index, denied, statuses: accounts.map(({ id }) => [id, byMonitor.get(id) ?? 'optedOut']) })
        .toEqual({ index, denied, statuses: accounts.map(({ id, status }) => [id, status]) });

      fault?.remove();
      const optedOut = await monitored.optedOut();
      for (const { id, status } of accounts) if (status === 'optedOut') expect(optedOut).toContain(id);
      for (const PolicyId of added) {
        for (const { TargetId } of (await monitored.act('ListTargetsForPolicy', { PolicyId })).Targets) await monitored.act('DetachPolicy', { PolicyId, TargetId });
        await monitored.act('DeletePolicy', { PolicyId });
      }
      if (!attached) await monitored.act('AttachPolicy', { PolicyId: policyId, TargetId: rootId });
    }
  } finally {
    await monitored.close();
  }
});
