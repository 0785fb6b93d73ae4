import { readdir, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../src/app.js';
import { createAuth } from '../src/auth.js';
import { createJournal } from '../src/journal.js';
import { folder, smallPdf } from './samples.js';

let place;
let app;
let journal;
let url;
let token;
const accepted = [];
const created = [];
let jobwire;

beforeEach(async () => {
  place = await folder();
  accepted.length = 0;
  created.length = 0;
  jobwire = { createJob: async (job) => { created.push(job); } };
  journal = createJournal(place.dir);
  const auth = createAuth('a secret of at least thirty-two bytes');
  const config = { samplesDir: place.dir, pageOrigins: ['http://page'], maxUploadBytes: 20_000, largeBytes: 10_000 };
  app = await createApp({ config, auth, jobwire: { createJob: (job) => jobwire.createJob(job) }, journal, accept: (job) => accepted.push(job) });
  await app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${app.server.address().port}`;
  ({ token } = await (await post('/session', { persona: 'bob' })).json());
});
afterEach(async () => {
  await app.close();
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
  test('keeps it, makes a job at Jobwire for its owner, and answers with the id', async () => {
    const answer = await hand('hello world', { name: '../../etc/hello.txt' });
    expect(answer).toMatchObject({ status: 201, kind: 'text', queue: 'premium' });
    expect(created).toEqual([expect.objectContaining({ id: answer.jobId, type: 'text', userId: 'bob', queue: 'premium', metadata: { name: 'hello.txt', size: 11 } })]);
    expect(accepted.map((job) => job.id)).toEqual([answer.jobId]);
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
    expect(accepted).toEqual([]);
  });
  test('is refused where Jobwire does not take the job', async () => {
    jobwire.createJob = async () => { throw new Error('down'); };
    expect(await hand('hello')).toMatchObject({ status: 503, code: 'unavailable' });
    expect(await kept()).toEqual([]);
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
