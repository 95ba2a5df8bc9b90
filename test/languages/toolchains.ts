import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** A program that has to be there, and where it comes from. */
export interface Tool {
  readonly title: string;
  /** Prints the version, possibly among other words. */
  readonly command: readonly string[];
  readonly atLeast: string;
  readonly install: string;
}

export const NODE: Tool = {
  title: 'Node.js',
  command: ['node', '--version'],
  atLeast: '20',
  install: 'https://nodejs.org; the jsii runtime of every language starts it',
};

export const NPM: Tool = { title: 'npm', command: ['npm', '--version'], atLeast: '10', install: 'it comes with Node.js' };

export const PYTHON: Tool = {
  title: 'Python',
  command: ['python3', '--version'],
  atLeast: '3.9',
  install: 'https://www.python.org/downloads or apt-get install python3 python3-venv',
};

/** Debian has these apart from Python. */
export const VENV: Tool = {
  title: 'venv for Python',
  command: ['python3', '-c', 'import ensurepip, venv; print(ensurepip.version())'],
  atLeast: '0',
  install: 'apt-get install python3-venv',
};

export const JDK: Tool = {
  title: 'JDK',
  command: ['javac', '-version'],
  atLeast: '17',
  install: 'https://adoptium.net or apt-get install openjdk-17-jdk',
};

export const MAVEN: Tool = {
  title: 'Maven',
  command: ['mvn', '-v'],
  atLeast: '3.8',
  install: 'https://maven.apache.org/install.html or apt-get install maven',
};

export const GO: Tool = {
  title: 'Go',
  command: ['go', 'version'],
  // Our module names a newer one, which Go downloads by itself since this version.
  atLeast: '1.21',
  install: 'https://go.dev/doc/install',
};

/** What is missing or too old, in words. */
export function missing(tools: readonly Tool[]): string[] {
  return [...new Set(tools)].flatMap(({ title, command: [program, ...args], atLeast, install }) => {
    const { error, status, stdout, stderr } = spawnSync(program!, args, { encoding: 'utf8' });
    const wanted = `${title}${atLeast === '0' ? '' : ` ${atLeast} or newer`}`;
    if (error || status !== 0) return [`${wanted} is missing (${program}): ${install}`];
    const version = /\d+(\.\d+)*/.exec(stripVTControlCharacters(stdout + stderr))?.[0];
    if (version === undefined) return [`${wanted} is needed, but ${[program, ...args].join(' ')} names no version: ${install}`];
    return isAtLeast(version, atLeast) ? [] : [`${wanted} is needed, got ${version}: ${install}`];
  });
}

export function isAtLeast(version: string, floor: string): boolean {
  const [have, want] = [version, floor].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (const [index, part] of want.entries()) {
    const difference = (have[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
