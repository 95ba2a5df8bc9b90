import type { Command } from 'commander';

/** Who asks, and where. The same on every command that talks to AWS. */
export interface AwsOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly endpointUrl?: string;
}

export function addAwsOptions(command: Command): Command {
  return command
    .option('--profile <name>', 'profile of the AWS configuration files (default: as any AWS tool)')
    .option('--region <name>', 'any Region of the partition; Organizations is global (default: the configured one, or us-east-1)')
    .option('--endpoint-url <url>', 'send the calls there, for example to a simulator');
}
