/**
 * Characters that a reader cannot see or that change what is around them: controls, bidirectional controls, zero-width characters, line and
 * paragraph separators, and halves of surrogate pairs.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Writes hidden characters as escapes such as `\u202e`. For names and messages on one line: everybody who may create an account chooses its name. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escaped);
}

/** As `visible`, for text of several lines. Applied to JSON, the result is JSON of the same value. */
export function visibleLines(text: string): string {
  return text.replace(HIDDEN, (character) => (character === '\n' ? character : escaped(character)));
}

/** JSON that shows what is in it. */
export function visibleJson(value: unknown, indent?: number): string {
  return visibleLines(JSON.stringify(value, undefined, indent));
}

function escaped(character: string): string {
  return character.split('').map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
}
