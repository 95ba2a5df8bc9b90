/** What the process answers with. Pipelines branch on these, so they are promises. */
export enum ExitCode {
  /** Done; for `verify`: every active account is opted out. */
  OK = 0,
  /** `verify`: some account is not opted out. `validate`: some file has problems. */
  NEGATIVE = 1,
  /** `verify`: no account is known not to be opted out, and the status of some is unknown. */
  UNKNOWN = 2,
  /** No answer: wrong usage, or something failed before there was one. */
  FAILED = 3,
  /** Ctrl-C, as shells have it: 128 + SIGINT. */
  INTERRUPTED = 130,
}

/** Something the user can put right: one line without a stack trace. */
export class CliError extends Error {
  public readonly exitCode: number;

  public constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'CliError';
    this.exitCode = options.exitCode ?? ExitCode.FAILED;
  }
}

/** What interrupts a command when its signal is aborted. */
export class InterruptedError extends CliError {
  public constructor() {
    super('interrupted', { exitCode: ExitCode.INTERRUPTED });
    this.name = 'InterruptedError';
  }
}
