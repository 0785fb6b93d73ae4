import { ChevronLeft, ChevronRight, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { fileUrl } from '../backend.js';
import { useDemo } from '../demo.js';

/** A strip of pictures; any of them is shown by itself when asked for. */
export function Pictures({ jobId, names, noun, ratio }: { jobId: string; names: string[]; noun: string; ratio: string }) {
  const { config } = useDemo();
  const [shown, setShown] = useState<number>();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (shown !== undefined && !dialog.current?.open) dialog.current?.showModal();
  }, [shown]);
  const step = (by: number) => setShown((at) => (at === undefined ? at : (at + by + names.length) % names.length));
  return (
    <>
      <ul className="strip" tabIndex={0} aria-label={`${names.length} pictures, one per ${noun}`}>
        {names.map((name, i) => (
          <li key={name}>
            <button type="button" aria-label={`Look at ${noun} ${i + 1}`} onClick={() => setShown(i)}>
              <img src={fileUrl(config, jobId, name)} alt="" loading="lazy" style={{ aspectRatio: ratio }} />
              <span aria-hidden="true">{i + 1}</span>
            </button>
          </li>
        ))}
      </ul>
      <dialog
        ref={dialog}
        className="light-box"
        aria-label={`${noun} ${(shown ?? 0) + 1} of ${names.length}`}
        onClose={() => setShown(undefined)}
        onClick={(event) => event.target === dialog.current && dialog.current.close()}
        onKeyDown={(event) => {
          if (event.key === 'ArrowRight') step(1);
          if (event.key === 'ArrowLeft') step(-1);
        }}
      >
        {shown !== undefined && names[shown] ? <img src={fileUrl(config, jobId, names[shown])} alt={`${noun} ${shown + 1}`} /> : null}
        <div className="light-box-bar">
          <button type="button" className="quiet" aria-label={`Previous ${noun}`} onClick={() => step(-1)}>
            <ChevronLeft size={18} aria-hidden="true" />
          </button>
          <span aria-live="polite">
            {noun} {(shown ?? 0) + 1} of {names.length}
          </span>
          <button type="button" className="quiet" aria-label={`Next ${noun}`} onClick={() => step(1)}>
            <ChevronRight size={18} aria-hidden="true" />
          </button>
          <button type="button" className="quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
            <X size={18} aria-hidden="true" />
          </button>
        </div>
      </dialog>
    </>
  );
}
