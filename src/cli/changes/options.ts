import { readFileSync } from 'node:fs';
import type { ChoiceOptions } from './choice-options';
import { desiredFrom, type Desired } from './desired';
import { CliError } from '../errors';

/** Far more than any policy: beyond that it is another file. */
const MAX_FILE_BYTES = 1_000_000;

/** Everything wrong with the choices at once. */
export function desiredFromOptions({ policy, ...options }: ChoiceOptions): Desired {
  const result = desiredFrom({ ...options, ...(policy === undefined ? {} : { policy: { path: policy, text: textOf(policy) } }) });
  if ('problems' in result) throw new CliError(result.problems.join('\n'));
  return result.desired;
}

function textOf(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why: { readonly [code: string]: string } = { ENOENT: 'there is no such file', EISDIR: 'it is a directory', EACCES: 'it may not be read' };
    throw new CliError(`--policy ${path}: ${why[code ?? ''] ?? message}`, { cause: error });
  }
  if (bytes.length > MAX_FILE_BYTES) throw new CliError(`--policy ${path}: ${bytes.length.toLocaleString('en-US')} bytes are no policy; AWS allows 2,500 characters`);
  if (bytes.toString('utf8').trim() === '') throw new CliError(`--policy ${path}: the file is empty`);
  return bytes.toString('utf8');
}
