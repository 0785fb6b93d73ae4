// The page comes from another site than Jobwire, as it does where a company has its pages on a CDN.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../web-demo/backend/src/ports.js';
import { paths } from '../../web-demo/backend/src/stack.js';
import { clean, launch, openPage } from './browser.js';
import { startStack } from './stack.js';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };

function site(port, config) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://x');
    if (pathname === '/config.json') return response.end(JSON.stringify(config()));
    const file = path.join(paths.page, pathname === '/' ? 'index.html' : pathname);
    const body = await readFile(file).catch(() => undefined);
    response.writeHead(body ? 200 : 404, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' }).end(body);
  });
  return new Promise((resolve) => { server.listen(port, '127.0.0.1', () => resolve(server)); });
}

let stack;
let browser;
let sites;
let friend;
let stranger;
beforeAll(async () => {
  [friend, stranger] = (await Promise.all([freePort(), freePort()])).map((port) => ({ port, url: `http://127.0.0.1:${port}` }));
  stack = await startStack({ pageOrigins: [friend.url] });
  const config = () => ({ jobwireUrl: stack.url, backendUrl: stack.backendUrl });
  sites = await Promise.all([site(friend.port, config), site(stranger.port, config)]);
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  for (const one of sites ?? []) one.close();
  await stack?.stop();
});

test('a page of a listed origin works like at home, by WebSocket and by polling', async () => {
  const { page, demo, problems, context } = await openPage(browser, friend.url);
  await demo.untilReady();
  await demo.sample('torn.pdf');
  await demo.until('torn.pdf', 'failed');
  await demo.flip('Block WebSocket');
  await demo.untilBadge('Live by polling');
  await demo.hand({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('A line from afar reaches the shore. '.repeat(50)) });
  await demo.until('note.txt', 'completed');
  await expect.poll(demo.toasts).toContainEqual(expect.stringContaining('note.txt is done'));
  expect(await demo.compared()).toEqual(clean);
  expect(problems).toEqual([]);
  await context.close();
});

test('a page of any other origin gets nothing', async () => {
  const { page, demo, context } = await openPage(browser, stranger.url);
  await page.getByRole('alert').waitFor();
  await page.waitForTimeout(1_500);
  expect(await demo.badge()).not.toContain('Live');
  expect(await page.locator('.card[data-job]').count()).toBe(0);
  await context.close();
});
