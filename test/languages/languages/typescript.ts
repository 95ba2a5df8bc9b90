import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changed, type Language } from './language';
import { onlyFile } from '../packages';
import { NODE, NPM } from '../toolchains';

export const TYPESCRIPT: Language = {
  name: 'typescript',
  title: 'TypeScript',
  tools: [NODE, NPM],
  apps: 'npx tsx apps.ts',
  async install(folder, packages, shell) {
    const tarball = onlyFile(await packages.of('js'), '.tgz');
    const manifest = join(folder, 'package.json');
    writeFileSync(manifest, changed(readFileSync(manifest, 'utf8'), /"cdk-ai-services-opt-out": ".*"/, `"cdk-ai-services-opt-out": "file:${tarball}"`));
    await shell.run('npm install --no-audit --no-fund --no-package-lock', folder);
    await shell.run('npx tsc', folder);
  },
};
