import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface AwsEnvironment {
  /** Gone after the tests. */
  readonly directory: string;
  /** Sets variables for the test that runs; undefined takes one away. */
  set(variables: Record<string, string | undefined>): void;
  /** Writes the AWS configuration file. */
  config(text: string): void;
}

/** Gives the tests of a file an AWS environment of their own: nothing of the machine's profiles, no metadata service. */
export function isolateAwsEnvironment(): AwsEnvironment {
  const before = { ...process.env };
  const directory = mkdtempSync(join(tmpdir(), 'ai-opt-out-aws-'));
  let files = 0;
  // The SDK remembers files it has read, so each test has its own.
  let configFile = '';

  beforeEach(() => {
    for (const name of Object.keys(process.env)) {
      if (name.startsWith('AWS_')) delete process.env[name];
    }
    configFile = join(directory, `config-${files++}`);
    Object.assign(process.env, {
      AWS_CONFIG_FILE: configFile,
      AWS_SHARED_CREDENTIALS_FILE: join(directory, 'credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    writeFileSync(configFile, '');
  });
  afterAll(() => {
    process.env = before;
    rmSync(directory, { recursive: true, force: true });
  });

  return {
    directory,
    set: (variables) => {
      for (const [name, value] of Object.entries(variables)) {
        if (value === undefined) delete process.env[name]; else process.env[name] = value;
      }
    },
    config: (text) => writeFileSync(configFile, text),
  };
}
