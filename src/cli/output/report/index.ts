import { createHash } from 'node:crypto';
import { dataChunks } from './data';
import { html, Html } from './html';
import { SCRIPT } from './script';
import { accounts, calls, checklist, findings, header, policies, reading, totals } from './sections';
import { STYLES } from './styles';
import type { Verification } from '../../../organization/verification';

export interface ReportOptions {
  /** Of this package. */
  readonly version: string;
  /** The services that were asked about, where it was not everything. */
  readonly services?: readonly string[];
}

/**
 * One page that needs nothing else: to keep, to mail, to print.
 *
 * What a reader needs most is in the page as it is; the accounts come as data and become elements when somebody looks at them. The content
 * security policy forbids all that is not this page's own style and script, so that not even a mistake in escaping could load anything.
 */
export function* reportChunks(verification: Verification, { version, services }: ReportOptions): Generator<string> {
  const { organization, finishedAt } = verification;
  const policy = `default-src 'none'; style-src '${hashOf(STYLES)}'; script-src '${hashOf(SCRIPT)}'; img-src data:; base-uri 'none'; form-action 'none'`;
  yield html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>AI services opt-out: ${organization.id}, ${finishedAt.slice(0, 10)}</title>
<link rel="icon" href="data:,">
<style>${new Html(STYLES)}</style></head><body>
<a class="skip" href="#main">Skip to the checklist</a>
${header(verification, services)}
<main id="main" class="wrap">
${totals(verification)}
${checklist(verification.checklist)}
${findings(verification.findings)}
${accounts(verification)}
${policies(verification)}
${calls(verification)}
${reading(verification)}
</main>
<footer class="wrap">Made by ai-opt-out ${version} (cdk-ai-services-opt-out) on ${finishedAt}.</footer>
<script type="application/json" id="data">`.markup;
  yield* dataChunks(verification);
  yield `</script>\n<script>${SCRIPT}</script>\n</body></html>\n`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
