import type { CreatePolicyInput } from './change';
import type { Connection } from './open';
import { isOwn } from './state';
import { OrganizationsError } from '../../organization';
import { POLICY_TYPE } from '../../policy';
import { CliError } from '../errors';

const ATTEMPTS = 5;

/** AWS may need a moment until a policy that it has created shows up. */
const PAUSE = 2_000;

/**
 * Creates the policy, and never a second one: what is lost may be the answer and not the call, so after every error the policies are read
 * before anything is tried again. Between two attempts that both get through, AWS itself decides: it allows each name once.
 */
export async function createOnce({ client }: Connection, input: CreatePolicyInput, signal: AbortSignal): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { Policy } = await client.call('CreatePolicy', input, signal);
      return Policy!.PolicySummary!.Id!;
    } catch (error) {
      if (signal.aborted) throw error;
      const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
      const duplicate = name === 'DuplicatePolicyException';
      // A plain refusal: nothing was created, and nothing will be.
      if (!duplicate && ($metadata?.httpStatusCode ?? 500) < 500) throw error;
      const policies = await client.list('ListPolicies', { Filter: POLICY_TYPE }, signal);
      const found = policies.find((policy) => policy.Name === input.Name);
      if (found) return checked({ client }, found.Id!, input, signal);
      // The client has tried for minutes by then.
      if (attempt === ATTEMPTS || error instanceof OrganizationsError) throw error;
      await client.clock.sleep(PAUSE, signal);
    }
  }
}

/** Somebody else may have been faster with a policy of that name. */
async function checked({ client }: Pick<Connection, 'client'>, id: string, { Name, Content }: CreatePolicyInput, signal: AbortSignal): Promise<string> {
  const { Policy } = await client.call('DescribePolicy', { PolicyId: id }, signal);
  if (Policy!.Content === Content && await isOwn({ client }, id, signal)) return id;
  throw new CliError(`Somebody else created another policy "${Name}" (${id}) in the meantime. Run the command again: it plans anew.`);
}
