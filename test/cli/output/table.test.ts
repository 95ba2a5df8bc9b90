import type { Output } from '../../../src/cli/command-context';
import { renderTable } from '../../../src/cli/output/table';
import { HOSTILE_NAME, verification } from '../fixtures';
import { flat } from '../run';

const ESCAPE = '\u001b';
const output = (options: Partial<Output> = {}) => ({ isTTY: false, columns: 80, colour: false, ...options }) as Output;

test('the answer comes first, then the checklist, the findings and the accounts', () => {
  const text = renderTable(verification({ accounts: 4, notOptedOut: 1, unknown: 1, inactive: 2 }), output());
  const titles = text.split('\n').filter((line) => /^(Not|Checklist|Findings|Accounts)/.test(line));

  expect(titles.slice(0, 4)).toEqual(['Not opted out: 1 of 4 active accounts is not, and the status of 1 is unknown.', 'Checklist', 'Findings', 'Accounts']);
  expect(flat(text)).toContain('Asked 2026-11-22 15:30 UTC by arn:aws:sts::111122223333:assumed-role/Auditor/jane.');
  expect(flat(text)).toContain('Not judged: 2 accounts suspended, closed or pending.');
});

test('problems come first, and the reason stands beside each', () => {
  const text = renderTable(verification({ accounts: 6, notOptedOut: 1, unknown: 1 }), output());
  const units = text.split('\n').filter((line) => line.startsWith('  Root'));

  expect(units.slice(0, 3)).toEqual(['  Root: 1 not opted out', '  Root / Workloads: 1 unknown', '  Root / Sandbox: 1 opted out']);
  expect(flat(text)).toContain('NOT 111122223333 Management lex is optIn by LetThemLearn on Workloads');
});

test('a reason that goes for all accounts of an OU is said once, and beside each where they differ', () => {
  const result = verification({ accounts: 12 });
  const inSandbox = result.accounts.filter(({ parentId }) => parentId === result.accounts[2].parentId);
  expect(inSandbox.length).toBeGreaterThan(1);
  const withReasons = (reasonOf: (index: number) => string) => renderTable({
    ...result, accounts: inSandbox.map((account, index) => ({ ...account, reason: reasonOf(index) })),
  }, output());

  expect(withReasons(() => 'because of the root').match(/because of the root/g)).toHaveLength(1);
  expect(withReasons((index) => (index === 0 ? 'because of itself' : 'because of the root')).match(/because of the root/g)).toHaveLength(inSandbox.length - 1);
});

test.each([60, 80, 200])('no line is wider than a terminal of %i columns', (columns) => {
  const text = renderTable(verification({ accounts: 200, notOptedOut: 30, unknown: 5 }), output({ columns }));

  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(Math.min(columns, 140));
});

test('many accounts: those opted out are only counted, and the answer is said again at the end', () => {
  const text = renderTable(verification({ accounts: 10_000, notOptedOut: 3 }), output());

  expect(text).toContain('Accounts with a problem, and how many there are in each OU');
  expect(text.match(/^ {4}NOT /gm)).toHaveLength(3);
  expect(text).not.toMatch(/^ {4}ok /m);
  expect(text.trimEnd()).toMatch(/\nNot opted out: 3 of 10,000 active accounts are not\.$/);
});

test('very many problems in one OU are cut short with a hint', () => {
  const text = renderTable(verification({ accounts: 10_000, notOptedOut: 10_000 }), output());

  expect(text).toContain('    and 380 more: --report or --output json lists them all');
});

test('colours only where they are wanted', () => {
  const result = verification({ accounts: 3, notOptedOut: 1 });

  expect(renderTable(result, output())).not.toContain(ESCAPE);
  expect(renderTable(result, output({ colour: true }))).toContain(`${ESCAPE}[31m`);
});

test('a name cannot steer the terminal', () => {
  const result = verification({ accounts: 2 });
  const accounts = result.accounts.map((account) => ({ ...account, name: `${ESCAPE}[2J\u202e${HOSTILE_NAME}`, reason: `a\nb${ESCAPE}]0;x\u0007` }));
  const text = renderTable({ ...result, accounts }, output());

  expect(text).not.toContain(ESCAPE);
  expect(text).not.toContain('\u202e');
  expect(text).not.toContain('\u0007');
});

test('one account that asked about itself is never taken for the organization', () => {
  const result = verification({ accounts: 1 });
  const text = renderTable({ ...result, status: 'unknown', organization: { ...result.organization, complete: false } }, output({ colour: true }));

  expect(flat(text)).toContain('Only one account was asked, 111122223333: opted out.');
  expect(text).toContain(`${ESCAPE}[33mOnly one`);
});
