import { count, duration, plural } from '../format.js';
import type { TextResult } from '../kinds.js';
import { Histogram, OverTime, Ranking } from './charts.js';
import { Chart, Figures } from './figures.js';

const LENGTHS = ['1–5', '6–10', '11–15', '16–20', '21–25', '26–30', '31–35', '36+'];
const COLOURS = ['var(--chart-1)', 'var(--chart-2)', 'var(--chart-3)', 'var(--chart-4)'];

export function TextView({ result }: { result: TextResult }) {
  return (
    <div className="result">
      <section className="summary" aria-label="Summary">
        <h4>The sentences that say most</h4>
        {result.summary.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </section>
      <Figures
        items={[
          ['words', count(result.words)],
          ['sentences', count(result.sentences)],
          ['different words', count(result.distinctWords)],
          ['to read', result.readingMinutes < 120 ? plural(result.readingMinutes, 'minute') : duration(result.readingMinutes * 60_000).replace(/ \d+ min$/, '')],
        ]}
      />
      <div className="themes">
        {result.themes.map((theme, i) => (
          <Chart key={theme.word} title={`“${theme.word}” from beginning to end`} said={`"${theme.word}" is used ${count(sum(theme.perStretch))} times.`}>
            <OverTime rows={theme.perStretch.map((times, at) => ({ at: Math.round((100 * at) / theme.perStretch.length), times }))} x="at" y="times" unit="times" colour={COLOURS[i] ?? 'var(--chart-1)'} format={(at) => `${at} %`} height={104} />
          </Chart>
        ))}
      </div>
      <div className="charts">
        <Chart title="Words that come back" said={result.topWords.slice(0, 8).map(({ word, count: n }) => `${word} ${count(n)} times`).join(', ')}>
          <Ranking rows={result.topWords.slice(0, 8).map(({ word, count: times }) => ({ word, times }))} label="word" value="times" />
        </Chart>
        <Chart title="Sentences by length in words" said={`Of ${plural(result.sentences, 'sentence')}: ${LENGTHS.map((range, i) => `${count(result.sentenceLengths[i] ?? 0)} of ${range} words`).join(', ')}.`}>
          <Histogram rows={LENGTHS.map((words, i) => ({ words, sentences: result.sentenceLengths[i] ?? 0 }))} x="words" y="sentences" />
        </Chart>
      </div>
    </div>
  );
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
