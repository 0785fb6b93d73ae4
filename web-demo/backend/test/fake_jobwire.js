// A Jobwire that answers as the test says and remembers what it was told.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

export async function fakeJobwire() {
  const jobwire = {
    events: [],
    isAway: false,
    cancelFor: () => false,
    /** @type {(event: object) => object | undefined} in place of "appended" */
    verdictFor: () => undefined,
  };
  const verdict = (event) => jobwire.verdictFor(event) ?? { jobId: event.jobId, status: 'appended', cancelRequested: jobwire.cancelFor(event) };
  const server = createServer(async (request, response) => {
    if (jobwire.isAway) return request.socket.destroy();
    const answer = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.method !== 'POST' || request.url !== '/api/v1/events') return answer(404, { code: 'not_found', message: 'no such thing' });
    const events = await json(request);
    jobwire.events.push(...events);
    answer(200, { verdicts: events.map(verdict) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  jobwire.url = `http://127.0.0.1:${server.address().port}`;
  jobwire.close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return jobwire;
}
