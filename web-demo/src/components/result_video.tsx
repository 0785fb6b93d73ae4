import { fileUrl } from '../backend.js';
import { useDemo } from '../demo.js';
import { mediaClock } from '../format.js';
import type { Sample, VideoResult } from '../kinds.js';
import { OverTime } from './charts.js';
import { Chart, Figures } from './figures.js';
import { Pictures } from './pictures.js';

export function VideoView({ jobId, result }: { jobId: string; result: VideoResult }) {
  const { config } = useDemo();
  return (
    <div className="result">
      <div className="watch">
        <video className="preview" controls preload="metadata" src={fileUrl(config, jobId, result.preview)} poster={fileUrl(config, jobId, result.pictures[2] ?? '')} aria-label="The small preview that was made" />
        <Figures
          items={[
            ['length', mediaClock(result.seconds)],
            ['picture', `${result.width} × ${result.height}`],
            ['frames a second', String(result.fps)],
            ['codecs', [result.codec, result.audio].filter(Boolean).join(' + ')],
          ]}
        />
      </div>
      <Pictures jobId={jobId} names={result.pictures} noun="still" ratio={`${result.width} / ${result.height}`} />
      <div className="charts">
        <Chart title="Brightness over time, percent" said={range(result.brightness, 'percent')}>
          <OverTime rows={rows(result.brightness, 'brightness')} x="at" y="brightness" unit="%" colour="var(--chart-4)" format={mediaClock} />
        </Chart>
        <Chart title="Bit rate over time, kbit/s" said={range(result.bitrate, 'kilobits a second')}>
          <OverTime rows={rows(result.bitrate, 'bit rate')} x="at" y="bit rate" unit="kbit/s" colour="var(--chart-3)" format={mediaClock} />
        </Chart>
      </div>
    </div>
  );
}

const rows = (samples: Sample[], name: string) => samples.map(({ at, value }) => ({ at, [name]: value }));

function range(samples: Sample[], unit: string): string {
  const values = samples.map((sample) => sample.value);
  return `Between ${Math.min(...values)} and ${Math.max(...values)} ${unit}.`;
}
