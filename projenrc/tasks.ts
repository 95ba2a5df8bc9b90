import type { awscdk } from 'projen';

/** The commands of this project beside projen's own. */
export function configureTasks(project: awscdk.AwsCdkConstructLibrary): void {
  const script = (name: string, description: string, file: string) => {
    const task = project.addTask(name, { description });
    task.spawn(project.bundler.bundleTask);
    task.exec(`tsx ${file}`, { receiveArgs: true });
    return task;
  };
  script('demo', 'Opt a simulated organization out, from synthesis to every account\'s effective policy', 'simulator/demo.ts');
  script('simulator', 'Serve a simulated organization for any AWS client (--port N, --empty, --accounts N)', 'simulator/serve.ts');
  script('bench', 'Measure templates, handler and engine beside the hand-made alternative', 'bench/main.ts');
}
