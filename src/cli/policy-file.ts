import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { CommandContext } from './command-context';
import { CliError, InterruptedError } from './errors';

/** Far more than the 2,500 characters of a policy. */
const MAX_BYTES = 1024 * 1024;

/** The file name that stands for standard input. */
export const STDIN = '-';

/**
 * Returns the text of a policy file. A byte order mark stays in the text, because AWS would receive it too; `problemsIn` reports it.
 *
 * @throws CliError if the file cannot be read, is too large, empty, or not UTF-8
 */
export async function readPolicyFile(file: string, context: CommandContext): Promise<string> {
  const name = file === STDIN ? 'standard input' : file;
  const bytes = file === STDIN ? await readStdin(context) : readFile(file);
  if (bytes.length > MAX_BYTES) throw new CliError(`${name} has more than 1 MB: a policy may have 2,500 characters, so this is not one`);
  return textOf(bytes, name);
}

function readFile(file: string): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw new CliError(`${file} is a directory: name a policy file`);
    // One byte more than allowed shows that there is more. Pipes and devices have no size.
    const buffer = Buffer.alloc(stats.isFile() ? Math.min(stats.size, MAX_BYTES) + 1 : MAX_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    return buffer.subarray(0, length);
  } catch (error) {
    throw error instanceof CliError ? error : new CliError(`cannot read ${file}: ${reasonOf(error as NodeJS.ErrnoException)}`, { cause: error });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT': return 'there is no such file';
    case 'ENOTDIR': return 'a part of the path is not a directory';
    case 'EACCES': return 'permission denied';
    case 'EISDIR': return 'it is a directory';
    default: return message;
  }
}

async function readStdin({ stdin, signal }: CommandContext): Promise<Buffer> {
  const stream = stdin.stream() as NodeJS.ReadableStream & { destroy(error?: Error): void };
  const stop = () => stream.destroy(new InterruptedError());
  signal.addEventListener('abort', stop, { once: true });
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of stream) {
      chunks.push(Buffer.from(chunk));
      length += chunks[chunks.length - 1].length;
      if (length > MAX_BYTES) break;
    }
    return Buffer.concat(chunks);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function textOf(bytes: Buffer, name: string): string {
  // PowerShell's ">" writes UTF-16.
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new CliError(`${name} is UTF-16 text: save it as UTF-8`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new CliError(`${name} is not UTF-8 text`, { cause: error });
  }
  if (text.trim() === '') throw new CliError(`${name} is empty`);
  return text;
}
