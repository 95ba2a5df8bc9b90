import type { ChoiceOptions } from './choice-options';
import { desiredFrom, type Desired } from './desired';
import type { CommandContext } from '../command-context';
import { CliError } from '../errors';
import { readPolicyFile } from '../policy-file';

/**
 * Returns the policy that the options of `plan`, `apply` and `template` describe.
 *
 * @throws CliError with everything that is wrong with the options
 */
export async function desiredFromOptions({ policy: path, ...options }: ChoiceOptions, context: CommandContext): Promise<Desired> {
  const result = desiredFrom({ ...options, ...(path === undefined ? {} : { policy: { path, text: await readPolicyFile(path, context) } }) });
  if ('problems' in result) throw new CliError(result.problems.join('\n'));
  return result.desired;
}
