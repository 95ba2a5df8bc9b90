import { createInterface } from 'node:readline';
import type { CommandContext } from '../command-context';
import { CliError, InterruptedError } from '../errors';

/** Whoever is asked nothing must have said so: a pipeline that nobody watches has to give --yes. */
export function requireConsent(yes: boolean | undefined, { stdin }: CommandContext): void {
  if (yes || stdin.isTTY) return;
  throw new CliError('there is nobody to ask, because standard input is no terminal: give --yes to make the changes without being asked');
}

/** Asks; anything but yes is no. */
export async function confirmed(question: string, { stdin, stderr, signal }: CommandContext): Promise<boolean> {
  const lines = createInterface({ input: stdin.stream() });
  try {
    stderr.write(`${question} [y/N] `);
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
