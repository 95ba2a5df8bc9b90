import { Tree } from '../../../organization/tree';
import type { Check, Finding, PolicyFacts, Status, Verification } from '../../../organization/verification';
import { MAX_POLICY_CHARACTERS } from '../../../policy';
import { groupByUnit } from '../unit-tree';
import { accountsInWords, countsInWords, EVIDENCE_MODE_WORDS, number, timeInWords, STATUS_WORDS, statusInWords } from '../words';
import { html, type Html } from './html';

/** Good, bad or in doubt: the three looks of the page. */
const LOOKS: Record<Status, string> = { optedOut: 'good', notOptedOut: 'bad', unknown: 'doubt' };
const SIGNS: Record<string, string> = { good: '✓', bad: '✕', doubt: '?' };

/** More than these are found with the script, or in the JSON. */
const WITHOUT_SCRIPT = 1000;

/** The answer, who asked and when: everything for somebody who reads nothing else. */
export function header(verification: Verification, services: readonly string[] | undefined): Html {
  const { organization, status, askedBy, startedAt, finishedAt, evidence } = verification;
  // One account's answer must not look like the organization's.
  const look = organization.complete || status !== 'optedOut' ? LOOKS[status] : 'doubt';
  const asked = services?.length ? services.join(', ') : 'all AI services, future ones included';
  return html`<header><div class="wrap">
<h1>AI services opt-out: verification report</h1>
<div class="status ${look}"><span class="sign" aria-hidden="true">${SIGNS[look]}</span><div>
<p class="words">${statusInWords(verification)}</p>
<p class="sub">Asked about: ${asked}.</p></div></div>
<dl class="facts">
<div><dt>Organization</dt><dd>${organization.id}</dd></div>
<div><dt>Management account</dt><dd>${organization.managementAccountId}</dd></div>
<div><dt>Root</dt><dd>${organization.rootId || 'not visible from this account'}</dd></div>
<div><dt>Verified</dt><dd><time datetime="${finishedAt}">${timeInWords(finishedAt)}</time>, in ${duration(startedAt, finishedAt)}</dd></div>
<div class="wide"><dt>Asked by</dt><dd>${askedBy.arn}</dd></div>
<div class="wide"><dt>Evidence</dt><dd>${EVIDENCE_MODE_WORDS[evidence]}</dd></div>
</dl>
<nav aria-label="Sections"><ul>
<li><a href="#checklist">Checklist</a></li><li><a href="#findings">Findings</a></li><li><a href="#accounts">Accounts</a></li>
<li><a href="#policies">Policies</a></li><li><a href="#calls">Calls made</a></li><li><a href="#reading">How to read this</a></li>
</ul></nav>
</div></header>`;
}

export function totals({ summary }: Verification): Html {
  const { optedOut, notOptedOut, unknown } = summary;
  const tile = (count: number, words: string, look = '') => html`<li class="${count > 0 ? look : ''}"><b>${number(count)}</b>${words}</li>`;
  const tiles = [
    tile(summary.accounts, 'active accounts'),
    tile(notOptedOut, 'not opted out', 'bad'),
    tile(unknown, 'unknown', 'doubt'),
    tile(optedOut, 'opted out', 'good'),
    tile(summary.inactive, 'suspended or closed, not judged'),
  ];
  return html`<section class="plain" aria-label="Totals"><ul class="tiles">
${tiles}
</ul>${share([[notOptedOut, 'bad'], [unknown, 'doubt'], [optedOut, 'good']])}</section>`;
}

/** A bar of the three statuses. What it shows is in the tiles, so it is silent for screen readers. */
function share(parts: [number, string][]): Html | undefined {
  const total = parts.reduce((sum, [count]) => sum + count, 0);
  if (total === 0) return undefined;
  let x = 0;
  const rects = parts.filter(([count]) => count > 0).map(([count, look]) => {
    const width = Math.max((count / total) * 1000, 4);
    const rect = html`<rect class="${look}" x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="10"/>`;
    x += width;
    return rect;
  });
  return html`<svg class="share" viewBox="0 0 ${x.toFixed(1)} 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">${rects}</svg>`;
}

