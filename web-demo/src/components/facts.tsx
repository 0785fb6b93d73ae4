import { Fragment } from 'react';

/** Short facts in a row, with dots between them and none where a line begins or ends. */
export function Facts({ items }: { items: readonly string[] }) {
  return (
    <span className="facts">
      <span>
        {items.map((item) => (
          <Fragment key={item}>
            <span className="fact">{item}</span>{' '}
          </Fragment>
        ))}
      </span>
    </span>
  );
}
