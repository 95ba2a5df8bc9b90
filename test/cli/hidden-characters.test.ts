import { Scene } from './changes/scene';
import { verification } from './fixtures';
import { run } from './run';
import { jsonChunks } from '../../src/cli/output/json';
import { junitChunks } from '../../src/cli/output/junit';
import { reportChunks } from '../../src/cli/output/report';
import { renderTable } from '../../src/cli/output/table';
import { unlockedContent } from '../support/documents';

/** Bidirectional controls, zero-width characters, controls, a line separator: nothing that a reader would see. */
const HIDDEN = '\u202e\u2066\u2069\u200e\u200f\u061c\u200b\u200d\ufeff\u007f\u009b\u001b\u2028';
const ANY = new RegExp(`[${HIDDEN}]`, 'u');
const SHOWN = [...HIDDEN].map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const NAME = `evil${HIDDEN}name`;
const SHOWN_NAME = `evil${SHOWN}name`;

/** Texts of a verification in which names can occur. */
const TEXTS = ['name', 'reason', 'message', 'detail', 'level', 'policy', 'arn', 'content', 'state'];

/** A verification of an organization in which everything has such a name. */
function hostile() {
  const plain = verification({ accounts: 30, notOptedOut: 4, unknown: 2, inactive: 1 });
  return JSON.parse(JSON.stringify(plain), (key, value) => (TEXTS.includes(key) && typeof value === 'string' ? `${NAME} ${value}` : value));
}

const whole = (chunks: Iterable<string>) => [...chunks].join('');
const wide = { colour: false, columns: 140, isTTY: true } as Parameters<typeof renderTable>[1];

test.each<[string, () => string]>([
  ['the table', () => renderTable(hostile(), wide)],
  ['the HTML report', () => whole(reportChunks(hostile(), { version: '1.0.0' }))],
  ['JSON', () => whole(jsonChunks(hostile()))],
  ['JUnit', () => whole(junitChunks(hostile()))],
])('%s of verify shows hidden characters', (_, print) => {
  const text = print();
  expect(text).not.toMatch(ANY);
  expect(text.replace(/\s+/g, '')).toContain(SHOWN);
});

test('the page gets its names as they are shown', () => {
  const text = whole(reportChunks(hostile(), { version: '1.0.0' }));
  const data = JSON.parse(/<script type="application\/json" id="data">([^]*?)<\/script>/.exec(text)![1]);
  expect(data.accounts[0][1]).toContain(SHOWN_NAME);
});

test('JSON keeps the names', () => {
  expect(JSON.parse(whole(jsonChunks(hostile()))).accounts[0].name).toContain(NAME);
});

test('plan, apply and remove show hidden characters', async () => {
  const scene = Scene.landingZone();
  const target = scene.zone.productionUnitId;
  await scene.administrator('UpdateOrganizationalUnit', { OrganizationalUnitId: target, Name: NAME });
  const { Policy: { PolicySummary: { Id } } } = await scene.administrator('CreatePolicy', {
    Name: NAME, Description: '', Content: unlockedContent({ lex: 'optIn' }), Type: 'AISERVICES_OPT_OUT_POLICY',
  });
  const answers = [
    await scene.plan({ name: NAME, target: [target] }),
    await scene.plan({ name: NAME, output: 'json', adopt: true }),
    await scene.apply({ name: NAME, adopt: true, target: [target] }),
    await scene.remove(Id, { answers: 'y\n' }),
  ];
  for (const { stdout, stderr } of answers) {
    expect(stdout + stderr).not.toMatch(ANY);
    expect((stdout + stderr).replace(/\s+/g, '')).toContain(SHOWN_NAME);
  }
});

test('validate and errors show hidden characters', async () => {
  const found = await run(['validate', '-'], { stdin: JSON.stringify({ services: { [NAME]: {} } }) });
  const json = await run(['validate', '-', '--output', 'json'], { stdin: JSON.stringify({ services: { [NAME]: {} } }) });
  const failed = await run(['validate', `/nowhere/${NAME}`]);
  const wrong = await run(['plan', '--service', NAME]);
  for (const { stdout, stderr } of [found, json, failed, wrong]) {
    expect(stdout + stderr).not.toMatch(ANY);
    expect(stdout + stderr).toContain(SHOWN);
  }
});
