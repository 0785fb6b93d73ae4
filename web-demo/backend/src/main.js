// Builds the parts and hands them to each other.
import { createApp } from './app.js';
import { createAuth } from './auth.js';
import { readConfig } from './config.js';
import { createJobwire } from './jobwire.js';
import { createJournal, sweep } from './journal.js';
import { createLanes } from './lanes.js';
import { createPublisher } from './publisher.js';
import { createWorker } from './worker.js';

const ASK_MS = 1_000;
const SWEEP_MS = 10 * 60_000;

export async function startBackend(config) {
  const journal = createJournal(config.dataDir);
  const jobwire = createJobwire({ url: config.jobwireUrl, apiKey: config.apiKey });
  const publisher = createPublisher({ url: config.jobwireUrl, apiKey: config.apiKey });
  const lanes = createLanes(config.lanes);
  const worker = createWorker({ publisher, journal, lanes, jobwire });
  const waiting = new Map((await worker.resume()).map((job) => [job.id, job]));
  const accept = (job) => { waiting.set(job.id, job); worker.take(job); };

  // Who only publishes hears of a cancel from the verdicts. For a job that waits nothing is published: ask.
  const asking = setInterval(async () => {
    if (!lanes.waiting) return waiting.clear();
    const ids = await jobwire.cancelledWhileWaiting().catch(() => []);
    for (const id of ids) if (waiting.has(id)) await worker.cancelWaiting(waiting.get(id));
  }, ASK_MS);
  const sweeping = setInterval(() => sweep(journal, config).catch(console.error), SWEEP_MS);
  await sweep(journal, config);

  const app = await createApp({ config, auth: createAuth(config.jwtSecret), jobwire, journal, accept });
  await app.listen({ host: config.host, port: config.port });
  return {
    port: app.server.address().port,
    async stop() {
      clearInterval(asking);
      clearInterval(sweeping);
      await app.close();
    },
  };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const backend = await startBackend(readConfig(process.env)).catch((error) => {
    console.error(`back end: ${error.message}`);
    process.exit(1);
  });
  // What runs is in the journal: the next start tells of it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => backend.stop().finally(() => process.exit(0)));
}
