import { closeSync, fsyncSync, lstatSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CliError } from '../errors';

/** A file that is there whole or not at all. */
export interface AtomicFile {
  write(chunks: Iterable<string>): void;
}

/**
 * Checks that a file can be written, before the long work whose result goes there.
 *
 * Asking for permissions is not enough (read-only file systems, quotas), so a file beside it is made and removed again.
 */
export function prepareFile(path: string): AtomicFile {
  const target = targetOf(path);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  attempt(path, () => {
    closeSync(openSync(temporary, 'wx'));
    rmSync(temporary);
  });
  return { write: (chunks) => attempt(path, () => writeWhole(target, temporary, chunks)) };
}

/** Written beside its place and moved there: whoever reads sees the old file or the new one. Without a pause, so that Ctrl-C comes before or after. */
function writeWhole(target: string, temporary: string, chunks: Iterable<string>): void {
  try {
    const file = openSync(temporary, 'wx');
    try {
      for (const chunk of chunks) writeFileSync(file, chunk);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Behind links, so that the link stays and what it points to is replaced. */
function targetOf(path: string): string {
  if (path === '') throw new CliError('--report wants the name of a file');
  const resolved = resolve(path);
  const exists = lstatSync(resolved, { throwIfNoEntry: false }) !== undefined;
  if (!exists) return resolved;
  const target = attempt(path, () => realpathSync(resolved));
  const stats = statSync(target);
  if (stats.isDirectory()) throw new CliError(`cannot write the report to ${path}: it is a directory; add a file name`);
  if (!stats.isFile()) throw new CliError(`cannot write the report to ${path}: it is not a regular file`);
  return target;
}

const REASONS: Record<string, string> = {
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'its directory is not a directory',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
  ENAMETOOLONG: 'the name is too long',
  EEXIST: 'another run is writing it right now',
};

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new CliError(`cannot write the report to ${path}: ${REASONS[code] ?? message}`, { cause: error });
  }
}
