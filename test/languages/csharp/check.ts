import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { onlyFile, type Packages } from '../packages';
import { quoted, type Shell } from '../run';

/*
 * C# as far as it goes without the .NET SDK: the sources that pacmak generates are read with a real grammar and compared with the jsii
 * assembly, and so is what the example uses. Nothing is compiled.
 */

const ROOT = join(__dirname, '..', '..', '..');

interface Member {
  readonly kind: 'property' | 'method' | 'constructor' | 'value';
  readonly name: string;
  readonly jsii: string | null;
  readonly summary: boolean;
}

interface Type {
  readonly file: string;
  readonly namespace: string;
  readonly kind: 'class' | 'interface' | 'enum';
  readonly name: string;
  readonly fqn: string | null;
  readonly attributes: string;
  readonly summary: boolean;
  readonly members: Member[];
}

interface Project {
  readonly packageId: string | null;
  readonly version: string | null;
  readonly references: Record<string, string>;
  readonly resources: string[];
}

interface Found {
  readonly mistakes: string[];
  readonly types: Type[];
  readonly uses: { readonly type: string; readonly members: string[] }[];
  readonly usings: string[];
  readonly declared: string[];
  readonly projects: [Project, Project];
}

interface Named {
  readonly name: string;
  readonly docs?: { readonly summary?: string };
}

interface JsiiType extends Named {
  readonly kind: 'class' | 'interface' | 'enum';
  readonly fqn: string;
  readonly namespace?: string;
  readonly datatype?: boolean;
  readonly properties?: Named[];
  readonly methods?: Named[];
  readonly members?: Named[];
}

interface Assembly {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Record<string, string>;
  readonly targets: { readonly dotnet: { readonly namespace: string; readonly packageId: string } };
  readonly submodules?: Record<string, { readonly targets?: { readonly dotnet?: { readonly namespace: string } } }>;
  readonly types: Record<string, JsiiType>;
}

export interface Checked {
  readonly types: number;
  readonly members: number;
  readonly problems: string[];
}

export async function checkCSharp(folder: string, packages: Packages, shell: Shell): Promise<Checked> {
  const generated = await packages.of('dotnet');
  await shell.run('python3 -m venv .venv', folder);
  await shell.run(`.venv/bin/python3 -m pip install --quiet -r ${quoted(join(__dirname, 'requirements.txt'))}`, folder);
  const found: Found = JSON.parse(await shell.run(
    `.venv/bin/python3 ${quoted(join(__dirname, 'syntax.py'))} ${quoted(generated)} ${quoted(join(ROOT, 'examples', 'csharp'))}`, folder));
  const [ours, cdk] = [assemblyIn(ROOT), assemblyIn(join(ROOT, 'node_modules', 'aws-cdk-lib'))];
  return {
    types: found.types.length,
    members: found.types.flatMap(({ members }) => members).length,
    problems: [
      ...found.mistakes.map((mistake) => `not C#: ${mistake}`),
      ...Object.values(ours.types).flatMap((type) => typeProblems(type, found.types, ours)),
      ...found.types.flatMap((type) => nameProblems(type, found.types)),
      ...projectProblems(found.projects, ours, dirname(onlyFile(generated, '.csproj'))),
      ...exampleProblems(found, [ours, cdk]),
    ],
  };
}

function assemblyIn(folder: string): Assembly {
  const assembly = JSON.parse(readFileSync(join(folder, '.jsii'), 'utf8'));
  return assembly.filename ? JSON.parse(gunzipSync(readFileSync(join(folder, assembly.filename))).toString('utf8')) : assembly;
}

/** How pacmak writes a member's name: constants as they are. */
function pascal(name: string): string {
  return /^[A-Z0-9_]+$/.test(name) ? name : name.charAt(0).toUpperCase() + name.slice(1);
}

function membersOf({ properties = [], methods = [], members = [] }: JsiiType): Named[] {
  return [...properties, ...methods, ...members];
}

/** A struct becomes a class that has it and an interface that takes it. */
function namesOf({ name, kind, datatype }: JsiiType): [Type['kind'], string][] {
  if (kind !== 'interface') return [[kind, name]];
  return datatype ? [['class', name], ['interface', `I${name}`]] : [['interface', name]];
}

