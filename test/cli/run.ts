import { PassThrough, Readable } from 'node:stream';
import type { CommandContext, Output } from '../../src/cli/command-context';
import { main } from '../../src/cli/main';

export interface RunOptions {
  readonly stdin?: string;
  readonly columns?: number;
  readonly colour?: boolean;
  readonly isTTY?: boolean;
  readonly signal?: AbortSignal;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process and answers what a user would see. */
export async function run(args: string[], options: RunOptions = {}): Promise<Ran> {
  const stdout = new Recorder(options);
  const stderr = new Recorder(options);
  const context: CommandContext = {
    stdout,
    stderr,
    stdin: { isTTY: false, stream: () => Readable.from([Buffer.from(options.stdin ?? '')]) },
    env: process.env,
    signal: options.signal ?? new AbortController().signal,
    exitCode: 0,
    now: () => new Date(),
  };
  const code = await main(args, context);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Recorder implements Output {
  public readonly isTTY: boolean;
  public readonly columns: number;
  public readonly colour: boolean;
  public readonly stream = new PassThrough();
  public text = '';

  public constructor({ isTTY = false, columns = 80, colour = false }: RunOptions) {
    this.isTTY = isTTY;
    this.columns = columns;
    this.colour = colour;
    this.stream.on('data', (chunk) => { this.text += chunk; });
  }

  public write(text: string): void {
    this.text += text;
  }
}

/** Removes line breaks and indentation, so that a test does not depend on where a line wraps. */
export function flat(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
