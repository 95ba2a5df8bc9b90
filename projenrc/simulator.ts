import { JsonFile, type awscdk } from 'projen';

/** The simulator is a private npm workspace. Its package.json lists what it imports; the root's package.json says in which version. */
export function configureSimulator(project: awscdk.AwsCdkConstructLibrary): void {
  project.package.addField('workspaces', ['simulator']);
  new JsonFile(project, 'simulator/package.json', {
    obj: {
      name: '@cdk-ai-services-opt-out/simulator',
      description: 'AWS Organizations, CloudFormation and Lambda for tests, demo and benchmarks',
      version: '0.0.0',
      private: true,
      license: 'Apache-2.0',
      devDependencies: {
        // AGPL: development only, never bundled.
        '@cloud-copilot/iam-simulate': '*',
        // What functions find in the Lambda runtime.
        ...Object.fromEntries(['cloudformation', 'config-service', 'organizations', 'sns', 'ssm'].map((client) => [`@aws-sdk/client-${client}`, '*'])),
      },
    },
  });
}
