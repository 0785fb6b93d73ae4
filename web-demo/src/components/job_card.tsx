import { useClient, useConnection, type Job } from '@jobwire/react';
import { ChevronDown, FileText, Film, Hand, ScrollText, TriangleAlert } from 'lucide-react';
import { memo, useEffect, useId, useRef, useState } from 'react';
import { fileUrl } from '../backend.js';
import { useDemo, useNow } from '../demo.js';
import { about, bytes, duration, ordinal, plural, timeOfDay, wholeSeconds } from '../format.js';
import { nameOf, type FileJob } from '../kinds.js';
import type { LinkedJob } from '../linked_job.js';
import { Facts } from './facts.js';
import { FleetingButton, useHeir } from './fleeting_button.js';
import { HistoryView } from './history_view.js';
import { JobResult } from './job_result.js';
import { StageLine } from './stage_line.js';

const ICONS: Record<string, typeof FileText> = { pdf: FileText, video: Film, text: ScrollText, 'by-hand': Hand };
const STATUS: Record<Job['status'], string> = { queued: 'waiting', active: 'working', completed: 'done', failed: 'failed', cancelled: 'cancelled' };

/** Drawn again only when its own job has changed: the SDK keeps the object of a job that has not. */
export const JobCard = memo(function JobCard({ job, showOwner, linked }: { job: FileJob; showOwner: boolean; linked?: LinkedJob | undefined }) {
  const id = useId();
  const canOpen = job.status === 'completed' && job.type !== 'by-hand';
  // Who watched it run sees at once what came out; what was there before stays folded.
  const [open, setOpen] = useState<boolean | undefined>(job.isFinished ? false : undefined);
  const isOpen = canOpen && (open ?? true);
  const [log, setLog] = useState(false);
  const article = useRef<HTMLElement>(null);
  useHeir(article, '.jobs');
  useEffect(() => {
    if (!linked) return;
    setOpen(true);
    article.current?.scrollIntoView({ block: 'start' });
    article.current?.focus({ preventScroll: true });
  }, [linked]);
  const { config } = useDemo();
  const cover = coverOf(job);
  const Icon = ICONS[job.type ?? ''] ?? FileText;
  const name = nameOf(job);
  return (
    <li className="card" data-status={job.status} data-job={job.id} data-cancelling={job.isCancelling || undefined}>
      <article ref={article} tabIndex={-1} aria-labelledby={`${id}-name`}>
        <div className="card-head">
          <span className="card-icon" aria-hidden="true">
            {cover ? <img src={fileUrl(config, job.id, cover)} alt="" /> : <Icon size={20} />}
          </span>
          <div className="card-name">
            <h3 id={`${id}-name`}>{name}</h3>
            <p className="card-facts">
              <Facts items={facts(job, showOwner)} />
            </p>
          </div>
          <span className="pill" data-status={job.status}>
            {job.isCancelling ? 'stopping' : STATUS[job.status]}
          </span>
          <Standing job={job} />
        </div>
        {job.status === 'active' ? <Track job={job} name={name} /> : null}
        <StageLine job={job} />
        <div className="card-foot">
          <Message job={job} />
          <Outlook job={job} />
          <CancelButton job={job} name={name} />
          <button type="button" className="quiet small" aria-expanded={log} aria-controls={`${id}-log`} aria-label={`Log of ${name}`} onClick={() => setLog(!log)}>
            Log <ChevronDown size={14} className="chevron" aria-hidden="true" />
          </button>
          {canOpen ? (
            <button type="button" className="quiet small" aria-expanded={isOpen} aria-controls={`${id}-result`} onClick={() => setOpen(!isOpen)}>
              {isOpen ? 'Hide result' : 'Show result'} <span className="hidden">of {name}</span> <ChevronDown size={14} className="chevron" aria-hidden="true" />
            </button>
          ) : null}
        </div>
        <div id={`${id}-log`}>{log ? <HistoryView jobId={job.id} updatedAt={job.updatedAt} /> : null}</div>
        <div id={`${id}-result`}>{isOpen ? <JobResult job={job} /> : null}</div>
      </article>
    </li>
  );
});

function facts(job: FileJob, showOwner: boolean): string[] {
  const { size } = job.metadata;
  return [
    ...(size ? [bytes(size)] : []),
    `${job.queue ?? 'no'} queue`,
    ...(showOwner ? [job.userId ?? 'nobody'] : []),
    ...(job.attempt > 1 ? [`attempt ${job.attempt}`] : []),
    ...(job.finishedAt && job.startedAt ? [`took ${duration(job.finishedAt - job.startedAt)}`] : []),
    timeOfDay(job.createdAt),
  ];
}

/** The picture that stands for what came out. */
function coverOf({ result }: FileJob): string | undefined {
  if (result?.kind === 'pdf') return result.pictures?.[0];
  return result?.kind === 'video' ? result.pictures?.[2] : undefined;
}

