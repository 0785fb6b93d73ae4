import { useEffect, useRef } from 'react';
import type { PersonaId } from '../backend.js';
import { ConnectionBadge, useLine } from './connection_badge.js';
import { NotificationBell } from './notification_bell.js';

const PERSONAS: { id: PersonaId; name: string; note: string }[] = [
  { id: 'alice', name: 'Alice', note: 'free plan' },
  { id: 'bob', name: 'Bob', note: 'premium' },
  { id: 'admin', name: 'Admin', note: 'sees all' },
];

interface Props {
  persona: PersonaId;
  /** By hand and just now: the focus stays on its switch. */
  isChosen: boolean;
  onPersona(next: PersonaId): void;
  /** Another one each time something has come. */
  pulse: unknown;
  isInboxOpen: boolean;
  onInbox(open: boolean): void;
}

export function TopBar({ persona, isChosen, onPersona, pulse, isInboxOpen, onInbox }: Props) {
  return (
    <header className="top">
      <div className="brand">
        <svg viewBox="0 0 34 24" width="34" height="24" aria-hidden="true">
          <path d="M2 18c6 0 6-12 13-12s7 12 17 12" fill="none" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" />
          <circle cx="15" cy="6" r="3.6" className="brand-node" />
        </svg>
        <h1>Jobwire</h1>
      </div>
      <Wire pulse={pulse} />
      <ConnectionBadge />
      <NotificationBell isOpen={isInboxOpen} onOpen={onInbox} />
      <fieldset className="personas">
        <legend className="hidden">Signed in as</legend>
        {PERSONAS.map(({ id, name, note }) => (
          <label key={id} className="persona" title={note}>
            <input type="radio" name="persona" value={id} checked={id === persona} autoFocus={isChosen && id === persona} onChange={() => onPersona(id)} />
            <span>
              {name}
              <small>{note}</small>
            </span>
          </label>
        ))}
      </fieldset>
    </header>
  );
}

/** The line from here to the server: whole, dashed or broken as it is. A bead runs along it when something has come over it. */
function Wire({ pulse }: { pulse: unknown }) {
  const line = useLine();
  const bead = useRef<HTMLSpanElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const still = window.matchMedia?.('(prefers-reduced-motion: reduce)').matches;
    if (still || !bead.current?.animate || bead.current.getAnimations().length) return;
    bead.current.animate([{ left: '100%', opacity: 0 }, { opacity: 1, offset: 0.15 }, { opacity: 1, offset: 0.85 }, { left: '0%', opacity: 0 }], {
      duration: 700,
      easing: 'ease-in-out',
    });
  }, [pulse]);
  return (
    <div className="wire" data-line={line} aria-hidden="true">
      <span ref={bead} className="bead" />
    </div>
  );
}
