import { readFileSync } from 'fs';
import { join } from 'path';
import * as library from '../src';

const { jsii } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8'));

/** Everything that index.ts exports: classes and enums by the module, interfaces, which leave no trace in it, by the text. */
const EXPORTED = readFileSync(join(__dirname, '..', 'src', 'index.ts'), 'utf8')
  .split('\n')
  .flatMap((line) => /^export \{ (.*) \} from/.exec(line)?.[1]!.split(', ') ?? [])
  .map((name) => name.replace(/^type /, ''));

test('what is exported is listed by name', () => {
  expect(EXPORTED).toEqual(expect.arrayContaining(Object.keys(library)));
  expect(EXPORTED).toEqual(expect.arrayContaining(['AiServicesOptOutProps', 'AllServicesOptions', 'OptOutPolicyProblem']));
  expect(new Set(EXPORTED).size).toBe(EXPORTED.length);
});

test('no segment of the .NET namespace is named like something in it, which C# would mistake for it', () => {
  const segments = String(jsii.targets.dotnet.namespace).split('.');
  expect(segments).toContain('CdkAiServicesOptOut');
  expect(EXPORTED.filter((name) => segments.includes(name))).toEqual([]);
});

test('no class has a member named like itself, which C# forbids', () => {
  const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
  for (const [name, exported] of Object.entries(library)) {
    const members = typeof exported === 'function' ? [...Object.getOwnPropertyNames(exported), ...Object.getOwnPropertyNames(exported.prototype)] : [];
    expect(members.filter((member) => !['constructor', 'name', 'prototype', 'length'].includes(member)).map(pascal)).not.toContain(name);
  }
});
