import { callAws } from './aws';
import type { MonitoringEvent } from './events';
import type { Verification } from './verification';

/** As many ids as fit into the 256 characters of an annotation. */
const NAMED = 15;

/**
 * Puts one evaluation into AWS Config, of the account that the rule is in: whether every account is opted out.
 *
 * @throws if a status is unknown: no evaluation is put then
 */
export async function evaluate(event: MonitoringEvent, { accounts: total, notOptedOut, unknown }: Verification): Promise<void> {
  if (notOptedOut.length === 0 && unknown.length > 0) {
    throw new Error(`the opt-out status of ${unknown.length} of ${total} accounts is unknown: ${unknown[0].id}: ${unknown[0].reason}`);
  }
  const { FailedEvaluations } = await callAws('PutEvaluations', {
    Evaluations: [{
      ComplianceResourceType: 'AWS::::Account',
      ComplianceResourceId: event.accountId,
      ComplianceType: notOptedOut.length > 0 ? 'NON_COMPLIANT' : 'COMPLIANT',
      Annotation: notOptedOut.length > 0
        ? `${notOptedOut.length} of ${total} accounts are not opted out: ${notOptedOut.slice(0, NAMED).map(({ id }) => id).join(', ')}`
        : `All ${total} accounts are opted out`,
      OrderingTimestamp: new Date(JSON.parse(event.invokingEvent!).notificationCreationTime),
    }],
    ResultToken: event.resultToken,
    TestMode: event.resultToken === 'TESTMODE',
  });
  if (FailedEvaluations?.length) throw new Error(`AWS Config refused the evaluation: ${JSON.stringify(FailedEvaluations)}`);
}
