import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of the package. Both places this code runs from, src/cli and assets/cli, are two levels below its package.json. */
export function version(): string {
  return (JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as { version: string }).version;
}
