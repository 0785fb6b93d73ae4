import { AudioLines, FileText, FileWarning, FileX2, Film, Upload } from 'lucide-react';
import { useEffect, useId, useRef, useState, type DragEvent } from 'react';
import { listSamples, type SampleFile } from '../backend.js';
import { useDemo } from '../demo.js';
import { bytes } from '../format.js';

const NOTES: Record<string, { title: string; note: string; Icon: typeof FileText }> = {
  'atlas-of-curves.pdf': { title: 'An atlas of curves', note: 'PDF, 34 drawn pages', Icon: FileText },
  'six-lights.mp4': { title: 'Six lights', note: 'video, 72 seconds', Icon: Film },
  'keepers-log.txt': { title: "The keeper's log", note: 'text, twelve years', Icon: AudioLines },
  'torn.pdf': { title: 'A torn PDF', note: 'this one will fail', Icon: FileX2 },
};
const ORDER = Object.keys(NOTES);

export function DropZone({ onFile, onSample }: { onFile(file: File): void; onSample(sample: SampleFile): void }) {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    for (const file of event.dataTransfer.files) onFile(file);
  };
  return (
    <section className="intake" aria-labelledby={`${id}-title`}>
      <div
        className="drop"
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <h2 id={`${id}-title`}>
          Hand in a file.
          <br />
          Watch it being worked on.
        </h2>
        <p>A PDF, a video or a text. Every page, frame and sentence that is done is told here, and a lost connection makes none of it wrong.</p>
        <input
          ref={input}
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
        <span className="drop-hint">or drop them here</span>
      </div>
      <Samples onSample={onSample} />
    </section>
  );
}

function Samples({ onSample }: { onSample(sample: SampleFile): void }) {
  const { config } = useDemo();
  const [samples, setSamples] = useState<SampleFile[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    listSamples(config).then(
      (all) => setSamples(all.sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name))),
      (error: Error) => setProblem(error.message),
    );
  }, [config]);
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
