import { createHash } from 'node:crypto';
import { callAws, organizations } from './aws';
import { evaluate } from './config-rule';
import { changesIn, type MonitoringEvent } from './events';
import { log } from './log';
import { DAY, recall, remember } from './memory';
import { compose } from './message';
import { putMetrics } from './metrics';
import { repairPolicy, type Repair } from './repair';
import { verify } from './verification';
import { describeError } from '../../organization/errors';

/** Left for what follows the verification, in milliseconds. */
const TIME_TO_TELL = 60_000;

/** A repair that AWS keeps refusing must not keep the verification from finding out what that means. */
const TIME_TO_REPAIR = 5 * 60_000;

/** A run that has not told anybody after this long will not. */
const LONGEST_RUN = 15 * 60_000;

const { DECLARED_PARAMETER, TOPIC_ARN } = process.env;

/**
 * Verifies the organization, for AWS Config or for the monitor.
 *
 * A run of the monitor repairs, if it may; verifies; saves its state; puts metrics; notifies people of changes. Everything can be done twice and by two runs at once:
 * events come more than once, and Lambda delivers them again when a function fails.
 */
async function handler(event: MonitoringEvent, context: { getRemainingTimeInMillis(): number }): Promise<void> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new Error('the time of the function is up')), context.getRemainingTimeInMillis() - TIME_TO_TELL);
  try {
    if (event.resultToken) await evaluate(event, await verify(deadline.signal));
    else await watch(event, deadline.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function watch(event: MonitoringEvent, signal: AbortSignal): Promise<void> {
  const started = Date.now();
  const changes = changesIn(event).filter(({ by }) => !by.endsWith(`/${process.env.AWS_LAMBDA_FUNCTION_NAME}`));
  log({ step: 'started', changes });
  const repair: Repair = DECLARED_PARAMETER ? await repairPolicy(organizations(), changes, AbortSignal.timeout(TIME_TO_REPAIR)) : { done: [] };
  log({ step: 'repair', ...repair });
  const { next } = await recall();
  let failure: string | undefined;
  const result = await verify(signal, next).catch((error) => {
    failure = describeError(error);
    log({ step: 'error', failure });
    return undefined;
  });

  const now = Date.now();
  const notOptedOut = result?.notOptedOut ?? [];
  const total = result?.accounts;
  let due = false;
  let verified: number | undefined;
  let unknown = 0;
  await remember((seen) => {
    unknown = result?.unknown.length ?? seen.accounts ?? 1;
    verified = result ? now : seen.verified;
    const blind = unknown > 0 ? (seen.blind ?? 0) + 1 : 0;
    const good = notOptedOut.length === 0 && blind < 2 && !repair.problem;
    // A status that is unknown once may be known in the next run.
    const undecided = good && blind > 0;
    // In a large organization the set of unknown accounts varies between runs, so reasons are compared, not accounts.
    const doubts = blind > 1 && [...new Set(result?.unknown.map(({ reason }) => reason)), failure];
    const facts = [notOptedOut.map(({ id, reason }) => id + reason), doubts, repair.problem];
    const state = undecided ? seen.state : createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);

    const changed = state !== seen.state;
    const untold = seen.told === 0 && now - seen.since! > LONGEST_RUN;
    // A day after the last run told, which was a little later than that run began.
    const still = !good && seen.told! > 0 && now - seen.told! > DAY - LONGEST_RUN;
    due = changed || untold || still || repair.done.length > 0;
    return {
      ...seen,
      ...(result && { verified: now, accounts: total, next: result.next }),
      blind,
      state,
      since: due ? now : seen.since,
      told: due ? 0 : seen.told,
    };
  });

  putMetrics({
    ...(result && {
      OptedOut: total! - notOptedOut.length - unknown,
      NotOptedOut: notOptedOut.length,
      PolicyTypeEnabled: Number(result.policyType === 'ENABLED'),
    }),
    Unknown: unknown,
    Repairs: repair.done.length,
    ...(verified && { VerificationAge: (now - verified) / 1000 }),
    VerificationDuration: (now - started) / 1000,
  });
  if (due) await tell(result, failure, repair, changes);
}

async function tell(...about: Parameters<typeof compose>): Promise<void> {
  const message = compose(...about);
  log({ step: 'changed', ...message });
  if (TOPIC_ARN) await callAws('Publish', { TopicArn: TOPIC_ARN, ...message });
  await remember((seen) => ({ ...seen, told: Date.now() }));
}

exports.handler = handler;
