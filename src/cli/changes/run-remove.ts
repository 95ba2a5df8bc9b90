import { afterwards } from './afterwards';
import { confirmed, requireConsent } from './confirm';
import { effectsOf } from './effects';
import { counted, wrapped } from './layout';
import { open, type Connection } from './open';
import { perform } from './perform';
import { planText } from './plan-text';
import { explained, refusal } from './refusal';
import { planRemoval } from './removal';
import { isOwn, readState } from './state';
import { describeError, isDenied, type OrganizationSnapshot, type Policy } from '../../organization';
import { POLICY_TYPE } from '../../policy';
import type { AwsOptions } from '../aws-options';
import type { CommandContext } from '../command-context';
import { CliError, ExitCode } from '../errors';

export interface RemoveOptions extends AwsOptions {
  readonly policyId: string;
  readonly yes?: boolean;
}

const POLICY_ID = /^p-[0-9a-zA-Z_]{8,128}$/;

export async function runRemove(options: RemoveOptions, context: CommandContext, connect = open): Promise<number> {
  if (!POLICY_ID.test(options.policyId)) {
    throw new CliError(`--policy-id takes the id of a policy (p- and at least 8 letters or digits), got ${JSON.stringify(options.policyId)}`);
  }
  requireConsent(options.yes, context);
  const connection = await connect(options, context);
  try {
    return await remove(connection, options, context);
  } catch (error) {
    throw explained(error, connection.accountId, options, context.signal);
  }
}

async function remove(connection: Connection, { policyId, yes }: RemoveOptions, context: CommandContext): Promise<number> {
  const { signal, stdout, stderr } = context;
  const snapshot = await readState(connection, signal);
  const policy = await find(connection, snapshot, policyId, signal);
  if (!policy) {
    stdout.write(`There is no policy ${policyId} (any more). Nothing to do.\n`);
    return ExitCode.OK;
  }
  const foreign = await isForeign(connection, policy, signal);
  const plan = planRemoval(snapshot, policy, foreign);
  const effects = effectsOf(snapshot, afterwards(snapshot, plan.changes));
  stdout.write(`${planText(snapshot, plan, effects)}\n`);

  const harmed = effects.filter(({ optedIn }) => optedIn.length > 0).length;
  const consequence = harmed === 0 ? 'No account is opted in again by this' : `${counted(harmed, 'account')} ${harmed === 1 ? 'is' : 'are'} opted in again by this`;
  if (!yes && !await confirmed(`${consequence}. Remove the policy "${policy.name}"?`, context)) {
    stderr.write('Nothing was changed.\n');
    return ExitCode.NEGATIVE;
  }
  await perform(connection, plan.changes, { signal, enable: false, timeoutMinutes: 0, say: (line) => stderr.write(`${line}\n`) });
  stdout.write(wrapped('', `The policy "${policy.name}" (${policyId}) is deleted. The policy type stays enabled, so other policies go on working. `
    + 'Which accounts are still opted out is told by: ai-opt-out verify'));
  return ExitCode.OK;
}

/** Nothing where it is gone already, also when an earlier run was interrupted after its last call. */
async function find({ client }: Connection, { policies }: OrganizationSnapshot, policyId: string, signal: AbortSignal): Promise<Policy | undefined> {
  const known = policies.find(({ id }) => id === policyId);
  if (known) return known;
  try {
    const { Policy } = await client.call('DescribePolicy', { PolicyId: policyId }, signal);
    const { Name, Type } = Policy!.PolicySummary!;
    if (Type !== POLICY_TYPE) {
      throw refusal(`the policy "${Name}" (${policyId}) is of type ${Type} and not an AI services opt-out policy, so it is left alone.`);
    }
    throw refusal(`the policy "${Name}" (${policyId}) was not among the policies that could be listed, so it is not known what depends on it.`);
  } catch (error) {
    if ((error as Error).name === 'PolicyNotFoundException') return undefined;
    throw error;
  }
}

/** Whether somebody else made it: a stack perhaps, which would miss it. Where that cannot be read, what the answer was. */
async function isForeign(connection: Connection, { id }: Policy, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await isOwn(connection, id, signal) ? undefined : 'it does not carry its tag';
  } catch (error) {
    if (!isDenied(error)) throw error;
    return describeError(error);
  }
}
