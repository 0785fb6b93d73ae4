// Small inputs for real programs: a PDF of three pages, a video of two seconds.
import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import PDFDocument from 'pdfkit';

export async function smallPdf(file, texts = ['Copper wire and copper rain', 'A wire is a line', '']) {
  const doc = new PDFDocument({ size: [200, 300], margin: 20, info: { Title: 'Three pages', Author: 'A test' } });
  const target = doc.pipe(createWriteStream(file));
  texts.forEach((text, i) => {
    if (i) doc.addPage();
    doc.rect(0, 0, 200, i === 2 ? 300 : 10).fill('black');
    doc.fillColor('black').text(text, 20, 40);
  });
  doc.end();
  await finished(target);
}

export const smallVideo = (file) => promisify(execFile)('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=12:d=2', '-c:v', 'libx264', '-preset', 'ultrafast', file]);

export async function folder() {
  const dir = await mkdtemp(path.join(tmpdir(), 'jobwire-demo-'));
  return { dir, at: (name) => path.join(dir, name), drop: () => rm(dir, { recursive: true, force: true }) };
}
