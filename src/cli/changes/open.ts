import type { OrganizationsClient } from '../../organization';
import { visible } from '../../text/visible';
import type { AwsOptions } from '../aws-options';
import type { CommandContext } from '../command-context';

/** A way into an organization. */
export interface Connection {
  readonly client: OrganizationsClient;
  readonly accountId: string;
}

/** Opens the organization that the options and the environment lead to. Loads the SDK. */
export async function open(options: AwsOptions, context: CommandContext): Promise<Connection> {
  const { connect, organizationsFor } = require('../aws') as typeof import('../aws');
  const aws = await connect(options, context);
  const client = organizationsFor(aws, {
    onRetry: ({ operation, error, inMilliseconds }) => {
      const seconds = Math.max(1, Math.round(inMilliseconds / 1000));
      context.stderr.write(`${operation} failed (${visible(error)}); trying again in ${seconds} s\n`);
    },
  });
  return { client, accountId: aws.caller.accountId };
}
