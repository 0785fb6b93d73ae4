// A PDF page by page with poppler: its words, a picture, and how much ink it wants.
import path from 'node:path';
import { CommandError, run } from '../command.js';
import { JobError } from './job_error.js';
import { count, top, wordsOf } from '../words.js';

const MAX_PAGES = 1000;
const MAX_PICTURES = 60;

/** @param {{file: string, out: string, report: Function, signal: AbortSignal}} job */
export async function processPdf({ file, out, report, signal }) {
  report(1, 'inspect', 'reading the table of contents');
  const info = await inspect(file, signal);
  if (info.pages > MAX_PAGES) throw new JobError(`${info.pages} pages; at most ${MAX_PAGES} are taken`, 'E_TOO_LONG');

  const pages = [];
  const counts = new Map();
  for (let n = 1; n <= info.pages; n += 1) {
    report(2 + (94 * (n - 1)) / info.pages, 'pages', `page ${n} of ${info.pages}`);
    const words = wordsOf(await run('pdftotext', ['-f', n, '-l', n, '-enc', 'UTF-8', file, '-'].map(String), { signal }));
    count(words, counts);
    if (n <= MAX_PICTURES) await picture(file, n, out, signal);
    pages.push({ words: words.length, ink: await ink(file, n, signal) });
  }

  report(97, 'sum up', `${pages.reduce((sum, page) => sum + page.words, 0).toLocaleString('en')} words`);
  const words = pages.reduce((sum, page) => sum + page.words, 0);
  return {
    kind: 'pdf', title: info.title, author: info.author, pageCount: info.pages, pageSize: info.size, words,
    readingMinutes: Math.max(1, Math.round(words / 230)),
    wordsPerPage: pages.map((page) => page.words),
    inkPerPage: pages.map((page) => page.ink),
    topWords: top(counts, 12),
    pictures: pages.slice(0, MAX_PICTURES).map((_, i) => `page-${i + 1}.jpg`),
  };
}

async function inspect(file, signal) {
  let text;
  try {
    text = await run('pdfinfo', ['-enc', 'UTF-8', file], { signal });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (/password/i.test(error.stderr)) throw new JobError('This PDF wants a password', 'E_ENCRYPTED');
    const said = error.stderr.trim().split('\n').at(-1);
    throw new JobError(`This file calls itself a PDF but cannot be read as one (poppler: ${said})`, 'E_CORRUPT');
  }
  const field = (name) => new RegExp(`^${name}:\\s*(.+)$`, 'm').exec(text)?.[1].trim();
  const pages = Number(field('Pages') ?? 0);
  if (!pages) throw new JobError('This PDF has no pages', 'E_EMPTY');
  return { pages, title: field('Title'), author: field('Author'), size: field('Page size') };
}

function picture(file, n, out, signal) {
  const target = path.join(out, `page-${n}`);
  return run('pdftoppm', ['-f', n, '-l', n, '-singlefile', '-jpeg', '-jpegopt', 'quality=82', '-scale-to', 520, file, target]
    .map(String), { signal });
}

/** How much of a page is not white, in percent. */
async function ink(file, n, signal) {
  const pgm = await run('pdftoppm', ['-f', n, '-l', n, '-singlefile', '-gray', '-r', 60, file].map(String), { signal, binary: true });
  const header = /^P5\s+\d+\s+\d+\s+255\s/.exec(pgm.subarray(0, 40).toString('latin1'));
  if (!header) return 0;
  const grey = pgm.subarray(header[0].length);
  let dark = 0;
  for (const value of grey) dark += 255 - value;
  return Math.round((10_000 * dark) / (255 * grey.length)) / 100;
}
