import type { Packages } from '../packages';
import type { Shell } from '../run';
import type { Tool } from '../toolchains';

/** How an app of a language gets the packaged library, and how the three apps are started. */
export interface Language {
  readonly name: string;
  readonly title: string;
  readonly tools: readonly Tool[];
  /** The command that synthesizes the three apps. */
  readonly apps: string;
  /** Where in the folder the programs are that its commands mean. */
  readonly programs?: string;
  /** Installs what the app needs, the library from its package, and compiles it. The folder holds example and apps. */
  install(folder: string, packages: Packages, shell: Shell): Promise<void>;
  /** Takes away what was installed outside the folder. */
  cleanUp?(): void;
}

/** Changes a manifest as its user would; fails where that changes nothing. */
export function changed(text: string, from: string | RegExp, to: string): string {
  const result = text.replace(from, () => to);
  if (result === text) throw new Error(`nothing in the manifest matches ${from}:\n${text}`);
  return result;
}
