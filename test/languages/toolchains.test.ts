import { isAtLeast, missing, NODE, type Tool } from './toolchains';

const tool = (command: string[], atLeast = '1.21'): Tool => ({ title: 'Go', command, atLeast, install: 'https://go.dev/doc/install' });
const says = (text: string) => ['node', '-p', JSON.stringify(text)];

test('what is there and new enough is not missing', () => {
  expect(missing([NODE, tool(says('go version go1.26.8 linux/amd64')), tool(says('\u001b[1mApache Go 1.21\u001b[m'))])).toEqual([]);
});

test.each([
  ['absent', tool(['no-such-program-here']), 'Go 1.21 or newer is missing (no-such-program-here): https://go.dev/doc/install'],
  ['broken', tool(['node', '-e', 'process.exit(1)']), 'Go 1.21 or newer is missing (node): https://go.dev/doc/install'],
  ['too old', tool(says('go1.9.7')), 'Go 1.21 or newer is needed, got 1.9.7: https://go.dev/doc/install'],
])('says what to install when a tool is %s', (_what, given, said) => {
  expect(missing([given])).toEqual([said]);
});

test('says it once', () => {
  const absent = tool(['no-such-program-here']);
  expect(missing([absent, absent])).toHaveLength(1);
});

test.each([['1.21', '1.21', true], ['1.21.0', '1.21', true], ['1.9', '1.21', false], ['2', '1.21', true], ['17.0.15', '17', true], ['3.8', '3.9', false]])(
  '%s is at least %s: %s', (version, floor, is) => {
    expect(isAtLeast(version, floor)).toBe(is);
  });
