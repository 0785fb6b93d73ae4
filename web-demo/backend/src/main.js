// Builds the parts and hands them to each other.
import { setTimeout as sleep } from 'node:timers/promises';
import { Jobwire } from '@jobwire/publisher';
import { createApp } from './app.js';
import { createVerifier } from './auth.js';
import { readConfig } from './config.js';
import { makeFolder, unusable } from './data_dir.js';
import { createJournal, sweep } from './journal.js';
import { createLanes } from './lanes.js';
import { createWorker } from './worker.js';

const ASK_MS = 1_000;
const SWEEP_MS = 10 * 60_000;
const CLOSE_MS = 2_000;

export async function startBackend(config) {
  await makeFolder(config.dataDir).catch((failure) => { throw unusable(config.dataDir, failure); });
  const journal = createJournal(config.dataDir);
  const jobwire = new Jobwire({ url: config.jobwireUrl, key: config.apiKey, secret: config.jwtSecret });
  const worker = createWorker({ jobwire, journal, lanes: createLanes(config.lanes) });
  await worker.resume();
  const stopping = new AbortController();
  void askForCancels({ jobwire, worker, signal: stopping.signal });
  const sweeping = setInterval(() => sweep(journal, config).catch(console.error), SWEEP_MS);
  await sweep(journal, config);

  const app = await createApp({ config, verify: createVerifier(config.jwtSecret), jobwire, journal, take: worker.take });
  await app.listen({ host: config.host, port: config.port });
  return {
    port: app.server.address().port,
    async stop() {
      stopping.abort();
      clearInterval(sweeping);
      await app.close();
      await jobwire.close({ timeoutMs: CLOSE_MS });
    },
  };
}

/** Who reports hears of a cancel from the replies. Of a job that waits nothing is reported: ask. */
async function askForCancels({ jobwire, worker, signal }) {
  while (!signal.aborted) {
    await sleep(ASK_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted || !worker.waiting) continue;
    const { jobs } = await jobwire.jobs({ status: 'queued', limit: 500 }).catch(() => ({ jobs: [] }));
    for (const job of jobs) if (job.cancelRequestedAt) await worker.cancelWaiting(job.id);
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const backend = await startBackend(readConfig(process.env)).catch((error) => {
    console.error(`back end: ${error.message}`);
    process.exit(1);
  });
  // What runs is in the journal: the next start tells of it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => backend.stop().finally(() => process.exit(0)));
}
