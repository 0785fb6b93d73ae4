// Notifications as this page shows them: how a kind looks, where a button may lead, and which have just come.
import type { Notification, NotificationsSnapshot } from '@jobwire/react';
import { CircleCheck, CircleX, Info, TriangleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';

export const KINDS: Record<Notification['type'], { Icon: typeof Info; name: string }> = {
  success: { Icon: CircleCheck, name: 'Success' },
  error: { Icon: CircleX, name: 'Error' },
  alert: { Icon: TriangleAlert, name: 'Alert' },
  info: { Icon: Info, name: 'Note' },
};

/** Where a button leads; undefined: nowhere that a page should. The server lets nothing else through: this page does not rely on that. */
export function destination(url: string | undefined, page: string = location.href): { href: string; isElsewhere: boolean } | undefined {
  if (!url || !URL.canParse(url, page)) return undefined;
  const { protocol, origin, href } = new URL(url, page);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  return { href, isElsewhere: origin !== new URL(page).origin };
}

const keyOf = ({ id, createdAt }: Notification) => `${id} ${createdAt}`;

/**
 * Calls `onCome` with those that have come since the page was opened, the oldest first: not with what the inbox held
 * before, nor with a page of older ones.
 */
export function useArrivals({ notifications, isPending }: Pick<NotificationsSnapshot, 'notifications' | 'isPending'>, onCome: (came: Notification[]) => void): void {
  const known = useRef<Set<string>>(undefined);
  const newest = useRef(0);
  const tell = useRef(onCome);
  useEffect(() => {
    tell.current = onCome;
  });
  useEffect(() => {
    if (isPending) return;
    const isFirst = !known.current;
    const before = (known.current ??= new Set());
    const came = notifications.filter((one) => !before.has(keyOf(one)) && one.createdAt >= newest.current);
    for (const one of notifications) before.add(keyOf(one));
    newest.current = Math.max(newest.current, ...notifications.map((one) => one.createdAt));
    if (!isFirst && came.length) tell.current(came.reverse());
  }, [notifications, isPending]);
}
