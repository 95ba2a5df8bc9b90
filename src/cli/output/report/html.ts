import { escapeMarkup } from '../markup';

/** Markup that is safe to put into a page as it is. */
export class Html {
  public constructor(public readonly markup: string) {}

  public toString(): string {
    return this.markup;
  }
}

type Part = Html | string | number | undefined | readonly Part[];

/** A template whose values are text unless they were made by it: what comes from AWS cannot become markup by oversight. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((text, string, index) => text + markupOf(parts[index - 1]) + string));
}

function markupOf(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.markup;
  return Array.isArray(part) ? part.map(markupOf).join('') : escapeMarkup(String(part));
}