export function checklist(checks: readonly Check[]): Html {
  const mark = ({ passed }: Check) => {
    if (passed === undefined) return html`<span class="badge doubt">unknown</span>`;
    return passed ? html`<span class="badge good">yes</span>` : html`<span class="badge bad">no</span>`;
  };
  return html`<section id="checklist" aria-labelledby="checklist-title"><h2 id="checklist-title">Checklist</h2>
<table class="checks"><thead><tr><th scope="col">Answer</th><th scope="col">Question</th><th scope="col">Detail</th></tr></thead><tbody>
${checks.map((check) => html`<tr><td>${mark(check)}</td><th scope="row">${check.title}</th><td>${check.detail}</td></tr>\n`)}</tbody></table></section>`;
}

const SEVERITIES = { error: { look: 'bad', word: 'Error' }, warning: { look: 'doubt', word: 'Warning' }, info: { look: 'none', word: 'Note' } } as const;

export function findings(list: readonly Finding[]): Html {
  const order = ['error', 'warning', 'info'];
  const sorted = [...list].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const item = ({ severity, message, ids, computed, effective }: Finding) => html`<li class="${SEVERITIES[severity].look}">
<span class="badge ${SEVERITIES[severity].look}">${SEVERITIES[severity].word}</span> ${message}
${ids.length > 0 ? html`<p class="id">${ids.slice(0, 10).join(' · ')}${ids.length > 10 ? ` and ${number(ids.length - 10)} more` : ''}</p>` : undefined}
${computed || effective ? html`<div class="pair">${document('Computed', computed)}${document('AWS’s answer', effective)}</div>` : undefined}</li>\n`;
  return html`<section id="findings" aria-labelledby="findings-title"><h2 id="findings-title">Findings</h2>
${sorted.length === 0 ? html`<p class="soft">None.</p>` : html`<ul class="findings">${sorted.map(item)}</ul>`}</section>`;
}

function document(title: string, value: object | undefined): Html | undefined {
  return value && html`<div><h3>${title}</h3><pre tabindex="0" role="region" aria-label="${title}">${JSON.stringify(value, undefined, 2)}</pre></div>`;
}

/** The frame that the script fills, and what there is without it. */
export function accounts(verification: Verification): Html {
  const chips: [number, string][] = [[-1, 'All'], [0, 'Not opted out'], [1, 'Unknown'], [2, 'Opted out']];
  return html`<section id="accounts" aria-labelledby="accounts-title"><h2 id="accounts-title">Accounts</h2>
<div class="screen"><form id="tools" class="tools" role="search" aria-label="Accounts" hidden>
<div class="search"><label class="title" for="filter">Filter by name, account id, OU, reason</label>
<input type="search" id="filter" autocomplete="off" spellcheck="false" placeholder="for example: sandbox 1234"></div>
<fieldset><legend>Status</legend>${chips.map(([value, title]) => html`
<label class="chip"><input type="radio" name="status" value="${value}"${value < 0 ? html` checked` : undefined}><span>${title}</span></label>`)}</fieldset>
</form>
<div class="bar"><p id="accounts-status" role="status" aria-live="polite"></p><button type="button" id="expand" aria-pressed="false" hidden>Expand all OUs</button></div>
<div id="accounts-view"></div></div>
<div id="accounts-print" class="print"></div>
<noscript>${withoutScript(verification)}</noscript></section>`;
}

