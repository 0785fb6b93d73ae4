import { useConnection } from '@jobwire/react';
import { useEffect, useState } from 'react';
import { useDemo } from '../demo.js';
import { duration } from '../format.js';
import type { HistoryEvent } from '../ledger.js';
import { Chart } from './figures.js';
import { late } from './late.js';

const Steps = late(() => import('./charts.js').then((charts) => charts.Steps), <div className="chart-gap" />);
const SHOWN = 12;

export interface ReportedEvent extends HistoryEvent {
  progress?: number;
  message?: string;
  reason?: string;
  error?: { message: string };
}

/** How far the job was at each report, in seconds since its first event. Events without a progress of their own keep the last one. */
export function curve(events: readonly ReportedEvent[]): { seconds: number; percent: number }[] {
  const begin = events[0]?.at ?? 0;
  let percent = 0;
  return events.map((event) => {
    if (event.type === 'retried') percent = 0;
    if (event.type === 'completed') percent = 100;
    else if (event.progress !== undefined) percent = Math.max(percent, event.progress);
    return { seconds: Math.round((event.at - begin) / 100) / 10, percent };
  });
}

/** What the server's log has kept of a job: asked for when somebody looks, and again when the job has changed. */
export function HistoryView({ jobId, updatedAt }: { jobId: string; updatedAt: number }) {
  const { config, sessions } = useDemo();
  const [events, setEvents] = useState<ReportedEvent[]>();
  const [problem, setProblem] = useState<string>();
  const { isLive } = useConnection();
  useEffect(() => {
    let wanted = true;
    const ask = async () => {
      const headers = { authorization: `Bearer ${await sessions.token()}` };
      const response = await fetch(`${config.jobwireUrl}/api/v1/jobs/${encodeURIComponent(jobId)}/history?limit=100`, { headers }).catch(() => {
        throw new Error('The server does not answer');
      });
      if (!response.ok) throw new Error(`The server answered ${response.status}`);
      const answer = (await response.json()) as { events: ReportedEvent[] };
      if (wanted) setEvents(answer.events);
    };
    ask().then(() => setProblem(undefined), (error: Error) => setProblem(error.message));
    return () => {
      wanted = false;
    };
  }, [config, sessions, jobId, updatedAt, isLive]);

  if (!events) return <p className="empty">{problem ?? 'Asking the log…'}</p>;
  const begin = events[0]?.at ?? 0;
  const last = events.slice(-SHOWN).reverse();
  const steps = curve(events);
  return (
    <div className="history">
      {steps.some(({ percent }) => percent > 0) ? (
        <Chart title="How far it was, second by second" said={`${events.length} events in ${duration((events.at(-1)?.at ?? begin) - begin)}.`}>
          <Steps rows={steps} />
        </Chart>
      ) : null}
      <div>
        <h4>{events.length > SHOWN ? `The last ${SHOWN} of ${events.length} events in the log` : 'Its events in the log'}</h4>
        <ol className="events">
          {last.map((event) => (
            <li key={event.seq}>
              <span>{event.seq}</span>
              <span>+{duration(event.at - begin)}</span>
              <b>{event.type}</b>
              <span>{[event.stage, event.error?.message ?? event.reason ?? event.message].filter(Boolean).join(': ')}</span>
            </li>
          ))}
        </ol>
      </div>
    </div>
  );
}
