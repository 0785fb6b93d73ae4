import { useSystemMetrics } from '@jobwire/react';
import { count } from '../format.js';

/** `{connections: {websocket: 3}}` -> `[['connections websocket', 3]]` */
export function flatten(value: unknown, path: string[] = []): [string, number][] {
  if (typeof value === 'number') return [[path.join(' '), value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, [...path, key.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/_/g, ' ').toLowerCase()]));
}

export function MetricsPanel() {
  const metrics = useSystemMetrics();
  const rows = flatten(metrics);
  return (
    <section className="metrics" aria-labelledby="metrics-title">
      <h2 id="metrics-title">The server about itself</h2>
      {rows.length ? (
        <dl className="figures">
          {rows.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{count(Math.round(value * 100) / 100)}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <p className="empty">Not told yet.</p>
      )}
    </section>
  );
}
