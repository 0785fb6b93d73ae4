// The PDF system's parts: what the queues, the jobs, the notifications and, for admins, the server look like.
import { describe, expect, test } from 'vitest';
import { atHand, block } from './blocks.js';
import { ownFronts } from './fronts.js';
import { opened } from './opened.js';
import { token, withServer } from './server.js';
import { Tab, until } from './tab.js';

const documents = ownFronts.find((each) => each.kind === 'documents');
// The block that subscribes for admins stands alone; what it takes for granted is around it, what it shows is its metrics.
const found = () => ({
  ...documents, name: 'admin-found',
  code: [
    "import { useEffect } from 'react';", "import { said, show } from './page';", "import { useWebSocketStore } from '../stores/useWebSocketStore';",
    'function Connected() { const { connect } = useWebSocketStore(); useEffect(() => connect(said("token")), []); return null; }',
    'function Dashboard() {', '  const { unsubscribeFromAdminEvents } = useWebSocketStore();', block('subscribeToAdminEvents();', 'systemMetrics'),
    '  return systemMetrics ? <dl id="admin"><dd>{systemMetrics.performance.totalJobsProcessed} processed</dd></dl> : null;', '}',
    'show(<main><Connected /><Dashboard /></main>);',
  ].join('\n'),
});
const fronts = [documents, ...(atHand ? [found()] : [])];

const pages = opened(fronts);

const stage = (use) => withServer({ args: ['--dialect', 'pdf'], env: { ALLOWED_ORIGINS: pages.site.url } }, (server) => use({
  server,
  open: (claims, front = documents) => Tab.open({ ...pages, server, front, query: { token: token(claims), admin: 'yes' } }),
}));
const alice = { sub: 'alice' };
const admin = { sub: 'root', role: 'admin' };
const queued = (jobId, queue, userId = 'alice') => ({ type: 'queued', jobId, job: { type: 'pdf', queue, userId } });
const text = (tab, selector) => tab.page.evaluate((wanted) => document.querySelector(wanted)?.innerText.replaceAll(/\s+/g, ' ').trim(), selector);
const reads = (tab, selector, pattern) => until(() => text(tab, selector), (seen) => expect(seen).toMatch(pattern));

describe('the queues', () => {
  test.concurrent('are shown to everybody, at once and as they change, whoever the jobs belong to', () => stage(async ({ server, open }) => {
    const tab = await open(alice);
    await reads(tab, '#queues', /^0 of 0 workers at work premium 0 waiting 0 active 0\.00 min normal 0 waiting 0 active 0\.00 min large 0 waiting 0 active 0\.00 min$/);
    await server.publish(queued('a', 'normal'), queued('b', 'normal', 'bob'), queued('c', 'premium', 'bob'), { type: 'started', jobId: 'b', workerId: 'w1' });
    await reads(tab, '#queues', /^1 of 1 workers at work premium 1 waiting 0 active [\d.]+ min normal 1 waiting 1 active [\d.]+ min large 0 waiting 0 active 0\.00 min$/);
    await server.publish({ type: 'completed', jobId: 'b' }, queued('d', 'night'));
    await reads(tab, '#queues', /normal 1 waiting 0 active .* night 1 waiting 0 active/);
    expect(await text(tab, '#jobs')).not.toMatch(/bob/);
    await tab.close();
  }));
});

describe('jobs and notifications', () => {
  test.concurrent('come as they happen; what had ended before the page was opened is not announced to it', () => stage(async ({ server, open }) => {
    await server.publish(queued('old', 'normal'), { type: 'completed', jobId: 'old' }, queued('at-work', 'normal'), { type: 'progress', jobId: 'at-work', progress: 40, stage: 'pages' });
    const tab = await open(alice);
    const jobs = () => tab.page.evaluate(() => [...document.querySelectorAll('#jobs li')].map((job) => [job.dataset.job, job.dataset.status, job.querySelector('progress').value, job.innerText.trim()]));
    const shows = (...wanted) => until(jobs, (seen) => expect(seen).toEqual(wanted));
    await shows(['at-work', 'progress', 40, 'pages']);
    await server.publish({ type: 'completed', jobId: 'at-work', result: { pages: 24 } }, queued('next', 'normal'), { type: 'failed', jobId: 'next', error: 'no such page' });
    await shows(['at-work', 'completed', 100, ''], ['next', 'failed', 0, 'no such page']);
    expect(await text(tab, '#notifications')).toBe('at-work completed next failed');
    await tab.close();
  }));
});

describe('the server', () => {
  test.concurrent.each(fronts.map((front) => [front.name, front]))('is shown to an admin, and goes on being told: %s', (_, front) => stage(async ({ server, open }) => {
    const tab = await open(admin, front);
    await reads(tab, '#admin', /0 processed/);
    await server.publish(queued('a', 'normal'), { type: 'started', jobId: 'a', workerId: 'w1' }, queued('b', 'normal'), { type: 'failed', jobId: 'b', error: 'no' });
    await reads(tab, '#admin', front === documents ? /^Memory \d+ MB Jobs 1 processed, 100 % failed Workers w1 active$/ : /^1 processed$/);
    await tab.close();
  }));

  test.concurrent('is not shown to anybody else, who is told so and stays', () => stage(async ({ server, open }) => {
    const tab = await open(alice);
    await reads(tab, '#admin', /this is for admins/);
    await server.publish(queued('a', 'normal'));
    await reads(tab, '#queues', /normal 1 waiting/);
    expect(await tab.heard('system-metrics', 'auth-error', 'disconnect')).toEqual([]);
    await tab.close();
  }));

  test.concurrent('is shown again, unasked, after it was killed', () => stage(async ({ server, open }) => {
    const tab = await open(admin);
    await reads(tab, '#admin', /0 processed/);
    await server.kill();
    await reads(tab, '#connection', /Disconnected/);
    await server.elsewhere(() => server.publish(queued('a', 'normal'), { type: 'completed', jobId: 'a' }));
    await server.begin();
    await reads(tab, '#connection', /Connected/);
    await reads(tab, '#admin', /1 processed/);
    await tab.close();
  }));
});
