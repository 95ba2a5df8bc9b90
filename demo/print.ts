import { getBorderCharacters, table as format } from 'table';

/** Formats rows as a table without a frame, with a rule below the first row. */
export function table(rows: string[][]): string {
  return indent(format(rows, {
    border: { ...getBorderCharacters('void'), joinBody: '─' },
    columnDefault: { paddingLeft: 0, paddingRight: 1 },
    drawHorizontalLine: (line) => line === 1,
  }).trimEnd().replace(/ +$/gm, ''));
}

export function heading(title: string, detail = ''): void {
  const bold = (text: string) => (process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[1m${text}\x1b[22m` : text);
  say('', `${bold(title)}${detail ? ` – ${detail}` : ''}`, '');
}

export function say(...lines: string[]): void {
  console.log(lines.join('\n'));
}

/** Breaks long lines at blanks, so that they fit into 80 columns when indented. */
export function wrapped(text: string): string {
  return text.replace(/(?=.{73})(.{1,72}) /g, '$1\n');
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
