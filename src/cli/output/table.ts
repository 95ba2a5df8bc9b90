import type { AccountFacts, Check, Finding, FindingSeverity, Status, Verification } from '../../organization/verification';
import { visible } from '../../text/visible';
import type { Output } from '../command-context';
import { columns, paintFor, paragraph, type Colour, type Paint } from './terminal';
import { groupByUnit, type UnitGroup } from './unit-tree';
import { accountsInWords, countsInWords, number, timeInWords, statusInWords, STATUSES_WORST_FIRST } from './words';

/** Above this, accounts that are opted out are only counted. */
const EVERY_ACCOUNT_UP_TO = 50;

/** More in one OU helps nobody on a terminal. */
const PROBLEMS_PER_UNIT = 20;

/** Lines that fit on a screen. */
const LONG = 40;

/** More OUs without a problem than this are only counted. */
const QUIET_UNITS = 20;

/** Lines longer than this are hard to read on wide terminals. */
const WIDEST = 140;

const COLOURS: Record<Status, Colour> = { optedOut: 'green', notOptedOut: 'red', unknown: 'yellow' };
const MARKS: Record<Status, string> = { optedOut: 'ok', notOptedOut: 'NOT', unknown: '???' };
const SEVERITIES: Record<FindingSeverity, { word: string; colour: Colour }> = {
  error: { word: 'error', colour: 'red' },
  warning: { word: 'warning', colour: 'yellow' },
  info: { word: 'note', colour: 'dim' },
};

/** The verification for a person at a terminal: the answer first, then why, then account by account with the problems first. */
export function renderTable(verification: Verification, output: Output): string {
  const page: Page = { paint: paintFor(output), width: Math.min(Math.max(output.columns, 60), WIDEST) };
  const parts = [
    headline(verification, page),
    checklist(verification.checklist, page),
    findings(verification.findings, page),
    accounts(verification, page),
  ].filter((part) => part !== '');
  const text = parts.join('\n');
  // Who sees the end of a long page should not have to scroll back for the answer.
  return text.split('\n').length > LONG ? `${text}\n${answer(verification, page)}\n` : text;
}

function answer(verification: Verification, { paint, width }: Page): string {
  const { status, organization } = verification;
  // Somebody who reads only the colour must not take one account's answer for the organization's.
  const colour = COLOURS[organization.complete || status !== 'optedOut' ? status : 'unknown'];
  return paint('bold', paint(colour, paragraph(visible(statusInWords(verification)), width).trimEnd()));
}

interface Page {
  readonly paint: Paint;
  readonly width: number;
}

function headline(verification: Verification, page: Page): string {
  const { paint, width } = page;
  const { organization: { id, managementAccountId }, askedBy, finishedAt, summary } = verification;
  return [
    answer(verification, page),
    paint('dim', paragraph(`Organization ${id}, management account ${managementAccountId}. Asked ${timeInWords(finishedAt)} by ${visible(askedBy.arn)}.`
      + `${summary.inactive > 0 ? ` Not judged: ${accountsInWords(summary.inactive)} suspended, closed or pending.` : ''}`, width).trimEnd()),
    '',
  ].join('\n');
}

function checklist(checks: readonly Check[], { paint, width }: Page): string {
  if (checks.length === 0) return '';
  const mark = ({ passed }: Check) => passed === undefined ? paint('yellow', '???') : passed ? paint('green', 'yes') : paint('red', 'NO');
  return `${paint('bold', 'Checklist')}\n${columns(
    checks.map((check) => [mark(check), `${visible(check.title)}\n${paint('dim', visible(check.detail))}`]),
    [3, width - 7],
  )}`;
}

function findings(list: readonly Finding[], { paint, width }: Page): string {
  if (list.length === 0) return '';
  const order: FindingSeverity[] = ['error', 'warning', 'info'];
  const sorted = [...list].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return `${paint('bold', 'Findings')}\n${columns(
    sorted.map((finding) => [paint(SEVERITIES[finding.severity].colour, SEVERITIES[finding.severity].word), messageOf(finding)]),
    [7, width - 11],
  )}`;
}

function messageOf({ message, computed, effective }: Finding): string {
  return [
    visible(message),
    ...(computed ? [`computed: ${visible(JSON.stringify(computed))}`] : []),
    ...(effective ? [`AWS says: ${visible(JSON.stringify(effective))}`] : []),
  ].join('\n');
}

function accounts(verification: Verification, page: Page): string {
  const all = verification.accounts.length <= EVERY_ACCOUNT_UP_TO;
  const groups = groupByUnit(verification)
    .filter((group) => group.accounts.length > 0)
    .sort((a, b) => worst(a) - worst(b));
  if (groups.length === 0) return '';
  const lists = groups.map((group) => ({ group, listed: listedOf(group, all) }));
  const nameWidth = Math.min(26, Math.max(8, ...lists.flatMap(({ listed }) => listed.map(({ name }) => visible(name).length))));
  const quiet = lists.filter(({ listed }) => listed.length === 0);
  return [
    page.paint('bold', all ? 'Accounts' : 'Accounts with a problem, and how many there are in each OU'),
    ...lists.filter(({ listed }) => listed.length > 0).map(({ group, listed }) => `${unit(group, listed, nameWidth, page)}\n`),
    ...quiet.slice(0, QUIET_UNITS).map(({ group }) => unit(group, [], nameWidth, page)),
    ...(quiet.length > QUIET_UNITS ? [page.paint('dim', `  and ${number(quiet.length - QUIET_UNITS)} more OUs where every account is opted out`)] : []),
  ].join('\n').replace(/\n*$/, '\n');
}

function listedOf({ accounts: members }: UnitGroup, all: boolean): AccountFacts[] {
  const wanted = members.filter(({ status }) => all || status !== 'optedOut').sort((a, b) => rank(a) - rank(b));
  return all ? wanted : wanted.slice(0, PROBLEMS_PER_UNIT);
}

/** Where the group belongs: 0 with an account not opted out, then those in doubt, then the rest. */
function worst({ accounts: members }: UnitGroup): number {
  return Math.min(...members.map(rank));
}

function rank({ status }: AccountFacts): number {
  return STATUSES_WORST_FIRST.indexOf(status);
}

function unit(group: UnitGroup, listed: AccountFacts[], nameWidth: number, { paint, width }: Page): string {
  const problems = group.accounts.filter(({ status }) => status !== 'optedOut').length;
  const more = problems - listed.filter(({ status }) => status !== 'optedOut').length;
  // What goes for all of them is said once.
  const shared = listed.length > 1 && listed.every(({ reason }) => reason === listed[0].reason);
  return [
    paragraph(`${visible(group.path)}: ${countsInWords(group.accounts)}`, width, 2).trimEnd(),
    ...(shared ? [paint('dim', paragraph(visible(listed[0].reason), width, 4).trimEnd())] : []),
    columns(
      listed.map(({ status, id, name, reason }) => [paint(COLOURS[status], MARKS[status]), id, visible(name), shared ? '' : visible(reason)]),
      [3, 12, nameWidth, Math.max(20, width - nameWidth - 25)],
      4,
    ).trimEnd(),
    ...(more > 0 ? [paint('dim', `    and ${number(more)} more: --report or --output json lists them all`)] : []),
  ].filter((line) => line !== '').join('\n');
}
