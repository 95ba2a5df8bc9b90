import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CliError, ExitCode } from '../errors';

/** Texts by path, below a folder. */
export type Files = Readonly<Record<string, string>>;

/**
 * Writes files below a folder, all or none, and answers the paths of those that were written: files that are there with the same text stay
 * as they are.
 */
export function writeFolder(folder: string, files: Files, { force = false }: { force?: boolean } = {}): string[] {
  const wanted = Object.entries(files).map(([path, text]) => ({ path: join(folder, path), target: resolve(folder, path), text }));
  const states = wanted.map((file) => ({ ...file, there: attempt(file.path, () => whatIs(file.target)) }));

  const strange = states.filter(({ there }) => there !== undefined && there.text === undefined).map(({ path }) => path);
  if (strange.length > 0) throw inTheWay(`${strange.join(', ')} is there already and no regular file`, 'move it away, or use another --out');
  const missing = states.filter(({ there, text }) => there?.text !== text);
  const differing = missing.filter(({ there }) => there !== undefined).map(({ path }) => path);
  if (differing.length > 0 && !force) {
    throw inTheWay(`${differing.join(', ')} ${differing.length === 1 ? 'is' : 'are'} there already and ${differing.length === 1 ? 'differs' : 'differ'}`,
      'use another --out and compare, or replace with --force');
  }
  writeAll(missing);
  return missing.map(({ path }) => path);
}

interface WantedFile {
  readonly path: string;
  readonly target: string;
  readonly text: string;
}

/** Beside their places first, so that what can fail fails before the first file is there. */
function writeAll(files: WantedFile[]): void {
  const staged: { temporary: string; target: string; path: string }[] = [];
  const folders: string[] = [];
  try {
    for (const { path, target, text } of files) {
      attempt(path, () => {
        const made = mkdirSync(dirname(target), { recursive: true });
        if (made !== undefined) folders.push(made);
        const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
        const descriptor = openSync(temporary, 'wx');
        staged.push({ temporary, target, path });
        try {
          writeFileSync(descriptor, text);
          fsyncSync(descriptor);
        } finally {
          closeSync(descriptor);
        }
      });
    }
  } catch (error) {
    for (const { temporary } of staged) rmSync(temporary, { force: true });
    // The outermost one that was made holds all the others.
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  for (const { temporary, target, path } of staged) attempt(path, () => renameSync(temporary, target));
}

/** What is at a path; without a text where that is no regular file. */
function whatIs(path: string): { text?: string } | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return { text: stats.isFile() ? readFileSync(path, 'utf8') : undefined };
}

function inTheWay(what: string, remedy: string): CliError {
  return new CliError(`${what}; nothing was written: ${remedy}`, { exitCode: ExitCode.NEGATIVE });
}

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
  ENOTDIR: 'a part of its path is a file and no folder',
  EEXIST: 'a part of its path is a file and no folder, or another run is writing it right now',
  ENAMETOOLONG: 'the name is too long',
};

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new CliError(`cannot write ${path}: ${REASONS[code] ?? message}`, { cause: error });
  }
}
