import { useSystemMetrics } from '@jobwire/react';
import { useEffect, useState } from 'react';
import { useDemo } from '../demo.js';
import { bytes, count, duration } from '../format.js';
import { Chart, Figures } from './figures.js';
import { late } from './late.js';

const OverTime = late(() => import('./charts.js').then((charts) => charts.OverTime), null);
const EVERY_MS = 2_000;
const KEPT = 60;

/** What `GET /api/v1/stats` tells; counters since the server's start. */
export interface Stats {
  connections?: number;
  sessions?: number;
  polls?: number;
  lagging?: number;
  messagesOut?: number;
}

export interface Rate {
  at: number;
  messages: number;
}

/** Messages a second between two readings; none where the server was started anew in between. */
export function rateBetween(before: { at: number; stats: Stats } | undefined, now: { at: number; stats: Stats }): Rate | undefined {
  const from = before?.stats.messagesOut;
  const to = now.stats.messagesOut;
  if (!before || from === undefined || to === undefined || to < from || now.at <= before.at) return undefined;
  return { at: now.at, messages: Math.round((10_000 * (to - from)) / (now.at - before.at)) / 10 };
}

export function MetricsPanel() {
  const metrics = (useSystemMetrics() ?? {}) as Record<string, number | undefined>;
  const { stats, rates } = useStats();
  const { uptime, cpuMs, memoryBytes, logHead, jobs } = metrics;
  const first = rates[0]?.at ?? 0;
  return (
    <section className="metrics" aria-labelledby="metrics-title">
      <h2 id="metrics-title">The server about itself</h2>
      <Figures
        items={[
          ['jobs', known(jobs)],
          ['events in the log', known(logHead)],
          ['connections', known(stats?.connections)],
          ['sessions', known(stats?.sessions)],
          ['of them polling', known(stats?.polls)],
          ['messages sent', known(stats?.messagesOut)],
          ['memory', memoryBytes === undefined ? '–' : bytes(memoryBytes)],
          ['processor', uptime && cpuMs !== undefined ? `${((100 * cpuMs) / uptime).toFixed(1)} %` : '–'],
          ['up for', uptime === undefined ? '–' : duration(uptime)],
        ]}
      />
      {rates.length > 2 ? (
        <Chart title="Messages to pages, a second" said={`${rates.at(-1)?.messages} messages a second now.`}>
          <OverTime rows={rates.map(({ at, messages }) => ({ seconds: Math.round((at - first) / 1000), messages }))} x="seconds" y="messages" unit="a second" colour="var(--chart-1)" format={(seconds) => `${seconds} s`} height={110} />
        </Chart>
      ) : null}
    </section>
  );
}

const known = (value: number | undefined) => (value === undefined ? '–' : count(value));

function useStats() {
  const { config, sessions } = useDemo();
  const [stats, setStats] = useState<Stats>();
  const [rates, setRates] = useState<Rate[]>([]);
  useEffect(() => {
    let before: { at: number; stats: Stats } | undefined;
    const ask = async () => {
      const response = await fetch(`${config.jobwireUrl}/api/v1/stats`, { headers: { authorization: `Bearer ${await sessions.token()}` } });
      if (!response.ok) return;
      const now = { at: Date.now(), stats: (await response.json()) as Stats };
      const rate = rateBetween(before, now);
      before = now;
      setStats(now.stats);
      if (rate) setRates((all) => [...all.slice(1 - KEPT), rate]);
    };
    // A server that is away leaves the last figures standing; the badge says how old they are.
    const timer = setInterval(() => ask().catch(() => undefined), EVERY_MS);
    ask().catch(() => undefined);
    return () => clearInterval(timer);
  }, [config, sessions]);
  return { stats, rates };
}
