import { count, plural } from '../format.js';
import type { PdfResult } from '../kinds.js';
import { Bars, Ranking } from './charts.js';
import { Chart, Figures } from './figures.js';
import { Pictures } from './pictures.js';

export function PdfView({ jobId, result }: { jobId: string; result: PdfResult }) {
  const rows = result.wordsPerPage.map((words, i) => ({ page: i + 1, words, ink: result.inkPerPage[i] ?? 0 }));
  const darkest = rows.reduce((a, b) => (b.ink > a.ink ? b : a), rows[0] ?? { page: 0, ink: 0, words: 0 });
  const [width, height] = /([\d.]+) x ([\d.]+)/.exec(result.pageSize ?? '')?.slice(1) ?? ['3', '4'];
  return (
    <div className="result">
      {result.title ? (
        <p className="result-title">
          {result.title}
          {result.author ? <small>{result.author}</small> : null}
        </p>
      ) : null}
      <Pictures jobId={jobId} names={result.pictures} noun="page" ratio={`${width} / ${height}`} />
      <Figures
        items={[
          ['pages', count(result.pageCount)],
          ['words', count(result.words)],
          ['to read', plural(result.readingMinutes, 'minute')],
          ['page size', result.pageSize?.replace(/ pts.*/, ' pt').replace(' x ', ' × ')],
        ]}
      />
      <div className="charts">
        <div className="pair" data-wide>
          <Chart title="Words on each page" said={`${count(result.words)} words on ${result.pageCount} pages.`}>
            <Bars rows={rows} x="page" y="words" colour="var(--chart-1)" />
          </Chart>
          <Chart title="Ink on each page, percent of its area" said={`Page ${darkest.page} wants most, ${darkest.ink} percent.`}>
            <Bars rows={rows} x="page" y="ink" unit="%" colour="var(--chart-3)" />
          </Chart>
        </div>
        <Chart title="What it is about" said={result.topWords.map(({ word, count: n }) => `${word} ${n} times`).join(', ')}>
          <Ranking rows={result.topWords.slice(0, 8).map(({ word, count: times }) => ({ word, times }))} label="word" value="times" colour="var(--chart-2)" />
        </Chart>
      </div>
    </div>
  );
}
