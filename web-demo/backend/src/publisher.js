// Publishes job events to Jobwire and never gets in the way of the work: nothing here throws into a job.
//
//   report -> queue -> one batch in flight at a time (so the order is kept) -> verdicts
//
// A batch that gets no answer is sent again with the same event ids: Jobwire takes each once. While a batch is under way,
// newer progress of the same job and stage replaces what still waits, so an outage costs a few events per job and no more.
import { randomUUID } from 'node:crypto';
import { sleep } from './jobwire.js';

const BATCH = 200;
const RETRY_FIRST_MS = 200;
const RETRY_MOST_MS = 5_000;

/**
 * @param {{url: string, apiKey: string, fetch?: typeof fetch, wait?: (ms: number) => Promise<void>,
 *          random?: () => number, warn?: (text: string) => void}} options
 */
export function createPublisher({ url, apiKey, fetch = globalThis.fetch, wait = sleep, random = Math.random, warn = console.warn }) {
  /** @type {{event: object, settle?: (delivered: boolean) => void}[]} */
  let queue = [];
  let sending = false;
  /** @type {Map<string, AbortController>} */
  const cancels = new Map();

  function push(event) {
    const entry = { event: { eventId: randomUUID(), reportedAt: Date.now(), ...event } };
    const delivered = new Promise((resolve) => { entry.settle = resolve; });
    const older = event.type === 'progress' ? queue.findLastIndex((e) => e.event.jobId === event.jobId) : -1;
    if (older >= 0 && queue[older].event.type === 'progress' && queue[older].event.stage === event.stage) {
      queue[older].settle(false);
      queue[older] = entry;
    } else {
      queue.push(entry);
    }
    if (!sending) void drain();
    return delivered;
  }

  async function drain() {
    sending = true;
    while (queue.length) {
      await Promise.resolve();  // what one turn reports goes out together
      const batch = queue.slice(0, BATCH);
      queue = queue.slice(BATCH);
      await deliver(batch);
    }
    sending = false;
  }

  async function deliver(batch) {
    const body = JSON.stringify(batch.map((entry) => entry.event));
    for (let attempt = 0; ; attempt += 1) {
      const answer = await post(body);
      if (answer.verdicts) return batch.forEach((entry, i) => settle(entry, answer.verdicts[i]));
      if (!answer.retry) return refused(batch, answer.reason);
      if (attempt === 0) warn(`Jobwire does not answer (${answer.reason}); the work goes on, reports are kept`);
      const ceiling = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** attempt);
      await wait(Math.max(answer.retryAfterMs ?? 0, ceiling * (0.5 + random() / 2)));
    }
  }

  async function post(body) {
    try {
      const response = await fetch(`${url}/api/v1/events`, {
        method: 'POST', body, signal: AbortSignal.timeout(10_000),
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      });
      const answer = await response.json().catch(() => undefined);
      if (response.ok && Array.isArray(answer?.verdicts)) return { verdicts: answer.verdicts };
      const retry = response.ok || response.status >= 500 || response.status === 429 || response.status === 408;
      return { retry, reason: `${response.status} ${answer?.code ?? ''} ${answer?.message ?? ''}`.trim(),
        retryAfterMs: 1000 * Number(response.headers.get('retry-after') ?? 0) };
    } catch (error) {
      return { retry: true, reason: error.cause?.code ?? error.name };
    }
  }

  function settle(entry, verdict) {
    if (verdict?.cancelRequested) cancels.get(entry.event.jobId)?.abort(new Error('cancel requested'));
    const accepted = verdict && verdict.status !== 'rejected';
    // It has ended elsewhere, or was removed: nobody waits for this work.
    if (!accepted && ['conflict', 'gone'].includes(verdict?.error?.code)) cancels.get(entry.event.jobId)?.abort(new Error('ended elsewhere'));
    if (!accepted) warn(`${entry.event.type} of ${entry.event.jobId} refused: ${verdict?.error?.code ?? 'no verdict'}`);
    entry.settle(Boolean(accepted));
  }

  // A batch that is refused as a whole (it is too large, say) is told one by one, so that one bad event spoils no other.
  async function refused(batch, reason) {
    if (batch.length > 1) for (const entry of batch) await deliver([entry]);
    else settle(batch[0], { status: 'rejected', error: { code: reason } });
  }

  return {
    push,
    /** The voice of one job. `signal` aborts when a verdict says that a cancel was asked for. */
    job(jobId) {
      const cancel = new AbortController();
      cancels.set(jobId, cancel);
      const say = (type, fields) => push({ type, jobId, ...fields });
      return {
        signal: cancel.signal,
        cancel: () => cancel.abort(new Error('cancel requested')),
        started: (fields) => say('started', fields),
        progress: (progress, stage, message) => say('progress', { progress: Math.round(progress * 100) / 100, stage, message }),
        /** A cancel was heard: the step between asked for and done. */
        stopping: () => say('log', { stage: 'stopping', message: 'the worker has heard it' }),
        forget: () => cancels.delete(jobId),
      };
    },
    /** How many reports wait to be told. */
    get waiting() { return queue.length; },
  };
}
