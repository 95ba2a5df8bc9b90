import { join } from 'node:path';
import * as ts from 'typescript';
import { parseAllDocuments } from 'yaml';
import { blocksOf, DOCUMENTS, read, ROOT, type Block } from './markdown';

const BLOCKS = DOCUMENTS.flatMap(blocksOf);
const inLanguage = (...languages: string[]) => BLOCKS.filter(({ language }) => languages.includes(language));
const place = ({ document, line }: Block): [string, Block][1] | string => `${document}:${line}`;
const cases = (blocks: Block[]) => blocks.map((block): [string, Block] => [String(place(block)), block]);

test('blocks say what they are', () => {
  expect([...new Set(BLOCKS.map(({ language }) => language))].sort()).toEqual(['', 'hcl', 'html', 'json', 'python', 'robots', 'sh', 'ts', 'yaml']);
});

test('blocks with commands are marked as such', () => {
  const commands = BLOCKS.filter(({ language, text }) => language !== 'sh' && /^\s*\$?\s*(aws|npx|npm|ai-opt-out|pip|terraform) /m.test(text));
  expect(commands.map(place)).toEqual([]);
});

test.each(cases(inLanguage('json')))('the JSON at %s is JSON', (_place, { text }) => {
  expect(() => JSON.parse(text)).not.toThrow();
});

test.each(cases(inLanguage('yaml')))('the YAML at %s is YAML', (_place, { text }) => {
  const documents = parseAllDocuments(text, { customTags: ['!GetAtt', '!Ref', '!Sub'].map((tag) => ({ tag, resolve: (value: string) => value })) });
  expect(documents.length).toBeGreaterThan(0);
  for (const { errors, warnings } of documents) expect([...errors, ...warnings]).toEqual([]);
});

test('the robots.txt has rules for known agents and nothing else', () => {
  const [robots, ...others] = inLanguage('robots');
  expect(others).toEqual([]);
  const lines = robots!.text.trim().split('\n');
  expect(lines.at(-1)).toBe('Disallow: /');
  const agents = lines.slice(0, -1).map((line) => /^User-agent: ([\w-]+)$/.exec(line)?.[1]);
  const table = [...read(robots!.document).matchAll(/^\| `([\w-]+)` \|/gm)].map(([, agent]) => agent);
  expect(agents).toEqual(table);
});

describe('TypeScript in docs', () => {
  // The README's are compiled by jsii-rosetta, for all languages.
  const samples = inLanguage('ts').filter(({ document }) => document.startsWith('docs/'));
  const files = new Map(samples.map((block, index) => [join(ROOT, 'test', 'docs', `sample-${index}.ts`), block]));
  const broken = join(ROOT, 'test', 'docs', 'sample-broken.ts');

  /** Problems by file. One program for all files, because reading the types of aws-cdk-lib takes seconds. */
  let problems: Map<string, readonly ts.Diagnostic[]>;
  beforeAll(() => {
    const fixture = read('rosetta/default.ts-fixture');
    const sources = new Map([...files].map(([path, block]) => [path, block.file === undefined ? sample(fixture, block.text) : block.text]));
    sources.set(broken, sample(fixture, 'new AiServicesOptOut(this, \'OptOut\', { nonsense: true });'));
    problems = diagnostics(sources);
  });

  test('is there', () => {
    expect(samples.length).toBeGreaterThan(5);
  });

  test('compiles', () => {
    expect([...files].flatMap(([path, block]) => problems.get(path)!.map(({ file, start = 0, messageText }) => (
      `${place(block)}: ${lineAt(file!, start)}\n  ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    )))).toEqual([]);
  });

  test('would not compile with a property that does not exist', () => {
    expect(problems.get(broken)).toHaveLength(1);
  });
});

/** Puts a sample where the README's samples are: into the constructor of a stack, imports and declarations on top. */
function sample(fixture: string, text: string): string {
  const hoisted = /^(import .*|declare (?:const|class) .*)$/;
  const lines = text.split('\n');
  const top = lines.filter((line) => hoisted.test(line));
  const imported = new Set(top.flatMap((line) => namesIn(line)));
  const withoutTaken = fixture.split('\n').map((line) => {
    if (!line.startsWith('import {')) return namesIn(line).some((name) => imported.has(name)) ? '' : line;
    const names = namesIn(line).filter((name) => !imported.has(name));
    return names.length === 0 ? '' : line.replace(/\{.*\}/, `{ ${names.join(', ')} }`);
  });
  return withoutTaken.join('\n').replace('/// here', () => lines.filter((line) => !hoisted.test(line)).join('\n')).replace('class Fixture', () => `${top.join('\n')}\nexport class Fixture`);
}

function namesIn(line: string): string[] {
  const [, names, star] = /^import (?:\{ (.*) \}|\* as (\w+)) from/.exec(line) ?? [];
  return star === undefined ? names?.split(', ') ?? [] : [star];
}

function diagnostics(sources: Map<string, string>): Map<string, readonly ts.Diagnostic[]> {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    esModuleInterop: true,
    types: ['node', 'jest'],
    typeRoots: [join(ROOT, 'node_modules', '@types')],
    paths: { 'cdk-ai-services-opt-out': [join(ROOT, 'src', 'index.ts')] },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, ...rest) => {
    const text = name.endsWith('/aws-cdk-lib/index.d.ts') ? withoutUnused(readFile.call(host, name)!, [...sources.values()]) : sources.get(name);
    return text === undefined ? getSourceFile.call(host, name, ...rest) : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true);
  };
  host.fileExists = (name) => sources.has(name) || fileExists.call(host, name);
  host.readFile = (name) => sources.get(name) ?? readFile.call(host, name);
  const program = ts.createProgram([...sources.keys()], options, host);
  return new Map([...sources.keys()].map((name) => {
    const file = program.getSourceFile(name)!;
    return [name, [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]];
  }));
}

/** The index of aws-cdk-lib exports the modules of 300 services. Reading only those that a sample names saves 4 s and 250 MB. */
function withoutUnused(index: string, samples: string[]): string {
  return index.replace(/^export \* as (\w+) from .*$/gm, (line, name) => (samples.some((text) => text.includes(name)) ? line : ''));
}

function lineAt(file: ts.SourceFile, start: number): string {
  return file.text.split('\n')[file.getLineAndCharacterOfPosition(start).line]!.trim();
}
