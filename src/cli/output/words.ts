import type { AccountFacts, EvidenceKind, EvidenceMode, Status, Verification } from '../../organization/verification';

/** The words that every output uses for the same thing. */
export const STATUS_WORDS: Record<Status, string> = {
  optedOut: 'opted out',
  notOptedOut: 'not opted out',
  unknown: 'unknown',
};

export const EVIDENCE_WORDS: Record<EvidenceKind, string> = {
  effective: 'effective policy of this account',
  computed: 'computed from the policies and the tree',
  path: 'computed, and the effective policy of another account with the same policies agrees',
};

export const EVIDENCE_MODE_WORDS: Record<EvidenceMode, string> = {
  auto: 'effective policies for up to 500 accounts; above that computed, with the effective policies that are needed and of random accounts',
  effective: 'effective policies of all accounts',
  computed: 'computed from the policies and the tree',
};

/** From what needs somebody to what does not. */
export const STATUSES_WORST_FIRST: readonly Status[] = ['notOptedOut', 'unknown', 'optedOut'];

/** The answer in one or two sentences. Says "opted out" of the whole only where nothing is in doubt. */
export function statusInWords(verification: Verification): string {
  const { status, organization, accounts } = verification;
  const { accounts: total, optedOut, notOptedOut, unknown } = verification.summary;
  if (!organization.complete) {
    return `Only one account was asked, ${accounts[0]?.id ?? 'this one'}: ${STATUS_WORDS[accounts[0]?.status ?? status]}. `
      + 'The other accounts can be seen from the management account or a delegated administrator.';
  }
  if (total === 0) return 'Unknown: no active account was found.';
  if (status === 'optedOut') return total === 1 ? 'Opted out: the only active account is.' : `Opted out: all ${number(total)} active accounts are.`;
  if (notOptedOut > 0) {
    return `Not opted out: ${number(notOptedOut)} of ${accountsInWords(total, 'active ')} ${isOrAre(notOptedOut)} not`
      + `${unknown > 0 ? `, and the status of ${number(unknown)} is unknown` : ''}.`;
  }
  if (unknown > 0) {
    return `Unknown: the status of ${number(unknown)} of ${accountsInWords(total, 'active ')} is unknown`
      + `${optedOut > 0 ? `; the other ${number(optedOut)} ${isOrAre(optedOut)} opted out` : ''}.`;
  }
  return status === 'unknown' ? 'Unknown: see the findings.' : 'Not opted out: see the findings.';
}

/** Counts by status, worst first, without the zeroes: "2 not opted out, 10 opted out". */
export function countsInWords(accounts: readonly Pick<AccountFacts, 'status'>[]): string {
  return STATUSES_WORST_FIRST
    .map((status) => ({ status, count: accounts.filter((account) => account.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${number(count)} ${STATUS_WORDS[status]}`)
    .join(', ');
}

export function accountsInWords(count: number, kind = ''): string {
  return `${number(count)} ${kind}${count === 1 ? 'account' : 'accounts'}`;
}

/** 10,000: always in English, whatever the machine speaks. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** `2026-11-22 15:30 UTC`. */
export function timeInWords(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

function isOrAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}
