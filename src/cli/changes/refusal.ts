import { describeError, isDenied, OrganizationsError } from '../../organization';
import type { AwsOptions } from '../aws-options';
import { CliError, ExitCode } from '../errors';
import { wrapped } from './layout';

/** Something that was found out, and that keeps the command from doing its work. */
export function refusal(...paragraphs: string[]): CliError {
  const [first, ...more] = paragraphs;
  const text = [wrapped('', `error: ${first}`).slice('error: '.length), ...more.map((paragraph) => wrapped('', paragraph))];
  return new CliError(text.join('\n').trimEnd(), { exitCode: ExitCode.NEGATIVE });
}

export function noOrganization(accountId: string): CliError {
  return refusal(
    `account ${accountId} is in no organization, and only organizations can opt out of AI-service data use.`,
    'This command creates one, even for a single account:',
    '  aws organizations create-organization --feature-set ALL',
    `What that means: account ${accountId} becomes the management account, which no later command can change. It pays for every account that `
    + 'joins (consolidated billing) and can set policies for them; the organization can only be deleted once they have all left. '
    + 'If the company has an organization already, ask its administrators to invite the account instead. '
    + 'Then run this command again.',
  );
}

export function billingOnly(organizationId: string): CliError {
  return refusal(
    `the organization ${organizationId} has consolidated billing only, and opt-out policies need all features.`,
    'This command, in the management account, asks every account to agree, and its last step has to be confirmed there:',
    '  aws organizations enable-all-features',
  );
}

export function memberAccount(accountId: string, managementAccountId: string): CliError {
  return refusal(
    `account ${accountId} is a member of the organization and may not manage its policies. Use credentials of the management account `
    + `(${managementAccountId}) or of an account to which it has delegated AI services opt-out policies.`,
  );
}

/** What ended a command, in words that say what to do. */
export function explained(error: unknown, accountId: string, options: AwsOptions, signal: AbortSignal): unknown {
  if (signal.aborted || error instanceof CliError) return error;
  if (error instanceof OrganizationsError) {
    return error.code === 'noOrganization' ? noOrganization(accountId) : new CliError(error.message, { cause: error });
  }
  // A fault of ours is not to be blamed on AWS.
  if (/^(Type|Range|Reference|Syntax)Error$/.test((error as Error).name)) return error;
  const { awsError } = require('../aws') as typeof import('../aws');
  return awsError(error, options);
}

/** What AWS made of a change. What was done before it stays, and the same command goes on from there. */
export function failedChange(operation: string, error: unknown): CliError {
  const say = (text: string) => new CliError(`${text} Changes made before this one stay; the same command goes on from there.`, { cause: error });
  const { name, Reason } = error as Error & { Reason?: string };
  if (isDenied(error)) return say(`AWS does not allow ${operation} to these credentials (${describeError(error)}).`);
  if (name === 'MalformedPolicyDocumentException') {
    return say(`AWS refuses the content of the policy (${operation}) and does not say why. Most likely it does not know a service key; see the warnings above.`);
  }
  return say(`${operation} failed: ${describeError(error)}${Reason ? ` (${Reason})` : ''}`);
}
