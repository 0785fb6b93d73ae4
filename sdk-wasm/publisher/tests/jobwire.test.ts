// The publisher over a Jobwire that is away when told to be, on a clock that is moved by hand.
import { describe, expect, it, vi } from 'vitest';

import { Jobwire } from '../src/index.js';
import { problem, seeded, turn, world } from './support/world.js';

const types = (batch: { type: string }[]): string[] => batch.map(({ type }) => type);

describe('reporting', () => {
  it('sends together what one turn reports, and gathers while a request is under way', async () => {
    const { server, clock, jobwire } = world();
    const job = jobwire.job('a');
    void job.started({ job: { userId: 'alice' } });
    void job.progress(10, 'pages', 'page 1');
    await turn();
    void job.progress(20);
    void job.log('half of it');
    void jobwire.job('b').started();
    void job.completed({ pages: 2 });
    await clock.advance(100);
    expect(server.batches.map(types)).toEqual([['started', 'progress'], ['progress', 'log', 'started', 'completed']]);
    expect(server.mostUnderWay).toBe(1);
    expect(server.events('a')).toMatchObject([
      { type: 'started', job: { userId: 'alice' } },
      { type: 'progress', progress: 10, stage: 'pages', message: 'page 1' },
      { type: 'progress', progress: 20 },
      { type: 'log', message: 'half of it' },
      { type: 'completed', result: { pages: 2 } },
    ]);
    expect(new Set(server.batches.flat().map(({ eventId }) => eventId)).size).toBe(6);
  });

  it('answers with a receipt', async () => {
    const { server, clock, jobwire } = world();
    const receipt = jobwire.job('a').started();
    await clock.advance(10);
    expect(await receipt).toEqual({ status: 'accepted', cancelRequested: false });
    server.jobs.get('a')!.cancelRequested = true;
    const next = jobwire.job('a').log('x');
    await clock.advance(10);
    expect(await next).toEqual({ status: 'accepted', cancelRequested: true });
  });

  it('takes the whole vocabulary', async () => {
    const { server, clock, jobwire } = world();
    const job = jobwire.job('a');
    void job.started({ stage: 'first', progress: 5, workerId: 'w1' });
    void job.progress(undefined, 'pages', { message: 'page 2', metadata: { size: 3 } });
    void job.updated('warming up', { progress: 150 });
    void job.failed(Object.assign(new Error('no such page'), { code: 'E_PAGE' }));
    void job.retried();
    void job.cancelled('changed my mind');
    void jobwire.report({ type: 'retried', jobId: 'a', eventId: 'mine' });
    await clock.advance(10);
    expect(server.events('a')).toMatchObject([
      { type: 'started', stage: 'first', progress: 5, workerId: 'w1' },
      { type: 'progress', stage: 'pages', message: 'page 2', metadata: { size: 3 } },
      { type: 'updated', status: 'warming up', progress: 100 },
      { type: 'failed', error: { message: 'no such page', code: 'E_PAGE' } },
      { type: 'retried' },
      { type: 'cancelled', reason: 'changed my mind' },
      { type: 'retried', eventId: 'mine' },
    ]);
    expect(server.events('a')[1]).not.toHaveProperty('progress');
  });

  it('never throws into the job, nor rejects: what is refused is told, and the rest goes on', async () => {
    const { server, clock, jobwire, told } = world();
    server.refuses = ({ type }) => (type === 'log' ? { code: 'bad_request', message: 'message is too rude', field: 'message' } : undefined);
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const job = jobwire.job('a');
    const receipts = [job.started(), job.log('rude'), job.updated('x', { metadata: cycle }), jobwire.job('').started(), job.progress(50)];
    await clock.advance(10);
    expect((await Promise.all(receipts)).map(({ status }) => status)).toEqual(['accepted', 'refused', 'refused', 'refused', 'accepted']);
    expect((await receipts[1])!.error).toMatchObject({ code: 'bad_request', field: 'message' });
    expect(told.error.map(({ code, jobId, type, field }) => [code, jobId, type, field]).sort()).toEqual([
      ['bad_json', 'a', 'updated', 'metadata'],
      ['bad_request', '', 'started', 'jobId'],
      ['bad_request', 'a', 'log', 'message'],
    ]);
  });

  it('survives listeners and logs that throw', async () => {
    const { server, clock, jobwire } = world({}, { listening: false });
    const log = vi.fn(() => {
      throw new Error('disk full');
    });
    const other = new Jobwire({ url: 'http://jobs.test', key: 'k', log }, { http: server, clock });
    jobwire.on('error', () => {
      throw new Error('from the listener');
    });
    server.refuses = () => ({ code: 'bad_request' });
    const receipts = [jobwire.job('a').started(), other.job('a').started()];
    await clock.advance(10);
    expect((await Promise.all(receipts)).map(({ status }) => status)).toEqual(['refused', 'refused']);
    expect(log).toHaveBeenCalledOnce();
  });

  it('says what can be listened to', () => {
    const { jobwire } = world({}, { listening: false });
    for (const name of ['errors', 'toString']) {
      expect(() => jobwire.on(name as 'error', () => {})).toThrow('name must be one of error, dropped, away, back');
    }
    expect(() => jobwire.on('away', undefined as never)).toThrow('listener must be a function');
  });

  it('logs what nobody listens to', async () => {
    const { server, clock, jobwire, lines } = world({}, { listening: false });
    server.refuses = () => ({ code: 'conflict', message: 'the job is over' });
    void jobwire.job('a').log('x');
    await clock.advance(10);
    expect(lines).toEqual(['Jobwire refused log of a: conflict, the job is over']);
    const stop = jobwire.on('error', () => {});
    void jobwire.job('a').log('x');
    await clock.advance(10);
    stop();
    expect(lines).toHaveLength(1);
    void jobwire.job('a').log('x');
    await clock.advance(10);
    expect(lines).toHaveLength(2);
  });

  it.each(['result', undefined])('ends a job whose result is refused (field %s) without its result, and tells', async (field) => {
    const { server, clock, jobwire, told } = world();
    server.refuses = ({ result }) => (result === undefined ? undefined : { code: 'too_large', message: 'result must be at most 64 KiB', ...(field && { field }) });
    const receipt = jobwire.job('a').completed('x'.repeat(70_000), { message: 'done' });
    await clock.advance(100);
    expect(await receipt).toMatchObject({ status: 'accepted' });
    expect(server.events('a')).toMatchObject([{ type: 'completed', message: 'done' }]);
    expect(told.error).toMatchObject([{ code: 'too_large', jobId: 'a' }]);
  });

  it('ends a job whose result is no JSON', async () => {
    const { server, clock, jobwire, told } = world();
    void jobwire.job('a').completed({ size: 10n });
    await clock.advance(100);
    expect(server.types('a')).toEqual(['completed']);
    expect(told.error).toMatchObject([{ code: 'bad_json', field: 'result' }]);
  });
});

