import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../markdown';

/** A command that was run. */
export interface Ran {
  readonly text: string;
  /** Absent where the session ended before it. */
  readonly code?: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the variable got that the command sets. */
  readonly value?: string;
}

/** What takes the place of programs: the package as if it were installed, and nothing that reaches out. */
const PROGRAMS: Record<string, string> = {
  'ai-opt-out': `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(join(ROOT, 'bin', 'ai-opt-out'))} "$@"`,
  'aws': 'exec python3 -m awscli "$@"',
  'npx': [
    'packages=""',
    'while [ "$1" = -p ]; do packages="$packages $2"; shift 2; done',
    'case "$packages" in',
    '  " cdk-ai-services-opt-out"|" cdk-ai-services-opt-out aws-cdk-lib constructs") exec "$@" ;;',
    'esac',
    'echo "npx of$packages: $* is nothing that a document should say" >&2',
    'exit 99',
  ].join('\n'),
  ...Object.fromEntries(['npm', 'cdk', 'git', 'pip', 'terraform'].map((name) => [name, `echo "${name} is not run here" >&2; exit 99`])),
};

/** A shell in a folder of its own, in which commands are typed one after the other. */
export class Terminal {
  public readonly folder = mkdtempSync(join(tmpdir(), 'ai-opt-out-docs-'));
  private readonly bin = join(this.folder, '.bin');
  private readonly log = join(this.folder, '.log');

  /** @param profiles account ids by name of the profile */
  public constructor(private readonly endpointUrl: string, private readonly profiles: Record<string, string>) {
    mkdirSync(this.bin);
    mkdirSync(this.log);
    for (const [name, script] of Object.entries(PROGRAMS)) {
      writeFileSync(join(this.bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(this.bin, name), 0o755);
    }
    const config = Object.entries(this.profiles).map(([name, accountId]) => (
      `[profile ${name}]\naws_access_key_id = ${accountId}\naws_secret_access_key = secret\nregion = us-east-1\n`
    ));
    writeFileSync(join(this.folder, '.config'), config.join('\n'));
  }

  public save(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  public async type(commands: string[]): Promise<Ran[]> {
    const results = join(this.log, 'results');
    const script = [
      `exec 3>${JSON.stringify(results)}`,
      ...commands.flatMap((text, index) => {
        const variable = /^(?:export )?(\w+)=/.exec(text)?.[1];
        return [
          `exec >${JSON.stringify(join(this.log, `${index}.stdout`))} 2>${JSON.stringify(join(this.log, `${index}.stderr`))}`,
          text,
          `printf '%s\\t%s\\t%s\\n' ${index} $? "${variable ? `$${variable}` : ''}" >&3`,
        ];
      }),
    ].join('\n');
    writeFileSync(join(this.folder, '.script'), script);
    await this.bash();
    const lines = existsSync(results) ? readFileSync(results, 'utf8').trim().split('\n').filter(Boolean) : [];
    const ran = new Map(lines.map((line) => line.split('\t')).map(([index, code, value]) => [Number(index), { code: Number(code), value }]));
    return commands.map((text, index) => ({
      text, ...ran.get(index), stdout: this.output(`${index}.stdout`), stderr: this.output(`${index}.stderr`),
    }));
  }

  public close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private output(name: string): string {
    const path = join(this.log, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  private async bash(): Promise<void> {
    // Nothing of the machine's own AWS configuration may leak in.
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS_|NODE_OPTIONS$|npm_)/.test(name)));
    const child = spawn('bash', [join(this.folder, '.script')], {
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...own,
        PATH: `${this.bin}:${process.env.PATH}`,
        // Where aws-cdk-lib is, as if it were installed in the folder.
        NODE_PATH: join(ROOT, 'node_modules'),
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ENDPOINT_URL: this.endpointUrl,
        AWS_CONFIG_FILE: join(this.folder, '.config'),
        AWS_SHARED_CREDENTIALS_FILE: join(this.folder, '.credentials'),
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
        AWS_PAGER: '',
      },
    });
    await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
  }
}
