// Files on their way to the back end. Each becomes a job and leaves this list when the job has come over the wire.
import { useCallback, useEffect, useRef, useState } from 'react';
import { fetchSample, upload } from './backend.js';
import { useDemo } from './demo.js';

export interface Upload {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  readonly sent: number;
  readonly state: 'fetching' | 'sending' | 'handed-in' | 'failed';
  readonly jobId?: string;
  readonly error?: string;
}

export function useUploads(known: ReadonlySet<string>) {
  const { config, sessions } = useDemo();
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const aborts = useRef(new Map<number, AbortController>());
  const next = useRef(1);

  const change = useCallback((key: number, fields: Partial<Upload>) => {
    setUploads((all) => all.map((one) => (one.key === key ? { ...one, ...fields } : one)));
  }, []);
  const remove = useCallback((key: number) => {
    aborts.current.get(key)?.abort();
    setUploads((all) => all.filter((one) => one.key !== key));
  }, []);

  const run = useCallback(
    async (name: string, size: number, open: () => Promise<File>) => {
      const key = next.current++;
      const abort = new AbortController();
      aborts.current.set(key, abort);
      setUploads((all) => [{ key, name, size, sent: 0, state: 'fetching' }, ...all]);
      try {
        const file = await open();
        change(key, { state: 'sending' });
        const token = await sessions.token();
        const { jobId } = await upload({ config, token, file, signal: abort.signal }, (sent, total) => change(key, { sent, size: total }));
        change(key, { state: 'handed-in', jobId });
      } catch (error) {
        if (abort.signal.aborted) return;
        change(key, { state: 'failed', error: error instanceof Error ? error.message : String(error) });
      } finally {
        aborts.current.delete(key);
      }
    },
    [config, sessions, change],
  );

  useEffect(() => {
    setUploads((all) => (all.some((one) => one.jobId && known.has(one.jobId)) ? all.filter((one) => !one.jobId || !known.has(one.jobId)) : all));
  }, [known]);

  return {
    uploads,
    remove,
    /** Says why it is not taken. */
    refuse: (name: string, why: string) => void run(name, 0, () => Promise.reject(new Error(why))),
    send: (file: File) => void run(file.name, file.size, () => Promise.resolve(file)),
    sendSample: (sample: { name: string; size: number }) => void run(sample.name, sample.size, () => fetchSample(config, sample.name)),
  };
}
