import type { Client } from './client.js';
import { JobError, JobwireError } from './errors.js';
import { Followed } from './followed.js';
import type { JobHandle, JobSnapshot } from './types.js';

export class ClientJob extends Followed<JobSnapshot> implements JobHandle {
  readonly id: string;
  readonly cancel: (reason?: string) => Promise<void>;
  #removed: JobwireError | undefined;

  constructor(id: string, client: Client) {
    const { table, channels, connection } = client;
    const channel = `job:${id}`;
    const look = () => {
      const row = table.find(id);
      const job = row?.view;
      const error = (row ? undefined : this.#removed) ?? channels.find(channel)?.refusal ?? client.failure;
      const isStale = !!row && (row.isStale || !connection.getSnapshot().isLive);
      return { job, isPending: !job && !error, isStale, error };
    };
    super(channels, look, () => channel);
    this.id = id;
    this.cancel = (reason) => client.cancel(id, reason);
  }

  override begin(): void {
    this.#removed = undefined;
  }

  finished<Result>({ signal }: { signal?: AbortSignal } = {}): Promise<Result> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const { job, error } = this.getSnapshot();
        if (signal?.aborted) reject(signal.reason);
        else if (job?.status === 'completed') resolve(job.result as Result);
        else if (job?.isFinished) {
          const why = job.error?.message ?? job.cancelReason ?? `The job was ${job.status}`;
          reject(new JobError(job.id, job.status as JobError['status'], why, job.error?.code));
        } else if (error) reject(error);
        else return;
        unsubscribe();
        signal?.removeEventListener('abort', look);
      };
      const unsubscribe = this.subscribe(look);
      signal?.addEventListener('abort', look);
      look();
    });
  }

  /** It is so until there is a job again, or a first subscriber. */
  remove(): void {
    this.#removed = new JobwireError('gone', 'The job was removed');
  }
}
