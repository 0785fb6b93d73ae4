import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { createByHand } from '../backend.js';
import { useDemo } from '../demo.js';

type Step = 'progress' | 'log' | 'completed' | 'failed';
const STEPS: { id: Step; name: string; event: object }[] = [
  { id: 'progress', name: 'Progress', event: { type: 'progress', progress: 40, stage: 'by hand', message: 'hello from a terminal' } },
  { id: 'log', name: 'A word', event: { type: 'log', message: 'still here' } },
  { id: 'completed', name: 'Done', event: { type: 'completed', result: { answer: 42 } } },
  { id: 'failed', name: 'Failed', event: { type: 'failed', error: { message: 'I gave up', code: 'E_HUMAN' } } },
];

export function curlLine(url: string, jobId: string, token: string, event: object): string {
  return [
    `curl -sS ${url}/api/v1/jobs/${jobId}/events`,
    `  -H 'authorization: Bearer ${token}'`,
    `  -H 'content-type: application/json'`,
    `  -d '${JSON.stringify(event)}'`,
  ].join(' \\\n');
}

export function CurlPanel() {
  const { config, sessions } = useDemo();
  const [hand, setHand] = useState<{ jobId: string; token: string }>();
  const [step, setStep] = useState<Step>('progress');
  const [copied, setCopied] = useState(false);
  const [problem, setProblem] = useState<string>();
  const make = async () => {
    setProblem(undefined);
    try {
      setHand(await createByHand(config, await sessions.token()));
      setCopied(false);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const event = STEPS.find((one) => one.id === step)!.event;
  const line = hand ? curlLine(config.jobwireUrl, hand.jobId, hand.token, event) : undefined;
  return (
    <section className="panel" aria-labelledby="curl-title">
      <h2 id="curl-title">From a terminal</h2>
      <p className="panel-note">A back end needs no library, only a line of HTTP. Make a job of your own and move its card by hand.</p>
      {line && hand ? (
        <>
          <div className="filters" role="group" aria-label="What to report">
            {STEPS.map(({ id, name }) => (
              <button type="button" key={id} aria-pressed={id === step} onClick={() => { setStep(id); setCopied(false); }}>
                {name}
              </button>
            ))}
          </div>
          <div className="curl">
            <pre tabIndex={0} aria-label="The command" data-testid="curl" data-command={line}>
              {line.replace(hand.token, `${hand.token.slice(0, 8)}…${hand.token.slice(-6)}`)}
            </pre>
            <button
              type="button"
              className="button small"
              onClick={() => void navigator.clipboard.writeText(line).then(() => setCopied(true), () => setProblem('The browser did not let me copy'))}
            >
              {copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />} <span role="status">{copied ? 'Copied' : 'Copy'}</span>
            </button>
          </div>
          <p className="panel-note fine">The token is shortened here; Copy takes all of it. It is good for an hour.</p>
        </>
      ) : null}
      <button type="button" className={hand ? 'quiet small' : 'button'} onClick={() => void make()}>
        {hand ? 'Make another' : 'Make a job to move'}
      </button>
      {problem ? (
        <p className="card-error" role="alert">
          {problem}
        </p>
      ) : null}
    </section>
  );
}
