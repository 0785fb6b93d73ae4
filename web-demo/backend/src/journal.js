// What this back end has in hand, on disk, so that its own restart loses no job.
//
//   jobs/<id>/job.json   {id, kind, name, size, queue, user, state, createdAt, end?, endedAt?}
//   jobs/<id>/upload     until the job has ended
//   jobs/<id>/out/       thumbnails and previews, until they are swept
//
// state: waiting -> running -> ended (its last event is in `end`) -> told (Jobwire has it)
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** @param {string} dataDir */
export function createJournal(dataDir) {
  const root = path.join(dataDir, 'jobs');
  const folder = (id) => path.join(root, id);

  async function save(job) {
    const file = path.join(folder(job.id), 'job.json');
    await writeFile(`${file}.new`, JSON.stringify(job));
    await rename(`${file}.new`, file);
  }

  return {
    folder,
    upload: (id) => path.join(folder(id), 'upload'),
    out: (id) => path.join(folder(id), 'out'),
    open: (id) => mkdir(path.join(folder(id), 'out'), { recursive: true }),
    save,
    drop: (id) => rm(folder(id), { recursive: true, force: true }),
    dropUpload: (id) => rm(path.join(folder(id), 'upload'), { force: true }),
    async all() {
      const ids = await readdir(root).catch(() => []);
      const jobs = await Promise.all(ids.map((id) => readFile(path.join(folder(id), 'job.json'), 'utf8')
        .then((text) => JSON.parse(text))
        .catch(() => ({ id, state: 'broken', createdAt: 0 }))));
      return jobs.sort((a, b) => a.createdAt - b.createdAt);
    },
    async bytes(id) {
      const names = await readdir(folder(id), { recursive: true }).catch(() => []);
      const sizes = await Promise.all(names.map((name) => stat(path.join(folder(id), name)).then((s) => (s.isFile() ? s.size : 0), () => 0)));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
  };
}

/** Removes what is older than `keepMs`, then the oldest until at most `keepBytes` are left. Jobs in hand are never touched. */
export async function sweep(journal, { keepMs, keepBytes, now = Date.now() }) {
  const ended = (await journal.all()).filter((job) => job.state === 'told' || job.state === 'broken');
  let total = 0;
  const removed = [];
  for (const job of ended.reverse()) {
    total += await journal.bytes(job.id);
    if (now - (job.endedAt ?? 0) > keepMs || total > keepBytes) {
      await journal.drop(job.id);
      removed.push(job.id);
    }
  }
  return removed;
}
