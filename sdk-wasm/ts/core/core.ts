import { readAction, type Action } from './actions.js';
import type { CoreModule } from './core_module.js';
import { PackedReader } from './packed.js';
import type { Timing } from './types.js';

const encoder = new TextEncoder();
const nothing = new Uint8Array();

// The calls of src/bridge.h, in their order.
const enum Call {
  start,
  close,
  retry,
  follow,
  unfollow,
  isFollowed,
  cancel,
  setToken,
  tokenFailed,
  setOnline,
  setVisible,
  tick,
  opened,
  received,
  closed,
  polled,
  requested,
  takeActions,
  takeChanges,
  wakeAt,
}

export interface CoreOptions {
  clientName: string;
  needsToken: boolean;
  websocket: boolean;
  polling: boolean;
  timing: Timing;
}

/** The C++ session and store of one client: typed calls in, actions and changed jobs out. Does no I/O, owns no timer. */
export class Core {
  #module: CoreModule;
  #bridge: number;
  // One buffer for everything that goes in, grown when needed.
  #input = 0;
  #capacity = 0;

  constructor(module: CoreModule, options: CoreOptions) {
    this.#module = module;
    const { timing } = options;
    // The order of Bridge's options (src/bridge.cc); NaN keeps the default.
    const numbers = [
      Number(options.needsToken),
      Number(options.websocket),
      Number(options.polling),
      timing.backoffBaseMs,
      timing.backoffCapMs,
      timing.openTimeoutMs,
      timing.pollWaitMs,
      timing.climbIntervalMs,
      timing.climbIntervalMs && timing.climbIntervalMs * 10,
      timing.commandTimeoutMs,
    ].map((option) => option ?? NaN);
    const name = encoder.encode(options.clientName);
    const numbersSize = numbers.length * 8;
    const address = this.#reserve(numbersSize + name.length);
    new Float64Array(module.memory()).set(numbers, address / 8);
    new Uint8Array(module.memory()).set(name, address + numbersSize);
    const seed = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
    this.#bridge = module.create(address, address + numbersSize, name.length, seed);
  }

  start(): void {
    this.#call(Call.start);
  }
  close(): void {
    this.#call(Call.close);
  }
  retry(): void {
    this.#call(Call.retry);
  }
  follow(channels: readonly string[]): void {
    this.#call(Call.follow, this.#writeText(channels.join('\n')));
  }
  unfollow(channels: readonly string[]): void {
    this.#call(Call.unfollow, this.#writeText(channels.join('\n')));
  }
  isFollowed(channel: string): boolean {
    return this.#call(Call.isFollowed, this.#writeText(channel)) !== 0;
  }
  /** Answers the id that `CommandDone` will carry. */
  cancel(jobId: string, reason: string): number {
    return this.#call(Call.cancel, this.#writeText(jobId + reason), encoder.encode(jobId).length);
  }
  setToken(token: string): void {
    this.#call(Call.setToken, this.#writeText(token));
  }
  tokenFailed(reason: string): void {
    this.#call(Call.tokenFailed, this.#writeText(reason));
  }
  setOnline(online: boolean): void {
    this.#call(Call.setOnline, 0, Number(online));
  }
  setVisible(visible: boolean): void {
    this.#call(Call.setVisible, 0, Number(visible));
  }
  tick(): void {
    this.#call(Call.tick);
  }

  socketOpened(socket: number): void {
    this.#call(Call.opened, 0, socket);
  }
  socketReceived(socket: number, message: string | Uint8Array): void {
    const size = typeof message === 'string' ? this.#writeText(message) : this.#writeBytes(message);
    this.#call(Call.received, size, socket);
  }
  socketClosed(socket: number, code: number, reason: string): void {
    this.#call(Call.closed, this.#writeText(reason), socket, code);
  }
  /** `status` 0: the network gave no answer. */
  polled(poll: number, status: number, retryAfterMs = 0, body = nothing): void {
    this.#call(Call.polled, this.#writeBytes(body), poll, status, retryAfterMs);
  }
  requested(id: number, status: number, body = nothing): void {
    this.#call(Call.requested, this.#writeBytes(body), id, status);
  }

  /** What the platform has to do now, in order. */
  takeActions(): Action[] {
    const reader = this.#take(Call.takeActions);
    const actions: Action[] = [];
    while (!reader.done) actions.push(readAction(reader));
    return actions;
  }
  /** The changed jobs as records: read them all before the next call. */
  takeChanges(): PackedReader {
    return this.#take(Call.takeChanges);
  }
  /** When `tick` is due, Unix ms; 0: never. */
  wakeAt(): number {
    return this.#call(Call.wakeAt);
  }

  #take(what: Call): PackedReader {
    const taken = this.#call(what);
    const memory = this.#module.memory();
    const [numbers, count, texts, size] = new Uint32Array(memory, taken, 4) as unknown as [number, number, number, number];
    return new PackedReader(new Float64Array(memory, numbers, count), new Uint8Array(memory, texts, size));
  }

  /** `size`: of what was written before. */
  #call(what: Call, size = 0, first = 0, second = 0, third = 0): number {
    return this.#module.call(this.#bridge, what, Date.now(), first, second, third, this.#input, size);
  }

  #writeText(text: string): number {
    // A UTF-16 unit makes at most three bytes.
    const address = this.#reserve(text.length * 3);
    return encoder.encodeInto(text, new Uint8Array(this.#module.memory(), address, this.#capacity)).written;
  }

  #writeBytes(bytes: Uint8Array): number {
    const address = this.#reserve(bytes.length);
    new Uint8Array(this.#module.memory()).set(bytes, address);
    return bytes.length;
  }

  #reserve(size: number): number {
    if (size > this.#capacity) {
      if (this.#input) this.#module.release(this.#input);
      this.#capacity = Math.max(4096, size * 2);
      this.#input = this.#module.allocate(this.#capacity);
    }
    return this.#input;
  }
}
