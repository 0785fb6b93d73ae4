import { JobwireError } from './errors.js';
import type { Scene } from './job_handle.js';
import { Notifier } from './notifier.js';
import type { Job, JobFilter, JobsSnapshot, Observable } from './types.js';

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

const empty: JobsSnapshot = { jobs: [], isPending: true, isStale: false, error: undefined };

export class ClientJobs implements Observable<JobsSnapshot> {
  #filter: JobFilter;
  #scene: Scene;
  #notifier = new Notifier();
  #channel: string | undefined;
  #stopFollowing: (() => void) | undefined;
  #snapshot = empty;
  #nobody: JobwireError | undefined;

  constructor(filter: JobFilter, scene: Scene) {
    this.#filter = filter;
    this.#scene = scene;
  }

  readonly getSnapshot = (): JobsSnapshot => {
    const { channels, connection } = this.#scene;
    const channel = channelOf(this.#filter, connection().user);
    const error = (channel ? channels.refusal(channel) : this.#namelessness()) ?? this.#scene.failure();
    const isPending = !error && !(channel && channels.isLive(channel));
    const jobs = this.#jobs();
    const isStale = !isPending && !connection().isLive;
    const last = this.#snapshot;
    if (jobs !== last.jobs || error !== last.error || isStale !== last.isStale || isPending !== last.isPending) {
      this.#snapshot = { jobs, isPending, isStale, error };
    }
    return this.#snapshot;
  };

  readonly subscribe = (notify: () => void): (() => void) => {
    const remove = this.#notifier.add(notify);
    this.#follow();
    return () => {
      remove();
      if (this.#notifier.isEmpty) this.#unfollow();
    };
  };

  /** The table, the connection or the channels have changed. */
  refresh(): void {
    if (this.#notifier.isEmpty) return;
    this.#follow();
    const last = this.#snapshot;
    if (this.getSnapshot() !== last) this.#notifier.notify();
  }

  // "Me" may become known, or become somebody else, in mid-life.
  #follow(): void {
    const channel = channelOf(this.#filter, this.#scene.connection().user);
    if (channel === this.#channel) return;
    this.#unfollow();
    this.#channel = channel;
    this.#stopFollowing = channel ? this.#scene.channels.use(channel) : undefined;
  }

  #unfollow(): void {
    this.#stopFollowing?.();
    this.#stopFollowing = this.#channel = undefined;
  }

  #jobs(): readonly Job[] {
    const me = this.#scene.connection().user;
    const jobs = this.#scene.table
      .sorted()
      .filter(({ view }) => matches(view, this.#filter, me))
      .map(({ view }) => view);
    const last = this.#snapshot.jobs;
    return jobs.length === last.length && jobs.every((job, at) => job === last[at]) ? last : jobs;
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
