import { visibleJson } from '../../text/visible';

/**
 * JSON in pieces, because 50,000 accounts in one string take more memory than the verification itself.
 *
 * Every top-level member starts a line, and so does every element of a top-level list: `grep` and `diff` get along with it.
 */
export function* jsonChunks(value: object): Generator<string> {
  let separator = '{\n';
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    yield `${separator}  ${visibleJson(key)}: `;
    if (Array.isArray(member) && member.length > 0) {
      yield* list(member);
    } else {
      yield visibleJson(member, 2).replace(/\n/g, '\n  ');
    }
    separator = ',\n';
  }
  yield separator === '{\n' ? '{}\n' : '\n}\n';
}

const ELEMENTS_PER_CHUNK = 500;

function* list(elements: readonly unknown[]): Generator<string> {
  yield '[\n';
  for (let start = 0; start < elements.length; start += ELEMENTS_PER_CHUNK) {
    const lines = elements.slice(start, start + ELEMENTS_PER_CHUNK).map((element) => `    ${visibleJson(element)}`);
    yield `${start === 0 ? '' : ',\n'}${lines.join(',\n')}`;
  }
  yield '\n  ]';
}
