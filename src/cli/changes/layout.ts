import { visible } from '../../text/visible';

/** Lines as long as a terminal is wide everywhere. */
const WIDTH = 80;

/** What stands between blanks; a word that is quoted for the shell is one, whatever is in it. */
const WORD = /(?:(?<![^ ])(?:'(?:[^']|'\\'')*'|\$'(?:[^'\\]|\\.)*')|[^ ])+/g;

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Breaks a sentence into lines with a hanging indent. Hidden characters of names become visible. */
export function wrapped(lead: string, text: string): string {
  const lines: string[] = [];
  const margin = ' '.repeat(lead.length);
  let line = lead + /^ */.exec(text)![0];
  let empty = true;
  for (const word of visible(text).match(WORD) ?? []) {
    // What is longer than a line, such as a command to copy, stays in one piece.
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = margin;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return `${[...lines, line].join('\n')}\n`;
}
