// "An atlas of curves": a PDF of 34 pages, drawn rather than filled, so that every page is work for a renderer.
import { createWriteStream } from 'node:fs';
import { createRequire } from 'node:module';
import { finished } from 'node:stream/promises';
import path from 'node:path';
import PDFDocument from 'pdfkit';
import { curves } from './curves.mjs';

const fonts = path.join(path.dirname(createRequire(import.meta.url).resolve('@fontsource/fraunces/package.json')), 'files');
const font = (style) => path.join(fonts, `fraunces-latin-${style}.woff`);
const PAGE = { width: 460, height: 640 };
const INK = '#22262f';
const PALETTES = [['#b4532a', '#e8b04a'], ['#0f6a6e', '#7cc1a5'], ['#3b3f8f', '#c65f8a'], ['#7a2f4b', '#e98a5b'], ['#1d5c8f', '#8ad0d6'], ['#4d6b2a', '#d7b44a']];

export async function makePdf(file) {
  const doc = new PDFDocument({ size: [PAGE.width, PAGE.height], margins: { top: 44, left: 44, right: 44, bottom: 0 },
    info: { Title: 'An Atlas of Curves', Author: 'The Jobwire samples', Subject: 'Thirty curves, a page each', CreationDate: new Date(0) } });
  const target = doc.pipe(createWriteStream(file));
  doc.registerFont('text', font('400-normal')).registerFont('strong', font('600-normal')).registerFont('slanted', font('400-italic'));
  cover(doc);
  contents(doc);
  curves.forEach((curve, i) => curvePage(doc, curve, i));
  lastPages(doc);
  doc.end();
  await finished(target);
}

function cover(doc) {
  doc.rect(0, 0, PAGE.width, PAGE.height).fill('#1b1f29');
  strands(doc, curves[29][3], { cx: 230, cy: 250, radius: 180, count: 26, colours: ['#e8935f', '#f3cf8b'], width: 0.45 });
  doc.fillColor('#f6f1e7').font('strong').fontSize(38).text('An Atlas\nof Curves', 44, 470, { lineGap: -4 });
  doc.font('slanted').fontSize(13).fillColor('#d8b892').text('Thirty of them, a page each', 44, 570);
}

function contents(doc) {
  page(doc);
  doc.font('strong').fontSize(22).fillColor(INK).text('Contents', 44, 56);
  doc.font('text').fontSize(10.5);
  curves.forEach(([name], i) => {
    const x = i < 15 ? 44 : 244;
    const y = 104 + (i % 15) * 30;
    doc.fillColor(INK).text(name, x, y, { lineBreak: false });
    doc.fillColor('#9a6b4a').text(String(i + 3), x + 148, y, { width: 24, align: 'right' });
    doc.moveTo(x, y + 18).lineTo(x + 172, y + 18).lineWidth(0.4).stroke('#ddd3c2');
  });
}

function curvePage(doc, [name, formula, text, at], i) {
  page(doc);
  const colours = PALETTES[i % PALETTES.length];
  strands(doc, at, { cx: 230, cy: 236, radius: 178, count: name === "Fermat's spiral" ? 2 : 48, colours, width: 0.5 });
  doc.font('strong').fontSize(23).fillColor(INK).text(name, 44, 440);
  doc.font('slanted').fontSize(11).fillColor(colours[0]).text(formula, 44, 472);
  doc.font('text').fontSize(10.6).fillColor('#3a3f4a').text(text, 44, 496, { width: 372, lineGap: 3, height: 96 });
  doc.font('text').fontSize(8.5).fillColor('#a59a88').text(`${i + 3}`, 44, 602, { width: 372, align: 'center', lineBreak: false });
}

function lastPages(doc) {
  page(doc);
  doc.font('strong').fontSize(22).fillColor(INK).text('How this was drawn', 44, 56);
  doc.font('text').fontSize(11).fillColor('#3a3f4a').text('Every picture in this atlas is a family of strands: the same formula many times over with one number moved a little. '
    + 'None of it is an image; every line is a path that a renderer has to follow, which is why the pages take a moment to appear.\n\n'
    + 'The program that wrote it knows thirty formulas and six pairs of colours. It writes the same pages every time, byte for byte, '
    + 'because a sample that changes from one build to the next would be no use to anybody who compares.', 44, 100, { width: 372, lineGap: 5 });
  doc.addPage();
  doc.rect(0, 0, PAGE.width, PAGE.height).fill('#b4532a');
  strands(doc, curves[14][3], { cx: 230, cy: 300, radius: 190, count: 3, colours: ['#fbeedd', '#f6d3a8'], width: 0.4 });
}

function page(doc) {
  doc.addPage();
  doc.rect(0, 0, PAGE.width, PAGE.height).fill('#fbf8f2');
}

function strands(doc, at, { cx, cy, radius, count, colours, width }) {
  for (let k = 0; k < count; k += 1) {
    const s = count === 1 ? 0 : k / (count - 1);
    let drawing = false;
    for (let i = 0; i <= 700; i += 1) {
      const [x, y] = at(Math.min(0.999999, i / 700), s);
      if (!Number.isFinite(x) || !Number.isFinite(y) || Math.abs(x) > 1.02 || Math.abs(y) > 1.02) { drawing = false; continue; }
      const point = [cx + radius * x, cy - radius * y].map((value) => Math.round(value * 100) / 100);
      if (drawing) doc.lineTo(...point); else doc.moveTo(...point);
      drawing = true;
    }
    doc.lineWidth(width).strokeOpacity(0.75).stroke(blend(colours[0], colours[1], s));
  }
  doc.strokeOpacity(1);
}

function blend(a, b, t) {
  const channel = (text, i) => parseInt(text.slice(1 + 2 * i, 3 + 2 * i), 16);
  return `#${[0, 1, 2].map((i) => Math.round(channel(a, i) + (channel(b, i) - channel(a, i)) * t).toString(16).padStart(2, '0')).join('')}`;
}
