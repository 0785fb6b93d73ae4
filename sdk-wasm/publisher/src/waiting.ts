/**
 * What waits to be sent: ordered, bounded, and with a rule for what goes first when there is no room. No I/O, no clock.
 */

/** What counts least is dropped first; within a rank the oldest. */
export const ranks = { progress: 0, log: 1, update: 2, lifecycle: 3, end: 4 } as const;
export type Rank = (typeof ranks)[keyof typeof ranks];

export interface Parcel {
  /** Parcels of one group keep their order among each other: a job's id. */
  readonly group: string;
  readonly rank: Rank;
  /** Of `text`. */
  readonly bytes: number;
  /** What is sent: the same each time. */
  readonly text: string;
  /** A newer parcel of the same group and slot makes this one superfluous: progress of one stage. */
  readonly slot?: string | undefined;
}

export interface Bounds {
  readonly parcels: number;
  readonly bytes: number;
}

/** A parcel that will not be sent. */
export interface Displaced<P> {
  readonly parcel: P;
  readonly how: 'replaced' | 'dropped';
}

/** Arrivals of one rank, in order. Those that have left are skipped when met, and swept out when they are more than half. */
class Arrivals {
  readonly #isThere: (arrival: number) => boolean;
  #all: number[] = [];
  #head = 0;
  #gone = 0;

  constructor(isThere: (arrival: number) => boolean) {
    this.#isThere = isThere;
  }

  push(arrival: number): void {
    this.#all.push(arrival);
  }

  /** One of them, whichever, is not there any more. */
  left(): void {
    this.#gone += 1;
    if (this.#gone * 2 <= this.#all.length) return;
    this.#all = this.#all.filter(this.#isThere);
    this.#head = 0;
    this.#gone = 0;
  }

  first(): number | undefined {
    while (this.#head < this.#all.length && !this.#isThere(this.#all[this.#head]!)) this.#head += 1;
    return this.#all[this.#head];
  }
}

export class Waiting<P extends Parcel> {
  readonly #bounds: Bounds;
  /** By arrival. */
  readonly #all = new Map<number, P>();
  readonly #byRank = Object.values(ranks).map(() => new Arrivals((arrival) => this.#all.has(arrival)));
  /** The newest of each group. */
  readonly #newest = new Map<string, number>();
  #arrivals = 0;
  #bytes = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#all.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** `conflate`: the parcel may take the place of the one before it of its group, if that has the same slot. */
  add(parcel: P, conflate: boolean): Displaced<P>[] {
    if (parcel.bytes > this.#bounds.bytes) return [{ parcel, how: 'dropped' }];
    const displaced: Displaced<P>[] = [];
    const before = this.#newest.get(parcel.group);
    if (conflate && before !== undefined && parcel.slot !== undefined && this.#all.get(before)!.slot === parcel.slot) {
      displaced.push({ parcel: this.#remove(before), how: 'replaced' });
    }
    const arrival = this.#arrivals++;
    this.#all.set(arrival, parcel);
    this.#byRank[parcel.rank]!.push(arrival);
    this.#newest.set(parcel.group, arrival);
    this.#bytes += parcel.bytes;
    while (this.#all.size > this.#bounds.parcels || this.#bytes > this.#bounds.bytes) {
      displaced.push({ parcel: this.#remove(this.#least()), how: 'dropped' });
    }
    return displaced;
  }

  /** The oldest, within the bounds; one at least, if there is one and `bounds.parcels` is not 0. */
  take(bounds: Bounds): P[] {
    const taken: P[] = [];
    let bytes = 0;
    for (const [arrival, parcel] of this.#all) {
      if (taken.length >= bounds.parcels || (taken.length > 0 && bytes + parcel.bytes > bounds.bytes)) break;
      bytes += parcel.bytes;
      taken.push(this.#remove(arrival));
    }
    return taken;
  }

  #least(): number {
    for (const arrivals of this.#byRank) {
      const arrival = arrivals.first();
      if (arrival !== undefined) return arrival;
    }
    throw new Error('nothing waits');
  }

  #remove(arrival: number): P {
    const parcel = this.#all.get(arrival)!;
    this.#all.delete(arrival);
    this.#byRank[parcel.rank]!.left();
    if (this.#newest.get(parcel.group) === arrival) this.#newest.delete(parcel.group);
    this.#bytes -= parcel.bytes;
    return parcel;
  }
}
