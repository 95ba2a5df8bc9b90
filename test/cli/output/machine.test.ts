import { jsonChunks } from '../../../src/cli/output/json';
import { junitChunks } from '../../../src/cli/output/junit';
import { HOSTILE_NAME, verification } from '../fixtures';

const whole = (chunks: Iterable<string>) => [...chunks].join('');

describe('JSON', () => {
  test.each([0, 1, 1203])('%i accounts come back as they were', (accounts) => {
    const result = verification({ accounts, notOptedOut: Math.min(accounts, 2) });

    expect(JSON.parse(whole(jsonChunks(result)))).toEqual(JSON.parse(JSON.stringify(result)));
  });

  test('one account a line', () => {
    expect(whole(jsonChunks(verification({ accounts: 3 }))).match(/^ {4}\{"id":"\d{12}"/gm)).toHaveLength(3);
  });

  test('an empty object', () => {
    expect(whole(jsonChunks({}))).toBe('{}\n');
  });
});

describe('JUnit', () => {
  test('failures are not opted out, errors are unknown, inactive accounts are skipped', () => {
    const xml = whole(junitChunks(verification({ accounts: 6, notOptedOut: 2, unknown: 1, inactive: 1 })));

    expect(xml).toContain('<testsuites name="ai-opt-out verify o-exampleorg1" tests="7" failures="2" errors="1" skipped="1" time="42.500">');
    expect(xml).toContain('<testsuite name="Root" tests="2" failures="1" errors="0" skipped="1" timestamp="2026-11-22T15:30:00">');
    expect(xml).toContain('<failure type="not opted out" message="lex is optIn by LetThemLearn on Workloads">');
    expect(xml).toContain('<error type="unknown" message="AWS refused DescribeEffectivePolicy: AccessDeniedException">');
    expect(xml).toContain('<skipped message="the account is SUSPENDED"/>');
    expect(xml.match(/<testcase /g)).toHaveLength(7);
  });

  test('no text can break out of its place, and what XML cannot hold is escaped', () => {
    const result = verification({ accounts: 1 });
    const accounts = [{ ...result.accounts[0], status: 'notOptedOut' as const, name: '"/><evil a=\'', reason: `${HOSTILE_NAME}\u0000\u001b\ud800` }];
    const xml = whole(junitChunks({ ...result, accounts }));

    expect(xml).toContain('name="111122223333 &quot;/&gt;&lt;evil a=&apos;"');
    expect(xml).toContain('&lt;/script&gt;&lt;img src=x');
    expect(xml).toContain('\\u0000\\u001b\\ud800');
    // eslint-disable-next-line no-control-regex -- control characters are what this is about
    expect(xml).not.toMatch(/[\u0000\u001b\ud800]|<evil|<img/);
  });
});
