import { wordsOf } from './errors.js';
import type { ConnectOptions } from './types.js';

export type WasmSource = NonNullable<ConnectOptions['wasm']>;

/** src/bindings.cc. Addresses and sizes are bytes in the core's memory; `now` is Unix ms. */
export interface CoreModule {
  /** Its buffer is replaced when it grows: never kept across a call. */
  memory: WebAssembly.Memory;
  call(bridge: number, what: number, now: number, first: number, second: number, third: number, address: number, size: number): number;
}

/** Makes an instance of the core. Rejects with what went wrong, in words for the developer who deploys it. */
export async function loadCore(source: WasmSource): Promise<CoreModule> {
  const code = typeof source === 'string' || source instanceof URL ? await download(source) : source;
  // Embind tells of its one function by two places in the table: an invoker for functions of this shape, and the function.
  let places: number[] = [];
  const _embind_register_function = (_name: number, _count: number, _types: number, _signature: number, ...told: number[]) => {
    places = told;
  };
  // Bytes become a module and its instance, a module becomes an instance.
  const made: any = await WebAssembly.instantiate(code as BufferSource, { env: { _embind_register_function } });
  const { _initialize, memory, __indirect_function_table: table } = (made.instance ?? made).exports;
  _initialize();
  const [invoker, called] = places;
  return { memory, call: table.get(invoker).bind(undefined, called) };
}

async function download(url: string | URL): Promise<ArrayBuffer> {
  const response: any = await fetch(url).catch(wordsOf);
  const type = response.headers?.get('content-type') ?? '';
  if (!response.ok || type.startsWith('text/html')) {
    throw new Error(`Jobwire's core.wasm was not found at ${url} (${response.status ?? response} ${type})`);
  }
  return response.arrayBuffer();
}
