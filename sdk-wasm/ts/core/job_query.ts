import { JobwireError } from './errors.js';
import { Followed, kept } from './followed.js';
import type { Scene } from './job_handle.js';
import type { Job, JobFilter, JobsSnapshot } from './types.js';

/** What a filter says, in one form for equal filters. Without `user`: anybody's. */
export interface Wanted extends JobFilter {
  readonly type?: string;
}

export function wantedBy({ user, queue, status, type, ref, parentId, all }: JobFilter): Wanted {
  return {
    user: user ?? (all || queue !== undefined ? undefined : 'me'),
    queue,
    status,
    type: typeof type === 'object' ? type.type : type,
    ref,
    parentId,
    all,
  };
}

export class ClientJobs extends Followed<JobsSnapshot> {
  #wanted: Wanted;
  #scene: Scene;
  #nobody: JobwireError | undefined;

  constructor(wanted: Wanted, scene: Scene) {
    super(scene.channels);
    this.#wanted = wanted;
    this.#scene = scene;
  }

  /** The narrowest that holds what is wanted. "Me" may become known, or become somebody else. */
  protected channel(): string | undefined {
    const { all, queue } = this.#wanted;
    const userId = this.#userId();
    if (all) return 'all-jobs';
    return userId === undefined ? `queue:${queue}` : userId === null ? undefined : `user:${userId}`;
  }

  protected look(last: JobsSnapshot | undefined): JobsSnapshot {
    const { channels, connection, failure, table } = this.#scene;
    const { all, user, status, ...fields } = this.#wanted;
    const channel = this.channel();
    const standing = channels.find(channel);
    const error = (channel ? standing?.refusal : this.#namelessness()) ?? failure();
    const isPending = !error && !standing?.isLive;
    const equal = Object.entries({ ...fields, userId: this.#userId() }).filter(([, value]) => value !== undefined);
    const views = table.sorted().map(({ view }): Job => view);
    const found = views.filter(
      (job) =>
        equal.every(([field, value]) => job[field as keyof Job] === value) &&
        (!status || [status].flat().includes(job.status)),
    );
    return { jobs: kept(last?.jobs, found)!, isPending, isStale: !isPending && !connection().isLive, error };
  }

  // Undefined: anybody's; null: it is not known who "me" is.
  #userId(): string | null | undefined {
    const { user } = this.#wanted;
    return user === 'me' ? (this.#scene.connection().user ?? null) : user;
  }

  // Connected, and the server named nobody: "my jobs" are no channel.
  #namelessness(): JobwireError | undefined {
    const { role, user } = this.#scene.connection();
    if (role === undefined || user !== undefined) return undefined;
    return (this.#nobody ??= new JobwireError('forbidden', 'The token names no user: follow jobs by their ids'));
  }
}
