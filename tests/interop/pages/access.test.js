// Who gets in, and from where: with a real secret, as in production.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fronts, ownFronts } from './fronts.js';
import { opened } from './opened.js';
import { secret, token, withServer } from './server.js';
import { openSite } from './site.js';
import { Tab, until } from './tab.js';

const pages = opened(fronts);
let stranger;
beforeAll(async () => { stranger = await openSite(fronts); });
afterAll(() => stranger?.close());

const front = (kind) => ownFronts.find((each) => each.kind === kind);
/** A server that knows the pages' site, and `open`, which opens a page of it. */
const production = (options, use) => withServer({ env: { ALLOWED_ORIGINS: pages.site.url }, ...options }, (server) => use({
  server, open: (kind, query = {}, from = pages.site) => Tab.open({ ...pages, site: from, server, front: front(kind), query }),
}));
const job = (jobId, userId) => ({ type: 'started', jobId, job: { type: 'report', userId } });
const bad = {
  'no token': () => '',
  'a token of another secret': () => token({ sub: 'alice' }, { key: 'another secret, of somebody else altogether' }),
  'an expired token': () => token({ sub: 'alice' }, { expiresIn: -60 }),
  'no token at all but words': () => 'yourJwtToken',
};

test.concurrent.each(Object.entries(bad))('%s is a connect_error that says why; on / auth-error, and the end of the connection', (_, given) => production({}, async ({ open }) => {
  const tabs = await Promise.all(['job monitor', 'queue client', 'file progress', 'documents'].map((kind) => open(kind, { token: given() })));
  const documents = tabs.pop();
  for (const tab of tabs) {
    await tab.hears('connect_error', { message: expect.stringMatching(/token/), data: { code: 'unauthenticated' } });
    expect(await tab.heard('connect')).toEqual([]);
  }
  await documents.hears('auth-error', { code: 'unauthenticated', message: expect.stringMatching(/token/) });
  await documents.hears('disconnect', 'io server disconnect');
  await until(() => documents.page.textContent('#connection'), (text) => expect(text).toMatch(/^Status: .*token/));
  await Promise.all([...tabs, documents].map((tab) => tab.close()));
}));

