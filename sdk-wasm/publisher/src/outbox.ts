/**
 * When what is sent, and again when: one batch in flight, so that the order is kept; backoff while Jobwire is away; a
 * batch that is refused as a whole is halved until what is wrong with it stands alone. No I/O; time and randomness are
 * passed in.
 *
 *   push -> next -> {send} -> answered -> next -> {send} …
 *                          -> answered (again) -> next -> {wait} … next -> {send}
 */
import { JobwireError } from './errors.js';
import { type Bounds, type Displaced, type Parcel, Waiting } from './waiting.js';

export interface Verdict {
  readonly cancelRequested: boolean;
  readonly error?: JobwireError | undefined;
}

/** What came of a batch. */
export type Answer =
  /** One for each parcel, in order; undefined: this one was not decided, and is to be sent again. */
  | { readonly kind: 'verdicts'; readonly verdicts: readonly (Verdict | undefined)[]; readonly reason: string; readonly retryAfterMs: number }
  | { readonly kind: 'again'; readonly reason: string; readonly retryAfterMs: number }
  /** `divisible`: what is in the batch may be the cause. */
  | { readonly kind: 'refused'; readonly error: JobwireError; readonly divisible: boolean };

export type Step<P> =
  | { readonly do: 'send'; readonly parcels: readonly P[] }
  | { readonly do: 'wait'; readonly until: number }
  /** Nothing to send, or an answer is awaited. */
  | { readonly do: 'rest' };

export interface Settled<P> {
  readonly parcel: P;
  readonly verdict: Verdict;
}

export interface OutboxOptions {
  /** Of what waits; the batch in flight comes on top. */
  readonly buffer: Bounds;
  readonly batch: Bounds;
  /** First and longest delay before a batch is sent again; the real one is half to all of it, by chance. */
  readonly backoff: { readonly firstMs: number; readonly mostMs: number };
  /** 0 to 1. */
  readonly random: () => number;
}

/** To be sent before what waits, in this order. */
interface Piece<P> {
  readonly parcels: readonly P[];
  /** Half of a batch that was refused: nothing is added to it. */
  readonly alone: boolean;
}

const mostRetryAfterMs = 5 * 60_000;

export class Outbox<P extends Parcel> {
  readonly #options: OutboxOptions;
  readonly #waiting: Waiting<P>;
  #first: Piece<P>[] = [];
  #inFlight: Piece<P> | undefined;
  #failures = 0;
  #notBefore = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#waiting = new Waiting(options.buffer);
  }

  /** The last batch had no answer, or was not decided. */
  get isAway(): boolean {
    return this.#failures > 0;
  }

  /** How many are neither settled nor displaced. */
  get size(): number {
    const pieces = this.#first.reduce((sum, { parcels }) => sum + parcels.length, 0);
    return this.#waiting.size + pieces + (this.#inFlight?.parcels.length ?? 0);
  }

  push(parcel: P): Displaced<P>[] {
    const { parcels, bytes } = this.#options.buffer;
    const isPressed = this.isAway || this.#waiting.size * 2 > parcels || this.#waiting.bytes * 2 > bytes;
    return this.#waiting.add(parcel, isPressed);
  }

  next(now: number): Step<P> {
    if (this.#inFlight || (this.#first.length === 0 && this.#waiting.size === 0)) return { do: 'rest' };
    if (now < this.#notBefore) return { do: 'wait', until: this.#notBefore };
    this.#inFlight = this.#nextPiece();
    return { do: 'send', parcels: this.#inFlight.parcels };
  }

  /** Settles what has been decided; the rest is sent again. */
  answered(answer: Answer, now: number): Settled<P>[] {
    const piece = this.#inFlight;
    if (!piece) return [];
    this.#inFlight = undefined;
    if (answer.kind === 'again') {
      this.#again(piece, now, answer.retryAfterMs);
      return [];
    }
    if (answer.kind === 'verdicts') return this.#decided(piece, answer, now);
    this.#answeredWell();
    if (!answer.divisible || piece.parcels.length === 1) {
      return piece.parcels.map((parcel) => ({ parcel, verdict: { cancelRequested: false, error: answer.error } }));
    }
    const half = piece.parcels.length >> 1;
    this.#first.unshift({ parcels: piece.parcels.slice(0, half), alone: true }, { parcels: piece.parcels.slice(half), alone: true });
    return [];
  }

  /** All that is not settled, for who gives up. */
  empty(): P[] {
    const pieces = this.#inFlight ? [this.#inFlight, ...this.#first] : this.#first;
    this.#inFlight = undefined;
    this.#first = [];
    return [...pieces.flatMap(({ parcels }) => parcels), ...this.#waiting.take({ parcels: Infinity, bytes: Infinity })];
  }

  #nextPiece(): Piece<P> {
    const piece = this.#first.shift() ?? { parcels: [], alone: false };
    if (piece.alone) return piece;
    const { batch } = this.#options;
    const bytes = piece.parcels.reduce((sum, parcel) => sum + parcel.bytes, 0);
    const more = { parcels: batch.parcels - piece.parcels.length, bytes: Math.max(batch.bytes - bytes, 0) };
    // What is sent again goes before everything that has come since, also before the halves of another batch.
    const isRoom = this.#first.length === 0 && (piece.parcels.length === 0 || more.bytes > 0);
    return isRoom ? { parcels: [...piece.parcels, ...this.#waiting.take(more)], alone: false } : piece;
  }

  #decided(piece: Piece<P>, answer: Answer & { kind: 'verdicts' }, now: number): Settled<P>[] {
    const settled: Settled<P>[] = [];
    const open: P[] = [];
    piece.parcels.forEach((parcel, at) => {
      const verdict = answer.verdicts[at];
      if (verdict) settled.push({ parcel, verdict });
      else open.push(parcel);
    });
    if (open.length > 0) this.#again({ parcels: open, alone: piece.alone }, now, answer.retryAfterMs);
    else this.#answeredWell();
    return settled;
  }

  #answeredWell(): void {
    this.#failures = 0;
    this.#notBefore = 0;
  }

  #again(piece: Piece<P>, now: number, retryAfterMs: number): void {
    const { backoff, random } = this.#options;
    this.#first.unshift(piece);
    const ceiling = Math.min(backoff.mostMs, backoff.firstMs * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    this.#notBefore = now + Math.max(ceiling * (0.5 + random() / 2), Math.min(retryAfterMs, mostRetryAfterMs));
  }
}
