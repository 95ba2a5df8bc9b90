import { InvalidArgumentError, Option, type Command } from 'commander';
import type { EvidenceMode, Verification } from '../../organization/verification';
import { addAwsOptions, type AwsOptions } from '../aws-options';
import type { CommandContext } from '../command-context';
import { CliError, ExitCode } from '../errors';
import { version } from '../version';

interface VerifyOptions extends AwsOptions {
  readonly evidence: EvidenceMode;
  readonly spotChecks?: number;
  readonly seed?: number;
  readonly service?: string[];
  readonly output: 'table' | 'json' | 'junit';
  readonly report?: string;
  readonly quiet?: boolean;
}

export function register(program: Command, context: CommandContext): void {
  addAwsOptions(program.command('verify')
    .summary('tell for every account whether it is opted out, and why')
    .description('Reads the organization and tells for every account whether it is opted out of AI-service data use, and why. Changes nothing.')
    .addOption(new Option('--evidence <kind>', 'effective: ask AWS about every account; computed: from the policies and the tree; '
      + 'auto: effective up to 500 accounts').choices(['auto', 'effective', 'computed']).default('auto'))
    .option('--spot-checks <n>', 'accounts drawn at random for which AWS is asked as well (default: 25)', wholeNumber)
    .option('--seed <n>', 'draw the same accounts as last time', wholeNumber)
    .option('--service <key...>', 'only these services, for example rekognition textract (default: everything, future services included)')
    .addOption(new Option('--output <format>', 'what goes to standard output').choices(['table', 'json', 'junit']).default('table'))
    .option('--report <file>', 'write a self-contained HTML page to keep')
    .option('--quiet', 'no progress'))
    .addHelpText('after', `
Exit codes:
  0  every active account is opted out
  1  some account is not
  2  the status of some account is unknown, and no account is known not to be opted out
  3  no answer: wrong usage, no credentials, no organization, a failure`)
    .action(async (options: VerifyOptions) => {
      context.exitCode = await verify(options, context);
    });
}

async function verify(options: VerifyOptions, context: CommandContext): Promise<ExitCode> {
  const { prepareFile } = require('../output/atomic-file') as typeof import('../output/atomic-file');
  for (const [option, value] of [['--spot-checks', options.spotChecks], ['--seed', options.seed]] as const) {
    if (value === undefined || options.evidence === 'auto') continue;
    throw new CliError(`${option} has no effect with --evidence ${options.evidence}: spot checks are made with --evidence auto only. Leave one of the two options out`);
  }
  const services = options.service && checkServices(options.service, context);
  // Before the long work: nobody wants to hear afterwards that there is no such directory.
  const report = options.report === undefined ? undefined : prepareFile(options.report);

  const verification = await ask({ ...options, service: services }, context);
  context.signal.throwIfAborted();
  if (report) {
    const { reportChunks } = require('../output/report') as typeof import('../output/report');
    report.write(reportChunks(verification, { version: version(), services }));
  }
  print(verification, options.output, context);
  return exitCodeFor(verification);
}

async function ask(options: VerifyOptions, context: CommandContext): Promise<Verification> {
  const { awsError, connect, organizationsFor } = require('../aws') as typeof import('../aws');
  const { verifyOrganization } = require('../../organization') as typeof import('../../organization');
  const { progressDisplay } = require('../progress') as typeof import('../progress');
  const aws = await connect(options, context);
  const { onProgress, stop } = progressDisplay(context, options.quiet);
  try {
    return await verifyOrganization(organizationsFor(aws, { onRetry: onProgress }), {
      askedBy: aws.caller,
      evidence: options.evidence,
      spotChecks: options.spotChecks,
      seed: options.seed,
      services: options.service,
      signal: context.signal,
      onProgress,
    });
  } catch (error) {
    throw awsError(error, options);
  } finally {
    stop();
  }
}

function print(verification: Verification, output: VerifyOptions['output'], { stdout }: CommandContext): void {
  switch (output) {
    case 'table': {
      const { renderTable } = require('../output/table') as typeof import('../output/table');
      stdout.write(renderTable(verification, stdout));
      return;
    }
    case 'json': {
      const { jsonChunks } = require('../output/json') as typeof import('../output/json');
      for (const chunk of jsonChunks(verification)) stdout.write(chunk);
      return;
    }
    case 'junit': {
      const { junitChunks } = require('../output/junit') as typeof import('../output/junit');
      for (const chunk of junitChunks(verification)) stdout.write(chunk);
    }
  }
}

/** One account's answer is never the organization's: what a member account sees is at best not known to be wrong. */
function exitCodeFor({ status, organization }: Verification): ExitCode {
  switch (status) {
    case 'notOptedOut': return ExitCode.NEGATIVE;
    case 'unknown': return ExitCode.UNKNOWN;
    case 'optedOut': return organization.complete ? ExitCode.OK : ExitCode.UNKNOWN;
  }
}

/** Rejects malformed service keys, and warns about keys that AWS does not document. */
function checkServices(keys: string[], { stderr }: CommandContext): string[] {
  const { hintForService, isDocumentedService, SERVICE_KEY } = require('../../policy') as typeof import('../../policy');
  for (const key of keys.filter((candidate) => !isDocumentedService(candidate))) {
    if (!SERVICE_KEY.test(key)) throw new CliError(`"${key}" cannot be a service key; ${hintForService(key)}`);
    stderr.write(`warning: AWS documents no service key "${key}"; ${hintForService(key)}\n`);
  }
  return [...new Set(keys)];
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
}
