// Not only a crash on a durable store: over whatever else ends a connection pages go on by themselves all the same.
import { expect, test } from 'vitest';
import { ownFronts } from './fronts.js';
import { opened } from './opened.js';
import { token, withServer } from './server.js';
import { Tab } from './tab.js';

const pages = opened(ownFronts);

const front = (kind) => ownFronts.find((each) => each.kind === kind);
const stage = (options, use) => withServer({ env: { ALLOWED_ORIGINS: pages.site.url }, ...options }, (server) => use({
  server,
  open: (kind, query = {}) => Tab.open({ ...pages, server, front: front(kind), query }),
  progress: (jobId, percent) => server.publish({ type: 'progress', jobId, progress: percent, message: `at ${percent}`, job: { type: 'report', userId: 'alice' } }),
}));
const sees = (tab, percent) => tab.shows(tab.front.expected.progress(percent, `at ${percent}`));
const all = (tabs, ask) => Promise.all(tabs.map(ask));

test.concurrent.each(['polling', 'websocket', 'polling,websocket'])('stopped as an operator stops it, and started again: %s', (transports) => stage({}, async ({ server, open, progress }) => {
  const tabs = await all(['queue client', 'documents'], (kind) => open(kind, { transports }));
  await all(tabs, (tab) => tab.hears('connect'));
  await progress('job-1', 40);
  await all(tabs, (tab) => sees(tab, 40));
  expect(await server.stop()).toEqual([0, null]);
  await server.elsewhere(() => progress('job-1', 60));
  await server.begin();
  await all(tabs, (tab) => tab.hears('connect', { recovered: true }));
  await all(tabs, (tab) => sees(tab, 60));
  await progress('job-1', 80);
  await all(tabs, (tab) => sees(tab, 80));
  await all(tabs, (tab) => tab.close());
}));

test.concurrent('killed with all that it knew: who joins by itself, or subscribes on every connect, goes on', () => stage({ args: ['--store', 'memory'] }, async ({ server, open, progress }) => {
  const alice = { token: token({ sub: 'alice' }) };
  const tabs = await all(['queue client', 'documents', 'file progress'], (kind) => open(kind, alice));
  await all(tabs, (tab) => tab.hears('connect', { recovered: false }));
  for (const { front: { job } } of [tabs[0], tabs[2]]) await progress(job, 40);
  await tabs[2].shows({ percent: 40 });
  await server.kill();
  await all(tabs, (tab) => tab.hears('disconnect'));
  await server.begin();
  await all(tabs, async (tab) => {
    await tab.hears('connect', { recovered: false });
    if (tab.front.ready) await tab.hears(tab.front.ready);
  });
  await progress(tabs[2].front.job, 60);
  await sees(tabs[2], 60);
  await progress(tabs[0].front.job, 70);
  await all(tabs.slice(0, 2), (tab) => sees(tab, 70));
  await all(tabs, (tab) => tab.close());
}));

test.concurrent.each(['polling', 'websocket'])('too many at once: who is turned away comes back by itself, %s', (transports) => stage({ args: ['--limit-connects', 'user:1/4s'] }, async ({ open, progress }) => {
  await progress('job-1', 40);
  for (const tab of [await open('queue client', { transports }), await open('queue client', { transports })]) {
    await sees(tab, 40);
    await tab.close();
  }
}));
