import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { commandOf } from '../../src/text/shell';
import { visible } from '../../src/text/visible';

test.each([
  [['aws', 'organizations', 'detach-policy', '--policy-id', 'p-12345678'], 'aws organizations detach-policy --policy-id p-12345678'],
  [['--name', 'Our policy'], "--name 'Our policy'"],
  [['--name', 'x; rm -rf ~'], "--name 'x; rm -rf ~'"],
  [['--name', "it's $(id) `id` \"\\"], "--name 'it'\\''s $(id) `id` \"\\'"],
  [['--name', ''], "--name ''"],
  [['--name', "a\u202eb'\n"], "--name $'a\\U0000202eb\\'\\U0000000a'"],
])('%j becomes %s', (words, expected) => {
  expect(commandOf(...words)).toBe(expected);
});

test('a shell gets every word as it is, and a reader sees it', () => {
  const word = fc.string({ unit: fc.constantFrom(...'ab \'"\\$`;&|<>(){}*?!#~\n\t-=', '\u202e', '\u200b', 'ü', '👍'), maxLength: 12 });
  // A shell takes a while to start, so it gets many words at once.
  fc.assert(fc.property(fc.array(word, { minLength: 200, maxLength: 200 }), (words) => {
    const command = commandOf('printf', '%s\\0', ...words);
    expect(visible(command)).toBe(command);
    const output = execFileSync('bash', ['--norc', '-c', command], { encoding: 'utf8', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } });
    expect(output.split('\0').slice(0, -1)).toEqual(words);
  }), { numRuns: 3, endOnFailure: true });
});
