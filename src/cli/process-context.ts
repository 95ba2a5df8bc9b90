import { setMaxListeners } from 'node:events';
import type { CommandContext, Output } from './command-context';
import { ExitCode } from './errors';

/** The context of a real process, and what ends its listening to signals. */
export function processContext(): { context: CommandContext; close(): void } {
  const interruption = new AbortController();
  const interrupt = () => {
    // Who presses twice does not want to wait for a clean end.
    if (interruption.signal.aborted) process.exit(ExitCode.INTERRUPTED);
    interruption.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // Calls side by side each listen to the signal: ten and more are no leak, and Node's warning would frighten.
  setMaxListeners(0);

  return {
    context: {
      stdout: output(process.stdout),
      stderr: output(process.stderr),
      stdin: { get isTTY() { return process.stdin.isTTY ?? false; }, stream: () => process.stdin },
      env: process.env,
      signal: interruption.signal,
      exitCode: ExitCode.OK,
      now: () => new Date(),
    },
    close: () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}

function output(stream: NodeJS.WriteStream): Output {
  // A reader that closes early, such as `head`, is no failure: the exit code still shows the result.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const isTTY = stream.isTTY ?? false;
  return {
    isTTY,
    get columns() { return stream.columns ?? 80; },
    colour: isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    stream,
    write: (text) => { stream.write(text); },
  };
}
