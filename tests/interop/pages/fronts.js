// The pages: ours (own/), and where other systems' write-ups are at hand the code blocks that stand there, in the least that makes a
// page of them. Of each kind: how a test reads what is shown, and what is to be seen at each step of a job's life.
import { readFileSync } from 'node:fs';
import { atHand, block } from './blocks.js';

const root = '<div id="root"></div>';
const own = (file) => readFileSync(new URL(`own/${file}`, import.meta.url), 'utf8');
const page = (...code) => ["import { io } from 'socket.io-client';", "import { said, show } from './page';", ...code].join('\n');

// The last line of the console that matches, as the pattern's groups.
const lastLine = (lines, pattern) => lines.map((line) => pattern.exec(line)).findLast((found) => found)?.groups ?? {};
const bar = ({ percent, text }) => ({ percent: document.querySelector(percent)?.value, text: document.querySelector(text)?.textContent });

const jobUpdate = (status) => ({ status, heard: ['job:update', { status }] });
const ended = (status, heard) => ({ status, heard: [heard, { status }] });

export const kinds = [
  {
    name: 'job monitor',
    own: () => own('job_monitor.tsx'),
    found: () => page(block('function JobMonitor'), "show(<JobMonitor jobId={said('job')} />);"),
    shows: (tab) => tab.evaluate(() => ({
      status: document.querySelector('h2')?.textContent.replace('Job Status: ', ''), percent: document.querySelector('progress')?.value,
    })),
    expected: {
      queued: jobUpdate('queued'),
      started: jobUpdate('started'),
      progress: (progress, message) => ({ percent: progress, heard: ['job:progress', { status: 'in_progress', progress, message }] }),
      completed: ended('completed', 'job:completed'),
      failed: { status: 'failed', heard: ['job:error', { error: 'it broke' }] },
      cancelled: { status: 'failed', heard: ['job:error', { error: 'Cancelled: not needed' }] },
    },
  },
  {
    name: 'video upload',
    ready: 'subscribed',
    own: () => own('upload.tsx'),
    found: () => page(block('function VideoUploadComponent'), 'show(<VideoUploadComponent />);'),
    // The call that hands the file in is the application's own; its answer names the job.
    before: (job) => { window.uploadVideo = async () => ({ videoId: job }); },
    act: (tab) => tab.setInputFiles('input[type=file]', { name: 'clip.mp4', mimeType: 'video/mp4', buffer: Buffer.from('film') }),
    shows: (tab) => tab.evaluate(bar, { percent: 'progress', text: 'p' }),
    expected: {
      started: { percent: 0, text: 'processing' },
      progress: (percent, text) => ({ percent, text }),
      completed: { percent: 100, text: 'completed' },
      failed: { percent: 0, text: 'it broke' },
      cancelled: { percent: 0, text: 'Cancelled: not needed' },
    },
  },
  {
    name: 'file progress',
    job: 'video-uuid-123',
    body: '<progress id="progress-bar" max="100"></progress><p id="status-text"></p>',
    ready: 'subscribed',
    own: () => own('file_progress.js'),
    found: () => block("socket.emit('subscribe:file', { fileId: 'video-uuid-123' })", "getElementById('progress-bar')"),
    shows: async (tab, lines) => ({
      ...(await tab.evaluate(bar, { percent: '#progress-bar', text: '#status-text' })), ...lastLine(lines, /^Processing (?<end>completed|failed)([^:]*: (?<error>.*))?/),
    }),
    expected: {
      started: { heard: ['processing:started', { fileId: 'video-uuid-123' }] },
      progress: (percent, text) => ({ percent, text }),
      completed: { end: 'completed', heard: ['processing:completed', { fileId: 'video-uuid-123', result: { pages: 24 } }] },
      failed: { end: 'failed', error: 'it broke' },
      cancelled: { end: 'failed', error: 'Cancelled: not needed' },
    },
  },
  {
    name: 'queue client',
    user: 'alice',
    own: () => own('queue.js'),
    found: () => page("const yourJwtToken = said('token');", block("socket.on('queue-update'")),
    shows: async (_, lines) => lastLine(lines, /^(?<stage>[^:]+): (?<percent>\d+)%$/),
    expected: {
      queued: { stage: 'Job queued', percent: '0', heard: ['queue-update', { eventType: 'job-queued', userId: 'alice' }] },
      started: { stage: 'Job processing started', heard: ['queue-update', { eventType: 'job-started' }] },
      progress: (percent, stage) => ({ stage, percent: String(percent), heard: ['queue-update', { eventType: 'job-progress' }] }),
      completed: { stage: 'Job completed successfully', percent: '100', heard: ['queue-update', { eventType: 'job-completed', result: { pages: 24 } }] },
      failed: { stage: 'Job failed', heard: ['queue-update', { eventType: 'job-failed', error: 'it broke', errorCode: 'E_BROKEN' }] },
      cancelled: { stage: 'Job cancelled', heard: ['queue-update', { eventType: 'job-cancelled', reason: 'not needed' }] },
    },
  },
  {
    name: 'analysis notices',
    user: 'alice',
    own: () => own('notices.tsx'),
    // What the block does with an event is the application's own.
    found: () => page("const [serverUrl, userJwtToken] = ['http://localhost:3000', said('token')];", block("socket.on('analysis:completed'", 'io(serverUrl'),
      "socket.onAny((event, notice) => { document.getElementById('root').innerHTML = `<li data-status=${notice.status}>${notice.error ?? notice.message}</li>`; });"),
    only: 'analysis',
    shows: (tab) => tab.evaluate(() => ({
      status: [...document.querySelectorAll('li')].at(-1)?.dataset.status, text: [...document.querySelectorAll('li')].at(-1)?.textContent,
    })),
    expected: {
      started: { status: 'started', text: 'Analysis started', heard: ['analysis:started', { interviewId: 'job-1', jobId: 'job-1' }] },
      completed: { status: 'success', text: 'Analysis completed!', heard: ['analysis:completed', { result: { pages: 24 } }] },
      failed: { status: 'failed', text: 'it broke' },
      cancelled: { status: 'failed', text: 'Cancelled: not needed' },
    },
  },
  {
    name: 'documents',
    user: 'alice',
    only: 'pdf',
    own: () => own('documents.tsx'),
    found: () => page("import { useEffect } from 'react';", "localStorage.setItem('auth_token', said('token'));", block('const MyComponent', 'useWebSocketStore'),
      `function Tracked({ jobId }) { ${block('jobProgress[jobId]')} return <li data-job={jobId} data-status={progress?.status}>
        <progress value={progress?.progress ?? 0} max={100} /> <span>{progress?.error ?? progress?.step}</span></li>; }`,
      'show(<main><MyComponent /><ul><Tracked jobId="job-1" /></ul></main>);'),
    shows: (tab) => tab.evaluate(() => ({
      line: /Status: \w+/.exec(document.body.textContent)?.[0], status: document.querySelector('[data-job="job-1"]')?.dataset.status,
      percent: document.querySelector('[data-job="job-1"] progress')?.value, text: document.querySelector('[data-job="job-1"] span')?.textContent,
    })),
    expected: {
      queued: { line: 'Status: Connected', status: 'queued', percent: 0 },
      started: { status: 'started' },
      progress: (percent, text) => ({ line: 'Status: Connected', status: 'progress', percent, text }),
      completed: { line: 'Status: Connected', status: 'completed', percent: 100, heard: ['job-completed', { result: { pages: 24 } }] },
      failed: { status: 'failed', text: 'it broke' },
      cancelled: { status: 'failed', text: 'Cancelled: not needed' },
    },
  },
  {
    name: 'PDF connection',
    user: 'alice',
    only: 'pdf',
    found: () => page("const [wsUrl, authToken] = ['http://localhost:3000', said('token')];", block('transports: ["websocket", "polling"]', 'io(wsUrl')),
    shows: () => ({}),
    expected: {
      queued: { heard: ['job-queued', { status: 'queued' }] },
      started: { heard: ['job-started', { status: 'started' }] },
      progress: (progress, step) => ({ heard: ['job-progress', { progress, step }] }),
      completed: { heard: ['job-completed', { result: { pages: 24 } }] },
      failed: { heard: ['job-failed', { error: 'it broke' }] },
      cancelled: { heard: ['job-failed', { error: 'Cancelled: not needed' }] },
    },
  },
  {
    name: 'console session',
    job: 'test-123',
    own: () => own('console.js'),
    found: () => page(block("subscribe:jobs', { jobId: 'test-123' }")),
    shows: async (_, lines) => lastLine(lines, /^Update: .*status"?: ?"?(?<status>\w+)/),
    expected: {
      queued: jobUpdate('queued'),
      started: jobUpdate('started'),
      progress: (progress, message) => ({ heard: ['job:progress', { progress, message }] }),
      completed: { heard: ['job:completed', { result: { pages: 24 } }] },
      failed: { heard: ['job:error', { error: 'it broke' }] },
      cancelled: { heard: ['job:error', { error: 'Cancelled: not needed' }] },
    },
  },
];

const front = (kind, source, code) => ({ job: 'job-1', body: root, ...kind, kind: kind.name, source, name: `${kind.name.replaceAll(' ', '-')}-${source}`, code });

export const ownFronts = kinds.filter((kind) => kind.own).map((kind) => front(kind, 'own', kind.own()));
export const foundFronts = atHand ? kinds.map((kind) => front(kind, 'found', kind.found())) : [];
export const fronts = [...ownFronts, ...foundFronts];
