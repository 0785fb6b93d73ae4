// Restarts that are not a crash on a durable store: pages go on by themselves all the same.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launch } from '../../e2e/browser.js';
import { ownFronts } from './fronts.js';
import { Server } from './server.js';
import { openSite } from './site.js';
import { Tab } from './tab.js';

let browser;
let site;
let server;
beforeAll(async () => { [browser, site] = await Promise.all([launch(), openSite(ownFronts)]); });
afterAll(async () => {
  await browser?.close();
  site?.close();
});
afterEach(() => server.end());

const front = (kind) => ownFronts.find((each) => each.kind === kind);
const open = (kind, query = {}) => Tab.open({ browser, site, server, front: front(kind), query });
const progress = (kind, percent) => server.publish({ type: 'progress', jobId: front(kind).job, progress: percent, message: `at ${percent}`, job: { type: 'report', userId: 'alice' } });
const sees = (tab, percent) => tab.shows(tab.front.expected.progress(percent, `at ${percent}`));

test.each(['polling', 'websocket', 'polling,websocket'])('stopped as an operator stops it, and started again: %s', async (transports) => {
  server = await Server.start({ env: { ALLOWED_ORIGINS: site.url } });
  const tabs = await Promise.all(['queue client', 'documents'].map((kind) => open(kind, { transports })));
  await Promise.all(tabs.map((tab) => tab.hears('connect')));
  await progress('queue client', 40);
  await Promise.all(tabs.map((tab) => sees(tab, 40)));
  expect(await server.stop()).toEqual([0, null]);
  await server.elsewhere(() => progress('queue client', 60));
  await server.begin();
  await Promise.all(tabs.map((tab) => tab.hears('connect', { recovered: true })));
  await Promise.all(tabs.map((tab) => sees(tab, 60)));
  await progress('queue client', 80);
  await Promise.all(tabs.map((tab) => sees(tab, 80)));
  await Promise.all(tabs.map((tab) => tab.close()));
});

test.each(['polling', 'websocket'])('too many at once: who is turned away comes back by itself, %s', async (transports) => {
  server = await Server.start({ args: ['--limit-connects', 'user:1/4s'], env: { ALLOWED_ORIGINS: site.url } });
  await progress('queue client', 40);
  const first = await open('queue client', { transports });
  await sees(first, 40);
  const second = await open('queue client', { transports });
  await sees(second, 40);
  await Promise.all([first, second].map((tab) => tab.close()));
});
