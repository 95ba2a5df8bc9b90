import { Command, InvalidArgumentError, Option } from 'commander';
import { addChoiceOptions, type ChoiceOptions } from '../changes/choice-options';

export type Format = 'template' | 'cfct' | 'lza' | 'policy';

export interface TemplateOptions extends Pick<ChoiceOptions, 'service' | 'optIn' | 'allowChildOverrides' | 'target' | 'name' | 'policy' | 'allowService'> {
  readonly monitor?: boolean;
  /** In minutes. */
  readonly interval?: number;
  readonly repair?: boolean;
  readonly configRule?: boolean;
  readonly format: Format;
  readonly json?: boolean;
  readonly out?: string;
  readonly force?: boolean;
  readonly managementAccountId?: string;
}

/** What `apply` lets choose about the policy. Who calls AWS, and whose policy is taken over, have no place in a template. */
const CHOICES = ['service', 'optIn', 'allowChildOverrides', 'target', 'policy', 'allowService'];

export function addTemplateOptions(command: Command): Command {
  for (const option of addChoiceOptions(new Command()).options) {
    if (CHOICES.includes(option.attributeName())) command.addOption(option);
  }
  return command
    .option('--name <name>', 'name of the policy; it can be changed when the template is deployed (default: one that no other policy has)')
    .option('--monitor', 'also verify regularly that every account is opted out, and say when that changes')
    .option('--interval <minutes>', 'time between two verifications, 15 to 1440 (default: 360)', interval)
    .option('--repair', 'let the monitor put back what somebody undoes')
    .option('--config-rule', 'also tell AWS Config whether every account is opted out')
    .addOption(new Option('--format <format>', 'template: a CloudFormation template; cfct: a folder for Customizations for AWS Control Tower; '
      + 'lza: a folder for the Landing Zone Accelerator; policy: the bare policy').choices(['template', 'cfct', 'lza', 'policy']).default('template'))
    .option('--json', 'print the template as JSON instead of YAML')
    .option('--out <folder>', 'where --format cfct and lza write their files')
    .option('--force', 'replace files in that folder that differ')
    .option('--management-account-id <id>', 'account that --format cfct deploys in, 12 digits');
}

function interval(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) < 15 || Number(text) > 1440) {
    throw new InvalidArgumentError('It has to be a whole number of minutes, 15 to 1440.');
  }
  return Number(text);
}

/** What does not go together, everything at once. */
export function problemsOf(options: TemplateOptions): string[] {
  const { format, monitor, repair, configRule, interval: minutes, out, force, managementAccountId, name } = options;
  const folder = format === 'cfct' || format === 'lza';
  const inTemplateOnly = [
    monitor && '--monitor', repair && '--repair', configRule && '--config-rule', minutes !== undefined && '--interval',
    name !== undefined && '--name', options.target && '--target',
  ].filter(Boolean);
  if (format === 'policy' && inTemplateOnly.length > 0) {
    return [`--format policy prints the content of the policy and nothing else; leave ${inTemplateOnly.join(', ')} out, or use another --format`];
  }
  return [
    ...(repair && !monitor ? ['--repair is done by the monitor; add --monitor'] : []),
    ...(minutes !== undefined && !monitor ? ['--interval is that of the monitor; add --monitor'] : []),
    ...(folder && out === undefined ? [`--format ${format} writes a folder; add --out <folder>`] : []),
    ...(out === '' ? ['--out takes the name of a folder, got an empty text'] : []),
    ...(!folder && out !== undefined ? [`--out goes with --format cfct and lza; --format ${format} prints, so redirect it: > file`] : []),
    ...(force && out === undefined && !folder ? ['--force goes with --out'] : []),
    ...(managementAccountId !== undefined && format !== 'cfct' ? ['--management-account-id goes with --format cfct'] : []),
    ...(managementAccountId !== undefined && !/^\d{12}$/.test(managementAccountId)
      ? [`--management-account-id takes an account id (12 digits), got ${JSON.stringify(managementAccountId)}`] : []),
  ];
}