describe('an outage', () => {
  it('is waited for; every event arrives once, in order, whether request or answer was lost', async () => {
    const { server, clock, jobwire, told } = world();
    const weather = ['unheard', 'lost', 'unheard', 'lost', 'fine'] as const;
    let request = 0;
    server.weather = () => weather[Math.min(request++, 4)]!;
    const job = jobwire.job('a');
    const receipts = [job.started(), job.progress(10, 'one'), job.progress(20, 'two'), job.completed()];
    await clock.advance(10_000);
    expect((await Promise.all(receipts)).map(({ status }) => status)).toEqual(Array(4).fill('accepted'));
    expect(server.types('a')).toEqual(['started', '10', '20', 'completed']);
    expect(new Set(server.requests.map(({ body }) => body)).size).toBe(1); // the same bytes each time
    expect(told.away).toEqual([{ reason: 'ECONNREFUSED' }]);
    expect(told.back).toEqual([{ awayMs: 200 + 400 + 800 + 1600 + 4 * 5, dropped: 0 }]);
  });

  it('keeps the newest progress of a stage and everything else', async () => {
    const { server, clock, jobwire } = world();
    server.weather = () => 'lost';
    const job = jobwire.job('a');
    void job.started();
    await clock.advance(50);
    const first = job.progress(1, 'pages');
    for (let n = 2; n <= 50; n += 1) void job.progress(n, 'pages');
    void job.log('half');
    for (let n = 51; n <= 90; n += 1) void job.progress(n, 'sum');
    void job.completed();
    server.weather = () => 'fine';
    await clock.advance(10_000);
    expect(server.types('a')).toEqual(['started', '50', 'log', '90', 'completed']);
    expect(await first).toMatchObject({ status: 'replaced' });
  });

  it('while Jobwire is there nothing is left out', async () => {
    const { server, clock, jobwire } = world();
    for (let n = 1; n <= 50; n += 1) void jobwire.job('a').progress(n, 'pages');
    await clock.advance(100);
    expect(server.events('a')).toHaveLength(50);
  });

  it('fills a bounded buffer, from which ends are the last to go; what is dropped is told', async () => {
    const { server, clock, jobwire, told } = world({ buffer: { reports: 20 } });
    server.weather = () => 'lost';
    void jobwire.job('x').started();
    await clock.advance(50);
    const receipts = Array.from({ length: 15 }, (_, n) => [jobwire.job(`${n}`).log('x'), jobwire.job(`${n}`).progress(n), jobwire.job(`${n}`).completed()]).flat();
    await clock.advance(50);
    expect(told.dropped).toHaveLength(25);
    expect(told.dropped.every(({ type, reason }) => ['progress', 'log'].includes(type) && reason === 'full')).toBe(true);
    server.weather = () => 'fine';
    await clock.advance(10_000);
    expect((await Promise.all(receipts)).filter(({ status }) => status === 'dropped')).toHaveLength(25);
    for (let n = 0; n < 15; n += 1) expect(server.types(`${n}`)).toContain('completed');
    expect(told.back).toMatchObject([{ dropped: 25 }]);
  });

  it('says in one line that it is away, in one that reports are dropped, in one that it is back', async () => {
    const { server, clock, jobwire, lines } = world({ buffer: { reports: 2 } }, { listening: false });
    server.weather = () => 'lost';
    for (let n = 0; n < 10; n += 1) {
      void jobwire.job('a').log('x');
      void jobwire.broadcast('news');
      await clock.advance(300);
    }
    server.weather = () => 'fine';
    await clock.advance(20_000);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/does not answer \(ECONNREFUSED\)/);
    expect(lines[1]).toMatch(/buffer is full/);
    expect(lines[2]).toMatch(/answers again after \d+ s; \d+ reports were dropped/);
  });

  it('a server whose disk is full is waited for as well, and what it took is not sent again', async () => {
    const { server, clock, jobwire } = world();
    let isFull = true;
    server.refuses = ({ jobId }) => (isFull && jobId === 'b' ? { code: 'unavailable', message: 'disk full', retryAfter: 1000 } : undefined);
    const receipts = ['a', 'b', 'c'].map((id) => jobwire.job(id).started());
    await clock.advance(900);
    expect(server.batches).toHaveLength(1);
    isFull = false;
    await clock.advance(200);
    expect((await Promise.all(receipts)).map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(server.batches[1]!.map(({ jobId }) => jobId)).toEqual(['b']);
  });

  it('a wrong key is no outage: it is told at once', async () => {
    const { server, clock, jobwire, told } = world();
    server.weather = () => problem(401, 'unauthenticated', 'unknown key');
    const receipt = jobwire.job('a').started();
    await clock.advance(10);
    expect(await receipt).toMatchObject({ status: 'refused', error: { code: 'unauthenticated', status: 401 } });
    expect(told.error).toMatchObject([{ code: 'unauthenticated', jobId: 'a', type: 'started' }]);
  });

  it('in 200 storms no accepted event is lost, doubled or out of order', async () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = seeded(seed);
      const { server, clock, jobwire } = world({}, { random });
      server.weather = () => (random() < 0.3 ? 'lost' : random() < 0.4 ? 'unheard' : random() < 0.2 ? problem(503, 'unavailable', 'restarting', '1') : 'fine');
      const expected = new Map<string, number[]>();
      const receipts: Promise<{ status: string }>[] = [];
      for (let n = 1; n <= 60; n += 1) {
        const id = `job-${Math.floor(random() * 3)}`;
        expected.set(id, [...(expected.get(id) ?? []), n]);
        receipts.push(jobwire.report({ type: 'log', jobId: id, message: `${n}` }));
        if (random() < 0.4) await clock.advance(random() * 20);
      }
      await clock.advance(600_000);
      expect((await Promise.all(receipts)).every(({ status }) => status === 'accepted'), `seed ${seed}`).toBe(true);
      for (const [id, numbers] of expected) expect(server.events(id).map(({ message }) => Number(message)), `seed ${seed}`).toEqual(numbers);
    }
  });
});

