import { escapeMarkup } from './markup';
import { groupByUnit, type UnitGroup } from './unit-tree';
import { EVIDENCE_WORDS, STATUS_WORDS } from './words';
import type { AccountFacts, InactiveAccount, Verification } from '../../organization/verification';

/** One test suite an OU and one test case an account: failures are not opted out, errors are unknown, inactive accounts are skipped. */
export function* junitChunks(verification: Verification): Generator<string> {
  const { summary, finishedAt, startedAt, organization } = verification;
  const seconds = Math.max(0, (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites${attributes({
    name: `ai-opt-out verify ${organization.id}`,
    tests: summary.accounts + summary.inactive,
    failures: summary.notOptedOut,
    errors: summary.unknown,
    skipped: summary.inactive,
    time: seconds.toFixed(3),
  })}>\n`;
  for (const group of groupByUnit(verification)) {
    if (group.accounts.length + group.inactive.length > 0) yield* suite(group, startedAt);
  }
  yield '</testsuites>\n';
}

function* suite({ path, accounts, inactive }: UnitGroup, timestamp: string): Generator<string> {
  const count = (wanted: string) => accounts.filter(({ status }) => status === wanted).length;
  yield `  <testsuite${attributes({
    name: path,
    tests: accounts.length + inactive.length,
    failures: count('notOptedOut'),
    errors: count('unknown'),
    skipped: inactive.length,
    timestamp: timestamp.slice(0, 19),
  })}>\n`;
  for (const account of accounts) yield testCase(path, account);
  for (const account of inactive) yield skipped(path, account);
  yield '  </testsuite>\n';
}

function testCase(path: string, { id, name, status, reason, evidence }: AccountFacts): string {
  const head = `    <testcase${attributes({ classname: path, name: `${id} ${name}` })}`;
  if (status === 'optedOut') return `${head}/>\n`;
  const element = status === 'notOptedOut' ? 'failure' : 'error';
  const type = STATUS_WORDS[status];
  const detail = evidence ? `${reason}\nevidence: ${EVIDENCE_WORDS[evidence]}` : reason;
  return `${head}>\n      <${element}${attributes({ type, message: reason })}>${escapeMarkup(detail)}</${element}>\n    </testcase>\n`;
}

function skipped(path: string, { id, name, state }: InactiveAccount): string {
  return `    <testcase${attributes({ classname: path, name: `${id} ${name}` })}>\n`
    + `      <skipped${attributes({ message: `the account is ${state}` })}/>\n    </testcase>\n`;
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values).map(([name, value]) => ` ${name}="${escapeMarkup(String(value))}"`).join('');
}
