import { Option, type Command } from 'commander';
import { visible } from '../../text/visible';
import { addAllowService } from '../allow-service';
import type { CommandContext } from '../command-context';
import { CliError, ExitCode } from '../errors';
import type { FileReport } from '../output/validation';

interface ValidateOptions {
  readonly output: 'text' | 'json';
  readonly allowService?: string[];
}

export function register(program: Command, context: CommandContext): void {
  addAllowService(program.command('validate')
    .summary('check policy files before AWS refuses them without a reason')
    .description('Checks AI services opt-out policies: what AWS would refuse and where, their size, holes in their locks, and what they set. Needs no AWS account.')
    .argument('<file...>', 'policy files; - reads standard input')
    .addOption(new Option('--output <format>', 'what goes to standard output').choices(['text', 'json']).default('text')))
    .addHelpText('after', `
Exit codes:
  0  AWS would accept every file
  1  some file has problems
  3  no answer: wrong usage, or a file that cannot be read`)
    .action(async (files: string[], options: ValidateOptions) => {
      context.exitCode = await validate(files, options, context);
    });
}

async function validate(files: string[], options: ValidateOptions, context: CommandContext): Promise<ExitCode> {
  const { STDIN } = require('../policy-file') as typeof import('../policy-file');
  const { validationJson, validationText } = require('../output/validation') as typeof import('../output/validation');
  if (files.filter((file) => file === STDIN).length > 1) throw new CliError('standard input (-) can be read only once');

  const reports: FileReport[] = [];
  for (const file of files) reports.push(await look(file, options, context));

  if (options.output === 'json') {
    context.stdout.write(validationJson(reports));
  } else {
    context.stdout.write(validationText(reports, context.stdout));
    for (const { error } of reports) {
      if (error !== undefined) context.stderr.write(`error: ${visible(error)}\n`);
    }
  }
  if (reports.some(({ error }) => error !== undefined)) return ExitCode.FAILED;
  return reports.every(({ ok }) => ok) ? ExitCode.OK : ExitCode.NEGATIVE;
}

/** A file that cannot be read does not keep the others from being checked. */
async function look(file: string, { allowService }: ValidateOptions, context: CommandContext): Promise<FileReport> {
  const { readPolicyFile } = require('../policy-file') as typeof import('../policy-file');
  const { inspect } = require('../validate/inspect') as typeof import('../validate/inspect');
  try {
    const inspection = inspect(await readPolicyFile(file, context), allowService);
    return { file, ok: inspection.problems.length === 0, inspection };
  } catch (error) {
    if (!(error instanceof CliError) || context.signal.aborted) throw error;
    return { file, ok: false, error: error.message };
  }
}
