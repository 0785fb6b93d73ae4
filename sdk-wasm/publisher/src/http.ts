/** Requests over connections that are kept open. All that Node's http is used for. */
import http from 'node:http';
import https from 'node:https';

import type { HttpAnswer } from './answers.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`. */
  readonly path: string;
  /** JSON. */
  readonly body?: string | undefined;
  readonly key: string;
}

export interface Http {
  /** Never rejects: no answer is status 0. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Ends what is under way. */
  close(): void;
}

const mostAnswerBytes = 16 << 20;

interface HttpOptions {
  readonly url: URL;
  /** For an answer, from the request on. */
  readonly timeoutMs: number;
  /** In place of one of our own: for a proxy, or certificates. */
  readonly agent?: http.Agent | undefined;
}

export function createHttp({ url, timeoutMs, agent }: HttpOptions): Http {
  const { request, Agent } = url.protocol === 'https:' ? https : http;
  const own = agent ? undefined : new Agent({ keepAlive: true, maxSockets: 8 });
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}/api/v1`;
  const underWay = new Set<http.ClientRequest>();
  let isClosed = false;

  function once({ method, path, body, key }: HttpRequest): Promise<HttpAnswer & { isStale?: boolean }> {
    return new Promise((resolve) => {
      const headers = {
        authorization: `Bearer ${key}`,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      };
      const sent = request(`${base}${path}`, { method, headers, agent: agent ?? own }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > mostAnswerBytes) sent.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('end', () => {
          const retryAfter = response.headers['retry-after'];
          resolve({ status: response.statusCode ?? 0, retryAfter, body: Buffer.concat(chunks).toString('utf8') } as HttpAnswer);
        });
        response.on('error', (error) => resolve(failed(error)));
      });
      underWay.add(sent);
      const timer = setTimeout(() => sent.destroy(new Error('no answer in time')), timeoutMs);
      // A kept connection may be closed by the other side at the moment when it is used again.
      sent.on('error', (error: NodeJS.ErrnoException) => {
        resolve({ ...failed(error), isStale: sent.reusedSocket && error.code === 'ECONNRESET' && !isClosed });
      });
      sent.on('close', () => {
        clearTimeout(timer);
        underWay.delete(sent);
      });
      sent.end(body);
    });
  }

  return {
    async send(wanted) {
      try {
        const answer = await once(wanted);
        return answer.isStale ? await once(wanted) : answer;
      } catch (error) {
        return failed(error); // the key cannot stand in a header, say
      }
    },
    close() {
      isClosed = true;
      for (const sent of underWay) sent.destroy(new Error('closed'));
      own?.destroy();
    },
  };
}

function failed(error: unknown): HttpAnswer {
  const { code, message } = error as NodeJS.ErrnoException;
  return { status: 0, reason: code ?? message };
}
