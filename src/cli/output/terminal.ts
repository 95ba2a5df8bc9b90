import { getBorderCharacters, table, type ColumnUserConfig } from 'table';
import type { Output } from '../command-context';

export type Colour = 'red' | 'yellow' | 'green' | 'dim' | 'bold';

const CODES: Record<Colour, [number, number]> = { red: [31, 39], yellow: [33, 39], green: [32, 39], dim: [2, 22], bold: [1, 22] };

export type Paint = (colour: Colour, text: string) => string;

/** Colours where the output shows them. */
export function paintFor({ colour }: Pick<Output, 'colour'>): Paint {
  return (name, text) => colour ? `\u001b[${CODES[name][0]}m${text}\u001b[${CODES[name][1]}m` : text;
}

/** Columns without rules; a column with a width wraps between words. */
export function columns(rows: string[][], widths: (number | undefined)[], indent = 2): string {
  if (rows.length === 0) return '';
  const config: ColumnUserConfig[] = widths.map((width, index) => ({
    ...(width === undefined ? {} : { width, wrapWord: true }),
    paddingLeft: index === 0 ? indent : 0,
    paddingRight: index === widths.length - 1 ? 0 : 2,
  }));
  return table(rows, { border: getBorderCharacters('void'), drawHorizontalLine: () => false, columns: config }).replace(/[ \t]+$/gm, '');
}

/** Text broken between words. */
export function paragraph(text: string, width: number, indent = 0): string {
  return columns([[text]], [Math.max(20, width - indent)], indent);
}
