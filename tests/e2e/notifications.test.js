// What is told of a job stays told: in every tab, over a restart, to its owner and to nobody else.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, openPage } from './browser.js';
import { startStack } from './stack.js';

let stack;
let browser;
beforeAll(async () => {
  stack = await startStack({ serverArgs: ['--queue-stuck-after', '1s'] });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const TEXT = 'keepers-log.txt';

test('a sample is done: each tab says so once; read in one it is read in the other, and after a restart', async () => {
  const { page, demo, problems, context } = await openPage(browser, stack.url);
  const other = await openPage(browser, stack.url, { context });
  for (const tab of [demo, other.demo]) await tab.untilReady();
  await demo.untilUnread(0);
  await demo.sample(TEXT);
  await demo.until(TEXT, 'completed');
  for (const tab of [demo, other.demo]) await tab.untilUnread(1);
  for (const tab of [demo, other.demo]) await expect.poll(tab.toasts).toEqual([expect.stringContaining(`${TEXT} is done`)]);
  expect(await page.title()).toBe('(1) Jobwire');

  const entry = (await demo.inbox()).getByRole('listitem').filter({ hasText: `${TEXT} is done` });
  expect(await entry.innerText()).toMatch(/[\d,]+ words in [\d,]+ sentences/);
  expect(await page.locator('.toast').count()).toBe(0);
  await entry.getByRole('link', { name: 'Show the job' }).click();
  await page.locator('.card:has(article:focus)', { hasText: TEXT }).waitFor();
  for (const tab of [demo, other.demo]) await tab.untilUnread(0);
  await other.page.locator('.toast').waitFor({ state: 'detached' });

  await stack.killServer();
  await demo.untilBadge('last known');
  await stack.restartServer();
  for (const tab of [demo, other.demo]) await tab.untilBadge('Live');
  await page.reload();
  for (const tab of [demo, other.demo]) {
    const inbox = await tab.inbox();
    await inbox.getByText(`${TEXT} is done`).waitFor();
    expect(await inbox.getByRole('listitem').count()).toBe(1);
    expect(await inbox.locator('[data-unread]').count()).toBe(0);
    await tab.untilUnread(0);
  }
  expect([...problems, ...other.problems]).toEqual([]);
  await context.close();
});

test('what ended while nobody looked is there for who comes back, and read all at once', async () => {
  const first = await openPage(browser, stack.url);
  await first.demo.untilBadge('Live');
  await first.demo.sample('torn.pdf');
  await first.demo.hand({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('A line that is long enough to count. '.repeat(50)) });
  await first.demo.until('torn.pdf');
  await first.demo.until('note.txt');
  await first.context.close();

  const { demo, problems, context, page } = await openPage(browser, stack.url);
  await demo.untilUnread(2);
  await demo.until('torn.pdf', 'failed');
  const inbox = await demo.inbox();
  expect(await inbox.locator('.entry[data-type=error]').innerText()).toContain('torn.pdf has failed');
  expect(await inbox.getByRole('listitem').count()).toBe(3);
  await inbox.getByRole('button', { name: 'Mark all read' }).click();
  await demo.untilUnread(0);
  await page.keyboard.press('Escape');
  expect(await demo.bell().evaluate((button) => button === document.activeElement)).toBe(true);
  expect(problems).toEqual([]);
  await context.close();
});

test('an inbox is its owner\'s: another persona has another one, and the admin the system\'s', async () => {
  const { page, demo, problems, context } = await openPage(browser, `${stack.url}/?as=bob`);
  await demo.untilBadge('Live');
  await (await demo.inbox()).getByText('When one of your jobs ends it is told here').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Make a job to move' }).click();
  await demo.until('Moved from a terminal', 'queued');
  await page.getByRole('radio', { name: /Admin/ }).check({ force: true });
  const inbox = await demo.inbox();
  await inbox.getByText('Queue by-hand is stuck').waitFor();
  // On a busy machine another queue may be slow enough as well.
  for (const entry of await inbox.getByRole('listitem').allInnerTexts()) expect(entry).toMatch(/Queue [a-z-]+ is stuck/);
  await page.keyboard.press('Escape');
  await page.getByRole('radio', { name: /Alice/ }).check({ force: true });
  await (await demo.inbox()).getByText(`${TEXT} is done`).waitFor();
  expect(problems).toEqual([]);
  await context.close();
});
