import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { HOSTILE_NAME, verification } from './fixtures';
import { reportChunks } from '../../src/cli/output/report';
import type { Verification } from '../../src/organization';

/*
 * The report in a real browser: `npx jest -c test/cli/browser.jest.config.json`.
 *
 * Not among the default tests, because it needs Chromium: Debian's `apt-get install chromium`, or any other one named in CHROMIUM.
 */

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const directory = mkdtempSync(join(tmpdir(), 'ai-opt-out-browser-'));
let browser: BrowserContext | undefined;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) throw new Error(`there is no ${CHROMIUM}: install chromium, or name one in CHROMIUM`);
  browser = await chromium.launchPersistentContext(join(directory, 'profile'), { executablePath: CHROMIUM, headless: true, args: FLAGS });
});
afterAll(async () => {
  await browser?.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  complaints = [];
  page = await browser!.newPage();
  // Only the limit of jest ends a test that hangs.
  page.setDefaultTimeout(0);
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => { if (!/^(file|data):/.test(request.url())) complaints.push(`asked for ${request.url()}`); });
});
afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

async function open(result: Verification): Promise<void> {
  const file = join(directory, 'report.html');
  writeFileSync(file, [...reportChunks(result, { version: '1.2.3' })].join(''));
  await page.goto(pathToFileURL(file).href);
}

/** What axe finds, in the words a developer needs. Runs in a world of its own, where the page's own policy does not bind it. */
async function accessibilityViolations(): Promise<string[]> {
  const session = await browser!.newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
  await session.send('Runtime.evaluate', { contextId, expression: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8') });
  const { result } = await session.send('Runtime.evaluate', {
    contextId,
    awaitPromise: true,
    returnByValue: true,
    expression: `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, help, nodes }) => (
      id + ': ' + help + ' at ' + nodes.slice(0, 3).map(({ target }) => target.join(' ')).join(', '))))`,
  });
  await session.detach();
  if (!Array.isArray(result.value)) throw new Error(`axe did not run: ${result.description}`);
  return result.value;
}

const status = async () => page.locator('#accounts-status').textContent();
const rows = () => page.locator('#accounts-view details.account');

/** Types into the filter and waits until the page shows the result: it writes the status, which is emptied before. */
async function search(words: string): Promise<void> {
  await page.evaluate(() => { (globalThis as any).document.getElementById('accounts-status').textContent = ''; });
  await page.fill('#filter', words);
  await page.waitForFunction(() => /match/.test((globalThis as any).document.getElementById('accounts-status').textContent));
}

describe.each([3, 10_000])('with %i accounts', (accounts) => {
  const problems = accounts > 3 ? 40 : 1;
  const result = verification({ accounts, notOptedOut: problems, unknown: 1, inactive: 1 });

  test.each(['light', 'dark'] as const)('nothing for axe to complain about in %s colours, also with everything open', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await open(result);
    expect(await accessibilityViolations()).toEqual([]);

    await rows().first().locator('summary').click();
    await page.locator('details.policy > summary').first().click();
    expect(await accessibilityViolations()).toEqual([]);

    await search('workload');
    expect(await accessibilityViolations()).toEqual([]);
  });

  test('searches', async () => {
    await open(result);
    await search('production workload 2');
    expect(await status()).toMatch(accounts > 3 ? /^[\d,]+ of 10,001 accounts match$/ : /^1 of 4 accounts match$/);
    expect(await rows().count()).toBeLessThanOrEqual(100);
    expect(await rows().first().locator('.path').textContent()).toContain('Production');

    await search('workload 2');
    expect(await rows().first().locator('.name').textContent()).toContain('Workload 2');

    await search('no such thing');
    expect(await status()).toBe('No account matches');

    await page.fill('#filter', '');
    await page.waitForSelector('#accounts-view > details.unit');
    expect(await status()).toBe(accounts > 3 ? '10,001 accounts' : '4 accounts');
  });

  test('filters by status with the keyboard', async () => {
    await open(result);
    await page.focus('#filter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');

    expect(await status()).toBe(`${problems} of ${accounts > 3 ? '10,001' : '4'} accounts match`);
    expect(await rows().first().locator('.reason').textContent()).toBe('lex is optIn by LetThemLearn on Workloads');
  });

  test('expands an OU and an account in it, and what is open stays open', async () => {
    await open(result);
    const unit = page.locator('details.unit').filter({ has: page.locator(':scope > summary', { hasText: 'Workloads' }) }).last();
    if (await unit.evaluate((element: any) => element.open)) await unit.locator(':scope > summary').click();
    await unit.locator(':scope > summary').click();
    const account = unit.locator(':scope > .body details.account').first();
    await account.locator('summary').focus();
    await page.keyboard.press('Enter');
    await account.locator('.body').waitFor();

    await search('management');
    await rows().first().locator('summary').click();
    await rows().first().locator('.body').waitFor();
    expect(await rows().first().locator('.body').textContent()).toContain('What decided it');
  });

  test('prints every account and every policy', async () => {
    await open(result);
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => (globalThis as any).dispatchEvent(new Event('beforeprint')));

    expect(await page.locator('#accounts-print tbody tr').count()).toBe(accounts + 1);
    expect(await page.locator('details.policy:not([open])').count()).toBe(0);
    expect(await page.locator('#tools').isVisible()).toBe(false);

    await page.evaluate(() => (globalThis as any).dispatchEvent(new Event('afterprint')));
    expect(await page.locator('#accounts-print tbody tr').count()).toBe(0);
    expect(await page.locator('details.policy[open]').count()).toBe(0);
    await page.emulateMedia({ media: null });
    expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
  });
});

test('10,000 accounts are shown with few elements', async () => {
  await open(verification({ accounts: 10_000 }));
  await page.waitForSelector('#accounts-view > details.unit');

  expect(await page.locator('*').count()).toBeLessThan(5000);
});

test('a long OU comes by the page, and the focus goes where reading goes on', async () => {
  await open(verification({ accounts: 10_000 }));
  await search('security');
  await page.getByRole('button', { name: /^Show 100 more of / }).click();

  expect(await rows().count()).toBe(200);
  expect(await page.evaluate(() => (globalThis as any).document.activeElement.querySelector('.name').textContent)).toBe(await rows().nth(100).locator('.name').textContent());
});

test('hostile names are shown and do nothing', async () => {
  const hostile = verification({ accounts: 3, notOptedOut: 1 });
  await open({ ...hostile, accounts: hostile.accounts.map((account) => ({ ...account, name: HOSTILE_NAME })) });

  expect(await page.locator('#accounts-view .name').first().textContent()).toBe(HOSTILE_NAME);
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.title()).toContain('o-exampleorg1');
});

test('on a narrow screen nothing sticks out', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(verification({ accounts: 3, notOptedOut: 1, unknown: 1 }));

  expect(await page.evaluate(() => (globalThis as any).document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});
