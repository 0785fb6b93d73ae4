// What an operator can set about Socket.IO and the dialects, on the real server with the real client.
import { afterEach, expect, test } from 'vitest';
import { Server, token } from '../pages/server.js';
import { Page } from './page.js';

const auth = { token: token({ sub: 'alice' }) };
const job = (type) => ({ userId: 'alice', type });
let server;
const pages = [];

const open = (path = '', options = {}) => {
  const page = new Page(server.url + path, { auth, ...options });
  pages.push(page);
  return page;
};

afterEach(async () => {
  for (const page of pages.splice(0)) page.close();
  await server?.end();
});

test('Socket.IO is found where --socketio-path says, and nowhere else', async () => {
  server = await Server.start({ args: ['--socketio-path', '/live/socket.io/'] });
  await open('/queue', { path: '/live/socket.io/' }).next('connect');
  await open('/queue', { path: '/live/socket.io', transports: ['websocket'] }).next('connect');
  expect((await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`)).status).toBe(404);
  expect((await open('/queue').next('connect_error')).message).toBe('xhr poll error');
});

test('an empty --socketio-path speaks no Socket.IO', async () => {
  server = await Server.start({ args: ['--socketio-path', ''] });
  expect((await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`)).status).toBe(404);
  await open('/queue', { transports: ['websocket'] }).next('connect_error');
});

test('of the dialects only those are spoken that --dialect names', async () => {
  server = await Server.start({ args: ['--dialect', 'pdf', '--dialect', 'queue'] });
  const page = open();
  await page.next('connect');
  await open('/queue').next('connect');
  expect((await open('/jobs').next('connect_error')).message).toBe('Invalid namespace');
  expect((await open('', { auth: { ...auth, dialect: 'analysis' } }).next('connect_error')).field).toBe('auth.dialect');
  await server.publish({ jobId: 'a', type: 'started', job: job('pdf') }, { jobId: 'a', type: 'completed' });
  await page.next('job-completed');
  expect(page.names()).not.toContain('analysis:completed');
});

test('where both live on / the page may choose, and --dialect-types keeps a PDF from being an analysis', async () => {
  server = await Server.start({ args: ['--dialect-types', 'analysis=video', '--dialect-types', 'pdf=pdf'] });
  const both = open();
  const analysis = open('', { auth: { ...auth, dialect: 'analysis' } });
  await Promise.all([both.next('connect'), analysis.next('connect')]);
  await server.publish({ jobId: 'p', type: 'completed', job: job('pdf') });
  await server.publish({ jobId: 'v', type: 'completed', job: job('video') });
  await both.next('job-completed', ({ jobId }) => jobId === 'p');
  await both.next('analysis:completed', ({ jobId }) => jobId === 'v');
  await analysis.next('analysis:completed', ({ jobId }) => jobId === 'v');
  expect(both.names('queue-status')).toEqual([]);
  expect(analysis.names()).toEqual([]);
});

test('the old environment names say which tokens and origins are good, with credentials', async () => {
  const key = 'the secret that another system has signed with';
  server = await Server.start({ env: { ACCESS_TOKEN_SECRET: key, CORS_ORIGIN: 'https://a.example', WEBSOCKET_CORS_ORIGIN: 'https://b.example,https://c.example' } });
  await open('/queue', { auth: { token: token({ _id: 'alice' }, { key }) } }).next('connect');
  expect((await open('/queue').next('connect_error')).code).toBe('unauthenticated');
  const asked = (origin) => fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } });
  for (const origin of ['https://a.example', 'https://b.example', 'https://c.example']) {
    const answer = await asked(origin);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
  }
  expect((await asked('https://d.example')).status).toBe(403);
});
