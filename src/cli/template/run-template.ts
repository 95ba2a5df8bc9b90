import { cfctManifest } from './cfct';
import { writeFolder, type Files } from './folder';
import { loadLibrary } from './library';
import { lzaConfig } from './lza';
import { problemsOf, type TemplateOptions } from './options';
import { parameterGroups } from './parameters';
import { synthesizeTemplate } from './synthesize';
import { jsonText, yamlText } from './text';
import { ASSIGN, CONTROL, MAX_POLICY_CHARACTERS } from '../../policy';
import type { Desired } from '../changes/desired';
import { count, wrapped } from '../changes/layout';
import { desiredFromOptions } from '../changes/options';
import type { CommandContext } from '../command-context';
import { CliError, ExitCode } from '../errors';

/** What CloudFormation takes as the body of a template; it reads larger ones from Amazon S3. */
const MAX_TEMPLATE_BODY = 51_200;

export async function runTemplate(options: TemplateOptions, context: CommandContext): Promise<ExitCode> {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new CliError(problems.join('\n'));
  const desired = await desiredFromOptions(options, context);
  const wrong = [...tooLarge(desired), ...nothingToWatch(options, desired)];
  if (wrong.length > 0) throw new CliError(wrong.join('\n'));
  for (const warning of [...desired.warnings, ...notWatched(options)]) context.stderr.write(wrapped('warning: ', warning));

  switch (options.format) {
    case 'policy':
      context.stdout.write(policyText(desired, context));
      break;
    case 'template':
      print(templateText(options, desired), context);
      break;
    case 'cfct':
    case 'lza':
      write(options, folderOf(options, desired), context);
  }
  return ExitCode.OK;
}

/** The text that `--format template` prints. */
export function templateText(options: TemplateOptions, { content, targetIds }: Pick<Desired, 'content' | 'targetIds'>): string {
  const { name: policyName, monitor, interval, repair, configRule, json } = options;
  const template = synthesizeTemplate({
    content,
    targetIds,
    policyName,
    monitor: monitor ? { intervalMinutes: interval, repair } : undefined,
    configRule,
  }, loadLibrary());
  return json ? jsonText(template) : yamlText(template);
}

function print(template: string, { stdout, stderr }: CommandContext): void {
  stdout.write(template);
  if (Buffer.byteLength(template) <= MAX_TEMPLATE_BODY) return;
  stderr.write(wrapped('note: ', `longer than the ${count(MAX_TEMPLATE_BODY)} bytes that can be passed in a request: `
    + 'deploy it with "aws cloudformation deploy --s3-bucket", or upload it in the console'));
}

/** White space counts where a tool sends the text as it is, so it is left out where the policy would not fit with it. */
function policyText({ document, content }: Desired, { stderr }: CommandContext): string {
  const indented = jsonText(document);
  if (indented.length <= MAX_POLICY_CHARACTERS) return indented;
  stderr.write(wrapped('note: ', `without line breaks, because AWS counts them and allows ${count(MAX_POLICY_CHARACTERS)} characters`));
  return `${content}\n`;
}

function folderOf(options: TemplateOptions, desired: Desired): Files {
  const { format, json, name: policyName, monitor = false, managementAccountId } = options;
  const templatePath = `${format === 'cfct' ? 'templates' : 'cloudformation'}/ai-services-opt-out.${json ? 'json' : 'yaml'}`;
  const deployment = { templatePath, parameters: parameterGroups({ policyName, monitor }), monitor };
  return {
    ...(format === 'cfct' ? { 'manifest.yaml': cfctManifest(deployment, managementAccountId) } : { 'customizations-config.yaml': lzaConfig(deployment) }),
    [templatePath]: templateText(options, desired),
  };
}

function write({ out, force, format, managementAccountId }: TemplateOptions, files: Files, { stderr }: CommandContext): void {
  const written = writeFolder(out!, files, { force });
  stderr.write(written.length === 0 ? `${out} has these files already\n` : written.map((path) => `wrote ${path}\n`).join(''));
  if (format === 'cfct' && managementAccountId === undefined) {
    stderr.write(wrapped('note: ', 'manifest.yaml has a placeholder for the id of the management account, with which the pipeline fails; '
      + 'replace it, or use --management-account-id'));
  }
}

function tooLarge({ content }: Desired): string[] {
  if (content.length <= MAX_POLICY_CHARACTERS) return [];
  return [`the policy has ${count(content.length)} characters, ${count(content.length - MAX_POLICY_CHARACTERS)} more than the `
    + `${count(MAX_POLICY_CHARACTERS)} that AWS allows; name fewer services, or leave --service out: opting out of everything takes 221`];
}

function nothingToWatch({ monitor, configRule, policy }: TemplateOptions, { document: { services = {} } }: Desired): string[] {
  const { [CONTROL]: _control, ...entries } = services;
  if (!(monitor || configRule) || Object.values(entries).some(({ opt_out_policy: node }) => node?.[ASSIGN] === 'optOut')) return [];
  return [`${monitor ? '--monitor' : '--config-rule'} verifies what the policy opts out of, and --policy ${policy} opts out of nothing; leave one of them out`];
}

/** The monitor's question is the organization's, not that of some accounts. */
function notWatched({ monitor, configRule, target }: TemplateOptions): string[] {
  if (!(monitor || configRule) || !target || target.every((id) => id.startsWith('r-'))) return [];
  return [`${monitor ? 'The monitor' : 'The rule'} asks about every account of the organization, also those that --target leaves out. `
    + 'They count as not opted out unless another policy opts them out.'];
}
