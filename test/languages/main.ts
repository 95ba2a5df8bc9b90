import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from 'table';
import { differences, outcomeIn, type Outcome } from './compare';
import { checkCSharp } from './csharp/check';
import { unexpected } from './expected';
import { GO_LANGUAGE } from './languages/go';
import { JAVA } from './languages/java';
import type { Language } from './languages/language';
import { PYTHON_LANGUAGE } from './languages/python';
import { TYPESCRIPT } from './languages/typescript';
import { Packages } from './packages';
import { say, seconds, Shell } from './run';
import { missing, NODE, NPM, PYTHON, VENV } from './toolchains';

/*
 * Installs the packaged library in every language, as a user would, and synthesizes the same apps with it. See README.md.
 */

const ROOT = join(__dirname, '..', '..');
const OTHERS = [PYTHON_LANGUAGE, JAVA, GO_LANGUAGE];
const CSHARP = 'csharp';

interface Row {
  readonly title: string;
  readonly said: string;
  readonly installing: string;
  readonly running: string;
  readonly problems: string[];
}

/** What the CDK's command line hands to an app. */
function environment(outdir: string): NodeJS.ProcessEnv {
  return {
    CDK_OUTDIR: outdir,
    // Each language names its own runtime in what is reported, which is no difference of ours.
    CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:version-reporting': false, 'aws:cdk:enable-path-metadata': false }),
  };
}

/** Example and apps of a language, in a fresh folder of their own. */
function freshFolder(work: string, name: string): string {
  const folder = join(work, name);
  cpSync(join(ROOT, 'examples', name), folder, { recursive: true, filter: (file) => !/\/(node_modules|target|cdk\.out)$/.test(file) });
  if (existsSync(join(__dirname, 'apps', name))) cpSync(join(__dirname, 'apps', name), folder, { recursive: true });
  return folder;
}

function shellIn(work: string, folder: string, programs: string[] = []): Shell {
  // jsii unpacks each library once for all who use it; here for this run alone.
  return new Shell(folder, { JSII_RUNTIME_PACKAGE_CACHE_ROOT: join(work, 'jsii') }, programs);
}

async function synthesized(language: Language, work: string, packages: Packages): Promise<{ outcome: Outcome; installing: number; running: number }> {
  const folder = freshFolder(work, language.name);
  const shell = shellIn(work, folder, language.programs ? [join(folder, language.programs)] : []);
  const out = join(work, 'out', language.name);
  mkdirSync(join(out, 'example'), { recursive: true });

  say(`${language.title}: installing`);
  const installing = Date.now();
  await language.install(folder, packages, shell);
  const installed = seconds(installing);

  const running = Date.now();
  say(`${language.title}: the three apps`);
  await shell.with(environment(out)).run(language.apps);
  say(`${language.title}: the example`);
  const { app } = JSON.parse(readFileSync(join(folder, 'cdk.json'), 'utf8'));
  await shell.with(environment(join(out, 'example'))).run(app);
  return { outcome: outcomeIn(out), installing: installed, running: seconds(running) };
}

async function languageRow(language: Language, work: string, packages: Packages, reference?: Outcome): Promise<Row & { readonly outcome?: Outcome }> {
  try {
    const { outcome, installing, running } = await synthesized(language, work, packages);
    const problems = reference ? differences(outcome, reference) : unexpected(outcome);
    const { length } = Object.keys(outcome.answers.errors);
    return {
      title: language.title,
      said: `${outcome.templates.size} templates ${reference ? 'identical' : 'to compare with'}, ${length} errors with our message`,
      installing: `${installing} s`,
      running: `${running} s`,
      problems,
      outcome,
    };
  } catch (error) {
    return { title: language.title, said: '', installing: '', running: '', problems: [(error as Error).message] };
  }
}

async function csharpRow(work: string, packages: Packages): Promise<Row> {
  const title = 'C#';
  const start = Date.now();
  say(`${title}: reading the generated sources`);
  try {
    const folder = join(work, CSHARP);
    mkdirSync(folder);
    const { types, members, problems } = await checkCSharp(folder, packages, shellIn(work, folder));
    return { title, said: `${types} types with ${members} members generated; not compiled`, installing: '', running: `${seconds(start)} s`, problems };
  } catch (error) {
    return { title, said: '', installing: '', running: '', problems: [(error as Error).message] };
  }
}

function print(rows: readonly Row[]): void {
  const lines = rows.map(({ title, said, installing, running, problems }) => [
    title, problems.length === 0 ? 'ok' : 'FAILED', installing, running, problems.length === 0 ? said : `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`,
  ]);
  process.stdout.write(table([['Language', 'Result', 'Install', 'Run', ''], ...lines]));
  for (const { title, problems } of rows) {
    for (const problem of problems) process.stdout.write(`${title}: ${problem}\n`);
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, keep: { type: 'boolean', default: false } } });
  const names = [...OTHERS.map(({ name }) => name), CSHARP];
  const chosen = values.only?.split(',').filter((name) => name !== TYPESCRIPT.name) ?? names;
  const unknown = chosen.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`--only takes ${[TYPESCRIPT.name, ...names].join(', ')}, got ${unknown.join(', ')}\n`);
    return 2;
  }

  const languages = OTHERS.filter(({ name }) => chosen.includes(name));
  const withCSharp = chosen.includes(CSHARP);
  const absent = missing([NODE, NPM, ...languages.flatMap(({ tools }) => tools), ...(withCSharp ? [PYTHON, VENV] : [])]);
  if (absent.length > 0) {
    process.stderr.write(`${absent.join('\n')}\n--only <languages> leaves out what you do not need.\n`);
    return 1;
  }

  const start = Date.now();
  const work = mkdtempSync(join(tmpdir(), 'ai-opt-out-languages-'));
  try {
    const packages = await Packages.of(shellIn(work, work), join(work, 'packages'));
    const { outcome: reference, ...first } = await languageRow(TYPESCRIPT, work, packages);
    const rows: Row[] = [first];
    for (const language of reference ? languages : []) rows.push(await languageRow(language, work, packages, reference));
    if (withCSharp) rows.push(await csharpRow(work, packages));
    print(rows);
    process.stdout.write(`${seconds(start)} s in all\n`);
    return rows.every(({ problems }) => problems.length === 0) ? 0 : 1;
  } finally {
    for (const { cleanUp } of languages) cleanUp?.();
    if (values.keep) say(`kept: ${work}`);
    else rmSync(work, { recursive: true, force: true });
  }
}

main().then((code) => { process.exitCode = code; }, (error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
