import type { awscdk } from 'projen';

/** The layers of docs/design.md, as lint rules. */
export function configureLayers(project: awscdk.AwsCdkConstructLibrary): void {
  const eslint = project.eslint!;

  eslint.addRules({
    'import/no-restricted-paths': ['error', {
      zones: [
        { target: './src/policy', from: './src', except: ['./policy'], message: 'src/policy is pure: it imports nothing outside itself.' },
        { target: './src/text', from: './src', except: ['./text'], message: 'src/text is pure: it imports nothing outside itself.' },
        { target: './src/!(cli)/**', from: './src/cli', message: 'Nothing imports the CLI.' },
        { target: './src/*.ts', from: './src/cli', message: 'Nothing imports the CLI.' },
        { target: './src', from: './simulator', message: 'The simulator is a development tool and is not published.' },
        { target: './simulator', from: ['./src', './cli', './demo'], message: 'The simulator is independent of the product.' },
      ],
    }],
    'no-console': 'error',
  });

  const forbid = (files: string[], group: string[], message: string) => eslint.addOverride({
    files,
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
  });
  const cdk = ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'];
  forbid(['src/policy/**', 'src/text/**'], [...cdk, '@aws-sdk/*', 'node:*', 'fs', 'path'], 'src/policy and src/text are pure: no CDK, no SDK, no file system.');
  forbid(['src/handlers/**', 'src/organization/**'], cdk, 'What runs in AWS or reads an organization does not import the CDK.');

  eslint.addOverride({
    // A plain require loads the SDK only when it is needed, and leaves no helper code in the template as import() would.
    files: ['src/handlers/**', 'src/cli/**'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  });

  // These are not published, so they may use what only development installs; the handlers' SDK comes from the Lambda runtime.
  eslint.allowDevDeps('simulator/**');
  eslint.allowDevDeps('demo/**');
  eslint.allowDevDeps('examples/**');
  eslint.allowDevDeps('bench/**');
  eslint.allowDevDeps('src/handlers/**');
  eslint.allowDevDeps('src/organization/**');
  eslint.allowDevDeps('src/cli/**');
  eslint.addOverride({ files: ['simulator/**', 'demo/**', 'bench/**', 'examples/**', 'src/handlers/**', 'test/**'], rules: { 'no-console': 'off' } });
}
