// What happens to the line must not happen to what is shown.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clean, launch, openPage, screenshot } from './browser.js';
import { startStack } from './stack.js';

let stack;
let browser;
beforeAll(async () => {
  stack = await startStack({ serverArgs: ['--heartbeat', '2s'] });
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
});

const PDF = 'atlas-of-curves.pdf';

test('the server is killed under the page and comes back', async () => {
  const { page, demo, problems, context } = await openPage(browser, stack.url);
  await demo.untilReady();
  const { jobs: before } = await stack.ask('/jobs');  // none, but at a second try
  await demo.sample(PDF);
  await demo.until(PDF, 'active');
  await page.waitForFunction(() => Number(document.querySelector('.card [role=progressbar]')?.getAttribute('aria-valuenow')) > 8);
  await stack.killServer();
  await demo.untilBadge('retrying in');
  await demo.untilBadge('last known');
  await screenshot(page, 'offline');
  expect(await demo.badge()).toMatch(/Offline|Connecting/);
  const frozen = await demo.progress(PDF);
  await page.waitForTimeout(1_500);
  expect(await demo.progress(PDF)).toBe(frozen);
  expect(await page.locator('.page').getAttribute('data-stale')).toBe('true');

  await stack.restartServer();
  await demo.untilBadge('Live');
  await demo.until(PDF, 'completed');
  await expect.poll(demo.toasts).toEqual([expect.stringContaining(`${PDF} is done`)]);
  expect(await demo.compared()).toEqual(clean);
  const { jobs } = await stack.ask('/jobs');
  expect(jobs.map((job) => job.status)).toEqual([...before.map(() => 'completed'), 'completed']);
  expect(problems).toEqual([]);
  await context.close();
});

test('WebSocket is blocked: polling takes over, and the socket comes back when it can', async () => {
  const { page, demo, problems, context } = await openPage(browser, stack.url);
  await demo.untilBadge('Live');
  await demo.sample(PDF);
  await demo.until(PDF, 'active');
  await demo.flip('Block WebSocket');
  await demo.untilBadge('Live by polling');
  const before = await demo.progress(PDF);
  await page.waitForFunction((from) => {
    const bar = document.querySelector('.card[data-status=active] [role=progressbar]');
    return !bar || Number(bar.getAttribute('aria-valuenow')) > from + 5;
  }, before);
  await demo.until(PDF, 'completed');
  await page.waitForFunction(() => !document.querySelector('.card[data-status=active]'));
  await demo.flipBack('Block WebSocket');
  await page.locator('[data-testid=connection][data-state=online]').waitFor({ timeout: 90_000 });
  await demo.untilBadge('Live');
  expect(await demo.compared()).toEqual(clean);
  expect(problems).toEqual([]);
  await context.close();
});

test('answers are held back, the socket is cut, the plug is pulled: nothing is missed, nothing twice', async () => {
  const { page, demo, problems, context } = await openPage(browser, stack.url);
  await demo.untilBadge('Live');
  await demo.hand(Array.from({ length: 3 }, (_, n) => ({ name: `note-${n}.txt`, mimeType: 'text/plain', buffer: Buffer.from(`A short note about number ${n}. `.repeat(2_000)) })));
  await demo.sample(PDF);
  await demo.until(PDF);
  await page.getByRole('button', { name: /Cut the socket/ }).click();
  await demo.untilBadge('Live');
  await demo.flip("Hold the server's answers");
  // Nothing fails on a half-open line: only the silence tells.
  await page.waitForFunction(() => document.querySelector('[data-testid=connection]').dataset.state !== 'online');
  await demo.flipBack("Hold the server's answers");
  await demo.untilBadge('Live');
  await demo.flip('Pull the plug');
  await demo.untilBadge('Offline');
  expect(await demo.badge()).toMatch(/last known/);
  await page.waitForTimeout(1_000);
  await demo.flipBack('Pull the plug');
  await demo.untilBadge('Live');
  await demo.until(PDF, 'completed');
  for (const n of [0, 1, 2]) await demo.until(`note-${n}.txt`, 'completed');
  await page.waitForFunction(() => !document.querySelector('.card[data-status=active], .card[data-status=queued]'));
  expect(await demo.compared()).toEqual(clean);
  expect(problems).toEqual([]);
  await context.close();
});

test('the back end is killed in mid-work: its job fails with that reason, and what waited is taken up', async () => {
  const { demo, problems, context } = await openPage(browser, stack.url);
  await demo.untilBadge('Live');
  await demo.sample('six-lights.mp4');
  await demo.until('six-lights.mp4', 'active');
  await demo.hand({ name: 'waits.txt', mimeType: 'text/plain', buffer: Buffer.from('The tide turns and the boats wait for it. '.repeat(220_000)) });
  await demo.until('waits.txt', 'queued');
  await stack.killBackend();
  await stack.restartBackend();
  await demo.until('six-lights.mp4', 'failed');
  expect(await demo.card('six-lights.mp4').innerText()).toContain('E_WORKER_RESTARTED');
  await demo.until('waits.txt', 'completed');
  expect(await demo.compared()).toEqual(clean);
  expect(problems).toEqual([]);
  await context.close();
});
