import { readFileSync } from 'fs';
import { join } from 'path';

const EXAMPLES = join(__dirname, '..', '..', 'examples');
const project = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8'));

/** Where a manifest says the versions of: the library, the CDK, constructs. */
const MANIFESTS: Record<string, [RegExp, RegExp, RegExp]> = {
  'typescript/package.json': [/"cdk-ai-services-opt-out": "(.*)"/, /"aws-cdk-lib": "(.*)"/, /"constructs": "(.*)"/],
  'python/requirements.txt': [/cdk-ai-services-opt-out==(.*)/, /aws-cdk-lib==(.*)/, /constructs==(.*)/],
  'java/pom.xml': [/<cdk-ai-services-opt-out.version>(.*)</, /<aws-cdk-lib.version>(.*)</, /<constructs.version>(.*)</],
  'go/go.mod': [/cdkaiservicesoptout v(.*)/, /awscdk\/v2 v(.*)/, /constructs\/v10 v(.*)/],
  'csharp/AiOptOut.csproj': [/"CdkAiServicesOptOut" Version="(.*)"/, /"Amazon.CDK.Lib" Version="(.*)"/, /"Constructs" Version="(.*)"/],
};

const versions = Object.fromEntries(Object.entries(MANIFESTS).map(([name, patterns]) => {
  const text = readFileSync(join(EXAMPLES, name), 'utf8');
  return [name, patterns.map((pattern) => pattern.exec(text)?.[1])];
}));

test('all examples name the same version of the library', () => {
  const named = Object.values(versions).map(([library]) => library);
  expect(named[0]).toMatch(/^\d+\.\d+\.\d+$/);
  expect(new Set(named).size).toBe(1);
});

test('all examples use the floor of the CDK', () => {
  const floor = [project.devDependencies['aws-cdk-lib'], project.devDependencies.constructs];
  for (const [name, [, ...cdk]] of Object.entries(versions)) {
    // Newer, for the reason in languages/go.ts.
    expect({ [name]: cdk }).toEqual({ [name]: name === 'go/go.mod' ? ['2.240.0', '10.5.1'] : floor });
  }
});
