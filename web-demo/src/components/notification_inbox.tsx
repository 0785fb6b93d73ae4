import type { Notification, UseNotifications } from '@jobwire/react';
import { CheckCheck } from 'lucide-react';
import { useId, useState } from 'react';
import { useDemo, useNow } from '../demo.js';
import { ago, timeOfDay } from '../format.js';
import { destination, KINDS } from '../notices.js';

/** The list behind the bell. `onLeave`: a button has led elsewhere on the page. */
export function NotificationInbox({ inbox, onLeave }: { inbox: UseNotifications; onLeave(): void }) {
  const { notifications, unread, hasMore, isPending, error } = inbox;
  const { persona } = useDemo();
  const now = useNow(true, 10_000);
  const title = useId();
  const [problem, setProblem] = useState<string>();
  const [isLoading, setLoading] = useState(false);
  const attempt = (what: Promise<void>, wentWrong: string) => {
    setProblem(undefined);
    return what.catch((failure: Error) => setProblem(`${wentWrong}: ${failure.message}`));
  };
  const loadMore = () => {
    setLoading(true);
    void attempt(inbox.loadMore(), 'Older ones did not come').finally(() => setLoading(false));
  };
  const said = problem ?? error?.message;
  return (
    <section className="inbox" aria-labelledby={title} data-testid="inbox">
      <div className="inbox-head">
        <h2 id={title}>Notifications</h2>
        {notifications.length ? (
          <button type="button" className="quiet small" aria-disabled={!unread || undefined} onClick={() => unread && void attempt(inbox.readAll(), 'Not marked')}>
            <CheckCheck size={15} aria-hidden="true" /> {unread ? 'Mark all read' : 'All read'}
          </button>
        ) : null}
      </div>
      {said ? (
        <p className="notice" role="alert">
          {said}
        </p>
      ) : null}
      {notifications.length ? (
        <ul className="inbox-list" tabIndex={-1}>
          {notifications.map((one) => (
            <Entry key={one.id} notification={one} now={now} onRead={() => void attempt(inbox.read(one.id), 'Not marked')} onLeave={onLeave} />
          ))}
          {hasMore || error ? (
            <li>
              <button type="button" className="quiet inbox-more" aria-disabled={isLoading || undefined} onClick={() => isLoading || loadMore()}>
                {isLoading ? 'Fetching…' : 'Show older ones'}
              </button>
            </li>
          ) : null}
        </ul>
      ) : (
        <Empty isPending={isPending && !said} isAdmin={persona === 'admin'} />
      )}
    </section>
  );
}

function Entry({ notification, now, onRead, onLeave }: { notification: Notification; now: number; onRead(): void; onLeave(): void }) {
  const { type, title, message, createdAt, clearedAt, read } = notification;
  const { Icon, name } = KINDS[type];
  return (
    <li className="entry" data-type={type} data-unread={!read || undefined} data-cleared={clearedAt !== undefined || undefined} tabIndex={-1}>
      <span className="entry-icon">
        <Icon size={17} aria-hidden="true" />
      </span>
      <div className="entry-text">
        <p className="entry-title">
          <span className="hidden">{`${read ? '' : 'Unread. '}${name}: `}</span>
          {title}
        </p>
        {message ? <p className="entry-message">{message}</p> : null}
        <p className="entry-time">
          <time dateTime={new Date(createdAt).toISOString()} title={new Date(createdAt).toLocaleString('en-GB')}>
            {ago(createdAt, now)}
          </time>
          {clearedAt === undefined ? null : <> · over since {timeOfDay(clearedAt)}</>}
        </p>
        <div className="entry-foot">
          <ActionLink notification={notification} onFollow={onLeave} onRead={onRead} />
          {read ? null : (
            <button
              type="button"
              className="quiet small"
              aria-label={`Mark read: ${title}`}
              onClick={(event) => {
                // The button goes when it is done: who came by keyboard stays at this entry.
                event.currentTarget.closest('li')?.focus({ preventScroll: true });
                onRead();
              }}
            >
              Mark read
            </button>
          )}
        </div>
      </div>
    </li>
  );
}

/** To follow it is to have read it. */
export function ActionLink({ notification, onFollow, onRead }: { notification: Notification; onFollow(): void; onRead(): void }) {
  const { action, read } = notification;
  const place = destination(action?.url);
  if (!action || !place) return null;
  return (
    <a
      className="action-link"
      href={place.href}
      {...(place.isElsewhere ? { target: '_blank', rel: 'noopener noreferrer' } : {})}
      onClick={() => {
        if (!read) onRead();
        onFollow();
      }}
    >
      {action.label}
      {place.isElsewhere ? <span className="hidden"> (opens in a new tab)</span> : null}
    </a>
  );
}

function Empty({ isPending, isAdmin }: { isPending: boolean; isAdmin: boolean }) {
  if (isPending) return <p className="inbox-empty">Asking for your notifications…</p>;
  return (
    <p className="inbox-empty">
      <b>Nothing to tell.</b>
      {isAdmin
        ? 'Here the system says when a queue is stuck, when many jobs fail, and when its store takes no writes.'
        : 'When one of your jobs ends it is told here, also while you are away.'}
    </p>
  );
}
