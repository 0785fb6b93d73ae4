import { useNotifications, type Notification } from '@jobwire/react';
import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { KINDS, useArrivals } from '../notices.js';
import { FleetingButton } from './fleeting_button.js';
import { ActionLink } from './notification_inbox.js';

const SHOWN_MS = 7_000;
const MOST = 3;

/**
 * What has just come into the inbox, for a while: shown unless the inbox is open (it is in sight there), and said to screen
 * readers once. What is read, here or elsewhere, goes.
 */
export function Toasts({ isInboxOpen }: { isInboxOpen: boolean }) {
  const inbox = useNotifications();
  const [shown, setShown] = useState<readonly string[]>([]);
  const [said, setSaid] = useState({ turn: 0, text: '' });
  useArrivals(inbox, (came) => {
    const unread = came.filter((one) => !one.read);
    if (!unread.length) return;
    if (!isInboxOpen) setShown((all) => [...all, ...unread.map((one) => one.id)].slice(-MOST));
    setSaid(({ turn }) => ({ turn: turn + 1, text: inOneBreath(unread) }));
  });
  useEffect(() => {
    if (isInboxOpen) setShown([]);
  }, [isInboxOpen]);
  const drop = (id: string) => setShown((all) => all.filter((one) => one !== id));
  const wanted = isInboxOpen ? [] : shown;
  const toasts = wanted.map((id) => inbox.notifications.find((one) => one.id === id)).filter((one) => one && !one.read) as Notification[];
  return (
    <>
      <div className="hidden" role="status" aria-label="What has just happened">
        <p key={said.turn}>{said.text}</p>
      </div>
      <div className="toasts" role="region" aria-label="Just now" tabIndex={-1}>
        {toasts.map((one) => (
          <Toast key={one.id} notification={one} onDrop={() => drop(one.id)} onRead={() => void inbox.read(one.id).catch(() => {})} />
        ))}
      </div>
    </>
  );
}

/** After an hour offline nobody wants to hear twenty titles. */
function inOneBreath(came: readonly Notification[]): string {
  if (came.length > 2) return `${came.length} new notifications, the last one: ${came.at(-1)!.title}`;
  return came.map((one) => one.title).join('. ');
}

function Toast({ notification, onDrop, onRead }: { notification: Notification; onDrop(): void; onRead(): void }) {
  const [held, setHeld] = useState(false);
  const drop = useRef(onDrop);
  useEffect(() => {
    drop.current = onDrop;
  });
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => drop.current(), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held]);
  const { type, title, message } = notification;
  const { Icon } = KINDS[type];
  const hold = { onMouseEnter: () => setHeld(true), onMouseLeave: () => setHeld(false), onFocus: () => setHeld(true), onBlur: () => setHeld(false) };
  return (
    <div className="toast" data-type={type} {...hold}>
      <Icon size={18} aria-hidden="true" />
      <div className="toast-text">
        <p className="toast-title">{title}</p>
        {message ? <p className="toast-message">{message}</p> : null}
        <ActionLink notification={notification} onFollow={onDrop} onRead={onRead} />
      </div>
      <FleetingButton heir=".toasts" className="quiet small" aria-label={`Dismiss: ${title}`} onClick={onDrop}>
        <X size={14} aria-hidden="true" />
      </FleetingButton>
    </div>
  );
}
