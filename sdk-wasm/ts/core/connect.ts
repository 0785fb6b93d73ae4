import { Client } from './client.js';
import { loadCore, type CoreModule, type WasmSource } from './loader.js';
import type { ConnectOptions, JobwireClient } from './types.js';

/**
 * Connects to a Jobwire server. Answers at once: the core is loaded and the connection made behind it, and
 * `client.connection` tells how that goes. Throws `TypeError` where no `url` is given and the platform has no origin.
 */
export function connect(options: ConnectOptions = {}): JobwireClient {
  return connectWith(options, loadBeside);
}

/** @internal `load` gets the core where the options do not say from where. */
export function connectWith(options: ConnectOptions, load: () => Promise<CoreModule>): JobwireClient {
  const url = new URL(options.url || '/', globalThis.location?.href).href.replace(/\/*([?#].*)?$/, '');
  const { wasm } = options;
  return new Client(options, url, wasm === undefined ? load : () => loadCore(wasm));
}

// Some tools move the code and leave the .wasm behind (esbuild; Vite's pre-bundling in development), and Node's fetch reads
// no files: for them the core comes as JavaScript, which they do take along, and which nobody else loads.
async function loadBeside(): Promise<CoreModule> {
  try {
    // Written just so, for bundlers to find the file.
    return await loadCore(new URL('./core.wasm', import.meta.url) as WasmSource);
  } catch (error) {
    const inline = await import('./inline_core.js').catch(() => {
      throw error;
    });
    return loadCore(inline.inlineCore());
  }
}
