import type { Channels } from './channels.js';
import { JobError, JobwireError } from './errors.js';
import type { JobTable } from './job_table.js';
import { Notifier } from './notifier.js';
import type { ConnectionSnapshot, JobHandle, JobSnapshot } from './types.js';

/** What the observables of a client look at. */
export interface Scene {
  readonly table: JobTable;
  readonly channels: Channels;
  connection(): ConnectionSnapshot;
  /** Why nothing more will come: stopped by the server, or closed. */
  failure(): JobwireError | undefined;
  cancel(id: string, reason?: string): Promise<void>;
}

const pending: JobSnapshot = { job: undefined, isPending: true, isStale: false, error: undefined };

export class ClientJob implements JobHandle {
  readonly id: string;
  #scene: Scene;
  #channel: string;
  #notifier = new Notifier();
  #stopFollowing: (() => void) | undefined;
  #snapshot = pending;
  #removed: JobwireError | undefined;

  constructor(id: string, scene: Scene) {
    this.id = id;
    this.#scene = scene;
    this.#channel = `job:${id}`;
  }

  readonly getSnapshot = (): JobSnapshot => {
    const { table, channels, connection, failure } = this.#scene;
    const row = table.find(this.id);
    const job = row?.view;
    const error = this.#removed ?? channels.refusal(this.#channel) ?? failure();
    const isStale = row !== undefined && (row.isStale || !connection().isLive);
    const isPending = !job && !error;
    const last = this.#snapshot;
    if (job !== last.job || error !== last.error || isStale !== last.isStale || isPending !== last.isPending) {
      this.#snapshot = { job, isPending, isStale, error };
    }
    return this.#snapshot;
  };

  readonly subscribe = (notify: () => void): (() => void) => {
    if (this.#notifier.isEmpty) {
      this.#removed = undefined;
      this.#stopFollowing = this.#scene.channels.use(this.#channel);
    }
    const remove = this.#notifier.add(notify);
    return () => {
      remove();
      if (this.#notifier.isEmpty) this.#stopFollowing?.();
    };
  };

  readonly cancel = (reason?: string): Promise<void> => this.#scene.cancel(this.id, reason);

  finished<Result>({ signal }: { signal?: AbortSignal } = {}): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => end(() => reject(signal!.reason));
      const look = () => {
        const { job, error } = this.getSnapshot();
        if (job?.status === 'completed') end(() => resolve(job.result as Result));
        else if (job?.status === 'failed' || job?.status === 'cancelled') {
          const { message, code } = job.error ?? { message: job.cancelReason ?? `The job was ${job.status}` };
          const { status } = job;
          end(() => reject(new JobError(this.id, status, message, code)));
        } else if (error) end(() => reject(error));
      };
      const unsubscribe = this.subscribe(look);
      const end = (settle: () => void) => {
        unsubscribe();
        signal?.removeEventListener('abort', abort);
        settle();
      };
      signal?.addEventListener('abort', abort);
      look();
    });
  }

  /** The table, the connection or the channels have changed. */
  refresh(isRemoved: boolean): void {
    if (this.#notifier.isEmpty) return;
    if (isRemoved) this.#removed = new JobwireError('gone', 'The job was removed');
    else if (this.#scene.table.find(this.id)) this.#removed = undefined;
    const last = this.#snapshot;
    if (this.getSnapshot() !== last) this.#notifier.notify();
  }
}
