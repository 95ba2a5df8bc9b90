import { InvalidArgumentError, type Command } from 'commander';
import type { PolicyProblem } from '../policy';
import { SERVICE_KEY } from '../policy/grammar';

/** Adds the option that accepts undocumented service keys: one option for every command that takes a policy. */
export function addAllowService(command: Command): Command {
  return command.option('--allow-service <key...>', 'accept these service keys, which AWS has added since this release', collect);
}

/** How to accept a key, for the end of a message about it. */
export function howToAllow(key: string): string {
  return `if AWS has added it since this release: --allow-service ${key}`;
}

/** Adds to the problem of an undocumented key how to accept it. */
export function withAllowHint(problem: PolicyProblem): PolicyProblem {
  const key = problem.path.replace(/^services\./, '');
  return /is not a service key/.test(problem.message) && SERVICE_KEY.test(key) ? { ...problem, message: `${problem.message} (${howToAllow(key)})` } : problem;
}

function collect(value: string, earlier: string[] = []): string[] {
  const keys = value.split(',');
  const wrong = keys.find((key) => !SERVICE_KEY.test(key));
  if (wrong !== undefined) throw new InvalidArgumentError(`A service key has lower-case letters and digits, such as lex; got ${JSON.stringify(wrong)}.`);
  return [...earlier, ...keys];
}
