// "Missed 0, doubled 0": what this page has seen and said, held against what the server's log says happened.
//
// For every job on the page:
//   missed    an ending in the history that the page did not announce, though it knew the job before it ended
//             · a stage in the history that the page's view of the job does not have
//             · a view that still runs although the history has ended (for longer than `graceMs`)
//             · a view that ended otherwise than the history
//             · a job that the server lists and the page does not show
//   doubled   an ending announced more than once · a stage listed twice
import type { Job, JobStatus } from '@jobwire/react';

export interface HistoryEvent {
  type: string;
  at: number;
  seq: number;
  stage?: string;
  status?: string;
}

/** What the page itself noted of a job. */
export interface Sighting {
  /** The attempt at which it was first seen, and whether that had ended by then: such an end is old news and not announced. */
  readonly attempt: number;
  readonly ended: boolean;
  /** Announcements by attempt. */
  readonly announced: ReadonlyMap<number, number>;
}

export interface Finding {
  readonly jobId: string;
  readonly kind: 'missed' | 'doubled';
  readonly what: string;
}

export interface Report {
  readonly jobs: number;
  readonly events: number;
  readonly findings: readonly Finding[];
}

const ENDS: Record<string, JobStatus> = { completed: 'completed', failed: 'failed', cancelled: 'cancelled' };

/** The endings by attempt, and the stages of the last attempt. */
export function readHistory(events: readonly HistoryEvent[]) {
  const ends = new Map<number, { status: JobStatus; at: number }>();
  let stages: string[] = [];
  let attempt = 1;
  for (const event of events) {
    if (event.type === 'retried') {
      attempt += 1;
      stages = [];
    }
    if (event.stage && !stages.includes(event.stage)) stages.push(event.stage);
    const status = ENDS[event.type];
    if (status) ends.set(attempt, { status, at: event.at });
  }
  return { attempt, ends, stages };
}

export function audit(
  view: Pick<Job, 'id' | 'status' | 'attempt' | 'stages'>,
  sighting: Sighting | undefined,
  events: readonly HistoryEvent[],
  { now, graceMs = 5_000 }: { now: number; graceMs?: number },
): Finding[] {
  const history = readHistory(events);
  const findings: Finding[] = [];
  const find = (kind: Finding['kind'], what: string) => findings.push({ jobId: view.id, kind, what });

  for (const [attempt, end] of history.ends) {
    const settled = now - end.at > graceMs;
    const oldNews = !sighting || attempt < sighting.attempt || (attempt === sighting.attempt && sighting.ended);
    if (!oldNews && settled && !sighting.announced.get(attempt)) find('missed', `end of attempt ${attempt} (${end.status}) was not announced`);
    if (attempt === view.attempt && settled && view.status !== end.status) find('missed', `shown as ${view.status}, the log says ${end.status}`);
  }
  for (const [attempt, times] of sighting?.announced ?? []) {
    if (times > 1) find('doubled', `end of attempt ${attempt} was announced ${times} times`);
  }
  const shown = view.stages.map((stage) => stage.name);
  const ended = history.ends.get(history.attempt);
  if (view.attempt === history.attempt && ended && now - ended.at > graceMs) {
    for (const stage of history.stages) if (!shown.includes(stage)) find('missed', `stage "${stage}" is not shown`);
  }
  for (const stage of new Set(shown)) if (shown.indexOf(stage) !== shown.lastIndexOf(stage)) find('doubled', `stage "${stage}" is shown twice`);
  return findings;
}

/** Takes notes while the page runs. */
export function createLedger() {
  const sightings = new Map<string, { attempt: number; ended: boolean; announced: Map<number, number> }>();
  const noteFirst = (job: Pick<Job, 'id' | 'attempt' | 'isFinished'>, ended: boolean) => {
    const known = sightings.get(job.id);
    if (known) return known;
    const made = { attempt: job.attempt, ended, announced: new Map<number, number>() };
    sightings.set(job.id, made);
    return made;
  };
  return {
    saw(jobs: readonly Pick<Job, 'id' | 'attempt' | 'isFinished'>[]): void {
      for (const job of jobs) noteFirst(job, job.isFinished);
    },
    announced(job: Pick<Job, 'id' | 'attempt' | 'isFinished'>): void {
      const { announced } = noteFirst(job, false);
      announced.set(job.attempt, (announced.get(job.attempt) ?? 0) + 1);
    },
    sighting: (id: string): Sighting | undefined => sightings.get(id),
  };
}

export type Ledger = ReturnType<typeof createLedger>;

/** Asks the server for its list and histories, past the fault panel and past the SDK, and compares. */
export async function compare(
  { url, token, jobs, ledger, listQuery = '' }: { url: string; token: string; jobs: readonly Pick<Job, 'id' | 'status' | 'attempt' | 'stages'>[]; ledger: Ledger; listQuery?: string },
  now: () => number = Date.now,
): Promise<Report> {
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(8_000) }).catch(() => {
      throw new Error('the server does not answer');
    });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return (await response.json()) as T;
  };
  const listed = await ask<{ jobs: { id: string; createdAt: number }[] }>(`/jobs?limit=50${listQuery}`);
  const shown = new Map(jobs.map((job) => [job.id, job]));
  const findings: Finding[] = listed.jobs
    .filter((job) => !shown.has(job.id) && now() - job.createdAt > 5_000)
    .map((job) => ({ jobId: job.id, kind: 'missed', what: 'the server lists it, the page does not show it' }));
  let events = 0;
  const looked = jobs.slice(0, 50);
  for (const job of looked) {
    const history = await ask<{ events: HistoryEvent[] }>(`/jobs/${encodeURIComponent(job.id)}/history?limit=100`);
    events += history.events.length;
    findings.push(...audit(job, ledger.sighting(job.id), history.events, { now: now() }));
  }
  return { jobs: looked.length, events, findings };
}
