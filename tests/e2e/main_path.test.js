// A file goes in at one end, and what becomes of it comes out at the other.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clean, launch, openPage } from './browser.js';
import { startStack } from './stack.js';

let stack;
let browser;
beforeAll(async () => {
  stack = await startStack();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  expect(await stack?.stop()).toBe('code 0');
});

test('a real PDF, page by page, to its pictures and charts', async () => {
  const { page, demo, problems, context } = await openPage(browser, stack.url);
  await demo.untilReady();
  await demo.sample('atlas-of-curves.pdf');
  await demo.until('atlas-of-curves.pdf', 'active');
  const seen = [];
  while (await demo.card('atlas-of-curves.pdf', 'active').count()) {
    const now = await demo.progress('atlas-of-curves.pdf');
    if (now >= 0 && now !== seen.at(-1)) seen.push(now);
    await page.waitForTimeout(60);
  }
  await demo.until('atlas-of-curves.pdf', 'completed');
  expect(seen.length).toBeGreaterThan(10);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));

  const card = demo.card('atlas-of-curves.pdf', 'completed');
  const stages = card.getByRole('list', { name: 'Stages' }).getByRole('listitem');
  expect(await stages.evaluateAll((all) => all.map((one) => one.firstChild.textContent.trim()))).toEqual(['start', 'inspect', 'pages', 'sum up']);
  await card.getByRole('button', { name: 'Look at page 3', exact: true }).click();
  await page.waitForFunction(() => document.querySelector('dialog[open] img')?.naturalWidth > 100);
  await page.keyboard.press('ArrowRight');
  expect(await page.locator('dialog[open] .light-box-bar span').innerText()).toBe('page 4 of 34');
  await page.keyboard.press('Escape');
  await card.locator('.recharts-bar-rectangle').nth(33).waitFor();
  await expect.poll(demo.toasts).toEqual([expect.stringContaining('atlas-of-curves.pdf is done')]);
  expect(await demo.compared()).toEqual(clean);

  await page.reload();
  await demo.until('atlas-of-curves.pdf', 'completed');
  await page.waitForTimeout(500);
  expect(await demo.toasts()).toEqual([]);
  expect(problems).toEqual([]);
  await context.close();
});

