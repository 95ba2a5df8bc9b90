import { NOT_RUN, reasonNotToRun } from './not-run';
import { allCommands, commandsIn } from './shell';

const COMMANDS = allCommands();

test('commands are found in most documents', () => {
  expect(COMMANDS.length).toBeGreaterThan(60);
  expect(new Set(COMMANDS.map(({ document }) => document)).size).toBeGreaterThan(6);
});

test('most commands are run', () => {
  const run = COMMANDS.filter((command) => reasonNotToRun(command) === undefined);
  expect(run.length).toBeGreaterThan(COMMANDS.length / 2);
});

test.each(Object.values(NOT_RUN).flat())('%j, which is not run, is still in a document', (beginning) => {
  expect(COMMANDS.filter(({ text }) => text === beginning || text.startsWith(beginning))).not.toEqual([]);
});

test('no command has a placeholder that somebody would have to fill in', () => {
  expect(COMMANDS.filter(({ text }) => /<[a-z][\w -]*>/i.test(text)).map(({ document, line, text }) => `${document}:${line}: ${text}`)).toEqual([]);
});

test('a block is split into commands where bash would', () => {
  const text = 'A=$(echo \\\n  one)\n\nfor B in $A; do\n  echo "$B"\ndone\ncat <<END\na \'quote\nEND\necho \'two\nlines\'';
  const commands = commandsIn({ document: 'x', line: 1, language: 'sh', section: '', marks: [], text });
  expect(commands.map((command) => [command.line, command.text])).toEqual([
    [2, 'A=$(echo \\\n  one)'],
    [5, 'for B in $A; do\n  echo "$B"\ndone'],
    [8, 'cat <<END\na \'quote\nEND'],
    [11, 'echo \'two\nlines\''],
  ]);
});
