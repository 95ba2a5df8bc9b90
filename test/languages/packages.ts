import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { quoted, say, type Shell } from './run';

const ROOT = join(__dirname, '..', '..');

export type Target = 'js' | 'python' | 'java' | 'go' | 'dotnet';

/** Whose package is its sources: there is nothing to build, and pacmak would compile what the test compiles anyway. */
const CODE_ONLY: readonly Target[] = ['go', 'dotnet'];

/**
 * The packages that are tested.
 *
 * Every one of them carries the npm tarball. One of `dist` is taken if it carries what the compiled sources pack to now, to the byte;
 * otherwise it is packaged again, and then has to.
 */
export class Packages {
  public static async of(shell: Shell, folder: string): Promise<Packages> {
    mkdirSync(folder, { recursive: true });
    await shell.run(`npm pack --silent --ignore-scripts --pack-destination ${quoted(folder)}`, ROOT);
    return new Packages(shell, folder, hash(onlyFile(folder, '.tgz')));
  }

  private constructor(private readonly shell: Shell, private readonly folder: string, private readonly library: string) {}

  /** The folder with the package of a language. */
  public async of(target: Target, arguments_ = ''): Promise<string> {
    const built = join(ROOT, 'dist', target);
    if (target !== 'dotnet' && await this.isFresh(target, built)) {
      say(`${target}: taken from dist`);
      return built;
    }
    say(`${target}: packaging`);
    const codeOnly = CODE_ONLY.includes(target) ? '--code-only' : '';
    const pacmak = join(ROOT, 'node_modules', '.bin', 'jsii-pacmak');
    await this.shell.run(`${quoted(pacmak)} ${codeOnly} --target ${target} --outdir ${quoted(this.folder)} ${arguments_}`, ROOT);
    const fresh = join(this.folder, target);
    if (!await this.isFresh(target, fresh)) throw new Error(`the package for ${target} does not carry the library that npm packs`);
    return fresh;
  }

  private async isFresh(target: Target, folder: string): Promise<boolean> {
    if (!existsSync(folder)) return false;
    const carried = await this.unpacked(target, folder);
    return carried.length === 1 && hash(carried[0]!) === this.library;
  }

  /** The npm tarballs in a package. */
  private async unpacked(target: Target, folder: string): Promise<string[]> {
    const archive = filesBelow(folder, target === 'python' ? /\.whl$/ : /\d\.jar$/);
    if (target !== 'python' && target !== 'java') return filesBelow(folder, /\.tgz$/);
    if (archive.length !== 1) return [];
    const inside = join(this.folder, `unpacked-${target}-${hash(archive[0]!).slice(0, 12)}`);
    mkdirSync(inside, { recursive: true });
    // Wheels and jars are zip files, and each language brings its own tool for them.
    await this.shell.run(target === 'python'
      ? `python3 -m zipfile -e ${quoted(archive[0]!)} ${quoted(inside)}`
      : `cd ${quoted(inside)} && jar xf ${quoted(archive[0]!)}`);
    return filesBelow(inside, /\.tgz$/);
  }
}

export function filesBelow(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

export function onlyFile(folder: string, end: string): string {
  const found = filesBelow(folder, new RegExp(`${end.replaceAll('.', '\\.')}$`));
  if (found.length !== 1) throw new Error(`${folder} should hold one file that ends with ${end}, got ${found.length}`);
  return found[0]!;
}

function hash(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
