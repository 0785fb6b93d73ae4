// The shell blocks of docs/migrating-from-socketio.md, as pasted, and what each system's page is told then.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Server, token } from '../pages/server.js';
import { Page } from './page.js';

const run = promisify(execFile);
const text = readFileSync(new URL('../../../docs/migrating-from-socketio.md', import.meta.url), 'utf8');
const blocks = (section) => [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block);
const sectionOf = (heading) => text.split(/^## /m).find((section) => section.startsWith(heading));
const report = blocks(sectionOf('The back end')).find((block) => block.startsWith('report()'));

const apiKey = 'the-key-of-the-back-end';
const auth = { token: token({ sub: 'alice' }) };
let server;
let page;

beforeAll(async () => { server = await Server.start(); });
afterEach(() => page?.close());
afterAll(() => server.end());

const open = async (path, options = {}) => {
  page = new Page(server.url + path, { auth, ...options });
  await page.next('connect');
};

// Runs the shell blocks of a section; answers what they printed, as JSON values.
async function paste(heading) {
  const script = [report, ...blocks(sectionOf(heading))].join('\n');
  const { stdout } = await run('bash', ['-euc', script], { env: { ...process.env, JOBWIRE: server.url, JOBWIRE_KEY: apiKey } });
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
}

async function pasteReports(heading) {
  const answers = await paste(heading);
  for (const answer of answers.filter(({ status }) => status)) expect(answer).toMatchObject({ status: 'appended' });
  return answers;
}

test('1: queue-update tells stages by name with their percentages and texts', async () => {
  await open('/queue');
  await pasteReports('1.');
  const update = (eventType) => page.next('queue-update', (told) => told.eventType === eventType);
  expect(await update('job-queued')).toMatchObject({ jobId: 'v1', jobType: 'youtube-video', userId: 'alice', progress: 0 });
  expect(await update('job-started')).toMatchObject({ progress: 10, stage: 'Job processing started' });
  expect(await update('job-progress')).toMatchObject({ progress: 40, stage: 'Generating AI analysis' });
  expect(await update('job-completed')).toMatchObject({ progress: 100, result: { summary: '...' } });
});

test('1: its HTTP calls answer as before', async () => {
  await server.publish({ jobId: 'v2', type: 'progress', progress: 20, job: { type: 'youtube-video', userId: 'alice' } });
  const ask = async (path, method = 'GET') => (await fetch(server.url + path, { method, headers: { authorization: `Bearer ${auth.token}` } })).json();
  expect(await ask('/analyze/jobs/v2')).toMatchObject({ jobId: 'v2', status: 'active', progress: 20, stage: 'Fetching video data' });
  expect((await ask('/analyze/jobs/user/alice')).map(({ jobId }) => jobId)).toContain('v2');
  expect(await ask('/analyze/jobs/v2/cancel', 'POST')).toMatchObject({ success: true, cancelRequested: true });
});

test('2: a subscribed page is told updates, progress and the end; history is there', async () => {
  await open('/jobs', { transports: ['websocket'] });
  page.socket.emit('subscribe:jobs', { jobId: '42' });
  const answers = await pasteReports('2.');
  expect(await page.next('job:update')).toMatchObject({ jobId: '42', status: 'started', data: { message: 'Starting flashcard generation' } });
  expect(await page.next('job:progress')).toMatchObject({ status: 'in_progress', progress: 40, message: 'Analyzing content' });
  expect(await page.next('job:completed')).toMatchObject({ status: 'completed', result: { count: 12 } });
  expect(answers.at(-1).events.map(({ type }) => type)).toEqual(['started', 'progress', 'completed']);
});

test('3: an analysis is told under its own id, with its metadata beside', async () => {
  await open('');
  await pasteReports('3.');
  expect(await page.next('analysis:started', ({ interviewId }) => interviewId === '7')).toMatchObject({ jobId: 'interview-7', status: 'started' });
  expect(await page.next('analysis:completed')).toMatchObject({ interviewId: '7', message: 'Your interview was analysed', status: 'success', score: 87 });
  const stats = await (await fetch(`${server.url}/api/v1/websocket/stats`, { headers: { authorization: `Bearer ${auth.token}` } })).json();
  expect(stats).toMatchObject({ success: true, data: { connected: expect.any(Number), timestamp: expect.stringMatching(/Z$/) } });
  expect(stats.data.connected).toBeGreaterThan(0);
});

test('4: a PDF is told step by step, and the queues beside it', async () => {
  await open('', { transports: ['websocket', 'polling'], forceNew: true, timeout: 10_000 });
  expect(await page.next('queue-status')).toMatchObject({ premium: { waiting: 0 }, normal: {}, large: {} });
  await pasteReports('4.');
  expect(await page.next('job-queued')).toMatchObject({ jobId: 'doc-9', status: 'queued' });
  expect(await page.next('job-progress')).toMatchObject({ progress: 35, step: 'Extracting text' });
  expect(await page.next('job-completed')).toMatchObject({ result: { pages: 24 } });
});

test('5: a file is told to who has subscribed to it', async () => {
  await open('/file-processing', { transports: ['websocket'] });
  page.socket.emit('subscribe:file', { fileId: 'video-1' });
  expect(await page.next('subscribed')).toEqual({ fileId: 'video-1' });
  await pasteReports('5.');
  expect(await page.next('processing:started')).toMatchObject({ fileId: 'video-1', metadata: { name: 'holiday.mp4' } });
  expect(await page.next('processing:progress')).toMatchObject({ progress: 20, status: 'processing', message: 'Extracting metadata...' });
  expect(await page.next('processing:completed')).toMatchObject({ result: { duration: 61.5 } });
});
