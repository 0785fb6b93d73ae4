import { Scissors } from 'lucide-react';
import { useState } from 'react';
import { useDemo, useFaults } from '../demo.js';
import type { FaultState } from '../faults.js';

const SWITCHES: { id: keyof FaultState; name: string; note: string }[] = [
  { id: 'blockWebSocket', name: 'Block WebSocket', note: 'as an old proxy does; HTTP still works' },
  { id: 'holdAnswers', name: "Hold the server's answers", note: 'half open: only the silence tells' },
  { id: 'unplugged', name: 'Pull the plug', note: 'nothing gets through at all' },
];

export function FaultPanel() {
  const { faults } = useDemo();
  const state = useFaults(faults);
  const [cuts, setCuts] = useState<number>();
  const cut = () => setCuts((before = 0) => before + faults.cut());
  return (
    <section className="panel" aria-labelledby="faults-title">
      <h2 id="faults-title">Try to break it</h2>
      <p className="panel-note">Start a job, then do your worst. These act between this page and Jobwire; the work goes on.</p>
      <button type="button" className="button" onClick={cut}>
        <Scissors size={15} aria-hidden="true" /> Cut the socket
        {cuts === undefined ? null : <span className="times">{cuts ? `cut ${cuts}×` : 'none is open'}</span>}
      </button>
      <div className="switches">
        {SWITCHES.map(({ id, name, note }) => (
          <label key={id} className="switch">
            <input type="checkbox" role="switch" checked={state[id]} onChange={(event) => faults.set({ [id]: event.target.checked })} />
            <span className="switch-slot" aria-hidden="true" />
            <span>
              {name}
              <small>{note}</small>
            </span>
          </label>
        ))}
      </div>
    </section>
  );
}
