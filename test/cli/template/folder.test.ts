import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { scratch } from './printed';
import { CliError, ExitCode } from '../../../src/cli/errors';
import { writeFolder } from '../../../src/cli/template/folder';

const inFolder = scratch();
const FILES = { 'manifest.yaml': 'one\n', 'templates/a.yaml': 'two\n' };

function failure(action: () => unknown): CliError {
  try {
    action();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const everything = () => readdirSync(inFolder(), { recursive: true }).map(String).sort();

test('makes what is missing and answers what was written', () => {
  expect(writeFolder(inFolder('a/b'), FILES)).toEqual([inFolder('a/b/manifest.yaml'), inFolder('a/b/templates/a.yaml')]);
  expect(readFileSync(inFolder('a/b/templates/a.yaml'), 'utf8')).toBe('two\n');
  expect(everything()).toEqual(['a', 'a/b', 'a/b/manifest.yaml', 'a/b/templates', 'a/b/templates/a.yaml']);
});

test('leaves equal files and those it does not know alone', () => {
  writeFolder(inFolder(), FILES);
  writeFileSync(inFolder('other.yaml'), 'mine');
  const { mtimeMs } = statSync(inFolder('manifest.yaml'));
  expect(writeFolder(inFolder(), { ...FILES, 'templates/b.yaml': 'three\n' })).toEqual([inFolder('templates/b.yaml')]);
  expect(statSync(inFolder('manifest.yaml')).mtimeMs).toBe(mtimeMs);
  expect(readFileSync(inFolder('other.yaml'), 'utf8')).toBe('mine');
});

test('fails for files that differ, names all of them and writes none', () => {
  mkdirSync(inFolder('templates'));
  writeFileSync(inFolder('templates/a.yaml'), 'mine');
  const { message, exitCode } = failure(() => writeFolder(inFolder(), FILES));
  expect(message).toBe(`${inFolder('templates/a.yaml')} is there already and differs; nothing was written: use another --out and compare, or replace with --force`);
  expect(exitCode).toBe(ExitCode.NEGATIVE);
  expect(everything()).toEqual(['templates', 'templates/a.yaml']);
  writeFileSync(inFolder('manifest.yaml'), 'mine too');
  expect(failure(() => writeFolder(inFolder(), FILES)).message).toMatch(/manifest\.yaml, .*a\.yaml are there already and differ;/);
});

test('replaces them with force', () => {
  writeFileSync(inFolder('manifest.yaml'), 'mine');
  expect(writeFolder(inFolder(), FILES, { force: true })).toHaveLength(2);
  expect(readFileSync(inFolder('manifest.yaml'), 'utf8')).toBe('one\n');
});

test.each([
  ['a folder', () => mkdirSync(inFolder('manifest.yaml'))],
  ['a link', () => symlinkSync(inFolder('elsewhere'), inFolder('manifest.yaml'))],
])('fails for %s in the place of a file, with force too', (_what, make) => {
  make();
  const { message, exitCode } = failure(() => writeFolder(inFolder(), FILES, { force: true }));
  expect(message).toContain('manifest.yaml is there already and no regular file; nothing was written');
  expect(exitCode).toBe(ExitCode.NEGATIVE);
  expect(existsSync(inFolder('templates'))).toBe(false);
});

test('fails half-way and leaves nothing behind, neither files nor folders', () => {
  writeFileSync(inFolder('templates'), 'a file where a folder has to be');
  const { message, exitCode } = failure(() => writeFolder(inFolder(), FILES));
  expect(message).toMatch(/^cannot write .*templates\/a\.yaml: a part of its path is a file and no folder/);
  expect(exitCode).toBe(ExitCode.FAILED);
  expect(everything()).toEqual(['templates']);
  expect(failure(() => writeFolder(inFolder('new/er'), { 'a.yaml': '', [`${'x'.repeat(300)}.yaml`]: '' })).message).toContain('the name is too long');
  expect(everything()).toEqual(['templates']);
});
