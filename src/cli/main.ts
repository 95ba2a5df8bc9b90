import { Command, CommanderError } from 'commander';
import type { CommandContext } from './command-context';
import * as apply from './commands/apply';
import * as plan from './commands/plan';
import * as remove from './commands/remove';
import * as template from './commands/template';
import * as validate from './commands/validate';
import * as verify from './commands/verify';
import { CliError, ExitCode, InterruptedError } from './errors';
import { processContext } from './process-context';
import { version } from './version';
import { visibleLines } from '../text/visible';

/*
 * The command line. What a command needs is loaded when it runs: --help must not pay for the AWS SDK.
 */

const COMMANDS = [verify, plan, apply, remove, validate, template];

/** Runs the command line in this process. */
export async function run(): Promise<void> {
  const { context, close } = processContext();
  try {
    process.exitCode = await main(process.argv.slice(2), context);
  } finally {
    close();
  }
}

/** Runs a command and answers the exit code. Never throws: what goes wrong becomes a line on stderr. */
export async function main(args: string[], context: CommandContext): Promise<number> {
  const program = programFor(context);
  try {
    await program.parseAsync(args, { from: 'user' });
    if (context.signal.aborted) throw new InterruptedError();
    return context.exitCode;
  } catch (error) {
    // Commander has printed its own message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.OK : ExitCode.FAILED;
    return report(context.signal.aborted ? new InterruptedError() : error, context, args.includes('--debug'));
  }
}

function programFor(context: CommandContext): Command {
  const program = new Command('ai-opt-out')
    .description('Opts an AWS organization out of AI-service data use, and shows account by account that it holds.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(--help lists what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      getOutHelpWidth: () => context.stdout.columns,
      getErrHelpWidth: () => context.stderr.columns,
      getOutHasColors: () => context.stdout.colour,
      getErrHasColors: () => context.stderr.colour,
    });
  for (const { register } of COMMANDS) register(program, context);
  // Everywhere, because it is wanted after something went wrong, by adding it at the end of the line.
  for (const command of program.commands) command.option('--debug', 'print stack traces');
  return program;
}

function report(error: unknown, context: CommandContext, debug: boolean): number {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  context.stderr.write(`error: ${visibleLines(message || 'failed without a message')}\n`);
  if (error instanceof CliError) {
    if (debug) context.stderr.write(`${visibleLines(traces(error))}\n`);
    return error.exitCode;
  }
  context.stderr.write(debug ? `${visibleLines(stack ?? message)}\n` : 'This may be a fault of ai-opt-out: run the command again with --debug and report what it prints.\n');
  return ExitCode.FAILED;
}

/** The stack of an error and of whatever caused it. */
function traces(error: Error): string {
  return error.cause instanceof Error ? `${error.stack}\ncaused by ${traces(error.cause)}` : `${error.stack}`;
}
