import { escapeUTF8 } from 'entities/escape';
import { visibleLines } from '../../text/visible';

/** Text for HTML and XML, in elements and in quoted attributes. Two characters that XML cannot hold are not hidden; they become U+FFFD. */
export function escapeMarkup(text: string): string {
  return escapeUTF8(visibleLines(text).replace(/[\ufffe\uffff]/g, '\ufffd'));
}
