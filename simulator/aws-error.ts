/** An error as an AWS service answers it: a code, a message, sometimes a Reason. */
export class AwsError extends Error {
  public constructor(
    public readonly code: string,
    message: string,
    public readonly reason?: string,
    public readonly status: number = 400,
  ) {
    super(message);
    this.name = code;
  }
}
