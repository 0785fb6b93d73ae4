import { useConnection } from '@jobwire/react';
import { FileText, FileWarning, FileX2, Film, ScrollText, Upload } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { listSamples, type SampleFile } from '../backend.js';
import { useDemo } from '../demo.js';
import { bytes } from '../format.js';

const NOTES: Record<string, { title: string; note: string; Icon: typeof FileText }> = {
  'atlas-of-curves.pdf': { title: 'An atlas of curves', note: 'PDF, 34 drawn pages', Icon: FileText },
  'six-lights.mp4': { title: 'Six lights', note: 'video, 72 seconds', Icon: Film },
  'keepers-log.txt': { title: "The keeper's log", note: 'text, twelve years', Icon: ScrollText },
  'torn.pdf': { title: 'A torn PDF', note: 'this one will fail', Icon: FileX2 },
};
const ORDER = Object.keys(NOTES);

/** `isOver`: files are held over the page, which takes them anywhere. */
export function DropZone({ isOver, onFile, onSample }: { isOver: boolean; onFile(file: File): void; onSample(sample: SampleFile): void }) {
  const id = useId();
  return (
    <section className="intake" aria-labelledby={`${id}-title`}>
      <div className="drop" data-over={isOver || undefined}>
        <h2 id={`${id}-title`}>
          Hand in a file.
          <br />
          Watch it being worked on.
        </h2>
        <p>A PDF, a video or a text. Every page, frame and sentence that is done is told here, and a lost connection makes none of it wrong.</p>
        <input
          id={id}
          className="hidden"
          type="file"
          multiple
          accept="application/pdf,video/*,text/*,.md,.csv,.log"
          onChange={(event) => {
            for (const file of event.target.files ?? []) onFile(file);
            event.target.value = '';
          }}
        />
        <label htmlFor={id} className="button primary">
          <Upload size={16} aria-hidden="true" /> Choose files
        </label>
        <span className="drop-hint">or drop them anywhere</span>
      </div>
      <Samples onSample={onSample} />
    </section>
  );
}

function Samples({ onSample }: { onSample(sample: SampleFile): void }) {
  const { config } = useDemo();
  const [samples, setSamples] = useState<SampleFile[]>();
  const [problem, setProblem] = useState<string>();
  // A line that comes back is a reason to ask once more.
  const { isLive } = useConnection();
  const isMissing = !samples;
  useEffect(() => {
    if (!isMissing) return;
    listSamples(config).then(
      (all) => {
        setProblem(undefined);
        setSamples(all.sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name)));
      },
      (error: Error) => setProblem(error.message),
    );
  }, [config, isMissing, isLive]);
  if (problem) {
    return (
      <p className="notice" role="alert">
        {problem}: no samples.
      </p>
    );
  }
  return (
    <div className="samples" role="group" aria-label="Use a sample">
      <p className="samples-title">Or use a sample</p>
      {samples?.map((sample) => {
        const { title, note, Icon } = NOTES[sample.name] ?? { title: sample.name, note: 'file', Icon: FileWarning };
        return (
          <button type="button" key={sample.name} className="sample" data-sample={sample.name} onClick={() => onSample(sample)}>
            <Icon size={18} aria-hidden="true" />
            <span>
              <strong>{title}</strong>
              <small>
                {note} · {bytes(sample.size)}
              </small>
            </span>
          </button>
        );
      })}
    </div>
  );
}
