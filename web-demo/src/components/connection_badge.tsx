import { useConnection, type UseConnection } from '@jobwire/react';
import { RotateCw } from 'lucide-react';
import { useNow } from '../demo.js';
import { wholeSeconds } from '../format.js';
import { Facts } from './facts.js';
import { FleetingButton } from './fleeting_button.js';

export type Line = 'whole' | 'dashed' | 'searching' | 'broken';

export const lineOf = ({ state }: Pick<UseConnection, 'state'>): Line =>
  ({ online: 'whole', polling: 'dashed', connecting: 'searching', offline: 'broken', closed: 'broken' } as const)[state];

export const useLine = (): Line => lineOf(useConnection());

/** The state in words, without the numbers that tick. */
export function headline({ state, isLive }: Pick<UseConnection, 'state' | 'isLive'>): string {
  if (state === 'online') return isLive ? 'Live' : 'Catching up';
  if (state === 'polling') return isLive ? 'Live by polling' : 'Polling';
  if (state === 'connecting') return 'Connecting';
  return state === 'offline' ? 'Offline' : 'Stopped';
}

/** "retrying in 4 s · last known 6 s ago" */
export function details(connection: Pick<UseConnection, 'state' | 'nextTryAt' | 'lastHeardAt' | 'latency' | 'isLive'>, now: number): string[] {
  const { state, nextTryAt, lastHeardAt, latency } = connection;
  const parts: string[] = [];
  if (state === 'offline' && nextTryAt) parts.push(nextTryAt - now > 500 ? `retrying in ${wholeSeconds(nextTryAt - now)}` : 'retrying now');
  const live = state === 'online' || state === 'polling';
  if (live && latency !== undefined) parts.push(`${Math.round(latency)} ms`);
  if (lastHeardAt && !live) parts.push(`last known ${wholeSeconds(now - lastHeardAt)} ago`);
  return parts;
}

export function ConnectionBadge() {
  const connection = useConnection();
  const now = useNow(true);
  const parts = details(connection, now);
  const down = connection.state === 'offline' || connection.state === 'closed';
  return (
    <div className="badge" data-line={lineOf(connection)} data-state={connection.state} data-testid="connection" tabIndex={-1}>
      <span className="badge-dot" aria-hidden="true" />
      <span className="badge-text">
        <strong role="status">{headline(connection)}</strong>
        {parts.length ? <span className="badge-details"><Facts items={parts} /></span> : null}
        {connection.reason && lineOf(connection) !== 'whole' ? <span className="badge-reason">{connection.reason}</span> : null}
      </span>
      {down ? (
        <FleetingButton heir=".badge" className="quiet small" onClick={connection.retry}>
          <RotateCw size={13} aria-hidden="true" /> Try now
        </FleetingButton>
      ) : null}
    </div>
  );
}