describe('create', () => {
  it('answers the voice of the job, before which nothing of it is sent', async () => {
    const { server, clock, jobwire } = world();
    const created = jobwire.create({ type: 'pdf', userId: 'alice', queue: 'large', priority: 3, payload: { file: 1 }, metadata: { title: 't' }, ref: 'file:1' });
    void jobwire.job('id-1').started();
    await clock.advance(10);
    const job = await created;
    expect(job.id).toBe('id-1');
    expect(server.events(job.id)).toMatchObject([
      { type: 'queued', job: { type: 'pdf', userId: 'alice', queue: 'large', ref: 'file:1' }, priority: 3, payload: { file: 1 }, metadata: { title: 't' } },
      { type: 'started' },
    ]);
  });

  it('twice with one id is once, also from another process', async () => {
    const { server, clock, jobwire } = world();
    const again = new Jobwire({ url: 'http://jobs.test', key: 'k' }, { http: server, clock });
    const created = [jobwire.create({ id: 'a', type: 'pdf' }), again.create({ id: 'a', type: 'pdf' })];
    await clock.advance(1000);
    void jobwire.create({ id: 'a', type: 'pdf' });
    await clock.advance(1000);
    expect((await Promise.all(created)).map(({ id }) => id)).toEqual(['a', 'a']);
    expect(server.types('a')).toEqual(['queued']);
  });

  it('rejects where it is refused, and ends nobody who does not wait', async () => {
    const { server, clock, jobwire, told } = world();
    server.refuses = () => ({ code: 'bad_request', message: 'queue must be an id', field: 'queue' });
    void jobwire.create({ type: 'pdf', queue: '' });
    await clock.advance(10);
    await turn();
    const created = jobwire.create({ type: 'pdf', queue: '' });
    const rejected = expect(created).rejects.toMatchObject({ code: 'bad_request', field: 'queue' });
    await clock.advance(10);
    await rejected;
    expect(told.error).toHaveLength(2);
  });

  it('can be waited for as long as one likes; the job is created all the same', async () => {
    const { server, clock, jobwire } = world();
    server.weather = () => 'lost';
    const patience = new AbortController();
    const created = jobwire.create({ id: 'a', type: 'pdf' }, { signal: patience.signal });
    const rejected = expect(created).rejects.toThrow('out of patience');
    await clock.advance(1000);
    patience.abort(new Error('out of patience'));
    await rejected;
    server.weather = () => 'fine';
    await clock.advance(10_000);
    expect(server.types('a')).toEqual(['queued']);
    await expect(jobwire.create({ type: 'pdf' }, { signal: patience.signal })).rejects.toThrow('out of patience');
  });
});

