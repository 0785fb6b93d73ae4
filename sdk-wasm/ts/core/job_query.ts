import type { Client } from './client.js';
import { JobwireError } from './errors.js';
import { Followed, kept } from './followed.js';
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

const notListed = new JobwireError('forbidden', 'The token may list only jobs of the user that it names');

/** The jobs that are wanted, newest first. */
export function listOf(wanted: Wanted, client: Client): Followed<JobsSnapshot> {
  const { table, channels, connection } = client;
  const { all, user, status, ...fields } = wanted;
  // Undefined: anybody's; null: it is not known who "me" is. That may become known, or become somebody else.
  const userIdNow = () => (user === 'me' ? (connection.getSnapshot().user ?? null) : user);

  /** The narrowest that holds what is wanted. */
  const channelNow = () => {
    const userId = userIdNow();
    if (all) return 'all-jobs';
    return userId === undefined ? `queue:${fields.queue}` : userId === null ? undefined : `user:${userId}`;
  };
  const look = (last: JobsSnapshot | undefined): JobsSnapshot => {
    const { role, isLive } = connection.getSnapshot();
    const channel = channelNow();
    const standing = channels.find(channel);
    // Connected, and the server named nobody: "my jobs" are no channel. To users a queue's channel brings counts only.
    const isUnlisted = role && (!channel || (role === 'user' && channel.startsWith('queue:')));
    const refusal = isUnlisted ? notListed : standing?.refusal;
    const error = refusal ?? client.failure;
    const isPending = !error && !standing?.isLive;
    const equal = Object.entries({ ...fields, userId: userIdNow() }).filter(([, value]) => value !== undefined);
    const views = table.sorted().map(({ view }): Job => view);
    const found = views.filter(
      (job) =>
        equal.every(([field, value]) => job[field as keyof Job] === value) &&
        (!status || [status].flat().includes(job.status)),
    );
    const isTruncated = !!standing?.isTruncated;
    return { jobs: kept(last?.jobs, found)!, isPending, isStale: !isPending && !isLive, isTruncated, error };
  };
  return new Followed(channels, look, channelNow);
}
