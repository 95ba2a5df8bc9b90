/**
 * The world a command runs in: everything it may read, write or ask the time from.
 *
 * Commands touch neither `process` nor `console`, so that tests see exactly what a user would.
 */
export interface CommandContext {
  /** The answer. */
  readonly stdout: Output;
  /** Everything about getting to the answer: progress, warnings, errors. */
  readonly stderr: Output;
  readonly stdin: Input;
  readonly env: { readonly [name: string]: string | undefined };
  /** Aborted by Ctrl-C and by SIGTERM. Whoever waits or loops heeds it. */
  readonly signal: AbortSignal;
  /** What the process answers with. A command that ends without an error sets it; see `ExitCode`. */
  exitCode: number;
  now(): Date;
}

export interface Output {
  readonly isTTY: boolean;
  /** The width of the terminal, or 80. */
  readonly columns: number;
  /** A terminal whose user did not set NO_COLOR. */
  readonly colour: boolean;
  /** Where a library wants a stream, such as a progress bar. */
  readonly stream: NodeJS.WritableStream;
  write(text: string): void;
}

export interface Input {
  /** Whether a person can be asked. */
  readonly isTTY: boolean;
  /** Opened only when somebody reads. */
  stream(): NodeJS.ReadableStream;
}
