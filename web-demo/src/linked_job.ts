// The job that the address names: `#job-ID`, where a notification's button leads.
import { useCallback, useEffect, useState } from 'react';

const PREFIX = '#job-';

export function jobOf(hash: string): string | undefined {
  if (!hash.startsWith(PREFIX)) return undefined;
  try {
    return decodeURIComponent(hash.slice(PREFIX.length)) || undefined;
  } catch {
    return undefined;
  }
}

/** A new object each time it is asked for. */
export interface LinkedJob {
  readonly id: string;
}

/** Taken out of the address at once, so that the same link leads there again. */
export function useLinkedJob(): [LinkedJob | undefined, () => void] {
  const [linked, setLinked] = useState<LinkedJob>();
  useEffect(() => {
    const read = () => {
      const id = jobOf(location.hash);
      if (!id) return;
      setLinked({ id });
      history.replaceState(history.state, '', location.pathname + location.search);
    };
    read();
    window.addEventListener('hashchange', read);
    return () => window.removeEventListener('hashchange', read);
  }, []);
  return [linked, useCallback(() => setLinked(undefined), [])];
}
