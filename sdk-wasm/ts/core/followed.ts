import type { Channels } from './channels.js';
import { Notifier } from './notifier.js';
import type { Observable } from './types.js';

/** `next`, or the last value where the two are equal, member by member. */
export function kept<T>(last: T, next: T): T {
  if (!last || !next) return next;
  const keys = Object.keys(next) as (keyof T)[];
  return keys.length === Object.keys(last).length && keys.every((key) => last[key] === next[key]) ? last : next;
}

/** A value that is looked up when asked for, and whose channel is followed while anybody subscribes. */
export class Followed<T> extends Notifier implements Observable<T> {
  #channels: Channels;
  #look: (last: T | undefined) => T;
  #wanted: () => string | undefined;
  #channel: string | undefined;
  #stop: (() => void) | undefined;
  #snapshot: T | undefined;

  /**
   * `look` answers the value as it stands (where it equals the last one, that one stays), `channel` what is to be followed
   * now; undefined: nothing.
   */
  constructor(channels: Channels, look: (last: T | undefined) => T, channel: () => string | undefined) {
    super();
    this.#channels = channels;
    this.#look = look;
    this.#wanted = channel;
  }

  readonly getSnapshot = (): T => (this.#snapshot = kept(this.#snapshot, this.#look(this.#snapshot))!);

  /** The first subscriber has come. */
  begin(): void {}

  readonly subscribe = (notify: () => void): (() => void) => {
    const { isEmpty } = this;
    const remove = this.add(notify);
    if (isEmpty) this.begin();
    this.#follow();
    return () => {
      remove();
      this.#follow();
    };
  };

  /** Something that is looked at has changed. */
  refresh(): void {
    if (this.isEmpty) return;
    this.#follow();
    const last = this.#snapshot;
    if (this.getSnapshot() !== last) this.notify();
  }

  // It may change in mid-life: "my jobs", once it is known who that is.
  #follow(): void {
    const { isEmpty } = this;
    const channel = isEmpty ? undefined : this.#wanted();
    this.#channels.watched[isEmpty ? 'delete' : 'add'](this);
    if (channel === this.#channel) return;
    this.#stop?.();
    this.#channel = channel;
    this.#stop = channel === undefined ? undefined : this.#channels.use(channel);
  }
}

/** A value that is told, and replaced as a whole. */
export class Told<T> extends Followed<T> {
  #value: T;

  constructor(channels: Channels, value: T, channel?: string) {
    super(
      channels,
      () => this.#value,
      () => channel,
    );
    this.#value = value;
  }

  set(value: T): void {
    this.#value = value;
    this.refresh();
  }
}
