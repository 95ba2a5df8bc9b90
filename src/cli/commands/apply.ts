import { InvalidArgumentError, type Command } from 'commander';
import { addChoiceOptions } from '../changes/choice-options';
import type { ApplyOptions } from '../changes/run-apply';
import type { CommandContext } from '../command-context';

export function register(program: Command, context: CommandContext): void {
  addChoiceOptions(program.command('apply')
    .summary('opt the organization out')
    .description('Enables the policy type, creates or updates the policy and attaches it, after showing the plan. Interrupted, it can be run again.'))
    .option('--yes', 'do not ask')
    .option('--timeout <minutes>', 'how long to wait until the policy type is enabled', minutes, 10)
    .addHelpText('after', `
Exit codes:
  0  done, or nothing to do; "ai-opt-out verify" tells whether it holds
  1  not done: declined, or something is in the way that is named
  3  failed: wrong usage, no credentials, nobody to ask, or AWS refused a call`)
    .action(async (options: ApplyOptions) => {
      const { runApply } = require('../changes/run-apply') as typeof import('../changes/run-apply');
      context.exitCode = await runApply(options, context);
    });
}

function minutes(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('It has to be a whole number of minutes, at least 1.');
  return Number(text);
}
