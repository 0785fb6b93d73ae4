// What the components of this page share, made once per persona.
import { connect, type JobwireClient } from '@jobwire/react';
import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react';
import { createSessions, type PersonaId } from './backend.js';
import type { Config } from './config.js';
import { createFaults, type Faults } from './faults.js';
import { createLedger, type Ledger } from './ledger.js';

export interface Demo {
  readonly config: Config;
  readonly persona: PersonaId;
  readonly client: JobwireClient;
  readonly faults: Faults;
  readonly ledger: Ledger;
  readonly sessions: ReturnType<typeof createSessions>;
}

export const DemoContext = createContext<Demo | undefined>(undefined);

export function useDemo(): Demo {
  const demo = use(DemoContext);
  if (!demo) throw new Error('useDemo outside of DemoContext');
  return demo;
}

export function useDemoParts(config: Config, persona: PersonaId): Demo | undefined {
  const [demo, setDemo] = useState<Demo>();
  useEffect(() => {
    const faults = createFaults({ WebSocket, fetch: (...args) => fetch(...args) });
    const sessions = createSessions(config, persona);
    const client = connect({
      url: config.jobwireUrl,
      getToken: sessions.fresh,
      clientName: 'web-demo',
      WebSocket: faults.WebSocket,
      fetch: faults.fetch,
    });
    setDemo({ config, persona, client, faults, sessions, ledger: createLedger() });
    return () => client.close();
  }, [config, persona]);
  return demo;
}

const PERSONAS: readonly PersonaId[] = ['alice', 'bob', 'admin'];
const KEY = 'jobwire-demo-persona';

/** `?as=bob` for a link, else whom this tab was last, else alice. */
export function personaFromPage(): PersonaId {
  const wanted = new URLSearchParams(location.search).get('as') ?? sessionStorage.getItem(KEY);
  return PERSONAS.find((persona) => persona === wanted) ?? 'alice';
}

/** Out of the address as well: a notification's link to `/#job-ID` would leave a page that has more in it. */
export function rememberPersona(persona: PersonaId): void {
  sessionStorage.setItem(KEY, persona);
  const url = new URL(location.href);
  url.searchParams.delete('as');
  history.replaceState(history.state, '', url);
}

export const useFaults = (faults: Faults) => useSyncExternalStore(faults.subscribe, faults.getSnapshot);

/** The time, again every `everyMs` while `running`. For ages and countdowns only: progress comes from reports. */
export function useNow(running: boolean, everyMs = 1_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [running, everyMs]);
  return now;
}