describe('a token', () => {
  test.concurrent('names its user as sub, id, _id or userId', () => production({}, async ({ server, open }) => {
    const tabs = await Promise.all(['sub', 'id', '_id', 'userId'].map((claim) => open('queue client', { token: token({ [claim]: 'alice' }) })));
    await Promise.all(tabs.map((tab) => tab.hears('connect')));
    await server.publish(job('job-1', 'alice'));
    await Promise.all(tabs.map((tab) => tab.shows({ stage: 'Job processing started' })));
    await Promise.all(tabs.map((tab) => tab.close()));
  }));

  test.concurrent("of one user shows nothing of another's jobs, in no vocabulary", () => production({}, async ({ server, open }) => {
    const tabs = await Promise.all(['job monitor', 'file progress', 'queue client', 'analysis notices', 'documents'].map((kind) => open(kind, { token: token({ sub: 'bob' }) })));
    await Promise.all(tabs.map((tab) => tab.hears('connect')));
    for (const jobId of ['job-1', 'video-uuid-123']) await server.publish(job(jobId, 'alice'), { type: 'completed', jobId, result: { secret: true } });
    // What comes after shows that nothing came before.
    await server.publish(job('of-bob', 'bob'));
    const hears = ['queue-update', 'analysis:started', 'job-started'];
    await Promise.all(tabs.slice(2).map((tab, index) => tab.hears(hears[index], { jobId: 'of-bob' })));
    const asks = [['unsubscribe:jobs', { jobId: 'of-bob' }], ['unsubscribe:file', { fileId: 'of-bob' }]];
    for (const [index, ask] of asks.entries()) {
      expect(await tabs[index].page.evaluate((said) => window.sockets[0].emitWithAck(...said), ask)).toMatchObject({ success: true });
    }
    for (const tab of tabs) expect(JSON.stringify(await tab.heard())).not.toMatch(/alice|secret|job-1|"(job|processing):/);
    await Promise.all(tabs.map((tab) => tab.close()));
  }));

  test.concurrent('that expires under the page is told by auth-error; with a fresh one the page goes on', () => production({ args: ['--expiry-grace', '30s'] }, async ({ server, open }) => {
    const fresh = token({ sub: 'alice' });
    const tab = await Tab.open({
      ...pages, server, query: { token: token({ sub: 'alice' }, { expiresIn: 10 }) },
      front: { ...front('documents'), job: fresh, before: (given) => { window.freshToken = async () => given; } },
    });
    await tab.hears('connect');
    await tab.hears('auth-error', { code: 'unauthenticated', message: expect.any(String) });
    await until(() => tab.heard('connect'), (heard) => expect(heard.length).toBe(2));
    await server.publish(job('job-1', 'alice'));
    await tab.shows({ line: 'Status: Connected', status: 'started' });
    await tab.close();
  }));

  test.concurrent('that expires and is not replaced ends the connection after its grace', () => production({ args: ['--expiry-grace', '500ms'] }, async ({ open }) => {
    const tab = await open('queue client', { token: token({ sub: 'alice' }, { expiresIn: 10 }) });
    await tab.hears('connect');
    await tab.hears('auth-error', { code: 'unauthenticated' });
    await tab.hears('disconnect', 'io server disconnect');
    await tab.close();
  }));

  test.concurrent('of one user is the same in every tab', () => production({}, async ({ server, open }) => {
    const tabs = await Promise.all([open('queue client'), open('queue client', { transports: 'polling' }), open('documents')]);
    await Promise.all(tabs.map((tab) => tab.hears('connect')));
    await server.publish({ type: 'progress', jobId: 'job-1', progress: 40, stage: 'pages', job: { type: 'report', userId: 'alice' } });
    await Promise.all(tabs.slice(0, 2).map((tab) => tab.shows({ stage: 'pages', percent: '40' })));
    await tabs[2].shows({ status: 'progress', percent: 40, text: 'pages' });
    await Promise.all(tabs.map((tab) => tab.close()));
  }));
});

test.concurrent('without a token, who knows an unguessable id may follow it, where the operator says so', () => production({ args: ['--anonymous'] }, async ({ server, open }) => {
  const id = '5f0c1b52-6f1e-4f0b-9c53-1d8f3f0e7a41';
  const tab = await open('job monitor', { job: id });
  await tab.hears('connect');
  await server.publish({ type: 'progress', jobId: id, progress: 40, job: { type: 'report', userId: 'alice' } });
  await tab.shows({ status: 'started', percent: 40 });
  await tab.close();
}));

describe('a page of another origin', () => {
  const alice = () => ({ token: token({ sub: 'alice' }) });

  test.concurrent.each([['CORS_ORIGIN'], ['ALLOWED_ORIGINS'], ['WEBSOCKET_CORS_ORIGIN']])('is let in where %s lists it, with credentials, by either transport', (variable) => production({
    args: ['--allow-credentials'], env: { [variable]: `https://app.example,${pages.site.url}`, ACCESS_TOKEN_SECRET: secret },
  }, async ({ server, open }) => {
    await server.publish(job('job-1', 'alice'));
    for (const transports of ['polling', 'websocket']) {
      const tab = await open('job monitor', { ...alice(), transports, cookies: 'yes' });
      await tab.shows({ status: 'started' });
      await tab.close();
    }
  }));

  test.concurrent.each(['polling', 'websocket'])('gets nothing where it is not listed, by %s', (transports) => production({}, async ({ server, open }) => {
    await server.publish(job('job-1', 'alice'));
    const tab = await open('job monitor', { ...alice(), transports }, stranger);
    await tab.hears('connect_error');
    expect(await tab.heard('connect')).toEqual([]);
    await tab.close();
  }));
});
