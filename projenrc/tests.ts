import { javascript, type awscdk } from 'projen';

/** How jest runs. `NEVER`: projen's default rewrites a wrong snapshot instead of failing. */
export const jestOptions: javascript.JestOptions = {
  updateSnapshot: javascript.UpdateSnapshot.NEVER,
  configFilePath: 'jest.config.json',
  junitReporting: false,
  jestConfig: {
    collectCoverage: false,
    // A worker and the threads that run its functions take turns.
    maxWorkers: '100%',
    testMatch: ['<rootDir>/test/**/*.test.ts'],
    // Only ends a run that hangs. How long a test takes depends on the load of the machine and is not asserted.
    testTimeout: 600_000,
    // No test depends on those before it. `npx jest --seed N` repeats an order.
    randomize: true,
    reporters: [new javascript.JestReporter('<rootDir>/test/support/slowest-files-reporter.cjs')],
    globalSetup: '<rootDir>/test/support/environment.cjs',
    // A test that fails in a simulated scene shows what happened in it.
    testEnvironment: '<rootDir>/test/support/scene-environment.cjs',
    // Has its own dependencies and its own configuration: the newest CDK instead of the floor.
    testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/newest/'],
    modulePathIgnorePatterns: ['<rootDir>/test/newest/', '<rootDir>/.stryker-tmp/'],
  },
};

/**
 * Tests are type-checked (projen's default only transpiles them), as is everything else that is TypeScript.
 */
export function configureTests(project: awscdk.AwsCdkConstructLibrary): void {
  const config = new javascript.TypescriptConfig(project, {
    fileName: 'tsconfig.check.json',
    include: ['.projenrc.ts', 'projenrc/**/*.ts', 'src/**/*.ts', 'simulator/**/*.ts', 'demo/**/*.ts', 'examples/**/*.ts', 'bench/**/*.ts', 'test/**/*.ts'],
    exclude: ['node_modules', 'test/newest/node_modules'],
    compilerOptions: {
      target: 'ES2023',
      lib: ['es2023'],
      module: 'node16',
      moduleResolution: javascript.TypeScriptModuleResolution.NODE16,
      esModuleInterop: true,
      skipLibCheck: true,
      strict: true,
      noEmit: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      noImplicitReturns: true,
      resolveJsonModule: true,
      types: ['node', 'jest'],
    },
  });
  // ts-jest takes twenty times as long as SWC, in every worker.
  project.deps.removeDependency('ts-jest');
  project.jest!.config.transform = { '^.+\\.ts$': ['@swc/jest', { swcrc: false, jsc: { parser: { syntax: 'typescript' } } }] };
  project.addTask('test:types', {
    description: 'Type-check everything, tests included',
    exec: `node node_modules/typescript-7/bin/tsc -p ${config.fileName}`,
  });
  project.testTask.reset();
  // The construct reads the bundled handlers, so they must exist before any test.
  project.testTask.spawn(project.bundler.bundleTask);
  project.testTask.exec('tsx test/support/check.ts', { receiveArgs: true });
}
