import type { ChoiceOptions } from './choice-options';
import { lookAhead } from './look-ahead';
import { open } from './open';
import { desiredFromOptions } from './options';
import { planJson } from './plan-json';
import { planText } from './plan-text';
import { explained } from './refusal';
import type { CommandContext } from '../command-context';
import { ExitCode } from '../errors';

export interface PlanOptions extends ChoiceOptions {
  readonly output: 'text' | 'json';
  readonly detailedExitcode?: boolean;
}

/** With --detailed-exitcode: there is something to do. The numbers below mean something else already. */
export const CHANGES_TO_BE_MADE = 4;

export async function runPlan(options: PlanOptions, context: CommandContext, connect = open): Promise<number> {
  const desired = await desiredFromOptions(options, context);
  const connection = await connect(options, context);
  try {
    const { snapshot, plan, effects } = await lookAhead(connection, desired, options, context.signal);
    context.stdout.write((options.output === 'json' ? planJson : planText)(snapshot, plan, effects));
    if (plan.blockers.length > 0) return ExitCode.NEGATIVE;
    return options.detailedExitcode && plan.changes.length > 0 ? CHANGES_TO_BE_MADE : ExitCode.OK;
  } catch (error) {
    throw explained(error, connection.accountId, options, context.signal);
  }
}