describe('messages', () => {
  it('go to everybody, a user, a channel; once each, in order, whatever is lost', async () => {
    const { server, clock, jobwire } = world();
    const weather = ['unheard', 'lost', 'fine', 'unheard', 'fine'] as const;
    let request = 0;
    server.weather = () => weather[Math.min(request++, 4)]!;
    const sent = [
      jobwire.broadcast('news', { text: 'hello' }),
      jobwire.user('a/b').send('invoice', { n: 1 }, { id: 'invoice-1' }),
      jobwire.channel('job:42').send('note'),
      jobwire.user('a/b').send('invoice', { n: 1 }, { id: 'invoice-1' }),
    ];
    await clock.advance(20_000);
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(Array(4).fill('accepted'));
    expect(server.messages).toEqual([
      { path: '/broadcast', name: 'news', data: { text: 'hello' }, id: expect.any(String) },
      { path: '/users/a%2Fb/messages', name: 'invoice', data: { n: 1 }, id: 'invoice-1' },
      { path: '/channels/job%3A42/messages', name: 'note', data: null, id: expect.any(String) },
    ]);
  });

  it('that are refused, or no JSON, are told', async () => {
    const { server, clock, jobwire, told } = world();
    server.weather = () => problem(403, 'forbidden', 'only services');
    const sent = [jobwire.broadcast('a', 1n), jobwire.user('u').send('b')];
    await clock.advance(10);
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(['refused', 'refused']);
    expect(told.error.map(({ code, type }) => [code, type])).toEqual([['bad_json', 'a'], ['forbidden', 'b']]);
  });
});

