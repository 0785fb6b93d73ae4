/** Tells a publisher's owner what happens, and writes a line where nobody listens. Nothing that a listener does reaches a job. */
import { bad } from './errors.js';
import type { PublisherEvents } from './types.js';

export type Listener<T> = (told: T) => void;
type Name = keyof PublisherEvents;

export class Teller {
  readonly #log: (line: string) => void;
  readonly #listeners: { [N in Name]: Set<Listener<PublisherEvents[N]>> } = { error: new Set(), dropped: new Set(), away: new Set(), back: new Set() };
  /** Since the last outage began, or ever. */
  #dropped = 0;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  on<N extends Name>(name: N, listener: Listener<PublisherEvents[N]>): () => void {
    if (!Object.hasOwn(this.#listeners, name)) throw bad('name', `must be one of ${Object.keys(this.#listeners).join(', ')}`);
    if (typeof listener !== 'function') throw bad('listener', 'must be a function');
    this.#listeners[name].add(listener);
    return () => this.#listeners[name].delete(listener);
  }

  error(error: PublisherEvents['error']): void {
    const { code, type, jobId } = error;
    const what = type === undefined ? 'a report' : `${type}${jobId === undefined ? '' : ` of ${jobId}`}`;
    this.#tell('error', error, () => `Jobwire refused ${what}: ${code}, ${error.message}`);
  }

  dropped(dropped: PublisherEvents['dropped']): void {
    this.#dropped += 1;
    const why = dropped.reason === 'full' ? 'the buffer is full' : 'the publisher was closed';
    // One line for all that follow: a log that fills with them helps nobody.
    const line = this.#dropped === 1 ? () => `Jobwire: ${why}, ${dropped.type} of ${dropped.about} and perhaps others are dropped` : undefined;
    this.#tell('dropped', dropped, line);
  }

  away(reason: string): void {
    this.#tell('away', { reason }, () => `Jobwire does not answer (${reason}); the work goes on, reports are kept and sent again`);
  }

  back(awayMs: number): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#tell('back', { awayMs, dropped }, () => `Jobwire answers again after ${Math.round(awayMs / 1000)} s; ${dropped} reports were dropped`);
  }

  #tell<N extends Name>(name: N, told: PublisherEvents[N], line: (() => string) | undefined): void {
    const listeners = [...this.#listeners[name]];
    for (const listener of listeners) {
      try {
        listener(told);
      } catch (error) {
        this.#line(() => `Jobwire: a listener of '${name}' threw: ${String(error)}`);
      }
    }
    if (listeners.length === 0 && line) this.#line(line);
  }

  #line(line: () => string): void {
    try {
      this.#log(line());
    } catch {
      return; // there is nobody left to tell
    }
  }
}
