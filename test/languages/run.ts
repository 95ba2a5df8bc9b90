import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';

/** The end of a failed command's output is what says why. */
const LINES_SHOWN = 60;

const started = Date.now();

export function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}

/** One line of progress. */
export function say(text: string): void {
  process.stderr.write(`[${String(seconds(started)).padStart(4)} s] ${text}\n`);
}

/** What npm tells the scripts that it runs of the project it runs them for. */
const OF_THIS_PROJECT = /^(npm_(package|lifecycle)_.*|npm_command|npm_config_local_prefix|INIT_CWD|CDK_.*)$/i;

/** What a user's shell has: nothing of the project that runs this. */
function usersEnvironment(programs: readonly string[]): NodeJS.ProcessEnv {
  const { PATH = '', ...rest } = process.env;
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([name]) => !OF_THIS_PROJECT.test(name))),
    PATH: [...programs, ...PATH.split(':').filter((folder) => !folder.includes('node_modules'))].join(':'),
    JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1',
    JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION: '1',
  };
}

/** Runs commands of one language. Their output goes into a file, and the end of it into the error of one that fails. */
export class Shell {
  /**
   * @param folder where it runs and logs.
   * @param variables beside those of the user.
   * @param programs folders to look for programs in before those of the user.
   */
  public constructor(
    private readonly folder: string,
    private readonly variables: NodeJS.ProcessEnv = {},
    private readonly programs: readonly string[] = [],
  ) {}

  public with(variables: NodeJS.ProcessEnv): Shell {
    return new Shell(this.folder, { ...this.variables, ...variables }, this.programs);
  }

  public async run(command: string, cwd = this.folder): Promise<string> {
    const log = createWriteStream(join(this.folder, 'commands.log'), { flags: 'a' });
    log.write(`\n$ ${command}\n`);
    return new Promise((resolve, reject) => {
      const child = spawn('bash', ['-euo', 'pipefail', '-c', command], {
        cwd,
        env: { ...usersEnvironment(this.programs), ...this.variables },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      let all = '';
      child.stdout.on('data', (data) => { output += data; });
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data) => {
          all += data;
          log.write(data);
        });
      }
      child.on('error', reject);
      child.on('close', (code, signal) => {
        log.end();
        if (code === 0) resolve(output);
        else reject(new Error(`${command}\nended with ${signal ?? code}:\n${all.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n')}`));
      });
    });
  }
}

/** A word of a command line. */
export function quoted(text: string): string {
  return `'${text.replaceAll('\'', '\'\\\'\'')}'`;
}
