import { Call } from './core.js';
import type { JobwireError } from './errors.js';

/** Where the wishes go; several made in one turn arrive together. */
export type ChannelSink = (wish: Call.follow | Call.unfollow, channels: readonly string[]) => void;

interface Followed {
  users: number;
  isLive: boolean;
  refusal: JobwireError | undefined;
  leaving: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Who follows what. A channel is followed from its first user on, until `lingerMs` after its last one left: a page that
 * takes a component out and puts it back in does not subscribe twice.
 */
export class Channels {
  #followed = new Map<string, Followed>();
  #joining = new Set<string>();
  #leaving = new Set<string>();
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

  /** Its first complete answer has come. */
  isLive(channel: string): boolean {
    return this.#followed.get(channel)?.isLive ?? false;
  }

  refusal(channel: string): JobwireError | undefined {
    return this.#followed.get(channel)?.refusal;
  }

  refuse(channel: string, error: JobwireError): void {
    const entry = this.#followed.get(channel);
    if (entry) entry.refusal = error;
  }

  /** Asks about the channels that wait for their first answer; true if one has got it. */
  check(isFollowed: (channel: string) => boolean): boolean {
    let found = false;
    for (const [channel, entry] of this.#followed) {
      if (entry.isLive || !isFollowed(channel)) continue;
      entry.isLive = found = true;
    }
    return found;
  }

  /** A refused channel may be another matter for another user. */
  forgetRefusals(): void {
    for (const [channel, entry] of this.#followed) {
      if (!entry.refusal) continue;
      entry.refusal = undefined;
      this.#ask(this.#joining, channel);
    }
  }

  close(): void {
    for (const { leaving } of this.#followed.values()) clearTimeout(leaving);
    this.#followed.clear();
    this.#joining.clear();
    this.#leaving.clear();
  }

  #join(channel: string): Followed {
    const entry: Followed = { users: 0, isLive: false, refusal: undefined, leaving: undefined };
    this.#followed.set(channel, entry);
    // Not yet sent off: then nothing needs to be said at all.
    if (!this.#leaving.delete(channel)) this.#ask(this.#joining, channel);
    return entry;
  }

  #leave(channel: string): void {
    this.#followed.delete(channel);
    if (!this.#joining.delete(channel)) this.#ask(this.#leaving, channel);
  }

  #ask(wishes: Set<string>, channel: string): void {
    if (this.#joining.size + this.#leaving.size === 0) queueMicrotask(() => this.#tell());
    wishes.add(channel);
  }

  #tell(): void {
    const joining = [...this.#joining];
    const leaving = [...this.#leaving];
    this.#joining.clear();
    this.#leaving.clear();
    if (joining.length) this.#sink(Call.follow, joining);
    if (leaving.length) this.#sink(Call.unfollow, leaving);
  }
}
