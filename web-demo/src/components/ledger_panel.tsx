import { useConnection } from '@jobwire/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useDemo } from '../demo.js';
import { count, plural, timeOfDay } from '../format.js';
import type { FileJob } from '../kinds.js';
import { compare, type Finding, type Report } from '../ledger.js';

const AFTER_MS = 1_500;

/** Holds what this page has shown against the server's log: after each ending, after each return of the line, and when asked. */
export function LedgerPanel({ jobs }: { jobs: readonly FileJob[] }) {
  const { config, sessions, ledger, persona } = useDemo();
  const { isLive } = useConnection();
  const [report, setReport] = useState<Report & { at: number }>();
  const [state, setState] = useState<'idle' | 'asking' | string>('idle');
  // Said to screen readers only of what was asked for by hand: the rest would talk into everything.
  const [said, setSaid] = useState('');
  const newest = useRef(jobs);
  useEffect(() => {
    newest.current = jobs;
  });

  const check = useCallback(async () => {
    setState('asking');
    try {
      const token = await sessions.token();
      const made = await compare({ url: config.jobwireUrl, token, jobs: newest.current, ledger, listQuery: persona === 'admin' ? '' : `&user=${persona}` });
      setReport({ ...made, at: Date.now() });
      setState('idle');
      return `${times(made, 'missed')} missed, ${times(made, 'doubled')} doubled`;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      setState(problem);
      return problem;
    }
  }, [config, sessions, ledger, persona]);

  const endings = jobs.filter((job) => job.isFinished).map((job) => `${job.id}:${job.attempt}`).join();
  useEffect(() => {
    if (!isLive) return;
    const timer = setTimeout(check, AFTER_MS);
    return () => clearTimeout(timer);
  }, [isLive, endings, check]);

  const isAsking = state === 'asking';
  const checkByHand = () => {
    setSaid('');
    void check().then(setSaid);
  };
  return (
    <section className="panel" aria-labelledby="ledger-title">
      <h2 id="ledger-title">Held against the log</h2>
      <div className="ledger" data-testid="ledger" data-checked={report?.at}>
        <Score value={times(report, 'missed')} name="missed" />
        <Score value={times(report, 'doubled')} name="doubled" />
      </div>
      <p className="panel-note">
        {report
          ? `${plural(report.jobs, 'job')} on this page, compared with ${plural(report.events, 'event')} of the server's history at ${timeOfDay(report.at)}.`
          : 'Compared once the line is live.'}
        {state !== 'idle' && !isAsking ? ` Last try: ${state}.` : ''}
      </p>
      {report?.findings.length ? (
        <ul className="findings">
          {report.findings.map((one) => (
            <li key={`${one.jobId} ${one.what}`}>
              <code>{one.jobId.slice(0, 8)}</code> {one.what}
            </li>
          ))}
        </ul>
      ) : null}
      <div className="row">
        <button type="button" className="quiet small" aria-disabled={isAsking || undefined} onClick={() => isAsking || checkByHand()}>
          {isAsking ? 'Comparing…' : 'Compare now'}
        </button>
        <span className="hidden" role="status">
          {said}
        </span>
        <details className="explain">
          <summary>What is counted</summary>
          <p>
            Missed: an ending that was not announced here, a stage that is not shown, a job that still runs here though the log has ended it, or one that the
            server lists and this page lacks. Doubled: an ending announced twice, a stage shown twice. Asked over plain HTTP, past the switches above.
          </p>
        </details>
      </div>
    </section>
  );
}

const times = (report: Report | undefined, kind: Finding['kind']) => report?.findings.filter((one) => one.kind === kind).length;

function Score({ value, name }: { value: number | undefined; name: string }) {
  return (
    <p className="score" data-bad={value ? true : undefined} data-unknown={value === undefined || undefined}>
      <b>{value === undefined ? '–' : count(value)}</b> {name}
    </p>
  );
}
