import { duration } from '../format.js';
import type { FileJob } from '../kinds.js';

export interface Segment {
  name: string;
  ms: number;
  running: boolean;
}

/** How long each stage took. The last one is measured to the last report, not to the clock: it grows when something was said. */
export function segments(job: Pick<FileJob, 'stages' | 'finishedAt' | 'lastReportAt' | 'updatedAt' | 'isFinished'>): Segment[] {
  const end = job.finishedAt ?? job.lastReportAt ?? job.updatedAt;
  return job.stages.map((stage, i) => ({
    name: stage.name,
    ms: Math.max(0, (job.stages[i + 1]?.startedAt ?? end) - stage.startedAt),
    running: !job.isFinished && i === job.stages.length - 1,
  }));
}

export function StageLine({ job }: { job: FileJob }) {
  const all = segments(job);
  if (!all.length) return null;
  const total = all.reduce((sum, one) => sum + one.ms, 0);
  return (
    <div className="stages">
      <div className="stage-bars" aria-hidden="true">
        {all.map((one) => (
          <span key={one.name} className="stage-bar" data-running={one.running || undefined} style={{ flexGrow: total ? Math.max(0.012, one.ms / total) : 1 }} />
        ))}
      </div>
      <ol className="stage-names" aria-label="Stages">
        {all.map((one) => (
          <li key={one.name} data-running={one.running || undefined}>
            {one.name} <small>{duration(one.ms)}</small>
          </li>
        ))}
      </ol>
    </div>
  );
}
