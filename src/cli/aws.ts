import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-organizations';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsOptions } from './aws-options';
import type { CommandContext } from './command-context';
import { CliError, InterruptedError } from './errors';
import {
  organizationsClient, OrganizationsError, SDK_CONFIGURATION, sendThrough, type OrganizationsClient, type OrganizationsClientOptions,
} from '../organization';
import { POLICY_TYPE, UNSUPPORTED_PARTITIONS } from '../policy';
import { commandOf } from '../text/shell';

/*
 * Whoever imports this loads the SDK: commands do so with require, inside the function that needs it.
 */

// The bundled SDK does not change with the Node.js it runs on; its advice is for those who would install another SDK.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/** A connection to AWS whose credentials were tried. */
export interface Aws {
  readonly caller: Caller;
  /** Everything a client of any service needs to speak for the caller. */
  readonly clientConfig: ClientConfig;
}

export interface Caller {
  readonly arn: string;
  readonly accountId: string;
}

export type ClientConfig = Pick<sdk.OrganizationsClientConfig, 'region' | 'endpoint' | 'profile' | 'logger'>;

const SILENT = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Organizations is global: any Region of the partition does. */
const DEFAULT_REGION = 'us-east-1';

/** Finds the credentials as any AWS tool does, and asks AWS whose they are. */
export async function connect(options: AwsOptions, { signal }: CommandContext): Promise<Aws> {
  const clientConfig = configFrom(options);
  const sts = new STSClient(clientConfig);
  try {
    const { Arn: arn = 'unknown', Account: accountId = 'unknown' } = await sts.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
    refuseUnsupportedPartition(arn);
    return { caller: { arn, accountId }, clientConfig };
  } catch (error) {
    if (signal.aborted) throw new InterruptedError();
    throw awsError(error, options);
  } finally {
    sts.destroy();
  }
}

/** The partition of the credentials is the one whose organization is meant. */
function refuseUnsupportedPartition(callerArn: string): void {
  const [, partition = ''] = callerArn.split(':');
  if (UNSUPPORTED_PARTITIONS.includes(partition)) {
    throw new CliError(`AWS does not offer ${POLICY_TYPE} in partition ${partition}; use credentials of an organization in another partition`);
  }
}

/** The Organizations API for the caller, at the pace that AWS allows. */
export function organizationsFor({ clientConfig }: Aws, options: OrganizationsClientOptions = {}): OrganizationsClient {
  return organizationsClient(sendThrough(sdk, new sdk.OrganizationsClient({ ...clientConfig, ...SDK_CONFIGURATION })), options);
}

function configFrom({ profile, region, endpointUrl }: AwsOptions): ClientConfig {
  if (endpointUrl !== undefined && !URL.canParse(endpointUrl)) {
    throw new CliError(`--endpoint-url has to be a URL such as http://127.0.0.1:5700, got "${endpointUrl}"`);
  }
  return {
    // Who names a profile means it: the SDK need not warn that there are keys in the environment as well.
    ...(profile === undefined ? {} : { profile, logger: SILENT }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
    region: region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? (() => configuredRegion(profile)),
  };
}

async function configuredRegion(profile: string | undefined): Promise<string> {
  try {
    return await new STSClient(profile === undefined ? {} : { profile }).config.region();
  } catch {
    return DEFAULT_REGION;
  }
}

const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'];
const REFUSED = ['InvalidClientTokenId', 'UnrecognizedClientException', 'SignatureDoesNotMatch', 'InvalidSignatureException', 'AuthFailure',
  'MissingAuthenticationToken', 'MissingAuthenticationTokenException', 'IncompleteSignature', 'IncompleteSignatureException'];
const UNREACHABLE = ['ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'];

/** What went wrong between us and AWS, in one line that says what to do. Anything else is handed back as it is. */
export function awsError(error: unknown, { profile, endpointUrl }: AwsOptions): unknown {
  // These are written for people already.
  if (error instanceof CliError) return error;
  if (error instanceof OrganizationsError) return new CliError(error.message, { cause: error });
  const { name, message, code, $metadata } = error as Error & { code?: string; $metadata?: object };
  const say = (text: string) => new CliError(text, { cause: error });

  if (EXPIRED.includes(name) || /(session|token).*(has expired|is expired|expired or)/i.test(message)) {
    const signIn = commandOf('aws', 'sso', 'login', ...(profile === undefined ? [] : ['--profile', profile]));
    return say(`the AWS credentials have expired: sign in again and repeat the command. To sign in with IAM Identity Center: ${signIn}`);
  }
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') return say(noCredentials(oneLine(message), profile));
  if (REFUSED.includes(name)) return say(`AWS does not accept these credentials (${name}): check the access key, its secret and the clock of this machine`);
  const unreachable = UNREACHABLE.find((candidate) => code === candidate || message?.includes(candidate)) ?? (name === 'TimeoutError' ? name : undefined);
  if (unreachable) return say(`${endpointUrl ?? 'AWS'} cannot be reached (${unreachable}): check the network, a proxy, --region and --endpoint-url`);
  return $metadata ? say(`AWS answered ${name}: ${oneLine(message)}`) : error;
}

function noCredentials(message: string, profile = process.env.AWS_PROFILE): string {
  const none = /could not load credentials from any providers/i.test(message);
  if (profile === undefined) {
    return none
      ? 'there are no AWS credentials: sign in (for example "aws sso login"), choose a --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
      : `the AWS credentials cannot be read: ${message}`;
  }
  if (!profileExists(profile)) {
    return `there is no profile "${profile}" in the AWS configuration files: "aws configure list-profiles" lists those there are`;
  }
  return `the profile "${profile}" gives no credentials${none ? ': sign in, or complete it with "aws configure"' : `: ${message}`}`;
}

/** The SDK does not tell a profile that is not there from one that has no credentials, and people want to know which it is. */
function profileExists(profile: string): boolean {
  const { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials } = process.env;
  const header = /^\s*\[\s*(?:profile\s+)?["']?([^\]"']+?)["']?\s*\]/gm;
  return [config ?? join(homedir(), '.aws', 'config'), credentials ?? join(homedir(), '.aws', 'credentials')].some((file) => {
    try {
      return [...readFileSync(file, 'utf8').matchAll(header)].some(([, name]) => name === profile);
    } catch {
      return false;
    }
  });
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
