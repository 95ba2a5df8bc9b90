import { existsSync, readFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import { CliError } from '../errors';

/** What templates are made with. */
export interface TemplateLibrary {
  readonly cdk: typeof import('aws-cdk-lib');
  readonly own: typeof import('../../index');
}

const PACKAGES = ['aws-cdk-lib', 'constructs'] as const;

/**
 * Loads aws-cdk-lib and this package's constructs, which no other command needs.
 *
 * The CDK is a peer of this package: it is looked for where the package is, and then in the working directory, for a command that was
 * installed elsewhere.
 */
export function loadLibrary(workingDirectory: string = process.cwd()): TemplateLibrary {
  const root = packageRoot();
  const library = libraryIn(root);
  let load = createRequire(library);
  for (const name of PACKAGES) {
    const here = find(name, load);
    const found = here ?? find(name, createRequire(join(workingDirectory, 'package.json')));
    if (found === undefined) throw notInstalled(root);
    requireVersion(name, found, root);
    if (here === undefined) load = alsoLookIn(dirname(dirname(found)), library);
  }
  return { cdk: load('aws-cdk-lib'), own: load(library) };
}

/** From src/cli/template or assets/cli. */
function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** Run from its sources, the command uses the library's sources; bundled, what was compiled. */
function libraryIn(root: string): string {
  return basename(dirname(__dirname)) === 'assets' ? join(root, 'lib', 'index.js') : join(root, 'src', 'index.ts');
}

/** The path of a package's package.json. */
function find(name: string, { resolve }: Pick<NodeJS.Require, 'resolve'>): string | undefined {
  try {
    return resolve(`${name}/package.json`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** NODE_PATH is how Node.js is told of more folders; it reads the variable when it starts, or when it is asked to. */
function alsoLookIn(folder: string, library: string): NodeJS.Require {
  process.env.NODE_PATH = [process.env.NODE_PATH, folder].filter(Boolean).join(delimiter);
  (Module as unknown as { _initPaths(): void })._initPaths();
  return createRequire(library);
}

function requireVersion(name: string, manifest: string, root: string): void {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const floor = floorOf(name, root);
  const [found, wanted] = [version, floor].map((text) => text.split('.').map((part) => Number.parseInt(part, 10)));
  const [major, minor] = found as [number, number];
  const [wantedMajor, wantedMinor] = wanted as [number, number];
  if (major === wantedMajor && minor >= wantedMinor) return;
  throw new CliError(`this command needs ${name} ${floor} or a later ${wantedMajor}, found ${version} in ${dirname(manifest)}.\n${howToInstall(root)}`);
}

function floorOf(name: string, root: string): string {
  const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { peerDependencies: Record<string, string> };
  return peerDependencies[name]!.replace('^', '');
}

function notInstalled(root: string): CliError {
  return new CliError(`this command makes the template with aws-cdk-lib, which is not installed.\n${howToInstall(root)}`);
}

function howToInstall(root: string): string {
  const { name } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name: string };
  return 'Install it in this folder:\n  npm install aws-cdk-lib constructs\n'
    + `or run the command once with everything it needs:\n  npx -p ${name} -p aws-cdk-lib -p constructs ai-opt-out template\n`
    + 'The package also has ready-made templates, which need nothing installed.';
}
