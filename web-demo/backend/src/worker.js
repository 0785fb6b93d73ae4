// Takes a job from its lane to its end: started, progress, then exactly one of completed, failed, cancelled.
import { setTimeout as sleep } from 'node:timers/promises';
import { inWords } from './in_words.js';
import { JobError } from './pipelines/job_error.js';
import { processPdf } from './pipelines/pdf.js';
import { processText } from './pipelines/text.js';
import { processVideo } from './pipelines/video.js';

const pipelines = { pdf: processPdf, video: processVideo, text: processText };
// A Jobwire that is away must not hold up the work. One that is there refuses a job, and tells of a cancel, before it begins.
const PATIENCE_MS = 500;

/** @param {{jobwire: import('@jobwire/publisher').Jobwire, journal: any, lanes: any, patienceMs?: number, log?: (text: string) => void}} parts */
export function createWorker({ jobwire, journal, lanes, patienceMs = PATIENCE_MS, log = console.log }) {
  const waiting = new Map();
  const atMost = (answer) => Promise.race([answer, sleep(patienceMs, undefined, { ref: false })]);

  /** Rejects where Jobwire does not want the job. To tell of a job twice does no harm: it has its id. */
  async function take(job) {
    await atMost(jobwire.create(describe(job)));
    waiting.set(job.id, job);
    lanes.add(job.queue, job.id, () => work(job).catch((error) => log(`${job.id}: ${error.stack}`)));
  }

  async function work(job) {
    waiting.delete(job.id);
    const voice = jobwire.job(job.id);
    const { signal, stop } = voice.watch();
    await journal.save({ ...job, state: 'running' });
    await atMost(voice.started({ stage: 'start', message: `taken from the ${job.queue} queue` }));
    const end = await attempt(job, voice, signal);
    stop();
    await finish(job, end);
  }

  /** How it ended; undefined where it has ended elsewhere, and nobody waits for the news. */
  async function attempt(job, voice, signal) {
    try {
      signal.throwIfAborted();
      const report = (percent, stage, message) => void voice.progress(percent, stage, message);
      const result = await pipelines[job.kind]({ file: journal.upload(job.id), out: journal.out(job.id), report, signal });
      return { type: 'completed', result, message: inWords(result) };
    } catch (error) {
      if (signal.aborted && signal.reason.why === 'ended') return undefined;
      if (signal.aborted) {
        void voice.log('the worker has heard it', { stage: 'stopping' });
        return { type: 'cancelled', reason: 'stopped by the worker as asked' };
      }
      if (!(error instanceof JobError)) log(`${job.id}: ${error.stack}`);
      return { type: 'failed', error: { message: error instanceof JobError ? error.message : 'The worker had an accident', code: error.code ?? 'E_WORKER' } };
    }
  }

  /** The end is on disk before it is told, so that it is told even if this process dies first. */
  async function finish(job, end) {
    const ended = { ...job, state: end ? 'ended' : 'told', end, endedAt: Date.now() };
    await journal.save(ended);
    await journal.dropUpload(job.id);
    if (end) void tell(ended).catch((error) => log(`${job.id}: ${error.message}`));
  }

  /** The same event id each time: Jobwire takes it once. */
  async function tell(job) {
    const { status } = await jobwire.report({ ...job.end, jobId: job.id, eventId: `${job.id}:end` });
    if (status !== 'dropped') await journal.save({ ...job, state: 'told' });
  }

  async function takeAgain(job) {
    try {
      await take(job);
    } catch (error) {
      log(`${job.id}: ${error.message}`);
      await journal.drop(job.id);  // it was removed meanwhile, say
    }
  }

  return {
    take,
    /** Jobs that wait: nothing is reported of them, so no reply tells of a cancel. */
    get waiting() { return lanes.waiting; },
    /** Nothing has begun: it is cancelled at once. */
    async cancelWaiting(id) {
      const job = waiting.get(id);
      if (!job || !lanes.remove(id)) return;
      waiting.delete(id);
      await finish(job, { type: 'cancelled', reason: 'taken out of the queue' });
    },
    /** Takes up what a process before this one left behind, and may have died with before Jobwire had heard of it. */
    async resume() {
      for (const job of await journal.all()) {
        if (job.state === 'waiting') void takeAgain(job).catch((error) => log(`${job.id}: ${error.message}`));
        if (job.state === 'running' || job.state === 'ended') jobwire.create(describe(job)).catch(() => {});
        if (job.state === 'running') {
          await finish(job, { type: 'failed', error: { message: 'The worker was restarted while it had this file; drop it again', code: 'E_WORKER_RESTARTED' } });
        }
        if (job.state === 'ended') void tell(job).catch((error) => log(`${job.id}: ${error.message}`));
      }
    },
  };
}

/** A file's job as Jobwire is told of it. */
const describe = ({ id, kind, queue, user, name, size }) => ({
  id, type: kind, queue, userId: user, ref: `file:${id.slice(0, 8)}`, metadata: { name, size },
});
