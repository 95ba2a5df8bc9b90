import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changed, type Language } from './language';
import { onlyFile } from '../packages';
import { NODE, PYTHON, VENV } from '../toolchains';

export const PYTHON_LANGUAGE: Language = {
  name: 'python',
  title: 'Python',
  tools: [NODE, PYTHON, VENV],
  apps: 'python3 apps.py',
  programs: '.venv/bin',
  async install(folder, packages, shell) {
    const wheel = onlyFile(await packages.of('python'), '.whl');
    const manifest = join(folder, 'requirements.txt');
    writeFileSync(manifest, changed(readFileSync(manifest, 'utf8'), /^cdk-ai-services-opt-out==.*$/m, wheel));
    await shell.run('python3 -m venv .venv', folder);
    await shell.run('.venv/bin/python3 -m pip install --quiet -r requirements.txt', folder);
    await shell.run('.venv/bin/python3 -m pip check', folder);
  },
};
