import { readdir, stat, writeFile } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processPdf } from '../src/pipelines/pdf.js';
import { processText } from '../src/pipelines/text.js';
import { processVideo } from '../src/pipelines/video.js';
import { folder, smallPdf, smallVideo } from './samples.js';

let place;
beforeAll(async () => {
  place = await folder();
  await Promise.all([smallPdf(place.at('small.pdf')), smallVideo(place.at('small.mp4'))]);
});
afterAll(() => place.drop());

/** Runs a pipeline and keeps what it reported. `cancelAt` aborts at that many reports. */
async function work(pipeline, name, { cancelAt } = {}) {
  const out = place.at(`out-${name}-${Math.random()}`);
  mkdirSync(out);
  const cancel = new AbortController();
  const reports = [];
  const report = (progress, stage, message) => {
    reports.push({ progress, stage, message });
    if (reports.length === cancelAt) cancel.abort(new Error('cancel requested'));
  };
  const result = await pipeline({ file: place.at(name), out, report, signal: cancel.signal }).catch((error) => error);
  return { result, reports, out };
}
const neverBack = (reports) => reports.every((one, i) => i === 0 || one.progress >= reports[i - 1].progress);

describe('a PDF', () => {
  test('is read page by page: words, ink and a picture of each', async () => {
    const { result, reports, out } = await work(processPdf, 'small.pdf');
    expect(result).toMatchObject({ kind: 'pdf', title: 'Three pages', author: 'A test', pageCount: 3, wordsPerPage: [5, 5, 0], words: 10 });
    expect(result.topWords.slice(0, 2)).toEqual([{ word: 'copper', count: 2 }, { word: 'wire', count: 2 }]);
    expect(result.inkPerPage[2]).toBeGreaterThan(90);
    expect(result.inkPerPage[0]).toBeLessThan(20);
    expect(await readdir(out)).toEqual(['page-1.jpg', 'page-2.jpg', 'page-3.jpg']);
    expect(reports.filter((one) => one.stage === 'pages').map((one) => one.message)).toEqual(['page 1 of 3', 'page 2 of 3', 'page 3 of 3']);
    expect(neverBack(reports)).toBe(true);
  });
  test('that is none fails in words that its owner understands', async () => {
    await writeFile(place.at('torn.pdf'), '%PDF-1.7\nand then the connection broke');
    const { result } = await work(processPdf, 'torn.pdf');
    expect(result).toMatchObject({ code: 'E_CORRUPT', message: expect.stringContaining('cannot be read as one') });
  });
  test('is left where it is when its job is cancelled', async () => {
    const { result, reports } = await work(processPdf, 'small.pdf', { cancelAt: 2 });
    expect(result.message).toMatch(/abort|cancel/i);
    expect(reports).toHaveLength(2);
  });
});

describe('a video', () => {
  test('is watched and transcoded; progress is what ffmpeg tells', async () => {
    const { result, reports, out } = await work(processVideo, 'small.mp4');
    expect(result).toMatchObject({ kind: 'video', seconds: 2, width: 160, height: 120, codec: 'h264', fps: 12 });
    expect(result.brightness.length).toBeGreaterThan(5);
    expect(result.bitrate).toHaveLength(2);
    expect(await readdir(out)).toContain('preview.mp4');
    expect((await readdir(out)).filter((name) => name.startsWith('frame-')).sort()).toEqual([...result.pictures].sort());
    expect((await stat(`${out}/preview.mp4`)).size).toBeGreaterThan(1000);
    expect(new Set(reports.map((one) => one.stage))).toEqual(new Set(['probe', 'watch', 'transcode', 'measure']));
    expect(neverBack(reports)).toBe(true);
  });
  test('without a moving picture fails', async () => {
    await writeFile(place.at('not.mp4'), 'ftypisom and nothing more');
    expect((await work(processVideo, 'not.mp4')).result.code).toBe('E_CORRUPT');
  });
});

describe('a text', () => {
  test('is counted and summed up', async () => {
    const sentence = (n) => `The copper wire carries message number ${n} over the quiet hills tonight.`;
    await writeFile(place.at('a.txt'), `${Array.from({ length: 30 }, (_, n) => sentence(n)).join(' ')}\nNobody saw the small green boat leave the harbour before dawn.\n`);
    const { result, reports } = await work(processText, 'a.txt');
    expect(result).toMatchObject({ kind: 'text', lines: 2, sentences: 31, words: 30 * 12 + 11 });
    expect(result.topWords.map((one) => one.word)).toContain('copper');
    expect(result.phrases[0]).toEqual({ phrase: expect.any(String), count: 30 });
    expect(result.summary[0]).toMatch(/copper wire/);
    expect(result.themes[0].perStretch.reduce((a, b) => a + b)).toBe(30);
    expect(neverBack(reports)).toBe(true);
  });
  test('cut anywhere by its chunks is counted the same', async () => {
    const line = 'Grüße aus Köln, where the öre is counted twice a day. ';
    await writeFile(place.at('long.txt'), `${line.repeat(50)}\n`.repeat(80));
    const { result } = await work(processText, 'long.txt');
    expect([result.sentences, result.words]).toEqual([4_000, 44_000]);
  });
  test('that is not UTF-8 or has no word in it fails', async () => {
    await writeFile(place.at('latin.txt'), Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65, 0x0a]));
    await writeFile(place.at('empty.txt'), ' \n . \n');
    expect((await work(processText, 'latin.txt')).result.code).toBe('E_ENCODING');
    expect((await work(processText, 'empty.txt')).result.code).toBe('E_EMPTY');
  });
});