function typeProblems(type: JsiiType, found: Type[], { targets }: Assembly): string[] {
  return namesOf(type).flatMap(([kind, name]) => {
    const [one, ...others] = found.filter((candidate) => candidate.name === name && candidate.kind === kind);
    if (!one || others.length > 0) return [`${kind} ${name}: ${others.length + (one ? 1 : 0)} times in the sources`];
    return [
      ...(one.namespace === targets.dotnet.namespace ? [] : [`${name}: in the namespace ${one.namespace}`]),
      ...(one.fqn === type.fqn ? [] : [`${name}: stands for ${one.fqn}, not for ${type.fqn}`]),
      ...(type.docs?.summary && one.summary ? [] : [`${name}: not documented`]),
      ...membersOf(type).flatMap((member) => memberProblems(member, one)),
    ];
  });
}

function memberProblems(member: Named, type: Type): string[] {
  const found = type.members.find(({ jsii }) => jsii === member.name);
  if (!found) return [`${type.name}: ${member.name} is missing`];
  return [
    ...(found.name === pascal(member.name) ? [] : [`${type.name}: ${member.name} is called ${found.name}`]),
    ...(member.docs?.summary && found.summary ? [] : [`${type.name}.${found.name}: not documented`]),
  ];
}

/** What compiles in TypeScript and not in C#. */
function nameProblems({ name, file, members, kind, namespace }: Type, all: Type[]): string[] {
  const others = members.filter((member) => member.kind !== 'constructor');
  const twice = others.filter((one, index) => one.kind !== 'method' && others.findIndex((other) => other.name === one.name) !== index);
  return [
    ...(file === `${name}.cs` ? [] : [`${name}: in ${file}`]),
    ...(all.filter((one) => one.name === name && one.namespace === namespace).length === 1 ? [] : [`${name}: there are several`]),
    ...(kind !== 'enum' && others.some((member) => member.name === name) ? [`${name}: a member is named like its class`] : []),
    ...twice.map((member) => `${name}.${member.name}: there are several`),
  ];
}

function projectProblems([ours, example]: [Project, Project], { targets, version, dependencies }: Assembly, folder: string): string[] {
  const floor = (name: string) => dependencies[name]!.replace('^', '');
  const wanted: [string, unknown, unknown][] = [
    ['PackageId', ours.packageId, targets.dotnet.packageId],
    ['PackageVersion', ours.version, version],
    ['Amazon.CDK.Lib', ours.references['Amazon.CDK.Lib'], `[${floor('aws-cdk-lib')},3.0.0)`],
    ['Constructs', ours.references.Constructs, `[${floor('constructs')},11.0.0)`],
    ['the embedded library', ours.resources.map((name) => join(folder, name)).join(), onlyFile(folder, '.tgz')],
    ['packages of the example', Object.keys(example.references).sort().join(), `Amazon.CDK.Lib,${targets.dotnet.packageId},Constructs`],
    ['Amazon.CDK.Lib of the example', example.references['Amazon.CDK.Lib'], floor('aws-cdk-lib')],
  ];
  return wanted.flatMap(([what, got, value]) => (got === value ? [] : [`project: ${what} is ${got}, not ${value}`]));
}

/** Whether all that the example makes, sets and takes is there, in our sources and in the CDK. */
function exampleProblems({ uses, usings, declared, types }: Found, assemblies: Assembly[]): string[] {
  const known = new Map<string, string[]>();
  for (const { targets, submodules = {}, types: own } of assemblies) {
    for (const type of Object.values(own)) {
      const submodule = submodules[type.fqn.slice(0, type.fqn.lastIndexOf('.'))];
      const namespace = submodule?.targets?.dotnet?.namespace ?? targets.dotnet.namespace;
      for (const [, name] of namesOf(type)) known.set(`${namespace}.${name}`, membersOf(type).map((member) => pascal(member.name)));
    }
  }
  for (const { namespace, name, members } of types) known.set(`${namespace}.${name}`, members.map((member) => member.name));
  const anywhere = new Set([...known.values()].flat());

  return uses.filter(({ type }) => !declared.includes(type)).flatMap(({ type, members }) => {
    const isVariable = /^[a-z]/.test(type);
    const own = [type, ...usings.map((using) => `${using}.${type}`)].map((name) => known.get(name)).find((list) => list !== undefined);
    if (!isVariable && !own) return [`example: there is no ${type} in ${usings.join(', ')}`];
    return members.filter((name) => (isVariable ? !anywhere.has(name) : !own!.includes(name))).map((name) => `example: ${type} has no ${name}`);
  });
}
