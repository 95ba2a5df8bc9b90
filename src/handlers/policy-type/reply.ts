import type { Answer, PolicyTypeEvent } from './events';
import { log } from './log';

/** CloudFormation takes no longer answers. */
const MAX_BYTES = 4096;

/** Answers CloudFormation; throws where that stays impossible, so that Lambda delivers the event again. */
export async function reply(event: PolicyTypeEvent, { status, reason = '', physicalId, ids }: Answer): Promise<void> {
  const body = () => Buffer.from(JSON.stringify({
    Status: status,
    Reason: reason,
    PhysicalResourceId: physicalId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    Data: ids,
  }));
  while (body().length > MAX_BYTES) reason = reason.slice(0, reason.length * 0.9);
  log('reply', { status, reason, physicalId });

  for (let attempt = 1; ; attempt++) {
    try {
      // Bytes, not a string: fetch would add a content type, and the signature of the URL covers an empty one.
      const response = await fetch(event.ResponseURL, { method: 'PUT', body: body(), signal: AbortSignal.timeout(5_000) });
      if (response.ok) return;
      throw new Error(`HTTP ${response.status}`);
    } catch (error: any) {
      // The cause is left out: it may name the URL, which is a credential.
      log('reply', { attempt, error: error.message });
      if (attempt === 5) throw new Error('CloudFormation could not be answered');
      await new Promise((resolve) => setTimeout(resolve, 1000 * attempt));
    }
  }
}
