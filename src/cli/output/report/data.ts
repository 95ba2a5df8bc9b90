import type { AccountFacts, Verification } from '../../../organization/verification';
import { visible, visibleLines } from '../../../text/visible';
import { groupByUnit, type UnitGroup } from '../unit-tree';
import { STATUSES_WORST_FIRST } from '../words';

/*
 * What the page's script reads, in the shape that keeps 50,000 accounts small: rows instead of objects, and what many accounts share only once.
 *
 *   { "units":    [ [id, name, depth], ... ]                  parents first
 *     "details":  [ { reason, evidence, decisions, ... } ]    numbered from 0
 *     "accounts": [ [id, name, unit, status, detail], ... ]  numbers; the status counts from the worst
 *     "inactive": [ [id, name, unit, state], ... ] }
 */

const ROWS_PER_CHUNK = 1000;

/** The data as JSON that can stand inside a script element. */
export function* dataChunks(verification: Verification): Generator<string> {
  const groups = groupByUnit(verification);
  const details = detailsOf(verification.accounts);
  yield `{"units":${json(groups.map(({ id, name, depth }) => [id, name, depth]))},\n"details":[`;
  yield* rows(details.list);
  yield '],\n"accounts":[';
  yield* rows(accountRows(groups, details.numberOf));
  yield '],\n"inactive":[';
  yield* rows(groups.flatMap(({ inactive }, unit) => inactive.map(({ id, name, state }) => [id, name, unit, state])));
  yield ']}';
}

/** Without `<`, so that no name can end the element that the JSON stands in. The page shows hidden characters of its texts as escapes. */
export function json(value: unknown): string {
  const text = JSON.stringify(value, (_, member) => (typeof member === 'string' ? visible(member) : member));
  return visibleLines(text).replace(/</g, '\\u003c');
}

type Detail = Pick<AccountFacts, 'reason' | 'evidence' | 'decisions' | 'effective' | 'policyIds'>;

function detailsOf(accounts: readonly AccountFacts[]) {
  const numbers = new Map<string, number>();
  const list: Detail[] = [];
  const keyOf = ({ reason, evidence, decisions, effective, policyIds }: AccountFacts) => (
    JSON.stringify({ reason, evidence, decisions, effective, policyIds } satisfies Detail)
  );
  const numberOf = (account: AccountFacts) => {
    const key = keyOf(account);
    let found = numbers.get(key);
    if (found === undefined) {
      const { reason, evidence, decisions, effective, policyIds } = account;
      found = list.push({ reason, evidence, decisions, effective, policyIds }) - 1;
      numbers.set(key, found);
    }
    return found;
  };
  for (const account of accounts) numberOf(account);
  return { list, numberOf };
}

function* accountRows(groups: readonly UnitGroup[], numberOf: (account: AccountFacts) => number): Generator<unknown[]> {
  for (const [unit, { accounts }] of groups.entries()) {
    for (const account of accounts) yield [account.id, account.name, unit, STATUSES_WORST_FIRST.indexOf(account.status), numberOf(account)];
  }
}

function* rows(items: Iterable<unknown>): Generator<string> {
  let lines: string[] = [];
  let first = true;
  const flush = () => {
    const text = `${first ? '\n' : ',\n'}${lines.join(',\n')}`;
    first = false;
    lines = [];
    return text;
  };
  for (const item of items) {
    lines.push(json(item));
    if (lines.length === ROWS_PER_CHUNK) yield flush();
  }
  if (lines.length > 0) yield flush();
}
