import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { read, ROOT } from './markdown';
import { AiService } from '../../src';

/** `UPDATE_DOCS=1 npx jest test/docs/services.test.ts` writes the table. */
const UPDATE = process.env.UPDATE_DOCS === '1';

const DOCUMENT = 'docs/services.md';
const PARTS = /(<!-- services -->\n)([\s\S]*)(<!-- \/services -->)/;

function table(): string {
  const constants = new Map(Object.entries(AiService).filter(([, value]) => value instanceof AiService).map(([name, { key }]) => [key, name]));
  const rows = AiService.documented().map(({ key, displayName, covers }) => `| \`${key}\` | ${displayName} | ${covers} | \`AiService.${constants.get(key)}\` |`);
  return ['| Key | Service | Covers | In the CDK |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

test('the table of services is that of AiService', () => {
  const text = read(DOCUMENT);
  expect(text).toMatch(PARTS);
  if (UPDATE) writeFileSync(join(ROOT, DOCUMENT), text.replace(PARTS, (_all, before, _old, after) => `${before}${table()}${after}`));
  expect(PARTS.exec(read(DOCUMENT))![2]).toBe(table());
});

test('no service that is said to be missing has a key', () => {
  const missing = /\*\*Not on AWS's list\*\*[^:]*: ([^.]+)\./.exec(read(DOCUMENT))![1]!.split(', ');
  expect(missing).toHaveLength(6);
  for (const name of missing) expect(AiService.documented().filter(({ displayName }) => displayName === name)).toEqual([]);
});
