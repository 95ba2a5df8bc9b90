import { createHash } from 'node:crypto';
import { reportChunks } from '../../../src/cli/output/report';
import { SCRIPT } from '../../../src/cli/output/report/script';
import type { Verification } from '../../../src/organization';
import { FORGOTTEN_POLICY_ID, HOSTILE_NAME, verification } from '../fixtures';

const page = (result: Verification, services?: string[]) => [...reportChunks(result, { version: '1.2.3', services })].join('');
const dataIn = (text: string) => JSON.parse(/<script type="application\/json" id="data">([^<]*)<\/script>/.exec(text)![1]);

test('says in plain markup who asked what, when, and what came out', () => {
  const text = page(verification({ accounts: 3, notOptedOut: 1, inactive: 1 }), ['lex', 'polly']);

  for (const words of [
    'Not opted out: 1 of 3 active accounts is not.', 'Asked about: lex, polly.', 'o-exampleorg1', 'arn:aws:sts::111122223333:assumed-role/Auditor/jane',
    '2026-11-22 15:30 UTC', 'No organizational unit or account can undo the opt-out', `${FORGOTTEN_POLICY_ID} (Forgotten) is attached nowhere`,
    'DescribeEffectivePolicy', '&quot;@@assign&quot;: &quot;optOut&quot;', 'ai-opt-out 1.2.3',
  ]) expect(text).toContain(words);
});

test('loads nothing: the policy allows this style and this script alone', () => {
  const text = page(verification());
  const hash = (content: string) => `sha256-${createHash('sha256').update(content).digest('base64')}`;
  const style = /<style>([^]*?)<\/style>/.exec(text)![1];
  const script = /<script>([^]*?)<\/script>/.exec(text)![1];

  // In the attribute the quotes are entities, which is the same to a browser.
  expect(text.replace(/&apos;/g, "'")).toContain(`content="default-src 'none'; style-src '${hash(style)}'; script-src '${hash(script)}'; img-src data:; base-uri 'none'; form-action 'none'"`);
  expect(text).not.toMatch(/(src|href)="(https?:)?\/\/|@import|url\(/);
  expect(text).not.toMatch(/ style="| on\w+="/);
});

test('the script is one that runs everywhere', () => {
  expect(() => new Function(SCRIPT)).not.toThrow();
  expect(SCRIPT).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write|eval\(/);
});

test('hostile names stay text, in the page and in its data', () => {
  const result = verification({ accounts: 3, notOptedOut: 1, inactive: 1 });
  const text = page({
    ...result,
    askedBy: { arn: HOSTILE_NAME, accountId: '111122223333' },
    accounts: result.accounts.map((account) => ({ ...account, name: HOSTILE_NAME, reason: HOSTILE_NAME })),
    inactiveAccounts: result.inactiveAccounts.map((account) => ({ ...account, name: HOSTILE_NAME })),
    units: result.units.map((unit) => ({ ...unit, name: HOSTILE_NAME })),
    policies: result.policies.map((policy) => ({ ...policy, name: HOSTILE_NAME, content: HOSTILE_NAME })),
    findings: result.findings.map((finding) => ({ ...finding, message: HOSTILE_NAME, ids: [HOSTILE_NAME] })),
    checklist: result.checklist.map((check) => ({ ...check, title: HOSTILE_NAME, detail: HOSTILE_NAME })),
    calls: { [HOSTILE_NAME]: 1 },
  });

  expect(text).not.toContain('<img');
  expect(text.match(/<\/script>/g)).toHaveLength(2);
  expect(dataIn(text).accounts[0][1]).toBe(HOSTILE_NAME);
});

test('the data holds every account, and what they share only once', () => {
  const { units, details, accounts, inactive } = dataIn(page(verification({ accounts: 10_000, notOptedOut: 5, unknown: 5, inactive: 2 })));

  expect(accounts).toHaveLength(10_000);
  expect(details).toHaveLength(3);
  expect(inactive).toHaveLength(2);
  expect(units[0]).toEqual(['r-ab12', 'Root', 0]);
});

test('stays small: 10,000 accounts in less than a megabyte', () => {
  expect(page(verification({ accounts: 10_000 })).length).toBeLessThan(1_000_000);
});

test('without JavaScript there are the counts by OU and the accounts with a problem', () => {
  const noscript = /<noscript>([^]*?)<\/noscript>/.exec(page(verification({ accounts: 3000, notOptedOut: 1500 })))![1];

  expect(noscript).toContain('<th scope="row">Root / Workloads / Production / Team 1</th>');
  expect(noscript).toContain('lex is optIn by LetThemLearn on Workloads');
  expect(noscript).toContain('And 500 more.');
});

test('one account that asked about itself is not shown in green', () => {
  const result = verification({ accounts: 1 });
  const text = page({ ...result, organization: { ...result.organization, complete: false } });

  expect(text).toContain('<div class="status doubt">');
});

test('a tree that leads back to itself or has no root is shown all the same', () => {
  const result = verification({ accounts: 3 });
  const units = [
    { id: 'ou-a', name: 'A', parentId: 'ou-b', policyIds: [] },
    { id: 'ou-b', name: 'B', parentId: 'ou-a', policyIds: [] },
  ];
  const accounts = result.accounts.map((account, index) => ({ ...account, parentId: ['ou-a', 'ou-gone', ''][index] }));
  const data = dataIn(page({ ...result, units, accounts, organization: { ...result.organization, rootId: '' } }));

  expect(data.units.map(([, name]: string[]) => name)).toEqual(['Unknown place', 'B', 'A', 'ou-gone']);
  expect(data.accounts).toHaveLength(3);
});
