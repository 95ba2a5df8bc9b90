import type { Command } from 'commander';
import type { Choices } from './desired';
import { addAllowService } from '../allow-service';
import { addAwsOptions, type AwsOptions } from '../aws-options';

/** What `plan` and `apply` have in common. */
export interface ChoiceOptions extends AwsOptions, Omit<Choices, 'policy'> {
  /** A path. */
  readonly policy?: string;
  readonly adopt?: boolean;
}

export function addChoiceOptions(command: Command): Command {
  return addAwsOptions(addAllowService(command
    .option('--service <key...>', 'opt out of these services only, for example rekognition textract (default: everything, future services included)')
    .option('--opt-in <key...>', 'opt out of everything but these services')
    .option('--allow-child-overrides [key...]', 'let policies on OUs and accounts below opt back in, to everything or to these services (default: locked)')
    .option('--target <id...>', 'root, OUs or accounts to attach the policy to (default: the root)')
    .option('--name <name>', 'name of the policy (default: AiServicesOptOut)')
    .option('--policy <file>', 'use this policy document (- reads standard input) instead of --service, --opt-in and --allow-child-overrides')
    .option('--adopt', 'take over a policy of that name that ai-opt-out did not make')));
}
