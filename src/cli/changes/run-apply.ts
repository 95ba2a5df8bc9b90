import type { ChoiceOptions } from './choice-options';
import { confirmed, requireConsent } from './confirm';
import { counted } from './layout';
import { lookAhead } from './look-ahead';
import { open, type Connection } from './open';
import { desiredFromOptions } from './options';
import { isDone, outcomeText, readOutcome, WHAT_NEXT } from './outcome';
import { perform } from './perform';
import { planText } from './plan-text';
import { explained } from './refusal';
import type { CommandContext } from '../command-context';
import type { Desired } from './desired';
import { CliError, ExitCode } from '../errors';
import { STDIN } from '../policy-file';

export interface ApplyOptions extends ChoiceOptions {
  readonly yes?: boolean;
  /** Minutes. */
  readonly timeout: number;
}

export async function runApply(options: ApplyOptions, context: CommandContext, connect = open): Promise<number> {
  if (options.policy === STDIN && !options.yes) {
    throw new CliError('cannot prompt: --policy - reads the policy from standard input. Pass --yes to apply the plan, or name a file.');
  }
  const desired = await desiredFromOptions(options, context);
  requireConsent(options.yes, context);
  const connection = await connect(options, context);
  try {
    return await apply(connection, desired, options, context);
  } catch (error) {
    if (context.signal.aborted) context.stderr.write('Changes made so far stay. The same command goes on from there.\n');
    throw explained(error, connection.accountId, options, context.signal);
  }
}

async function apply(connection: Connection, desired: Desired, options: ApplyOptions, context: CommandContext): Promise<number> {
  const { signal, stdout, stderr } = context;
  const { snapshot, plan: { changes, ...advice }, effects } = await lookAhead(connection, desired, options, signal);
  stdout.write(`${planText(snapshot, { changes, ...advice }, effects)}\n`);
  if (advice.blockers.length > 0) return ExitCode.NEGATIVE;

  if (changes.length > 0 && !options.yes && !await confirmed(`Apply ${these(changes.length)}?`, context)) {
    stderr.write('Nothing was changed.\n');
    return ExitCode.NEGATIVE;
  }
  const created = await perform(connection, changes, {
    signal, enable: snapshot.policyType !== 'ENABLED', timeoutMinutes: options.timeout, say: (line) => stderr.write(`${line}\n`),
  });
  const policyId = created ?? snapshot.policies.find(({ name }) => name === desired.name)!.id;
  const outcome = await readOutcome(connection, policyId, desired.targetIds ?? [snapshot.rootId], signal);
  stdout.write(outcomeText(snapshot, desired.name, policyId, outcome));
  stdout.write(WHAT_NEXT);
  return isDone(outcome) ? ExitCode.OK : ExitCode.NEGATIVE;
}

function these(changes: number): string {
  return changes === 1 ? 'this change' : `these ${counted(changes, 'change')}`;
}
