// In the page: the same batches of events through the SDK's core (bytes in, changed jobs as views out, as the client does once
// per animation frame) and through JSON.parse with a reducer as one writes it in JavaScript.
import { Call, Core } from '../../../sdk-wasm/ts/core/core.js';
import { JobTable } from '../../../sdk-wasm/ts/core/job_table.js';
import { loadCore } from '../../../sdk-wasm/ts/core/loader.js';

interface Job {
  id: string;
  status: string;
  progress: number;
  stage: string;
  message: string;
  stages: { name: string; startedAt: number }[];
  startedAt: number;
  lastReportAt: number;
  updatedAt: number;
  version: number;
  seq: number;
  [field: string]: unknown;
}
interface JobEvent {
  type: string;
  jobId: string;
  seq: number;
  offset: number;
  at: number;
  progress: number;
  stage: string;
  message: string;
}

const epoch = '00000000000000aa';
const startedAt = 1_764_000_000_000;

function snapshot(index: number): Job {
  return {
    id: `job-${index}`, type: 'pdf', queue: 'normal', userId: 'alice', status: 'active', progress: 1, stage: 'pages', message: 'page 1', attempt: 1,
    stages: [{ name: 'pages', startedAt }], createdAt: startedAt, startedAt, lastReportAt: startedAt, updatedAt: startedAt, version: index + 1, seq: 1,
  };
}

// An event of exactly 200 bytes, its fields in the server's order.
function event(job: number, seq: number, offset: number): string {
  const text = (filler: string) => JSON.stringify({
    type: 'progress', jobId: `job-${job}`, seq, offset, at: startedAt + offset, stage: offset % 2 ? 'pages' : 'text', message: filler,
    progress: (offset % 9900) / 100,
  });
  return text(`page ${offset} `.padEnd(200 - text('').length, 'x'));
}

function batches(jobs: number, size: number, count: number): string[] {
  const seqs = Array.from({ length: jobs }, () => 1);
  let offset = jobs;
  return Array.from({ length: count }, () => {
    const events = Array.from({ length: size }, (_, i) => event(i % jobs, ++seqs[i % jobs], ++offset));
    return `{"event":"changes","data":{"cursor":"${epoch}:${offset}","events":[${events.join(',')}]}}`;
  });
}

function reduce(job: Job, event: JobEvent): Job {
  if (event.seq !== job.seq + 1) throw new Error('a gap');
  const next = { ...job, version: event.offset, seq: event.seq, updatedAt: event.at, lastReportAt: event.at };
  switch (event.type) {
    case 'progress':
      next.status = 'active';
      next.progress = Math.max(job.progress, event.progress);
      break;
    default:
      throw new Error(event.type);
  }
  if (event.stage !== undefined && event.stage !== job.stage) {
    next.stage = event.stage;
    if (!job.stages.some((mark) => mark.name === event.stage)) next.stages = [...job.stages, { name: event.stage, startedAt: event.at }];
  }
  if (event.message !== undefined) next.message = event.message;
  return next;
}

/** Times `fold` over the messages, some 100 events at a time: short enough that most samples are not interrupted. */
function sample<T>(messages: readonly T[], size: number, fold: (message: T) => void): number[] {
  const together = Math.max(1, Math.round(100 / size));
  const samples: number[] = [];
  for (let at = 0; at < messages.length; at += together) {
    const group = messages.slice(at, at + together);
    const begin = performance.now();
    for (const message of group) fold(message);
    samples.push(((performance.now() - begin) * 1e6) / (group.length * size));
  }
  return samples;
}
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

interface Run {
  ns: number;
  last: unknown;
}

function runJavaScript(messages: string[], jobs: number, size: number): Run {
  const table = new Map(Array.from({ length: jobs }, (_, i) => [`job-${i}`, snapshot(i)] as [string, Job]));
  let changed = new Set<string>();
  const samples = sample(messages, size, (message) => {
    changed = new Set();
    for (const each of JSON.parse(message).data.events as JobEvent[]) {
      table.set(each.jobId, reduce(table.get(each.jobId)!, each));
      changed.add(each.jobId);
    }
  });
  const job = table.get('job-0')!;
  return { ns: median(samples), last: [changed.size, job.progress, job.stage, job.message] };
}

async function runSdk(wasm: WebAssembly.Module, messages: Uint8Array[], jobs: number, size: number): Promise<Run> {
  const core = new Core(await loadCore(wasm), { clientName: 'bench' });
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const table = new JobTable();
  core.call(Call.start);
  core.call(Call.follow, 'user:alice');
  const actions = core.take(Call.takeActions);
  if (actions.number() !== 0) throw new Error('no socket was asked for');
  const socket = actions.number();
  core.call(Call.opened, '', socket);
  core.call(Call.received, encode({ event: 'welcome', data: { sessionId: 's', cursor: `${epoch}:${jobs}`, heartbeat: 60_000, role: 'user', serverTime: Date.now() } }), socket);
  core.call(Call.received, encode({
    event: 'changes', data: { cursor: `${epoch}:${jobs}`, reset: true, synced: true, jobs: Array.from({ length: jobs }, (_, i) => snapshot(i)), followed: ['user:alice'] },
  }), socket);
  core.take(Call.takeActions);
  table.fold(core.take(Call.takeChanges));
  let changed = 0;
  const samples = sample(messages, size, (message) => {
    core.call(Call.received, message, socket);
    core.take(Call.takeActions);
    changed = table.fold(core.take(Call.takeChanges)).changed;
  });
  const job = table.find('job-0')!.view;
  return { ns: median(samples), last: [changed, job.progress, job.stage, job.message] };
}

/** Nanoseconds per event, a figure per round: {sdk, javascript}. */
export async function measure(jobs: number, size: number, rounds: number): Promise<{ sdk: number[]; javascript: number[] }> {
  const texts = batches(jobs, size, Math.round(20_000 / size));
  const bytes = texts.map((text) => new TextEncoder().encode(text));
  const wasm = await WebAssembly.compileStreaming(fetch('/core.wasm'));
  const result = { sdk: [] as number[], javascript: [] as number[] };
  for (let round = -2; round < rounds; ++round) {
    const sdk = await runSdk(wasm, bytes, jobs, size);
    const javascript = runJavaScript(texts, jobs, size);
    if (JSON.stringify(sdk.last) !== JSON.stringify(javascript.last)) throw new Error(`they differ: ${JSON.stringify([sdk.last, javascript.last])}`);
    if (round < 0) continue;  // code is compiled and tiered up
    result.sdk.push(sdk.ns);
    result.javascript.push(javascript.ns);
  }
  return result;
}

Object.assign(globalThis, { measure });
