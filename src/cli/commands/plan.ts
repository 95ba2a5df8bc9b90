import { Option, type Command } from 'commander';
import { addChoiceOptions } from '../changes/choice-options';
import type { PlanOptions } from '../changes/run-plan';
import type { CommandContext } from '../command-context';

export function register(program: Command, context: CommandContext): void {
  addChoiceOptions(program.command('plan')
    .summary('show what apply would do, and what becomes of every account')
    .description('Shows which calls "apply" would make, and for which accounts that changes what governs them. Changes nothing.'))
    .addOption(new Option('--output <format>', 'what goes to standard output').choices(['text', 'json']).default('text'))
    .option('--detailed-exitcode', 'exit with 4 where there is something to do')
    .addHelpText('after', `
Exit codes:
  0  the plan can be applied, or there is nothing to do
  1  it cannot: the reason is printed
  3  no plan: wrong usage, no credentials, a failure
  4  with --detailed-exitcode: the plan can be applied and has changes`)
    .action(async (options: PlanOptions) => {
      const { runPlan } = require('../changes/run-plan') as typeof import('../changes/run-plan');
      context.exitCode = await runPlan(options, context);
    });
}
