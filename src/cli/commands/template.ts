import type { Command } from 'commander';
import type { CommandContext } from '../command-context';
import { addTemplateOptions, type TemplateOptions } from '../template/options';

export function register(program: Command, context: CommandContext): void {
  addTemplateOptions(program.command('template')
    .summary('print a CloudFormation template, or write the files of a landing zone')
    .description('Prints a CloudFormation template that opts the organization out, or the bare policy, or writes the files that a landing zone needs. '
      + 'Needs aws-cdk-lib, except for --format policy, and no AWS account.'))
    .addHelpText('after', `
Examples:
  ai-opt-out template > opt-out.yaml
  ai-opt-out template --monitor --repair --json > opt-out.json
  ai-opt-out template --format cfct --management-account-id 111122223333 --out ct
  ai-opt-out template --format lza --monitor --out lza

Exit codes:
  0  printed or written
  1  not written: a file that differs is in the way
  3  failed: wrong usage, aws-cdk-lib is missing, or the folder cannot be written`)
    .action(async (options: TemplateOptions) => {
      const { runTemplate } = require('../template/run-template') as typeof import('../template/run-template');
      context.exitCode = await runTemplate(options, context);
    });
}
