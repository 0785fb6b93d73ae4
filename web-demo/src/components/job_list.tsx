import { useEffect, useMemo, useRef, useState } from 'react';
import { bytes } from '../format.js';
import type { FileJob } from '../kinds.js';
import { useLinkedJob } from '../linked_job.js';
import type { Upload } from '../uploads.js';
import { FleetingButton } from './fleeting_button.js';
import { JobCard } from './job_card.js';

type Filter = 'all' | 'running' | 'ended';
const FILTERS: { id: Filter; name: string }[] = [
  { id: 'all', name: 'All' },
  { id: 'running', name: 'In progress' },
  { id: 'ended', name: 'Ended' },
];
const SHOWN = 30;

interface Props {
  jobs: readonly FileJob[];
  uploads: readonly Upload[];
  onRemoveUpload(key: number): void;
  isPending: boolean;
  /** There are more than a page begins with. */
  isTruncated: boolean;
  error: string | undefined;
  showOwner: boolean;
}

export function JobList({ jobs, uploads, onRemoveUpload, isPending, isTruncated, error, showOwner }: Props) {
  const [filter, setFilter] = useState<Filter>('all');
  const [limit, setLimit] = useState(SHOWN);
  const running = useMemo(() => jobs.filter((job) => !job.isFinished).length, [jobs]);
  const counts: Record<Filter, number> = { all: jobs.length, running, ended: jobs.length - running };
  const { linked, isMissing, forget } = useLink(jobs, isPending, () => setFilter('all'));
  const fitting = jobs.filter((job) => filter === 'all' || job.isFinished === (filter === 'ended'));
  // On a small window the list is below the fold: who has handed something in is taken there.
  const head = useRef<HTMLDivElement>(null);
  const newest = uploads[0]?.key ?? 0;
  useEffect(() => {
    const below = (head.current?.getBoundingClientRect().top ?? 0) > window.innerHeight - 120;
    if (newest && below) head.current?.scrollIntoView({ block: 'center' });
  }, [newest]);
  return (
    <section id="jobs" className="jobs" aria-labelledby="jobs-title" tabIndex={-1}>
      <div className="jobs-head" ref={head}>
        <h2 id="jobs-title">{showOwner ? 'All jobs' : 'Your jobs'}</h2>
        <div className="filters" role="group" aria-label="Which jobs">
          {FILTERS.map(({ id, name }) => (
            <button type="button" key={id} aria-pressed={filter === id} onClick={() => setFilter(id)}>
              {name} <span>{counts[id]}</span>
            </button>
          ))}
        </div>
      </div>
      {error ? (
        <p className="notice" role="alert">
          {error}
        </p>
      ) : null}
      {isMissing ? (
        <div className="notice with-dismiss">
          <p role="alert">That job is not here any more. A job is kept for a day after its end, what was said of it for a month.</p>
          <FleetingButton heir=".jobs" className="quiet small" onClick={forget}>
            Dismiss
          </FleetingButton>
        </div>
      ) : null}
      <ul className="cards">
        {uploads.map((one) => (
          <UploadCard key={`upload-${one.key}`} upload={one} onRemove={() => onRemoveUpload(one.key)} />
        ))}
        {fitting.filter((job, at) => at < limit || job.id === linked?.id).map((job) => (
          <JobCard key={job.id} job={job} showOwner={showOwner} linked={linked?.id === job.id ? linked : undefined} />
        ))}
      </ul>
      {fitting.length > limit ? (
        <FleetingButton heir=".jobs" className="quiet more" onClick={() => setLimit(limit + SHOWN)}>
          Show {Math.min(SHOWN, fitting.length - limit)} more of {fitting.length - limit}
        </FleetingButton>
      ) : null}
      {isTruncated && fitting.length <= limit ? <p className="older">There are older jobs, which are not on this page.</p> : null}
      {!fitting.length && !uploads.length ? <Empty isPending={isPending} filter={jobs.length ? filter : 'all'} isAdmin={showOwner} /> : null}
    </section>
  );
}

/** The job that a link has led to, once it is here; `isMissing`: it is not, and will not come. */
function useLink(jobs: readonly FileJob[], isPending: boolean, onFound: () => void) {
  const [linked, forget] = useLinkedJob();
  const found = useRef(onFound);
  useEffect(() => {
    found.current = onFound;
  });
  const isHere = linked !== undefined && jobs.some((job) => job.id === linked.id);
  useEffect(() => {
    if (isHere) found.current();
  }, [linked, isHere]);
  return { linked: isHere ? linked : undefined, isMissing: linked !== undefined && !isHere && !isPending, forget };
}

function Empty({ isPending, filter, isAdmin }: { isPending: boolean; filter: Filter; isAdmin: boolean }) {
  if (isPending) return <p className="empty">Asking for {isAdmin ? 'the' : 'your'} jobs…</p>;
  const words: Record<Filter, string> = {
    all: isAdmin ? 'No job yet. Alice and Bob hand them in.' : 'No job yet. The atlas of curves is a good first one.',
    running: 'Nothing is being worked on.',
    ended: 'Nothing has ended yet.',
  };
  return <p className="empty">{words[filter]}</p>;
}

function UploadCard({ upload, onRemove }: { upload: Upload; onRemove(): void }) {
  const percent = upload.size ? (100 * upload.sent) / upload.size : 0;
  const text = {
    fetching: 'fetching the sample',
    sending: `sent ${bytes(upload.sent)} of ${bytes(upload.size)}`,
    'handed-in': 'handed in; its job is on the way here',
    failed: upload.error ?? 'failed',
  }[upload.state];
  return (
    <li className="card upload" data-status={upload.state === 'failed' ? 'failed' : 'queued'}>
      <div className="card-head">
        <div className="card-name">
          <h3>{upload.name}</h3>
          <p className="card-facts">{upload.state === 'failed' ? 'not taken' : 'on its way to the back end'}</p>
        </div>
        <FleetingButton heir=".jobs" className="quiet small" onClick={onRemove}>
          {upload.state === 'sending' ? 'Stop' : 'Dismiss'} <span className="hidden">{upload.name}</span>
        </FleetingButton>
      </div>
      {upload.state === 'sending' || upload.state === 'handed-in' ? (
        <div className="track" role="progressbar" aria-label={`Upload of ${upload.name}`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(percent)}>
          <span className="track-fill" style={{ width: `${percent}%` }} />
        </div>
      ) : null}
      <p className={upload.state === 'failed' ? 'card-error' : 'card-message'} role={upload.state === 'failed' ? 'alert' : undefined}>
        {text}
      </p>
    </li>
  );
}
