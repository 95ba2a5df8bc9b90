import type { Answer, PolicyTypeEvent } from './events';
import { log } from './log';
import { machineClock } from '../../organization/clock';

/** Sends the answer to CloudFormation. Throws if that stays impossible, so that Lambda delivers the event again. */
export async function reply({ ResponseURL, StackId, RequestId, LogicalResourceId }: PolicyTypeEvent, answer: Answer): Promise<void> {
  let { Reason = '' } = answer;
  const body = () => Buffer.from(JSON.stringify({ ...answer, Reason, StackId, RequestId, LogicalResourceId }));
  // CloudFormation accepts no longer answers.
  while (Reason && body().length > 4096) Reason = Reason.slice(0, Reason.length * 0.9);
  log('answer', { ...answer, Reason });

  for (let attempt = 1; ; attempt++) {
    try {
      // Bytes, not a string: fetch would add a content type, and the signature of the URL covers an empty one.
      const response = await fetch(ResponseURL, { method: 'PUT', body: body(), signal: AbortSignal.timeout(5_000) });
      if (response.ok) return;
      throw new Error(`HTTP ${response.status}`);
    } catch (error) {
      // Without the cause: it may name the URL, which is a credential.
      log('error', { name: 'answer', error: `${error}` });
      if (attempt === 5) throw new Error('CloudFormation takes no answer');
      await machineClock.sleep(1000 * attempt);
    }
  }
}
