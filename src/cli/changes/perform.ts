import { NEW_POLICY, type Change } from './change';
import { createOnce } from './create-once';
import { awaitEnabled } from './enablement';
import type { Connection } from './open';
import { failedChange } from './refusal';
import type { Input, Operation } from '../../organization';
import { CliError } from '../errors';

export interface Performance {
  readonly signal: AbortSignal;
  /** The policy type has to be enabled first, or waited for because somebody else has just enabled it. */
  readonly enable: boolean;
  /** How long to wait for the policy type. */
  readonly timeoutMinutes: number;
  /** Tells a person what is going on. */
  readonly say: (line: string) => void;
}

/**
 * AWS says so where the change has been made already: by an attempt whose answer was lost, by a command that was interrupted, or by somebody else.
 */
const MADE_ALREADY: { readonly [operation: string]: string[] } = {
  AttachPolicy: ['DuplicatePolicyAttachmentException'],
  DetachPolicy: ['PolicyNotAttachedException', 'PolicyNotFoundException', 'TargetNotFoundException'],
  DeletePolicy: ['PolicyNotFoundException'],
};

/** How often an attachment is tried again where AWS forgets that it has just enabled the type. */
const ATTEMPTS = 3;

/** Makes the changes in order and answers the id of the policy they are about. Each can be made twice without harm. */
export async function perform(connection: Connection, changes: Change[], performance: Performance): Promise<string | undefined> {
  const { say, signal, enable } = performance;
  let policyId: string | undefined;
  if (enable && changes[0]?.operation !== 'EnablePolicyType') await awaitEnabled(connection, performance);

  for (const [index, change] of changes.entries()) {
    say(`${index + 1}/${changes.length} ${change.operation}`);
    const { operation, input } = change;
    try {
      if (operation === 'EnablePolicyType') await awaitEnabled(connection, performance);
      else if (operation === 'CreatePolicy') policyId = await createOnce(connection, input, signal);
      else if (operation === 'AttachPolicy') await attach(connection, { ...input, PolicyId: known(input.PolicyId, policyId) }, performance);
      else await make(connection, operation, input, signal);
    } catch (error) {
      if (signal.aborted || error instanceof CliError) throw error;
      throw failedChange(operation, error);
    }
  }
  return policyId;
}

async function attach(connection: Connection, input: Input<'AttachPolicy'>, performance: Performance): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await make(connection, 'AttachPolicy', input, performance.signal);
    } catch (error) {
      if ((error as Error).name !== 'PolicyTypeNotEnabledException' || attempt === ATTEMPTS) throw error;
      await awaitEnabled(connection, performance);
    }
  }
}

async function make<O extends Operation>({ client }: Connection, operation: O, input: Input<O>, signal: AbortSignal): Promise<void> {
  try {
    await client.call(operation, input, signal);
  } catch (error) {
    if (signal.aborted || !MADE_ALREADY[operation]?.includes((error as Error).name)) throw error;
  }
}

function known(policyId: string, created: string | undefined): string {
  return policyId === NEW_POLICY ? created! : policyId;
}
