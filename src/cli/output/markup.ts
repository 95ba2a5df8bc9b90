import { escapeUTF8 } from 'entities/escape';

/** What XML can hold; with the `u` flag, half a surrogate pair counts as a character of its own. */
const NOT_FOR_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text for HTML and XML, in elements and in quoted attributes. Characters that XML cannot hold at all become U+FFFD. */
export function escapeMarkup(text: string): string {
  return escapeUTF8(text.replace(NOT_FOR_XML, '\ufffd'));
}
