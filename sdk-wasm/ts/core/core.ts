import { readAction, type Action } from './actions.js';
import type { CoreModule } from './core_module.js';
import { PackedReader } from './packed.js';
import type { Timing } from './types.js';

const encoder = new TextEncoder();
const nothing = new Uint8Array();
const nothingPacked = new PackedReader(new Float64Array(), nothing);

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

  destroy(): void {
    this.#module.destroy(this.#bridge);
    this.#module.release(this.#input);
  }

  start(): void {
    this.#module.start(this.#bridge, Date.now());
  }
  close(): void {
    this.#module.close(this.#bridge, Date.now());
  }
  retry(): void {
    this.#module.retry(this.#bridge, Date.now());
  }
  follow(channels: readonly string[]): void {
    const size = this.#writeText(channels.join('\n'));
    this.#module.follow(this.#bridge, Date.now(), this.#input, size);
  }
  unfollow(channels: readonly string[]): void {
    const size = this.#writeText(channels.join('\n'));
    this.#module.unfollow(this.#bridge, Date.now(), this.#input, size);
  }
  isFollowed(channel: string): boolean {
    const size = this.#writeText(channel);
    return this.#module.isFollowed(this.#bridge, this.#input, size) !== 0;
  }
  /** Answers the id that `CommandDone` will carry. */
  cancel(jobId: string, reason: string): number {
    const id = encoder.encode(jobId);
    const size = this.#writeText(jobId + reason);
    return this.#module.cancel(this.#bridge, Date.now(), this.#input, id.length, size);
  }
  setToken(token: string): void {
    const size = this.#writeText(token);
    this.#module.setToken(this.#bridge, Date.now(), this.#input, size);
  }
  tokenFailed(reason: string): void {
    const size = this.#writeText(reason);
    this.#module.tokenFailed(this.#bridge, Date.now(), this.#input, size);
  }
  setOnline(online: boolean): void {
    this.#module.setOnline(this.#bridge, Date.now(), Number(online));
  }
  setVisible(visible: boolean): void {
    this.#module.setVisible(this.#bridge, Date.now(), Number(visible));
  }
  tick(): void {
    this.#module.tick(this.#bridge, Date.now());
  }

  socketOpened(socket: number): void {
    this.#module.opened(this.#bridge, Date.now(), socket);
  }
  socketReceived(socket: number, message: string | Uint8Array): void {
    const size = typeof message === 'string' ? this.#writeText(message) : this.#writeBytes(message);
    this.#module.received(this.#bridge, Date.now(), socket, this.#input, size);
  }
  socketClosed(socket: number, code: number, reason: string): void {
    const size = this.#writeText(reason);
    this.#module.closed(this.#bridge, Date.now(), socket, code, this.#input, size);
  }
  /** `status` 0: the network gave no answer. */
  polled(poll: number, status: number, retryAfterMs = 0, body = nothing): void {
    const size = this.#writeBytes(body);
    this.#module.polled(this.#bridge, Date.now(), poll, status, retryAfterMs, this.#input, size);
  }
  requested(id: number, status: number, body = nothing): void {
    const size = this.#writeBytes(body);
    this.#module.requested(this.#bridge, Date.now(), id, status, this.#input, size);
  }

  /** What the platform has to do now, in order. */
  takeActions(): Action[] {
    const reader = this.#output(this.#module.takeActions(this.#bridge));
    const actions: Action[] = [];
    while (!reader.done) actions.push(readAction(reader));
    return actions;
  }
  /** The changed jobs as records: read them all before the next call. */
  takeChanges(): PackedReader {
    return this.#output(this.#module.takeChanges(this.#bridge));
  }
  /** When `tick` is due, Unix ms; 0: never. */
  wakeAt(): number {
    return this.#module.wakeAt(this.#bridge);
  }

  #output(count: number): PackedReader {
    if (count === 0) return nothingPacked;
    const module = this.#module;
    const bridge = this.#bridge;
    const memory = module.memory();
    return new PackedReader(
      new Float64Array(memory, module.numbers(bridge), count),
      new Uint8Array(memory, module.texts(bridge), module.textSize(bridge)),
    );
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
