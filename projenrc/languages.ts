import type { awscdk } from 'projen';

/** The packages in the other languages, and the test that installs them. */
export function configureLanguages(project: awscdk.AwsCdkConstructLibrary): void {
  // A Go module is its sources. pacmak would also compile it, with exactly the versions of the floor, which not every module proxy
  // serves; test:languages compiles it.
  project.tasks.tryFind('package:go')!.reset('jsii-pacmak -v --code-only --target go');

  // Without the .NET SDK, the sources of the NuGet package instead of the package. Nobody can publish these by mistake: the workflow that
  // publishes brings the SDK, and finds no package otherwise.
  const dotnet = project.tasks.tryFind('package:dotnet')!;
  dotnet.reset('jsii-pacmak -v --target dotnet', { condition: 'dotnet --version' });
  dotnet.exec('jsii-pacmak -v --code-only --target dotnet', { condition: '! dotnet --version' });

  const test = project.addTask('test:languages', {
    description: 'Install the packages in Python, Java and Go and synthesize what TypeScript does (needs their toolchains; --only python,go for some)',
  });
  test.spawn(project.preCompileTask);
  test.spawn(project.compileTask);
  test.exec('tsx test/languages/main.ts', { receiveArgs: true });

  // In the examples the library has its published name.
  project.tryFindObjectFile('tsconfig.check.json')!.addOverride('compilerOptions.paths', { 'cdk-ai-services-opt-out': ['./src/index.ts'] });

  // What the examples leave behind when somebody runs them where they are.
  for (const folder of ['cdk.out', 'target', 'bin', 'obj', '.venv']) project.gitignore.exclude(`/examples/*/${folder}/`);
  for (const file of ['package-lock.json', 'go.sum']) project.gitignore.exclude(`/examples/*/${file}`);
}
