import { readdir, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import path from 'node:path';
import { Jobwire } from '@jobwire/publisher';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../src/app.js';
import { createVerifier } from '../src/auth.js';
import { createJournal } from '../src/journal.js';
import { fakeJobwire } from './fake_jobwire.js';
import { folder, smallPdf } from './samples.js';

let place;
let app;
let journal;
let url;
let token;
let server;
let jobwire;
let taken;
let taking;
const secret = 'a secret of at least thirty-two bytes';

beforeEach(async () => {
  place = await folder();
  taken = [];
  taking = async () => {};
  server = await fakeJobwire();
  jobwire = new Jobwire({ url: server.url, key: 'k', secret, backoff: { firstMs: 10 }, log: () => {} });
  journal = createJournal(place.dir);
  const config = { samplesDir: place.dir, pageOrigins: ['http://page'], maxUploadBytes: 20_000, largeBytes: 10_000 };
  const take = async (job) => { await taking(job); taken.push(job); };
  app = await createApp({ config, verify: createVerifier(secret), jobwire, journal, take });
  await app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${app.server.address().port}`;
  ({ token } = await (await post('/session', { persona: 'bob' })).json());
});
afterEach(async () => {
  await app.close();
  await jobwire.close({ timeoutMs: 0 });
  await server.close();
  await place.drop();
});

const post = (route, body) => fetch(url + route, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
async function hand(content, { name = 'a.txt', bearer = token } = {}) {
  const form = new FormData();
  form.append('file', new Blob([content]), name);
  const answer = await fetch(`${url}/jobs`, { method: 'POST', body: form, headers: bearer ? { authorization: `Bearer ${bearer}` } : {} });
  return { status: answer.status, ...(await answer.json()) };
}
const kept = () => readdir(path.join(place.dir, 'jobs')).catch(() => []);

describe('handing in a file', () => {
  test('keeps it, has it worked on for its owner, and answers with the id', async () => {
    const answer = await hand('hello world', { name: '../../etc/hello.txt' });
    expect(answer).toMatchObject({ status: 201, kind: 'text', queue: 'premium' });
    expect(taken).toEqual([expect.objectContaining({ id: answer.jobId, kind: 'text', user: 'bob', queue: 'premium', name: 'hello.txt', size: 11 })]);
    expect(await readFile(journal.upload(answer.jobId), 'utf8')).toBe('hello world');
  });
  test('asks the bytes, not the name, what it is', async () => {
    await smallPdf(place.at('x'), ['one']);
    expect(await hand(await readFile(place.at('x')), { name: 'film.mp4' })).toMatchObject({ status: 201, kind: 'pdf' });
    expect(await hand(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1]))).toMatchObject({ status: 415, code: 'unsupported_media' });
    expect(await hand(Buffer.from([1, 0, 2]))).toMatchObject({ status: 415 });
  });
  test('big files wait in a queue of their own', async () => {
    expect(await hand('word '.repeat(2_100))).toMatchObject({ status: 201, queue: 'large' });
  });
  test.each([
    ['nobody', () => hand('x', { bearer: '' }), 401],
    ['a forged token', () => hand('x', { bearer: `${token.slice(0, -3)}AAA` }), 401],
    ['too large a file', () => hand('x'.repeat(30_000)), 413],
    ['an empty file', () => hand(''), 400],
  ])('%s is refused and leaves nothing behind', async (_, attempt, status) => {
    expect((await attempt()).status).toBe(status);
    expect(await kept()).toEqual([]);
    expect(taken).toEqual([]);
  });
  test('is refused where Jobwire does not take the job', async () => {
    taking = async () => { throw new Error('the key is not valid'); };
    expect(await hand('hello')).toMatchObject({ status: 503, code: 'unavailable', message: 'Jobwire did not take the job: the key is not valid' });
    expect(await kept()).toEqual([]);
  });
});

describe('a job to move by hand', () => {
  const make = async () => {
    const answer = await fetch(`${url}/by-hand`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    return { status: answer.status, ...(await answer.json()) };
  };
  test('is made for its owner, with a token that may publish', async () => {
    const answer = await make();
    expect(server.events).toEqual([expect.objectContaining({ type: 'queued', jobId: answer.jobId, job: expect.objectContaining({ type: 'by-hand', userId: 'bob' }) })]);
    expect(JSON.parse(Buffer.from(answer.token.split('.')[1], 'base64url'))).toMatchObject({ sub: 'terminal', role: 'service' });
  });
  test('is refused with the reason where Jobwire refuses it', async () => {
    server.verdictFor = () => ({ status: 'rejected', error: { code: 'forbidden', message: 'this key may not publish' } });
    expect(await make()).toMatchObject({ status: 503, code: 'unavailable', message: expect.stringContaining('this key may not publish') });
  });
});

describe('pictures', () => {
  test('are given to who knows the id, and nothing else is', async () => {
    const { jobId } = await hand('hello');
    await writeFile(path.join(journal.out(jobId), 'page-1.jpg'), 'jpeg');
    expect(await (await fetch(`${url}/files/${jobId}/page-1.jpg`)).text()).toBe('jpeg');
    for (const wrong of [`${jobId}/job.json`, `${jobId}/..%2fupload`, `..%2f..%2f/page-1.jpg`, `${jobId}/page-2.jpg`]) {
      expect((await fetch(`${url}/files/${wrong}`)).status).toBe(404);
    }
  });
});

describe('the page', () => {
  test('may ask from its own origin and from no other', async () => {
    const allowed = async (origin) => (await fetch(`${url}/health`, { headers: { origin } })).headers.get('access-control-allow-origin');
    expect([await allowed('http://page'), await allowed('http://evil')]).toEqual(['http://page', null]);
  });
  test('is turned away where it came by another name than a loopback', async () => {
    const ask = (host) => new Promise((resolve) => { get(`${url}/health`, { headers: { host } }, (answer) => resolve(answer.resume().statusCode)); });
    expect(await Promise.all(['localhost:1', '127.0.0.1', '[::1]:7071', 'evil.example', 'localhost.evil.example'].map(ask))).toEqual([200, 200, 200, 403, 403]);
  });
  test('an unknown persona is refused', async () => {
    expect((await post('/session', { persona: 'root' })).status).toBe(400);
  });
});