describe('the end', () => {
  it('flush waits for what was reported so far', async () => {
    const { clock, jobwire } = world();
    void jobwire.job('a').completed();
    void jobwire.broadcast('x');
    const flushed = jobwire.flush();
    let isFlushed = false;
    void flushed.then(() => (isFlushed = true));
    await turn();
    expect(isFlushed).toBe(false);
    await clock.advance(50);
    expect(await flushed).toBe(true);
    expect(await jobwire.flush()).toBe(true);
    expect(clock.timers).toBe(0);
  });

  it('flush has patience as told', async () => {
    const { server, clock, jobwire } = world();
    server.weather = () => 'lost';
    void jobwire.job('a').completed();
    const flushed = jobwire.flush({ timeoutMs: 1000 });
    await clock.advance(1000);
    expect(await flushed).toBe(false);
  });

  it('close delivers what is under way, and takes no more', async () => {
    const { server, clock, jobwire, told } = world();
    const last = jobwire.job('a').completed();
    const closed = jobwire.close();
    const late = jobwire.job('a').log('too late');
    await clock.advance(100);
    expect([await closed, await last, await late]).toMatchObject([true, { status: 'accepted' }, { status: 'dropped' }]);
    expect(server.isClosed).toBe(true);
    expect(told.dropped).toEqual([{ about: 'a', type: 'log', reason: 'closed' }]);
    expect(await jobwire.close()).toBe(true);
    await expect(jobwire.history('a')).rejects.toMatchObject({ code: 'closed' });
  });

  it('close gives up after its time, tells what it dropped, and leaves no timer', async () => {
    const { server, clock, jobwire, told } = world();
    server.weather = () => 'lost';
    const receipts = [jobwire.job('a').started(), jobwire.job('a').completed(), jobwire.broadcast('x')];
    const closed = jobwire.close({ timeoutMs: 3000 });
    await clock.advance(3000);
    expect(await closed).toBe(false);
    expect((await Promise.all(receipts)).map(({ status }) => status)).toEqual(['dropped', 'dropped', 'dropped']);
    expect(told.dropped.map(({ type, reason }) => [type, reason])).toEqual([['started', 'closed'], ['completed', 'closed'], ['x', 'closed']]);
    await clock.advance(60_000);
    expect(clock.timers).toBe(0);
  });
});

describe('questions', () => {
  it('history tells the last events, and state the job', async () => {
    const { server, clock, jobwire } = world();
    void jobwire.job('a b').started();
    await clock.advance(10);
    const history = jobwire.history('a b', 5);
    const state = jobwire.job('a b').state();
    const nothing = jobwire.job('unknown').state();
    await clock.advance(10);
    expect(await history).toMatchObject([{ type: 'started', jobId: 'a b', seq: 1 }]);
    expect(await state).toMatchObject({ id: 'a b', status: 'active' });
    expect(await nothing).toBeUndefined();
    expect(server.requests.map(({ path }) => path)).toContain('/jobs/a%20b/history?limit=5');
  });

  it('are asked three times of a Jobwire that is away, then they fail', async () => {
    const { server, clock, jobwire } = world();
    server.weather = () => 'lost';
    const history = jobwire.history('a');
    const failed = expect(history).rejects.toMatchObject({ name: 'JobwireError', code: 'unavailable' });
    await clock.advance(5000);
    await failed;
    expect(server.requests).toHaveLength(3);
  });
});

describe('the key', () => {
  it('may be a function, asked at each request; one that fails is an outage', async () => {
    const keys = ['first', 'second'];
    const { server, clock, jobwire, told } = world({
      key: () => {
        const key = keys.shift();
        if (!key) throw new Error('the vault is locked');
        return Promise.resolve(key);
      },
    });
    void jobwire.job('a').started();
    await clock.advance(50);
    void jobwire.job('a').log('x');
    await clock.advance(50);
    const stuck = jobwire.job('a').log('y');
    await clock.advance(50);
    expect(told.away).toMatchObject([{ reason: expect.stringContaining('the vault is locked') }]);
    keys.push('third');
    await clock.advance(10_000);
    expect(await stuck).toMatchObject({ status: 'accepted' });
    expect(server.requests.map(({ key }) => key)).toEqual(['first', 'second', 'third']);
  });

  it('is made from the secret where none is given', async () => {
    const { server, clock, jobwire } = world({ key: undefined, secret: 's' });
    void jobwire.job('a').started();
    await clock.advance(50);
    const claims = JSON.parse(Buffer.from(server.requests[0]!.key.split('.')[1]!, 'base64url').toString()) as object;
    expect(claims).toMatchObject({ role: 'service' });
  });

  it('tokenFor needs the secret', () => {
    expect(() => world().jobwire.tokenFor({ user: 'a' })).toThrow(expect.objectContaining({ code: 'bad_request', field: 'secret' }));
    expect(world({ secret: 's' }).jobwire.tokenFor({ user: 'a' }).split('.')).toHaveLength(3);
  });

  it.each([
    [{ url: 'localhost:7070', key: 'k' }, 'url'],
    [{ url: '', key: 'k' }, 'url'],
    [{ url: 'ws://x', key: 'k' }, 'url'],
    [{ url: 'http://x' }, 'key'],
  ])('%j is refused at once', (options, field) => {
    expect(() => new Jobwire(options)).toThrow(expect.objectContaining({ code: 'bad_request', field }));
  });
});
