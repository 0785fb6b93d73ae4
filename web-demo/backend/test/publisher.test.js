import { describe, expect, test } from 'vitest';
import { createPublisher } from '../src/publisher.js';

/** A Jobwire that answers as told: `answers` are used up one by one, the last one stays. */
function server(...answers) {
  const posts = [];
  const fetch = async (url, init) => {
    const events = JSON.parse(init.body);
    posts.push(events);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return typeof answer === 'function' ? answer(events) : answer.clone();
  };
  return { posts, fetch };
}
const accept = (events) => Response.json({ verdicts: events.map(({ jobId }) => ({ jobId, status: 'appended', cancelRequested: false })) });
const publisher = (fetch, more = {}) => createPublisher({ url: 'http://j', apiKey: 'k', fetch, wait: async () => {}, random: () => 0, warn: () => {}, ...more });

describe('the publisher', () => {
  test('keeps the order, gives every event an id, and sends what comes together together', async () => {
    const { posts, fetch } = server(accept);
    const { push } = publisher(fetch);
    await Promise.all([push({ type: 'started', jobId: 'a' }), push({ type: 'log', jobId: 'a', message: 'x' }), push({ type: 'completed', jobId: 'a' })]);
    expect(posts.flat().map((event) => event.type)).toEqual(['started', 'log', 'completed']);
    expect(posts.length).toBeLessThanOrEqual(2);
    expect(new Set(posts.flat().map((event) => event.eventId)).size).toBe(3);
  });

  test('sends again what got no answer, with the same ids, for as long as it takes', async () => {
    const waits = [];
    const down = new TypeError('fetch failed');
    const { posts, fetch } = server(down, new Response('{}', { status: 503, headers: { 'retry-after': '3' } }), down, accept);
    const { push } = publisher(fetch, { wait: async (ms) => { waits.push(ms); } });
    expect(await push({ type: 'completed', jobId: 'a' })).toBe(true);
    expect(posts).toHaveLength(4);
    expect(new Set(posts.map((events) => events[0].eventId)).size).toBe(1);
    expect(waits[1]).toBe(3000);
  });

  test('an outage keeps the newest progress of a stage and every other event', async () => {
    let up;
    const outage = new Promise((resolve) => { up = resolve; });
    const { posts, fetch } = server(accept);
    const { push } = publisher(async (...args) => { await outage; return fetch(...args); });
    const all = [push({ type: 'started', jobId: 'a' })];
    for (let n = 1; n <= 50; n += 1) all.push(push({ type: 'progress', jobId: 'a', stage: 'pages', progress: n }));
    for (let n = 51; n <= 90; n += 1) all.push(push({ type: 'progress', jobId: 'a', stage: 'sum up', progress: n }));
    all.push(push({ type: 'completed', jobId: 'a' }));
    up();
    await Promise.all(all);
    expect(posts.flat().map((event) => [event.type, event.progress])).toEqual([['started', undefined], ['progress', 50], ['progress', 90], ['completed', undefined]]);
  });

  test('a verdict that asks for a cancel aborts that job and no other', async () => {
    const { fetch } = server((events) => Response.json({ verdicts: events.map(({ jobId }) => ({ jobId, status: 'appended', cancelRequested: jobId === 'a' })) }));
    const { job } = publisher(fetch);
    const [a, b] = [job('a'), job('b')];
    await Promise.all([a.progress(1, 's', 'm'), b.progress(1, 's', 'm')]);
    expect([a.signal.aborted, b.signal.aborted]).toEqual([true, false]);
  });

  test('never throws into a job: a refused event is warned of, and the rest goes on', async () => {
    const warnings = [];
    const { fetch } = server((events) => Response.json({
      verdicts: events.map(({ type }) => (type === 'log' ? { status: 'rejected', error: { code: 'conflict' } } : { status: 'appended' })),
    }));
    const { push } = publisher(fetch, { warn: (text) => warnings.push(text) });
    expect(await Promise.all([push({ type: 'log', jobId: 'a' }), push({ type: 'completed', jobId: 'a' })])).toEqual([false, true]);
    expect(warnings).toEqual(['log of a refused: conflict']);
  });

  test('a job that has ended elsewhere is not worked on any longer', async () => {
    const { fetch } = server((events) => Response.json({ verdicts: events.map(() => ({ status: 'rejected', error: { code: 'conflict' } })) }));
    const { job } = publisher(fetch);
    const a = job('a');
    await a.progress(1, 's', 'm');
    expect(a.signal.aborted).toBe(true);
  });

  test('a batch that is refused as a whole is told one by one', async () => {
    const { posts, fetch } = server((events) => (events.some((event) => event.type === 'bad') ? Response.json({ code: 'bad_request' }, { status: 400 }) : accept(events)));
    const { push } = publisher(fetch);
    expect(await Promise.all([push({ type: 'log', jobId: 'a' }), push({ type: 'bad', jobId: 'a' }), push({ type: 'log', jobId: 'b' })])).toEqual([true, false, true]);
    expect(posts.length).toBeGreaterThan(3 - 1);
  });
});