test('a text of its own, and a file that is nothing of the kind', async () => {
  const { page, demo, problems, context } = await openPage(browser, `${stack.url}/?as=bob`);
  await demo.untilBadge('Live');
  const text = Array.from({ length: 400 }, (_, n) => `The lamp was lit at dusk and the keeper wrote line ${n} of his log.`).join(' ');
  await demo.hand({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
  await demo.until('note.txt', 'completed');
  await demo.card('note.txt').getByText('The sentences that say most').waitFor();
  await demo.hand({ name: 'picture.pdf', mimeType: 'application/pdf', buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64') });
  await page.locator('.card.upload', { hasText: 'Only PDF, video and UTF-8 text are taken' }).waitFor();
  expect(problems.filter((one) => !/415/.test(one))).toEqual([]);
  await context.close();
});

test('a video is watched and made small, and what came out plays', async () => {
  const { page, demo, problems, context } = await openPage(browser, stack.url);
  await demo.untilBadge('Live');
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'jobwire-e2e-')), 'short.mp4');
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:r=24:d=4', '-c:v', 'libx264', '-preset', 'ultrafast', file]);
  await demo.hand(file);
  await demo.until('short.mp4', 'completed');
  await rm(path.dirname(file), { recursive: true });
  const seconds = await demo.card('short.mp4').locator('video').evaluate((video) => new Promise((resolve, reject) => {
    const tell = () => resolve(video.duration);
    if (video.readyState > 0) tell();
    video.onloadedmetadata = tell;
    video.onerror = () => reject(new Error(video.error?.message));
  }));
  expect(seconds).toBeCloseTo(4, 0);
  await expect.poll(() => demo.card('short.mp4').locator('.recharts-area').count()).toBe(2);
  expect(problems).toEqual([]);
  await context.close();
});

test('a torn PDF fails in words', async () => {
  const { demo, problems, context } = await openPage(browser, stack.url);
  await demo.untilReady();
  await demo.sample('torn.pdf');
  await demo.until('torn.pdf', 'failed');
  expect(await demo.card('torn.pdf', 'failed').innerText()).toMatch(/calls itself a PDF but cannot be read as one.*E_CORRUPT/s);
  await expect.poll(demo.toasts).toEqual([expect.stringContaining('torn.pdf has failed')]);
  expect(problems).toEqual([]);
  await context.close();
});

test('two tabs show the same job, and a cancel in one of them stops it in both', async () => {
  const { page, demo, context, problems } = await openPage(browser, stack.url);
  const other = await openPage(browser, stack.url, { context });
  await demo.sample('six-lights.mp4');
  await demo.until('six-lights.mp4', 'active');
  await demo.sample('keepers-log.txt');
  await Promise.all([demo.until('six-lights.mp4', 'active'), other.demo.until('six-lights.mp4', 'active')]);
  await Promise.all([demo.until('keepers-log.txt', 'queued'), other.demo.until('keepers-log.txt', 'queued')]);
  await demo.card('keepers-log.txt').getByText('next to be taken').waitFor();

  await other.page.getByRole('button', { name: 'Cancel keepers-log.txt' }).click();
  await Promise.all([demo.until('keepers-log.txt', 'cancelled'), other.demo.until('keepers-log.txt', 'cancelled')]);
  await demo.until('six-lights.mp4', 'active');
  await other.page.getByRole('button', { name: 'Cancel six-lights.mp4' }).click();
  await Promise.all([demo.until('six-lights.mp4', 'cancelled'), other.demo.until('six-lights.mp4', 'cancelled')]);
  expect(await demo.card('six-lights.mp4').getByRole('list', { name: 'Cancel' }).innerText()).toMatch(/asked to stop.*heard by the worker.*stopped/s);

  const shown = (from) => from.locator('.card[data-job]').evaluateAll((cards) => cards.map((card) => [card.dataset.job, card.dataset.status, card.querySelector('h3').textContent]));
  expect(await shown(page)).toEqual(await shown(other.page));
  expect(await demo.compared()).toEqual(clean);
  expect([...problems, ...other.problems]).toEqual([]);
  await context.close();
});

test("another's jobs are not shown; the admin sees them all, and the server's own figures", async () => {
  const bob = await openPage(browser, `${stack.url}/?as=bob`);
  await bob.demo.until('note.txt', 'completed');
  expect(await bob.page.getByText('torn.pdf', { exact: true }).count()).toBe(0);
  await bob.page.getByRole('radio', { name: /Admin/ }).check({ force: true });
  await bob.demo.until('torn.pdf', 'failed');
  await bob.demo.until('note.txt', 'completed');
  await bob.page.locator('.metrics dd', { hasText: 'MB' }).waitFor();
  expect(bob.problems).toEqual([]);
  await bob.context.close();
});

test('the curl line moves its card', async () => {
  const { page, demo, context, problems } = await openPage(browser, stack.url);
  await demo.untilBadge('Live');
  await page.getByRole('button', { name: 'Make a job to move' }).click();
  await demo.until('Moved from a terminal', 'queued');
  const run = async (step) => {
    await page.getByRole('group', { name: 'What to report' }).getByRole('button', { name: step }).click();
    const { stdout } = await promisify(execFile)('bash', ['-c', await page.getByTestId('curl').getAttribute('data-command')]);
    return JSON.parse(stdout).status;
  };
  expect(await run('Progress')).toBe('appended');
  await demo.card('Moved from a terminal', 'active').getByText('hello from a terminal').waitFor();
  expect(await demo.progress('Moved from a terminal')).toBe(40);
  expect(await run('Done')).toBe('appended');
  await demo.until('Moved from a terminal', 'completed');
  expect(problems).toEqual([]);
  await context.close();
});
