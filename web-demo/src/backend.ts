// The demo's own back end: signing in, handing in a file, pictures. Progress does not come from here.
import type { Config } from './config.js';

export type PersonaId = 'alice' | 'bob' | 'admin';

export interface Session {
  user: string;
  name: string;
  role: 'user' | 'admin';
  token: string;
  expiresAt: number;
}

export interface SampleFile {
  name: string;
  size: number;
}

export class BackendError extends Error {}

async function ask<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, init).catch(() => {
    throw new BackendError('The back end does not answer');
  });
  const answer = (await response.json().catch(() => ({}))) as T & { message?: string };
  if (!response.ok) throw new BackendError(answer.message ?? `The back end answered ${response.status}`);
  return answer;
}

const asJson = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const fileUrl = (config: Config, jobId: string, name: string): string =>
  `${config.backendUrl}/files/${encodeURIComponent(jobId)}/${encodeURIComponent(name)}`;

export const listSamples = (config: Config): Promise<SampleFile[]> =>
  ask<{ samples: SampleFile[] }>(`${config.backendUrl}/samples`).then((answer) => answer.samples);

export async function fetchSample(config: Config, name: string): Promise<File> {
  const response = await fetch(`${config.backendUrl}/samples/${encodeURIComponent(name)}`).catch(() => undefined);
  if (!response?.ok) throw new BackendError(`The sample ${name} is not there`);
  return new File([await response.blob()], name);
}

/** Signs in as a persona and stays signed in: `token()` answers one that is still good for a while. */
export function createSessions(config: Config, persona: PersonaId) {
  let session: Promise<Session> | undefined;
  const signIn = () => {
    session = ask<Session>(`${config.backendUrl}/session`, asJson({ persona }));
    session.catch(() => {
      session = undefined;
    });
    return session;
  };
  return {
    fresh: async () => (await signIn()).token,
    token: async () => {
      const now = await (session ?? signIn());
      return now.expiresAt - Date.now() > 60_000 ? now.token : (await signIn()).token;
    },
  };
}

export async function createByHand(config: Config, token: string): Promise<{ jobId: string; token: string }> {
  return ask(`${config.backendUrl}/by-hand`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
}

/** Hands in a file. `onProgress` is told the bytes that have left. Rejects with an AbortError when aborted. */
export function upload(
  { config, token, file, signal }: { config: Config; token: string; file: File; signal: AbortSignal },
  onProgress: (sent: number, total: number) => void,
): Promise<{ jobId: string }> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${config.backendUrl}/jobs`);
    request.setRequestHeader('authorization', `Bearer ${token}`);
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status === 201 && answer.jobId) resolve({ jobId: answer.jobId });
      else reject(new BackendError(answer.message ?? `The back end answered ${request.status}`));
    };
    request.onerror = () => reject(new BackendError('The upload broke off: the back end does not answer'));
    request.onabort = () => reject(new DOMException('The upload was stopped', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
  });
}

function parse(text: string): { jobId?: string; message?: string } {
  try {
    return JSON.parse(text) as { jobId?: string; message?: string };
  } catch {
    return {};
  }
}
