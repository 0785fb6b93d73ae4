// Everybody can use it: axe finds nothing to complain of, the keyboard gets everywhere, nothing is wider than the window.
// The pictures of it are kept in build/screenshots.
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, openPage, screenshot } from './browser.js';
import { startStack } from './stack.js';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let stack;
let browser;

/** Jobs in every state, made through the page by a person with a mouse. */
beforeAll(async () => {
  stack = await startStack({ serverArgs: ['--queue-stuck-after', '1s'] });
  browser = await launch();
  const { demo, context, page } = await openPage(browser, stack.url);
  await demo.untilBadge('Live');
  for (const sample of ['keepers-log.txt', 'atlas-of-curves.pdf', 'torn.pdf']) await demo.sample(sample);
  await demo.until('keepers-log.txt', 'completed');
  await demo.until('torn.pdf', 'failed');
  await page.getByRole('button', { name: 'Make a job to move' }).click();
  await demo.until('Moved from a terminal', 'queued');
  for (const sample of ['six-lights.mp4', 'six-lights.mp4', 'atlas-of-curves.pdf', 'atlas-of-curves.pdf']) {
    await demo.sample(sample);
    await page.waitForTimeout(300);
  }
  await page.locator('.card[data-status=active]').nth(1).waitFor();
  await context.close();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

async function complaints(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 140)).join(' | ')}`);
}
/** Facts that begin a line with their dot in sight, or that stand outside of their place. */
const dangling = (page) => page.evaluate(() => [...document.querySelectorAll('.facts')].flatMap((row) => {
  const place = row.getBoundingClientRect();
  return [...row.querySelectorAll('.fact')].filter((fact, at, all) => {
    const { left, top, right } = fact.getBoundingClientRect();
    const beginsLine = at === 0 || all[at - 1].getBoundingClientRect().top < top - 2;
    const dot = parseFloat(getComputedStyle(fact, '::before').width);
    return right > place.right + 1 || (beginsLine && Math.abs(left + dot - place.left) > 1);
  }).map((fact) => fact.textContent);
}));
const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const looks = [
  ['light', { colorScheme: 'light' }, '/'],
  ['dark', { colorScheme: 'dark' }, '/'],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true }, '/'],
  ['phone-dark', { colorScheme: 'dark', viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 }, '/'],
  ['admin', { colorScheme: 'dark' }, '/?as=admin'],
];
test.each(looks)('%s', async (name, options, route) => {
  const { page, demo, problems, context } = await openPage(browser, stack.url + route, { options });
  await demo.until('torn.pdf', 'failed');
  await page.waitForFunction(() => document.querySelector('[data-testid=ledger]').dataset.checked);
  if (name === 'admin') await page.locator('.metrics .recharts-area').waitFor();
  await screenshot(page, name);
  expect(await dangling(page)).toEqual([]);
  await demo.unfold('keepers-log.txt');
  await demo.unfold('atlas-of-curves.pdf');
  await page.locator('.themes .recharts-area').nth(3).waitFor();
  const picture = demo.card('atlas-of-curves.pdf', 'completed').locator('.strip img').first();
  await picture.scrollIntoViewIfNeeded();
  await expect.poll(() => picture.evaluate((image) => image.naturalWidth)).toBeGreaterThan(0);
  await screenshot(page, `${name}-result`);
  expect(await complaints(page)).toEqual([]);
  expect(await tooWide(page)).toBe(0);

  await page.evaluate(() => window.scrollTo(0, 0));
  const inbox = await demo.inbox();
  await inbox.getByText(name === 'admin' ? 'Queue by-hand is stuck' : 'torn.pdf has failed').waitFor();
  await screenshot(page, `${name}-inbox`);
  expect(await complaints(page)).toEqual([]);
  expect(await tooWide(page)).toBe(0);
  expect(problems).toEqual([]);
  await context.close();
});

test('the keyboard hands in a sample, cuts the socket, follows a notification and switches the persona', async () => {
  // Nothing waits in Bob's queue.
  const { page, demo, context } = await openPage(browser, `${stack.url}/?as=bob`);
  await demo.untilBadge('Live');
  await page.locator('[data-sample="torn.pdf"]').waitFor();
  await page.locator('.jobs .empty').waitFor();
  const focused = () => page.evaluate(() => (document.activeElement === document.body ? '' : document.activeElement.textContent.trim() || document.activeElement.getAttribute('value') || ''));
  const tabTo = async (text) => {
    for (let i = 0; i < 60; i += 1) {
      await page.keyboard.press('Tab');
      if ((await focused()).includes(text)) return;
    }
    throw new Error(`Tab does not get to ${text}`);
  };
  await tabTo('A torn PDF');
  await page.keyboard.press('Enter');
  await demo.until('torn.pdf');
  await tabTo('Cut the socket');
  await page.keyboard.press('Space');
  await page.getByText('cut 1×').waitFor();
  await demo.untilBadge('Live');
  await demo.until('torn.pdf', 'failed');
  await demo.untilUnread(1);
  await demo.bell().focus();
  await page.keyboard.press('Enter');
  await tabTo('Show the job');
  await page.keyboard.press('Enter');
  await page.locator('.card[data-job]:has(article:focus)').waitFor();
  expect(await page.getByTestId('inbox').count()).toBe(0);
  await page.getByRole('radio', { name: /Bob/ }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('heading', { name: 'All jobs' }).waitFor();
  expect(await page.getByRole('radio', { name: /Admin/ }).evaluate((radio) => radio === document.activeElement)).toBe(true);
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('heading', { name: 'Your jobs' }).waitFor();
  await demo.until('torn.pdf', 'failed');
  await context.close();
});
