import { JobwireError } from './errors.js';
import { Followed, kept } from './followed.js';
import type { Scene } from './job_handle.js';
import type { Job, JobFilter, JobsSnapshot } from './types.js';

/** One form for equal filters. */
export function filterKey(filter: JobFilter): string {
  const { user, queue, status, type, ref, parentId, all } = filter;
  return JSON.stringify([user, queue, status, typeof type === 'object' ? type.type : type, ref, parentId, all]);
}

/** Whose jobs; undefined: anybody's. */
function owner({ user, queue, all }: JobFilter): string | undefined {
  return user ?? (all || queue !== undefined ? undefined : 'me');
}

/** The narrowest channel that holds what the filter asks for; undefined while it is not known who "me" is. */
function channelOf(filter: JobFilter, me: string | undefined): string | undefined {
  if (filter.all) return 'all-jobs';
  const user = owner(filter);
  if (user === undefined) return `queue:${filter.queue}`;
  return user === 'me' ? me && `user:${me}` : `user:${user}`;
}

export class ClientJobs extends Followed<JobsSnapshot> {
  #filter: JobFilter;
  #scene: Scene;
  #nobody: JobwireError | undefined;

  constructor(filter: JobFilter, scene: Scene) {
    super(scene.channels);
    this.#filter = filter;
    this.#scene = scene;
  }

  // "Me" may become known, or become somebody else.
  protected channel(): string | undefined {
    return channelOf(this.#filter, this.#scene.connection().user);
  }

  protected look(last: JobsSnapshot | undefined): JobsSnapshot {
    const { channels, connection, failure, table } = this.#scene;
    const { user, isLive } = connection();
    const channel = this.channel();
    const error = (channel ? channels.refusal(channel) : this.#namelessness()) ?? failure();
    const isPending = !error && !(channel && channels.isLive(channel));
    const views = table.sorted().map(({ view }) => view);
    const jobs = kept(last?.jobs, views.filter((job) => matches(job, this.#filter, user)))!;
    return { jobs, isPending, isStale: !isPending && !isLive, error };
  }

  // Connected, and the server named nobody: "my jobs" are no channel.
  #namelessness(): JobwireError | undefined {
    const { role, user } = this.#scene.connection();
    if (role === undefined || user !== undefined) return undefined;
    this.#nobody ??= new JobwireError('forbidden', 'The token names no user: follow jobs by their ids');
    return this.#nobody;
  }
}

function matches(job: Job, filter: JobFilter, me: string | undefined): boolean {
  const { queue, status, type, ref, parentId } = filter;
  const user = owner(filter);
  const userId = user === 'me' ? me : user;
  return (
    (user === undefined || (userId !== undefined && job.userId === userId)) &&
    (queue === undefined || job.queue === queue) &&
    (status === undefined || (typeof status === 'string' ? job.status === status : status.includes(job.status))) &&
    (type === undefined || job.type === (typeof type === 'object' ? type.type : type)) &&
    (ref === undefined || job.ref === ref) &&
    (parentId === undefined || job.parentId === parentId)
  );
}
