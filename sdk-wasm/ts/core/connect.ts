import { Client } from './client.js';
import { loadCore, type WasmSource } from './loader.js';
import type { ConnectOptions, JobwireClient } from './types.js';

/**
 * Connects to a Jobwire server. Answers at once: the core is loaded and the connection made behind it, and
 * `client.connection` tells how that goes. Throws `TypeError` where no `url` is given and the platform has no origin.
 */
export function connect(options: ConnectOptions = {}): JobwireClient {
  // Written just so, for bundlers to find the file and take it along.
  return connectWith(options, () => options.wasm ?? new URL('./core.wasm', import.meta.url));
}

/** @internal */
export function connectWith(options: ConnectOptions, source: () => WasmSource | Promise<WasmSource>): JobwireClient {
  const url = new URL(options.url ?? '/', globalThis.location?.href).href.replace(/[?#].*$/, '').replace(/\/+$/, '');
  return new Client(options, url, async () => loadCore(await source()));
}
