// Takes a job from its lane to its end: started, progress, then exactly one of completed, failed, cancelled.
import { describe } from './jobwire.js';
import { processPdf } from './pipelines/pdf.js';
import { processText } from './pipelines/text.js';
import { processVideo } from './pipelines/video.js';
import { JobError } from './pipelines/job_error.js';

const pipelines = { pdf: processPdf, video: processVideo, text: processText };

/** @param {{publisher: any, journal: any, lanes: any, jobwire: any, log?: (text: string) => void}} parts */
export function createWorker({ publisher, journal, lanes, jobwire, log = console.log }) {
  function take(job) {
    lanes.add(job.queue, job.id, () => work(job).catch((error) => log(`${job.id}: ${error.stack}`)));
  }

  /** The process before this one may have died before Jobwire knew of the job; to tell it twice does no harm. */
  async function takeAgain(job) {
    try {
      await jobwire.createJob(describe(job));
    } catch (error) {
      log(`${job.id}: ${error.message}`);
      if (error.retry === false) return journal.drop(job.id);  // refused: it was removed meanwhile, say
      return takeAgain(job);  // away: createJob has waited a while before it gave up
    }
    take(job);
  }

  async function work(job) {
    const voice = publisher.job(job.id);
    await journal.save({ ...job, state: 'running' });
    await Promise.race([voice.started({ stage: 'start', message: `taken from the ${job.queue} queue` }), halfASecond()]);
    const end = await attempt(job, voice);
    voice.forget();
    await finish(job, end);
  }

  async function attempt(job, voice) {
    try {
      voice.signal.throwIfAborted();
      const result = await pipelines[job.kind]({
        file: journal.upload(job.id), out: journal.out(job.id), report: voice.progress, signal: voice.signal,
      });
      return { type: 'completed', result, message: 'done' };
    } catch (error) {
      if (voice.signal.aborted) {
        void voice.stopping();
        return { type: 'cancelled', reason: 'stopped by the worker as asked' };
      }
      if (!(error instanceof JobError)) log(`${job.id}: ${error.stack}`);
      return { type: 'failed', error: { message: error instanceof JobError ? error.message : 'The worker had an accident', code: error.code ?? 'E_WORKER' } };
    }
  }

  /** The end is on disk before it is told, so that it is told even if this process dies first. */
  async function finish(job, end) {
    const ended = { ...job, state: 'ended', end: { ...end, eventId: `${job.id}:end` }, endedAt: Date.now() };
    await journal.save(ended);
    await journal.dropUpload(job.id);
    void tell(ended).catch((error) => log(`${job.id}: ${error.message}`));
  }

  async function tell(job) {
    await publisher.push({ jobId: job.id, ...job.end });
    await journal.save({ ...job, state: 'told' });
  }

  return {
    take,
    /** A job that waits is cancelled at once: nothing has begun. */
    async cancelWaiting(job) {
      if (lanes.remove(job.id)) await finish(job, { type: 'cancelled', reason: 'taken out of the queue' });
    },
    /** What a process before this one left behind. @returns {Promise<object[]>} the jobs that wait again */
    async resume() {
      const waiting = [];
      for (const job of await journal.all()) {
        if (job.state === 'waiting') waiting.push(job);
        if (job.state === 'running') {
          await finish(job, { type: 'failed', error: { message: 'The worker was restarted while it had this file; drop it again', code: 'E_WORKER_RESTARTED' } });
        }
        if (job.state === 'ended') void tell(job).catch((error) => log(`${job.id}: ${error.message}`));
      }
      for (const job of waiting) void takeAgain(job).catch((error) => log(`${job.id}: ${error.message}`));
      return waiting;
    },
  };
}

// A Jobwire that is away must not hold up the work; one that is there tells of a cancel before it begins.
const halfASecond = () => new Promise((resolve) => { setTimeout(resolve, 500); });
