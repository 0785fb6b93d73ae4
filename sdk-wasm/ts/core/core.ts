import type { CoreModule } from './loader.js';
import { PackedReader } from './packed.js';
import type { ConnectOptions } from './types.js';

export const encoder = new TextEncoder();
const empty = new PackedReader(new Float64Array(), new Uint8Array());

/** The calls of src/bridge.h, in their order. */
export const enum Call {
  start,
  close,
  retry,
  /** Channels, a line each. */
  follow,
  unfollow,
  isFollowed,
  /** A job's id, and behind it the reason. First: the id's bytes. Answers the command's id. */
  cancel,
  setToken,
  tokenFailed,
  /** First: whether. */
  setOnline,
  setVisible,
  tick,
  /** First: the socket or poll; then the close code, or the HTTP status (0: no answer) and Retry-After in ms. */
  opened,
  received,
  closed,
  polled,
  requested,
  takeActions,
  takeChanges,
  /** When `tick` is due, Unix ms; 0: never. */
  wakeAt,
  /** Of no client yet. First: a seed, or bytes to be written into. */
  create,
  reserve,
}

/** The C++ session and store of one client: calls in, actions and changed jobs out. Does no I/O, owns no timer. */
export class Core {
  #module: CoreModule;
  #bridge = 0;
  // One buffer for everything that goes in, grown when needed.
  #input = 0;
  #capacity = 0;

  constructor(module: CoreModule, { clientName = 'jobwire', token, getToken, transports = {}, timing = {} }: ConnectOptions) {
    this.#module = module;
    // The order of Bridge's options (src/bridge.cc); NaN keeps the default.
    const numbers = new Float64Array([
      getToken && !token,
      transports.websocket,
      transports.polling,
      timing.backoffBaseMs,
      timing.backoffCapMs,
      timing.openTimeoutMs,
      timing.pollWaitMs,
      timing.climbIntervalMs,
      timing.climbIntervalMs! * 10,
      timing.commandTimeoutMs,
    ] as number[]);
    const input = new Uint8Array([...new Uint8Array(numbers.buffer), ...encoder.encode(clientName)]);
    this.#bridge = this.call(Call.create, input, Math.random() * 2 ** 53);
  }

  call(what: Call, data: string | Uint8Array = '', first = 0, second = 0, third = 0): number {
    const size = data.length && this.#write(data);
    return this.#module.call(this.#bridge, what, Date.now(), first, second, third, this.#input, size);
  }

  /** `what`: one of the takes. Changes are the memory itself: to be read before the next call. */
  take(what: Call): PackedReader {
    const taken = this.call(what);
    if (!taken) return empty;
    const memory = this.#module.memory.buffer;
    const [at, count, texts, size] = new Uint32Array(memory, taken, 4);
    const numbers = new Float64Array(memory, at, count);
    return new PackedReader(what === Call.takeActions ? numbers.slice() : numbers, new Uint8Array(memory, texts, size));
  }

  // Answers how many bytes it came to.
  #write(data: string | Uint8Array): number {
    const bytes = typeof data === 'string' ? encoder.encode(data) : data;
    if (bytes.length > this.#capacity) {
      this.#capacity = bytes.length * 2 + 4096;
      this.#input = this.call(Call.reserve, '', this.#capacity);
    }
    new Uint8Array(this.#module.memory.buffer).set(bytes, this.#input);
    return bytes.length;
  }
}
