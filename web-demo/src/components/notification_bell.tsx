import { Bell } from 'lucide-react';
import { useEffect, useId, useRef } from 'react';
import { useNotifications } from '@jobwire/react';
import { plural } from '../format.js';
import { NotificationInbox } from './notification_inbox.js';

/** How many are unread, and what they say when asked. A disclosure: the panel follows its button in the tab order. */
export function NotificationBell({ isOpen, onOpen }: { isOpen: boolean; onOpen(open: boolean): void }) {
  const inbox = useNotifications();
  const { unread } = inbox;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useTitle(unread);
  useEffect(() => {
    if (!isOpen) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      onOpen(false);
      button.current?.focus();
    };
    const onPress = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) onOpen(false);
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('pointerdown', onPress);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('pointerdown', onPress);
    };
  }, [isOpen, onOpen]);

  return (
    <div
      className="bell"
      data-pending={inbox.isPending || undefined}
      ref={box}
      onBlur={({ relatedTarget }) => {
        if (relatedTarget && !box.current?.contains(relatedTarget)) onOpen(false);
      }}
    >
      <button
        type="button"
        ref={button}
        className="bell-button"
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={unread ? `Notifications, ${unread} unread` : 'Notifications'}
        title={unread ? `${plural(unread, 'unread notification')}` : 'Notifications'}
        onClick={() => onOpen(!isOpen)}
      >
        <Bell size={19} aria-hidden="true" />
        {unread ? <span className="bell-count">{unread > 99 ? '99+' : unread}</span> : null}
      </button>
      <div id={id} className="inbox-place">
        {isOpen ? <NotificationInbox inbox={inbox} onLeave={() => onOpen(false)} /> : null}
      </div>
    </div>
  );
}

/** "(2) Jobwire", for who has the page in a tab behind others. */
function useTitle(unread: number): void {
  useEffect(() => {
    const plain = document.title.replace(/^\(\d+\) /, '');
    document.title = unread ? `(${unread}) ${plain}` : plain;
  }, [unread]);
}
