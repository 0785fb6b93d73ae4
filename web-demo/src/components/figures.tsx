import type { ReactNode } from 'react';

export function Figures({ items }: { items: [label: string, value: string | undefined][] }) {
  return (
    <dl className="figures">
      {items.map(([label, value]) =>
        value ? (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}

/** A chart with its title, and the same in one sentence for who does not look. */
export function Chart({ title, said, children }: { title: string; said: string; children: ReactNode }) {
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <p className="hidden">{said}</p>
      <div aria-hidden="true">{children}</div>
    </figure>
  );
}
