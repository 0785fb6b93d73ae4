import { Call } from './core.js';
import type { JobwireError } from './errors.js';

/** Where the wishes go; several made in one turn arrive together. */
export type ChannelSink = (wish: Call.follow | Call.unfollow, channels: readonly string[]) => void;

export interface Standing {
  /** Its first complete answer has come. */
  isLive: boolean;
  refusal: JobwireError | undefined;
}
interface Followed extends Standing {
  users: number;
  leaving: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Who follows what. A channel is followed from its first user on, until `lingerMs` after its last one left: a page that
 * takes a component out and puts it back in does not subscribe twice.
 */
export class Channels {
  #followed = new Map<string, Followed>();
  #asked = new Set<string>(); // in this turn
  #sink: ChannelSink;
  #lingerMs: number;

  constructor(sink: ChannelSink, lingerMs: number) {
    this.#sink = sink;
    this.#lingerMs = lingerMs;
  }

  /** Answers how to stop; calling that again does nothing. */
  use(channel: string): () => void {
    const entry = this.#followed.get(channel) ?? this.#join(channel);
    entry.users++;
    clearTimeout(entry.leaving);
    let used = true;
    return () => {
      if (!used) return;
      used = false;
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

  /** Asks about the channels that wait for their first answer. */
  check(isFollowed: (channel: string) => boolean): void {
    for (const [channel, entry] of this.#followed) entry.isLive ||= isFollowed(channel);
  }

  /** A refused channel may be another matter for another user. */
  forget(): void {
    for (const [channel, entry] of this.#followed) {
      if (entry.refusal) this.#ask(channel);
      entry.refusal = undefined;
    }
  }

  close(): void {
    for (const { leaving } of this.#followed.values()) clearTimeout(leaving);
    this.#followed.clear();
  }

  #join(channel: string): Followed {
    const entry: Followed = { users: 0, isLive: false, refusal: undefined, leaving: undefined };
    this.#followed.set(channel, entry);
    this.#ask(channel);
    return entry;
  }

  #leave(channel: string): void {
    this.#followed.delete(channel);
    this.#ask(channel);
  }

  #ask(channel: string): void {
    if (!this.#asked.size) queueMicrotask(() => this.#tell());
    this.#asked.add(channel);
  }

  // Neither hurts: to follow what is followed, to leave what is not.
  #tell(): void {
    const asked = [...this.#asked];
    this.#asked.clear();
    for (const [wish, isWished] of [[Call.follow, true], [Call.unfollow, false]] as const) {
      const channels = asked.filter((channel) => this.#followed.has(channel) === isWished);
      if (channels.length) this.#sink(wish, channels);
    }
  }
}
