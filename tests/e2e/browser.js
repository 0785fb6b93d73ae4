// Chromium, and the page as a person sees it.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { build } from './stack.js';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) => existsSync(file));

const browsers = new Set();

export async function launch() {
  const browser = await chromium.launch({ executablePath: program, headless: true, args: FLAGS });
  browsers.add(browser.on('disconnected', () => browsers.delete(browser)));
  return browser;
}

const contexts = () => [...browsers].flatMap((browser) => browser.contexts());

/** What stands on every open page, a line each, with a picture in build/screenshots. For a test that failed. */
export async function lookAround(name) {
  const told = [];
  for (const page of contexts().flatMap((context) => context.pages())) {
    const picture = `failed-${name.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 60)}-${told.length}`;
    await screenshot(page, picture, { fullPage: true, timeout: 5_000 }).catch(() => {});
    const text = await page.locator('body').innerText({ timeout: 5_000 }).catch(String);
    told.push(`seen at ${page.url()} (${picture}.png): ${text.replaceAll(/\s*\n\s*/g, ' | ')}`);
  }
  return told;
}

export const closePages = () => Promise.all(contexts().map((context) => context.close()));

/** Opens the demo in a context of its own. `problems` gathers what the page itself reports as broken. */
export async function openPage(browser, url, { options = {}, context } = {}) {
  const own = context ?? (await browser.newContext({ viewport: { width: 1280, height: 960 }, reducedMotion: 'reduce', ...options }));
  const page = await own.newPage();
  page.setDefaultTimeout(100_000);
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    // A connection that is refused is what these tests are about; anything else is not.
    if (message.type() === 'error' && !/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|WebSocket|net::/.test(message.text())) problems.push(message.text());
  });
  await page.addInitScript(noteToasts);
  await page.goto(url);
  return { page, problems, context: own, demo: read(page) };
}

/** Runs in the page: what pops up is gone after a while, which a busy machine may take to look. */
function noteToasts() {
  const seen = (window.toastsSeen = new Map());
  new MutationObserver(() => {
    for (const toast of document.querySelectorAll('.toast')) if (!seen.has(toast)) seen.set(toast, toast.innerText);
  }).observe(document, { childList: true, subtree: true });
}

/** What there is to see and do, by name. */
function read(page) {
  const card = (name, status) => page.locator(`.card[data-job]${status ? `[data-status="${status}"]` : ''}`, { hasText: name }).first();
  const untilBadge = (text) => page.locator('[data-testid=connection]', { hasText: text }).waitFor();
  return {
    card,
    badge: () => page.getByTestId('connection').innerText(),
    /** Live, and the inbox is here: what is in it by then is old news, and does not pop up. */
    untilReady: async () => {
      await untilBadge('Live');
      await page.locator('.bell:not([data-pending])').waitFor();
    },
    untilBadge,
    sample: (name) => page.locator(`[data-sample="${name}"]`).click(),
    hand: (files) => page.locator('input[type=file]').setInputFiles(files),
    until: (name, status) => card(name, status).waitFor(),
    /** What came out; of a job that was watched to its end it is open already. */
    unfold: async (name) => {
      const folded = card(name, 'completed').locator('button[aria-controls$=result][aria-expanded=false]');
      if (await folded.count()) await folded.click();
    },
    progress: async (name) => Number(await card(name).getByRole('progressbar').getAttribute('aria-valuenow', { timeout: 2_000 }).catch(() => '-1')),
    flip: (name) => page.getByRole('switch', { name }).setChecked(true, { force: true }),
    flipBack: (name) => page.getByRole('switch', { name }).setChecked(false, { force: true }),
    /** Whatever has popped up since the page was opened, the first one first. */
    toasts: () => page.evaluate(() => [...window.toastsSeen.values()]),
    bell: () => page.getByRole('button', { name: /^Notifications/ }),
    untilUnread: (count) => page.getByRole('button', { name: count ? `Notifications, ${count} unread` : 'Notifications', exact: true }).waitFor(),
    /** Opens the inbox. */
    inbox: async () => {
      if ((await page.getByTestId('inbox').count()) === 0) await page.getByRole('button', { name: /^Notifications/ }).click();
      return page.getByTestId('inbox');
    },
    /** Asks the page to compare itself with the log, once what has ended lies far enough back to be judged. */
    async compared() {
      await page.waitForTimeout(5_500);
      const ledger = page.getByTestId('ledger');
      const before = await ledger.getAttribute('data-checked');
      await page.getByRole('button', { name: 'Compare now' }).click();
      await page.waitForFunction((old) => document.querySelector('[data-testid=ledger]').dataset.checked !== (old ?? undefined), before);
      return { score: (await ledger.innerText()).replace(/\s+/g, ' '), findings: await page.locator('.findings li').allInnerTexts() };
    },
  };
}

export async function screenshot(page, name, options = {}) {
  const folder = path.join(build, 'screenshots');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`), ...options });
}

export const clean = { score: '0 missed 0 doubled', findings: [] };
