import { connect, type ConnectOptions, type JobwireClient } from '@jobwire/client';
import { createContext, createElement, useContext, useEffect, useRef, useState, type ReactNode } from 'react';

const ClientContext = createContext<JobwireClient | undefined>(undefined);

/** Either a client that the application made (and closes), or the options to make one with. */
export type JobwireProviderProps = { children?: ReactNode } & (
  | { client: JobwireClient }
  | ({ client?: undefined } & ConnectOptions)
);

/**
 * Gives the hooks below their client. With options it connects once mounted (never on a server), again when `url` or
 * `token` changes, and closes when unmounted; `getToken` may be a new function on every render.
 */
export function JobwireProvider({ children, client, ...options }: JobwireProviderProps): ReactNode {
  const own = useOwnClient(client ? undefined : (options as ConnectOptions));
  return createElement(ClientContext.Provider, { value: client ?? own }, children);
}

function useOwnClient(options: ConnectOptions | undefined): JobwireClient | undefined {
  const [client, setClient] = useState<JobwireClient>();
  const newest = useRef(options);
  useEffect(() => {
    newest.current = options;
  });
  const wanted = options !== undefined;
  const url = options?.url?.toString();
  const token = options?.token;
  useEffect(() => {
    if (!wanted) return;
    const { getToken } = newest.current!;
    const made = connect({
      ...newest.current,
      ...(getToken && { getToken: (reason: string) => (newest.current?.getToken ?? getToken)(reason) }),
    });
    setClient(made);
    return () => {
      setClient(undefined);
      made.close();
    };
  }, [wanted, url, token]);
  return client;
}

/** The client of the nearest `JobwireProvider`; undefined on a server and in the first render of one with options. */
export function useClient(): JobwireClient | undefined {
  return useContext(ClientContext);
}
