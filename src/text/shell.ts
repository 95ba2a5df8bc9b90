import { visible } from './visible';

/** Returns a command to copy into a POSIX shell: every word arrives as it is, whatever is in it. */
export function commandOf(...words: string[]): string {
  return words.map(quoted).join(' ');
}

function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (visible(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  // bash and zsh know this form; it keeps hidden characters visible.
  const parts = [...word].map((character) => (
    visible(character) === character ? character.replace(/['\\]/, '\\$&') : `\\U${character.codePointAt(0)!.toString(16).padStart(8, '0')}`
  ));
  return `$'${parts.join('')}'`;
}
