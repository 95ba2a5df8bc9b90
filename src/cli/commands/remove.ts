import type { Command } from 'commander';
import { addAwsOptions } from '../aws-options';
import type { RemoveOptions } from '../changes/run-remove';
import type { CommandContext } from '../command-context';

export function register(program: Command, context: CommandContext): void {
  addAwsOptions(program.command('remove')
    .summary('take a policy away again')
    .description('Says which accounts would be opted in again, then detaches the policy everywhere and deletes it. The policy type stays enabled.')
    .requiredOption('--policy-id <id>', 'the policy, as "plan" and "verify" print it')
    .option('--yes', 'do not ask'))
    .addHelpText('after', `
Exit codes:
  0  done, or the policy was gone already
  1  not done: declined, or it is no AI services opt-out policy
  3  failed: wrong usage, no credentials, nobody to ask, or AWS refused a call`)
    .action(async (options: RemoveOptions) => {
      const { runRemove } = require('../changes/run-remove') as typeof import('../changes/run-remove');
      context.exitCode = await runRemove(options, context);
    });
}
