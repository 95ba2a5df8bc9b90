import type { awscdk } from 'projen';

/** The commands of this project beside projen's own. */
export function configureTasks(project: awscdk.AwsCdkConstructLibrary): void {
  const script = (name: string, description: string, file: string) => {
    const task = project.addTask(name, { description });
    task.spawn(project.bundler.bundleTask);
    task.exec(`tsx ${file}`, { receiveArgs: true });
    return task;
  };
  script('demo', 'Opt a simulated organization out, from synthesis to every account\'s effective policy', 'demo/main.ts');
  script('simulator', 'Serve a simulated organization for any AWS client (--port N, --empty, --accounts N)', 'simulator/serve.ts');
  script('bench', 'Measure templates, handler and engine beside the hand-made alternative', 'bench/main.ts');

  // The build supports Node.js 20, which jsii reports as past its end of life in every step.
  project.tasks.addEnvironment('JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION', '20');

  // The samples of the README must compile, or Construct Hub shows broken ones in every language.
  project.postCompileTask.exec('jsii-rosetta extract --strict');
  // What people take from the package without Node.js.
  project.postCompileTask.exec('tsx src/cli/template/write-ready-made.ts templates');

  project.addTask('test:python', {
    description: 'Try the simulator with boto3 and the AWS CLI, and compare it with moto (needs Python, see test/python/requirements.txt)',
    exec: 'python3 -m pytest test/python -q',
  });
  const ministack = project.addTask('test:ministack', {
    description: 'Deploy the template on ministack, an AWS emulator from PyPI, and run the command line against it (needs Python 3.10 or newer)',
  });
  ministack.spawn(project.bundler.bundleTask);
  ministack.exec('python3 test/emulators/ministack/run.py', { receiveArgs: true });
  project.gitignore.exclude('/test/emulators/*/.venv/');
  const docs = project.addTask('test:docs', {
    description: 'Type every command of the documents into a shell, against a simulated organization (needs bash and the AWS CLI, see test/python)',
  });
  docs.spawn(project.bundler.bundleTask);
  docs.spawn(project.compileTask);
  docs.exec('jest -c test/docs/commands.jest.config.json');

  const stress = project.addTask('test:stress', {
    description: 'Run the tests several times in random order while busy loops occupy every core (--runs N, --loops N, --seed N, arguments of jest)',
  });
  stress.spawn(project.bundler.bundleTask);
  stress.exec('tsx test/support/stress.ts', { receiveArgs: true });

  project.addTask('test:mutation', {
    description: 'Change the policy engine in many small ways and see which changes no test notices (about ten minutes)',
    exec: 'stryker run test/mutation/stryker.config.json',
  });
  project.addTask('test:properties', {
    description: 'Run the properties of the policy engine with 50 times as many cases: 100,000 to compare it with the simulator (about ten minutes)',
    env: { PROPERTY_RUNS_FACTOR: '50' },
    exec: 'jest --showSeed --testTimeout=3600000 test/policy/',
    receiveArgs: true,
  });
  const report = project.addTask('test:report', {
    description: 'Open the HTML report in Chromium and use it as a person would (needs /usr/bin/chromium, or CHROMIUM)',
  });
  report.spawn(project.bundler.bundleTask);
  report.exec('jest -c test/cli/browser.jest.config.json');

  const newest = project.addTask('test:newest', { description: 'Run the construct tests with the newest CDK that is pinned in test/newest' });
  newest.spawn(project.bundler.bundleTask);
  newest.exec('npm ci --prefix test/newest --no-audit --no-fund');
  newest.exec('jest -c test/newest/jest.config.json');
}
