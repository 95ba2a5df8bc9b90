import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Language } from './language';
import { onlyFile } from '../packages';
import { quoted } from '../run';
import { JDK, MAVEN, NODE } from '../toolchains';

const REPOSITORY = process.env.MAVEN_REPO_LOCAL ?? join(homedir(), '.m2', 'repository');

let installed: string | undefined;

export const JAVA: Language = {
  name: 'java',
  title: 'Java',
  tools: [NODE, JDK, MAVEN],
  apps: 'mvn -e -q compile exec:java -Dexec.mainClass=example.Apps',
  async install(folder, packages, shell) {
    const artifacts = await packages.of('java', `--maven-local-repository ${quoted(REPOSITORY)}`);
    const pom = onlyFile(artifacts, '.pom');
    const { groupId, artifactId, version } = coordinates(pom);
    const jar = pom.replace(/\.pom$/, '.jar');

    // Maven never looks again for a version that it has, so what is there of an earlier run has to be replaced, and afterwards to go.
    installed = join(REPOSITORY, ...groupId.split('.'), artifactId, version);
    rmSync(installed, { recursive: true, force: true });
    mkdirSync(join(folder, '.mvn'));
    writeFileSync(join(folder, '.mvn', 'maven.config'),
      ['-B', '--no-transfer-progress', `-Dmaven.repo.local=${REPOSITORY}`, `-D${artifactId}.version=${version}`].join('\n'));
    await shell.run('mvn -q org.apache.maven.plugins:maven-install-plugin:3.1.4:install-file '
      + `-Dfile=${quoted(jar)} -DpomFile=${quoted(pom)}`, folder);
    await shell.run('mvn -q compile', folder);
  },
  cleanUp() {
    if (!installed) return;
    rmSync(installed, { recursive: true, force: true });
    const versions = readdirSync(dirname(installed), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    if (versions.length === 0) rmSync(dirname(installed), { recursive: true });
  },
};

function coordinates(pom: string): { readonly groupId: string; readonly artifactId: string; readonly version: string } {
  const text = readFileSync(pom, 'utf8');
  const first = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)![1]!;
  return { groupId: first('groupId'), artifactId: first('artifactId'), version: first('version') };
}
