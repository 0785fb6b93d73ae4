import { useConnection, useQueueStatus } from '@jobwire/react';
import { about } from '../format.js';

const QUEUES = [
  { name: 'premium', note: 'two at a time' },
  { name: 'normal', note: 'one at a time' },
  { name: 'large', note: 'from 8 MB, one at a time' },
];

export function QueuePanel() {
  const { isLive } = useConnection();
  return (
    <section className="panel" aria-labelledby="queues-title">
      <h2 id="queues-title">
        Queues {isLive ? null : <small>as last known</small>}
      </h2>
      <ul className="queues">
        {QUEUES.map((queue) => (
          <Queue key={queue.name} {...queue} />
        ))}
      </ul>
    </section>
  );
}

function Queue({ name, note }: { name: string; note: string }) {
  const status = useQueueStatus(name);
  const active = status?.active ?? 0;
  const waiting = status?.waiting ?? 0;
  return (
    <li className="queue">
      <p className="queue-name">
        {name} <small>{note}</small>
      </p>
      <div className="queue-line" aria-hidden="true">
        {Array.from({ length: Math.min(12, active) }, (_, i) => (
          <span key={`a${i}`} className="token working" />
        ))}
        {Array.from({ length: Math.min(24, waiting) }, (_, i) => (
          <span key={`w${i}`} className="token" />
        ))}
      </div>
      <p className="queue-counts">
        {status ? (
          <span>
            <b>{active}</b> working · <b>{waiting}</b> waiting
          </span>
        ) : (
          'not told yet'
        )}
        {status ? <span>{averageWait(status.averageWaitMs)}</span> : null}
      </p>
    </li>
  );
}

/** Of the jobs that were taken so far. */
export function averageWait(ms: number | undefined): string {
  if (ms === undefined) return 'no wait measured yet';
  return ms < 1_000 ? 'on average no wait' : `average wait ${about(ms)}`;
}
