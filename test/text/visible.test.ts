import * as fc from 'fast-check';
import { visible, visibleJson, visibleLines } from '../../src/text/visible';

test.each([
  ['bidirectional controls', 'a\u202eb\u2066c\u200ed\u200fe\u061c', 'a\\u202eb\\u2066c\\u200ed\\u200fe\\u061c'],
  ['zero-width characters', 'a\u200bb\u200dc\ufeff', 'a\\u200bb\\u200dc\\ufeff'],
  ['controls', 'a\u001b[2Jb\u007fc\u009bd\r\n\t', 'a\\u001b[2Jb\\u007fc\\u009bd\\u000d\\u000a\\u0009'],
  ['line and paragraph separators', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['tags and halves of surrogate pairs', 'a\u{e0041}b\ud800', 'a\\udb40\\udc41b\\ud800'],
  ['invisible letters', 'a\u3164\u00ad', 'a\\u3164\\u00ad'],
  ['nothing of names in any script', 'Büro, 開発, المنتجات, 👍 & <b>', 'Büro, 開発, المنتجات, 👍 & <b>'],
])('%s become visible', (_, text, expected) => {
  expect(visible(text)).toBe(expected);
});

test('lines stay lines where there are several', () => {
  expect(visibleLines('a\nb\u202e\r')).toBe('a\nb\\u202e\\u000d');
});

test('JSON keeps its value', () => {
  fc.assert(fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(undefined, 2), (value, indent) => {
    const text = visibleJson(value, indent);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    expect(visibleLines(text)).toBe(text);
  }));
});
