import type { Change } from './events';
import type { Repair } from './repair';
import type { AccountStatus, Verification } from './verification';
import { POLICY_TYPE } from '../../policy/grammar';

/** So many accounts are named for one reason: the message is read on a phone. */
const NAMED = 5;

/** What people are told. */
export interface Message {
  readonly Subject: string;
  readonly Message: string;
}

/** Writes the message: the state, why, who changed it, and what to do. Without a verification, `failure` is the reason. */
export function compose(verification: Verification | undefined, failure: string | undefined, repair: Repair, changes: Change[]): Message {
  const { notOptedOut = [], unknown = [] } = verification ?? {};
  const total = verification?.accounts;
  const repaired = repair.done.length > 0 && !repair.problem ? 'undone and repaired, ' : '';
  const state = notOptedOut.length > 0 ? `${notOptedOut.length} of ${total} accounts are NOT opted out`
    : failure ? 'the opt-out status of every account is unknown'
      : unknown.length > 0 ? `the opt-out status of ${unknown.length} of ${total} accounts is unknown`
        : `all ${total} accounts are opted out`;

  const calls = repair.cause ? [repair.cause] : changes.slice(-NAMED);
  const trouble = notOptedOut.length + unknown.length > 0 || failure || repair.problem;
  return {
    Subject: `AI opt-out: ${repaired}${state}`,
    Message: [
      `${verification ? `Organization ${verification.organizationId}: ` : ''}${repaired}${state}.`,
      ...byReason(notOptedOut),
      ...byReason(unknown, 'Unknown: '),
      failure && `The organization could not be read: ${failure}`,
      repair.done.length > 0 && `Repaired: ${repair.done.join('; ')}.`,
      (repair.problem ?? repair.later) && `Not repaired: ${repair.problem ?? repair.later}`,
      (trouble || repaired) && (calls.length > 0
        ? ['Calls just before:', ...calls.map(({ name, by, at, ids }) => `- ${[at, name, ...ids, 'by', by].join(' ')}`)].join('\n')
        : 'Who did it is not known: no event was seen. Look in CloudTrail in us-east-1.'),
      trouble && `What to do: ${remedy()}`,
      `Seen by stack ${process.env.STACK_NAME} in ${process.env.AWS_REGION}.`,
    ].filter(Boolean).join('\n\n'),
  };

  function remedy(): string {
    if (verification && !/^(ENABLED|UNKNOWN)$/.test(verification.policyType)) {
      return `aws organizations enable-policy-type --root-id ${verification.rootId} --policy-type ${POLICY_TYPE}, then attach the policies again: disabling detached them.`;
    }
    return notOptedOut.length > 0
      ? 'attach the opt-out policy where none reaches; detach or change what opts in. "npx -p cdk-ai-services-opt-out ai-opt-out verify" shows every account.'
      : 'wait for the next run; if it says so again, look for errors in the log of the function, and verify by hand.';
  }
}

function byReason(accounts: AccountStatus[], before = ''): string[] {
  const reasons = new Map<string, AccountStatus[]>();
  for (const account of accounts) {
    const those = reasons.get(account.reason) ?? [];
    reasons.set(account.reason, those);
    those.push(account);
  }
  const rest = reasons.size > NAMED ? [`and ${reasons.size - NAMED} more reasons`] : [];
  return [...reasons].slice(0, NAMED).map(([reason, those]) => [
    `${before}${reason}:`,
    ...those.slice(0, NAMED).map(({ id, name, unit }) => `- ${id} ${name} (${unit})`),
    ...those.length > NAMED ? [`- and ${those.length - NAMED} more`] : [],
  ].join('\n')).concat(rest);
}
