import { wrapped } from '../../../src/cli/changes/layout';
import { commandOf } from '../../../src/text/shell';

const LONG = `${'policy of the shop '.repeat(5)}and so on`;

test.each([
  ['blanks', LONG],
  ['blanks and quotes', `the shop's ${LONG}`],
  ['blanks and hidden characters', `it's\u202e ${LONG}`],
])('a word that is quoted for the shell stays on one line: %s', (_, name) => {
  const command = commandOf('ai-opt-out', 'plan', '--name', name);
  const [, , , quoted] = /^(\S+) (\S+) --name (.*)$/.exec(command)!;
  expect(wrapped('  - ', `To change AWS's policy: ${command}; to remove it, do something else.`).split('\n').some((line) => line.includes(quoted))).toBe(true);
});

test('a sentence with apostrophes breaks between words', () => {
  expect(wrapped('', `${'AWS\'s policies '.repeat(10)}end`).split('\n').every((line) => line.length <= 80)).toBe(true);
});