function withoutScript(verification: Verification): Html {
  const groups = groupByUnit(verification).filter((group) => group.accounts.length > 0);
  const problems = groups.flatMap((group) => group.accounts.filter(({ status }) => status !== 'optedOut').map((account) => ({ ...account, path: group.path })));
  return html`<p>The tree and the search need JavaScript, which runs in this page alone and talks to nobody. Without it: the counts of every OU, and the accounts with a problem.</p>
<table><thead><tr><th scope="col">OU</th><th scope="col">Accounts directly in it</th></tr></thead><tbody>
${groups.map((group) => html`<tr><th scope="row">${group.path}</th><td>${countsInWords(group.accounts)}</td></tr>\n`)}</tbody></table>
<h3>Accounts that are not opted out or whose status is unknown</h3>
${problems.length === 0 ? html`<p>None.</p>` : html`<table><thead><tr><th scope="col">Status</th><th scope="col">Account</th><th scope="col">OU</th><th scope="col">Why</th></tr></thead><tbody>
${problems.slice(0, WITHOUT_SCRIPT).map(({ status, id, name, path, reason }) => html`<tr><td>${STATUS_WORDS[status]}</td><th scope="row">${id} ${name}</th><td>${path}</td><td>${reason}</td></tr>\n`)}</tbody></table>
${problems.length > WITHOUT_SCRIPT ? html`<p>And ${number(problems.length - WITHOUT_SCRIPT)} more.</p>` : undefined}`}`;
}

export function policies({ policies: list, organization: { rootId }, units, accounts: all }: Verification): Html {
  const tree = new Tree({ rootId, units, accounts: all });
  const where = (id: string) => tree.label(id);
  const item = ({ id, name, targetIds, content, characters, lock }: PolicyFacts) => html`<details class="policy"><summary><b>${name}</b> <span class="id">${id}</span>
${targetIds.length === 0 ? html`<span class="badge doubt">attached nowhere</span>` : html`<span class="soft">on ${targetIds.length === 1 ? where(targetIds[0]) : `${number(targetIds.length)} targets`}</span>`}</summary>
<div class="body">${targetIds.length > 1 ? html`<p>Attached to ${targetIds.slice(0, 50).map(where).join(', ')}${targetIds.length > 50 ? ` and ${number(targetIds.length - 50)} more` : ''}.</p>` : undefined}
${lock ? html`<p>Locks: entries ${lockWord(lock.services)}, default ${lockWord(lock.default)}, values ${lockWord(lock.value)}.</p>` : undefined}
${characters === undefined ? undefined : html`<p>${number(characters)} of ${number(MAX_POLICY_CHARACTERS)} characters.</p>`}
${content === undefined ? html`<p>Its text could not be read.</p>` : html`<pre tabindex="0" role="region" aria-label="Text of ${name}">${pretty(content)}</pre>`}</div></details>\n`;
  return html`<section id="policies" aria-labelledby="policies-title"><h2 id="policies-title">Policies</h2>
${list.length === 0 ? html`<p class="soft">No AI services opt-out policy was found.</p>` : list.map(item)}</section>`;
}

function lockWord(locked: boolean): string {
  return locked ? 'locked' : 'open';
}

function pretty(content: string): string {
  try {
    return JSON.stringify(JSON.parse(content), undefined, 2);
  } catch {
    return content;
  }
}

export function calls({ calls: made }: Verification): Html {
  const total = Object.values(made).reduce((sum, count) => sum + count, 0);
  return html`<section id="calls" aria-labelledby="calls-title"><h2 id="calls-title">Calls made</h2>
<p class="soft">${number(total)} calls to AWS Organizations, all of them reading.</p>
<table class="calls"><thead><tr><th scope="col">Operation</th><th scope="col">Calls</th></tr></thead><tbody>
${Object.entries(made).sort(([a], [b]) => a.localeCompare(b, 'en')).map(([name, count]) => html`<tr><th scope="row">${name}</th><td>${number(count)}</td></tr>\n`)}</tbody></table></section>`;
}

export function reading({ summary }: Verification): Html {
  return html`<section id="reading" aria-labelledby="reading-title"><h2 id="reading-title">How to read this</h2>
<p><b>Opted out</b>: the effective policy of the account says optOut. <b>Not opted out</b>: it says optIn somewhere, or nothing at all, which is AWS’s default and means in.
<b>Unknown</b>: something could not be read, or AWS documents no rule for it. An unknown account is never counted as opted out.</p>
<p>${accountsInWords(summary.inactive)} suspended, closed or pending: listed, not judged.</p>
<p>This page is a record of one moment. It loads nothing and sends nothing. Amazon Monitron, Kiro and other products outside AWS’s list need settings of their own.</p></section>`;
}

function duration(startedAt: string, finishedAt: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
