// What every page shows of a job's whole life, in whichever way it reaches the server, also when that is killed under it.
import { describe, expect, test } from 'vitest';
import { foundFronts, fronts, ownFronts } from './fronts.js';
import { opened } from './opened.js';
import { withServer } from './server.js';
import { access, Tab, until } from './tab.js';

const pages = opened(fronts);

const step = {
  queued: (jobId, userId) => ({ type: 'queued', jobId, job: { type: 'report', ...(userId && { userId }) } }),
  started: (jobId) => ({ type: 'started', jobId }),
  progress: (jobId, progress, message) => ({ type: 'progress', jobId, progress, message }),
  completed: (jobId) => ({ type: 'completed', jobId, result: { pages: 24 } }),
  failed: (jobId) => ({ type: 'failed', jobId, error: { message: 'it broke', code: 'E_BROKEN' } }),
  cancelled: (jobId) => ({ type: 'cancelled', jobId, reason: 'not needed' }),
  retried: (jobId) => ({ type: 'retried', jobId }),
};

/** A server, and a page of it: `does` publishes a step of its job, `sees` waits for what a page shows of one. */
const stage = (front, transports, use) => withServer({ args: access(front), env: { ALLOWED_ORIGINS: pages.site.url } }, (server) => {
  const does = (name, ...how) => server.publish(step[name](front.job, ...(name === 'queued' ? [front.user] : how)));
  const open = () => Tab.open({ ...pages, server, front, query: transports && { transports } });
  const sees = async (tab, name, ...how) => {
    const expected = front.expected[name];
    if (expected) await tab.shows(typeof expected === 'function' ? expected(...how) : expected);
  };
  const doesAndShows = async (tab, name, ...how) => { await does(name, ...how); await sees(tab, name, ...how); };
  return use({ server, does, open, sees, doesAndShows });
});

// Every step and each end that a job can come to; who opens the page in the middle of it sees where it is.
async function life(tab, { open, does, sees, doesAndShows }) {
  await doesAndShows(tab, 'queued');
  await doesAndShows(tab, 'started');
  await doesAndShows(tab, 'progress', 40, 'Reading the pages');
  const late = await open();
  await sees(late, tab.front.expected.progress ? 'progress' : 'started', 40, 'Reading the pages');
  await late.close();
  await doesAndShows(tab, 'progress', 75, 'Drawing the pictures');
  await doesAndShows(tab, 'failed');
  await does('retried');
  await doesAndShows(tab, 'started');
  await doesAndShows(tab, 'cancelled');
}

// The server is killed, what happens meanwhile the page cannot hear, and it goes on by itself when there is a server again.
async function killed(tab, { server, does, sees, doesAndShows }) {
  await does('retried');
  await doesAndShows(tab, 'started');
  await doesAndShows(tab, 'progress', 30, 'Reading them again');
  await server.kill();
  await tab.hears('disconnect');
  await server.elsewhere(async () => {
    await does('progress', 80, 'Nearly there');
    await does('completed');
  });
  await server.begin();
  await tab.hears('connect', { recovered: true });
  await sees(tab, 'completed');
  await does('retried');
  await doesAndShows(tab, 'started');
  await doesAndShows(tab, 'progress', 60, 'Once more');
}

const shown = (front, transports) => stage(front, transports, async (on) => {
  const tab = await on.open();
  await tab.hears('connect', { recovered: false });
  if (transports) await until(() => tab.transport(), (name) => expect(name).toBe(transports.split(',').at(-1)));
  if (front.ready) await tab.hears(front.ready);
  await life(tab, on);
  await killed(tab, on);
  await tab.close();
});

const ways = { 'by WebSocket alone': 'websocket', 'by polling alone': 'polling', 'by polling, then WebSocket': 'polling,websocket' };

describe.each(Object.entries(ways))('shows a job from end to end, late or not, the server killed or not, %s:', (_, transports) => {
  test.concurrent.each(ownFronts.map((front) => [front.kind, front]))('%s', (__, front) => shown(front, transports));
});

// Only where the write-ups are at hand.
const found = foundFronts.flatMap((front) => [['as it is written', front, undefined], ['by polling alone', front, 'polling']]);
if (found.length > 0) {
  describe("shows the same with the code as other systems have written it down, changed in nothing but the server's address:", () => {
    test.concurrent.each(found.map(([way, front, transports]) => [front.kind, way, front, transports]))('%s, %s', (_, __, front, transports) => shown(front, transports));
  });
}
