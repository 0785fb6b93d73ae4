// The two calls to Jobwire that want an answer at once. Everything else goes through the publisher.

/** @param {{url: string, apiKey: string, fetch?: typeof fetch, wait?: (ms: number) => Promise<void>}} options */
export function createJobwire({ url, apiKey, fetch = globalThis.fetch, wait = sleep }) {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };

  async function once(method, path, body) {
    const response = await fetch(`${url}/api/v1${path}`, {
      method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(5_000),
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const retry = response.status >= 500 || response.status === 429;
    throw Object.assign(new Error(`Jobwire answered ${response.status} ${answer.code ?? ''} ${answer.message ?? ''}`.trim()),
      { retry, status: response.status });
  }

  return {
    /** Tries for some seconds, so that a restart of Jobwire goes unnoticed: the id makes a repeat safe. */
    async createJob(job) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once('POST', '/jobs', job);
        } catch (error) {
          if (attempt >= 6 || error.retry === false) throw error;
          await wait(250 * 2 ** attempt);
        }
      }
    },
    /** Ids of jobs that wait and whose owner has asked for a cancel. */
    async cancelledWhileWaiting() {
      const { jobs = [] } = await once('GET', '/jobs?status=queued&limit=500');
      return jobs.filter((job) => job.cancelRequestedAt).map((job) => job.id);
    },
  };
}

/** A file's job as Jobwire is told of it. */
export const describe = ({ id, kind, queue, user, name, size }) => ({
  id, type: kind, queue, userId: user, ref: `file:${id.slice(0, 8)}`, metadata: { name, size },
});

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
