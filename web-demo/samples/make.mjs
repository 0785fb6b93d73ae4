// Makes the samples that the demo offers, into build/samples (or the folder given). What is there already is kept.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePdf } from './pdf.mjs';
import { makeText } from './text.mjs';
import { makeVideo } from './video.mjs';

const out = path.resolve(process.argv[2] ?? fileURLToPath(new URL('../../build/samples', import.meta.url)));

/** The head of a good PDF and nothing that belongs to it: what a broken download looks like. */
async function makeTornPdf(file) {
  const whole = await readFile(path.join(out, 'atlas-of-curves.pdf'));
  await writeFile(file, whole.subarray(0, 40_000).fill(0x2a, 1_000));
}

async function make(name, maker) {
  const file = path.join(out, name);
  if (existsSync(file)) return;
  const started = Date.now();
  const unfinished = path.join(out, `.${process.pid}-${name}`);
  try {
    await maker(unfinished);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
  console.log(`samples: ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

await mkdir(out, { recursive: true });
await make('atlas-of-curves.pdf', makePdf);
await make('keepers-log.txt', makeText);
await make('six-lights.mp4', makeVideo);
await make('torn.pdf', makeTornPdf);
