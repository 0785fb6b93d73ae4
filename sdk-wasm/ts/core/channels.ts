import { Call } from './core.js';
import type { JobwireError } from './errors.js';

/** Where the wishes go; several made in one turn arrive together. */
export type ChannelSink = (wish: Call.follow | Call.unfollow, channels: readonly string[]) => void;

// Of a connection (PROTOCOL.md, "Channels and cursor").
const mostChannels = 1000;

export interface Standing {
  /** Its first complete answer has come. */
  isLive?: boolean;
  /** It began with its newest jobs only. */
  isTruncated?: boolean;
  refusal?: JobwireError | undefined;
}
export interface Watched {
  refresh(): void;
}
interface Followed extends Standing {
  users: number;
  leaving?: ReturnType<typeof setTimeout>;
}

/**
 * Who follows what. A channel is followed from its first user on, until `lingerMs` after its last one left: a page that
 * takes a component out and puts it back in does not subscribe twice.
 */
export class Channels {
  /** Whatever has subscribers, to be told when something has changed. */
  readonly watched = new Set<Watched>();
  #followed = new Map<string, Followed>();
  #asked = new Set<string>(); // in this turn
  #sink: ChannelSink;
  #lingerMs: number;

  constructor(sink: ChannelSink, lingerMs: number) {
    this.#sink = sink;
    this.#lingerMs = lingerMs;
  }

  /** Answers how to stop, which is done once. */
  use(channel: string): () => void {
    const entry = this.#followed.get(channel) ?? this.#join(channel);
    entry.users++;
    clearTimeout(entry.leaving);
    return () => {
      if (--entry.users === 0) entry.leaving = setTimeout(() => this.#leave(channel), this.#lingerMs);
    };
  }

  /** All that are followed, or linger. */
  names(): string[] {
    return [...this.#followed.keys()];
  }

  /** How it stands with one that is followed. */
  find(channel: string | undefined): Standing | undefined {
    return this.#followed.get(channel!);
  }

  /** What `changes` says of how channels begin; after a `reset` nothing said before holds. */
  fold({ reset, truncated = [] }: { reset?: boolean; truncated?: string[] }): void {
    for (const [channel, entry] of this.#followed) {
      entry.isTruncated = (!reset && entry.isTruncated) || truncated.includes(channel);
    }
  }

  /** Asks about the channels that wait for their first answer. */
  check(isFollowed: (channel: string) => boolean): void {
    for (const [channel, entry] of this.#followed) entry.isLive ||= isFollowed(channel);
  }

  /** A refused channel may be another matter for another user. */
  forget(): void {
    for (const [channel, entry] of this.#followed) {
      this.#ask(channel);
      entry.refusal = undefined;
    }
  }

  close(): void {
    for (const channel of this.names()) this.#leave(channel);
    this.#lingerMs = 0; // for who leaves after the end
  }

  #join(channel: string): Followed {
    // Nobody is refused for the sake of channels that nobody uses: those that linger make room.
    if (this.#followed.size >= mostChannels) {
      for (const [name, { users }] of this.#followed) if (!users) this.#leave(name);
    }
    const entry: Followed = { users: 0 };
    this.#followed.set(channel, entry);
    this.#ask(channel);
    return entry;
  }

  #leave(channel: string): void {
    clearTimeout(this.#followed.get(channel)?.leaving);
    this.#followed.delete(channel);
    this.#ask(channel);
  }

  #ask(channel: string): void {
    if (!this.#asked.size) queueMicrotask(() => this.#tell());
    this.#asked.add(channel);
  }

  // Neither hurts: to follow what is followed, to leave what is not. What is left makes room for what is followed.
  #tell(): void {
    const asked = [...this.#asked];
    this.#asked.clear();
    for (const wish of [Call.unfollow, Call.follow] as const) {
      const channels = asked.filter((channel) => this.#followed.has(channel) === (wish === Call.follow));
      if (channels.length) this.#sink(wish, channels);
    }
  }
}
