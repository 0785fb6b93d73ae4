/** Carries what is in an outbox to Jobwire: the outbox says when, this waits and sends. */
import type { Clock } from './clock.js';
import type { Answer, Outbox, Settled } from './outbox.js';
import type { Displaced, Parcel } from './waiting.js';

export interface CourierOptions<P extends Parcel> {
  readonly outbox: Outbox<P>;
  readonly clock: Clock;
  /** Must not reject. */
  readonly send: (parcels: readonly P[]) => Promise<Answer>;
  readonly onSettled: (settled: Settled<P>) => void;
  readonly onDisplaced: (displaced: Displaced<P>) => void;
  readonly onAway: (reason: string) => void;
  readonly onBack: (awayMs: number) => void;
}

export class Courier<P extends Parcel> {
  readonly #options: CourierOptions<P>;
  #isWoken = false;
  #isClosed = false;
  #cancelWait: (() => void) | undefined;
  #awaySince: number | undefined;

  constructor(options: CourierOptions<P>) {
    this.#options = options;
  }

  push(parcel: P): void {
    for (const displaced of this.#options.outbox.push(parcel)) this.#options.onDisplaced(displaced);
    if (this.#isWoken) return;
    this.#isWoken = true;
    // What one turn reports goes out together.
    queueMicrotask(() => {
      this.#isWoken = false;
      this.#step();
    });
  }

  /** What has not been settled is dropped; an answer that still comes is not heard. */
  close(): void {
    this.#isClosed = true;
    this.#cancelWait?.();
    for (const parcel of this.#options.outbox.empty()) this.#options.onDisplaced({ parcel, how: 'dropped' });
  }

  #step(): void {
    const { outbox, clock } = this.#options;
    if (this.#isClosed) return;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    const step = outbox.next(clock.now());
    if (step.do === 'send') void this.#send(step.parcels);
    if (step.do === 'wait') this.#cancelWait = clock.after(step.until - clock.now(), () => this.#step());
  }

  async #send(parcels: readonly P[]): Promise<void> {
    const { outbox, clock, send, onSettled } = this.#options;
    const answer = await send(parcels);
    if (this.#isClosed) return;
    const settled = outbox.answered(answer, clock.now());
    this.#tellOfOutage(answer);
    for (const each of settled) onSettled(each);
    this.#step();
  }

  #tellOfOutage(answer: Answer): void {
    const { outbox, clock, onAway, onBack } = this.#options;
    if (outbox.isAway && this.#awaySince === undefined) {
      this.#awaySince = clock.now();
      onAway('reason' in answer ? answer.reason : '');
    } else if (!outbox.isAway && this.#awaySince !== undefined) {
      onBack(clock.now() - this.#awaySince);
      this.#awaySince = undefined;
    }
  }
}