/** The one number that matters now: how far, or how many before. */
function Standing({ job }: { job: FileJob }) {
  if (job.status === 'active') {
    return (
      <span className="percent">
        {Math.floor(job.progress)}
        <small>%</small>
      </span>
    );
  }
  const place = job.status === 'queued' ? job.estimate?.queuePosition : undefined;
  if (!place || job.type === 'by-hand') return null;
  return (
    <span className="place">
      {ordinal(place)}
      <small>in the queue</small>
    </span>
  );
}

function Track({ job, name }: { job: FileJob; name: string }) {
  const words = job.status === 'queued' ? 'waiting' : [job.stage, job.message].filter(Boolean).join(', ');
  return (
    <div
      className="track"
      role="progressbar"
      aria-label={`Progress of ${name}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(job.progress)}
      aria-valuetext={`${Math.round(job.progress)} %${words ? `, ${words}` : ''}`}
    >
      <span className="track-fill" style={{ width: `${job.progress}%` }} />
    </div>
  );
}

function Message({ job }: { job: FileJob }) {
  if (job.status === 'failed') {
    return (
      <p className="card-error">
        <TriangleAlert size={15} aria-hidden="true" />
        <span>
          {job.error?.message ?? 'It failed without a word'}
          {job.error?.code ? <code>{job.error.code}</code> : null}
        </span>
      </p>
    );
  }
  if (job.cancelRequestedAt || job.status === 'cancelled') return <CancelSteps job={job} />;
  if (job.status === 'queued') return <p className="card-message">{position(job)}</p>;
  if (job.status === 'completed') return <p className="card-message">finished {job.finishedAt ? `at ${timeOfDay(job.finishedAt)}` : ''}</p>;
  return <p className="card-message">{job.message ?? job.statusText ?? 'begun'}</p>;
}

function position(job: FileJob): string {
  const place = job.estimate?.queuePosition;
  if (job.type === 'by-hand') return 'waits for the first line from your terminal';
  if (!place) return 'in the queue';
  return place === 1 ? 'next to be taken' : `${plural(place - 1, 'job')} before it`;
}

/** A cancel is a question with an answer: asked, heard by the worker, over. */
function CancelSteps({ job }: { job: FileJob }) {
  const steps: { name: string; at: number | undefined }[] = [{ name: 'asked to stop', at: job.cancelRequestedAt }];
  const heard = job.stages.find((stage) => stage.name === 'stopping');
  if (heard) steps.push({ name: 'heard by the worker', at: heard.startedAt });
  if (job.status === 'cancelled') steps.push({ name: 'stopped', at: job.finishedAt });
  else if (job.isFinished) steps.push({ name: 'too late, it was done', at: job.finishedAt });
  else steps.push({ name: 'waiting for the worker to stop', at: undefined });
  return (
    <ol className="steps" aria-label="Cancel">
      {steps.map(({ name, at }) => (
        <li key={name} data-done={at !== undefined || undefined}>
          {name}
          {at !== undefined ? <time>{timeOfDay(at)}</time> : null}
        </li>
      ))}
    </ol>
  );
}

function Outlook({ job }: { job: FileJob }) {
  const waiting = !job.isFinished && job.type !== 'by-hand';
  const { isLive } = useConnection();
  const now = useNow(!job.isFinished && isLive);
  // What is expected was worked out by the server: without it there is nothing to expect.
  if (job.isFinished || job.isCancelling || !isLive) return null;
  const { estimate } = job;
  const silent = estimate?.silentMs !== undefined && job.lastReportAt ? Math.max(estimate.silentMs, now - job.lastReportAt) : undefined;
  if (job.status === 'active' && silent !== undefined) {
    return (
      <p className="outlook silent">
        <TriangleAlert size={14} aria-hidden="true" /> no report for {wholeSeconds(silent)}
      </p>
    );
  }
  if (!waiting) return null;
  const left = job.status === 'queued' ? estimate?.waitMs : estimate?.remainingMs;
  if (left !== undefined) return <p className="outlook">{job.status === 'queued' ? `starts in ${about(left)}` : `${about(left)} left`}</p>;
  return estimate?.learning ? <p className="outlook">learning how long this takes</p> : null;
}

function CancelButton({ job, name }: { job: FileJob; name: string }) {
  const client = useClient();
  const [state, setState] = useState<'idle' | 'asking' | { problem: string }>('idle');
  if (job.isFinished || job.isCancelling) return null;
  const isAsking = state === 'asking';
  const ask = () => {
    setState('asking');
    client?.cancel(job.id, 'asked for on the page').then(() => setState('idle'), (error: Error) => setState({ problem: error.message }));
  };
  return (
    <>
      {typeof state === 'object' ? (
        <p className="card-error cancel-error" role="alert">
          Not cancelled: {state.problem}
        </p>
      ) : null}
      <FleetingButton heir="article" className="quiet small" aria-label={`Cancel ${name}`} aria-disabled={isAsking || undefined} onClick={() => isAsking || ask()}>
        {isAsking ? 'Asking…' : 'Cancel'}
      </FleetingButton>
    </>
  );
}
