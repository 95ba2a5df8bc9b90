import { createInterface } from 'node:readline';
import { visible } from '../../text/visible';
import type { CommandContext } from '../command-context';
import { CliError, InterruptedError } from '../errors';

/** @throws CliError if the command would have to prompt and cannot */
export function requireConsent(yes: boolean | undefined, { stdin }: CommandContext): void {
  if (yes || stdin.isTTY) return;
  throw new CliError('cannot prompt: standard input is not a terminal. Pass --yes to make the changes without a prompt.');
}

/** Prompts; every answer but yes is no. */
export async function confirmed(question: string, { stdin, stderr, signal }: CommandContext): Promise<boolean> {
  const lines = createInterface({ input: stdin.stream() });
  try {
    stderr.write(`${visible(question)} [y/N] `);
    const answer = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
      signal.addEventListener('abort', () => reject(new InterruptedError()), { once: true });
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
