import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareFile } from '../../../src/cli/output/atomic-file';

let directory: string;
beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'ai-opt-out-report-')); });
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('checking leaves nothing behind', () => {
  prepareFile(join(directory, 'report.html'));

  expect(readdirSync(directory)).toEqual([]);
});

test('writing replaces the file in one step', () => {
  const path = join(directory, 'report.html');
  writeFileSync(path, 'old');
  prepareFile(path).write(['new', ' ', 'text']);

  expect(readFileSync(path, 'utf8')).toBe('new text');
  expect(readdirSync(directory)).toEqual(['report.html']);
});

test('a failure in the middle leaves the old file and nothing half-written', () => {
  const path = join(directory, 'report.html');
  writeFileSync(path, 'old');
  const chunks = function* () {
    yield 'half';
    throw new Error('lost the rest');
  };

  expect(() => prepareFile(path).write(chunks())).toThrow(/lost the rest/);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(directory)).toEqual(['report.html']);
});

test('a link stays a link', () => {
  const target = join(directory, 'target.html');
  const link = join(directory, 'link.html');
  writeFileSync(target, 'old');
  symlinkSync(target, link);
  prepareFile(link).write(['new']);

  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, 'utf8')).toBe('new');
});

test('fails on a link into nowhere, without making the place', () => {
  symlinkSync(join(directory, 'no', 'where.html'), join(directory, 'link.html'));

  expect(() => prepareFile(join(directory, 'link.html'))).toThrow(/its directory does not exist/);
  expect(existsSync(join(directory, 'no'))).toBe(false);
});
