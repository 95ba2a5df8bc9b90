import type { OrganizationsClient } from '../../organization';
import type { AwsOptions } from '../aws-options';
import type { CommandContext } from '../command-context';

/** A way into an organization. */
export interface Connection {
  readonly client: OrganizationsClient;
  readonly accountId: string;
  close(): void;
}

/** Opens the organization that the options and the environment lead to. Loads the SDK. */
export async function open(options: AwsOptions, context: CommandContext): Promise<Connection> {
  const { connect } = require('../aws') as typeof import('../aws');
  const { organizationsClient, sendThrough, SDK_CONFIGURATION } = require('../../organization') as typeof import('../../organization');
  const sdk = require('@aws-sdk/client-organizations') as typeof import('@aws-sdk/client-organizations');

  const { caller, clientConfig } = await connect(options, context);
  const sender = new sdk.OrganizationsClient({ ...clientConfig, ...SDK_CONFIGURATION });
  const client = organizationsClient(sendThrough(sdk, sender), {
    onProgress: (progress) => {
      if (progress.kind !== 'retry') return;
      const seconds = Math.max(1, Math.round(progress.inMilliseconds / 1000));
      context.stderr.write(`${progress.operation} failed (${progress.error}); trying again in ${seconds} s\n`);
    },
  });
  return { client, accountId: caller.accountId, close: () => sender.destroy() };
}
